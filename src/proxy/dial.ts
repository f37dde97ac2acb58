import { lookup } from "node:dns";
import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import { type Endpoint, endpointText } from "./authority-text.ts";
import type { DenyRules } from "./deny.ts";

/** Why a target was not reached. `reason` is in our words and names nothing but an error code. */
export class DialError extends Error {
  readonly kind: "denied" | "failed";
  readonly reason: string;

  constructor(kind: "denied" | "failed", reason: string) {
    super(reason);
    this.name = "DialError";
    this.kind = kind;
    this.reason = reason;
  }
}

export interface DialOptions {
  readonly resolve: ReadonlyMap<string, Endpoint>;
  readonly deny: DenyRules;
  readonly connectMs: number;
}

export type Dial = (target: Endpoint) => Promise<Socket>;

/** Connects to a target, or to where it was mapped. The deny rules are asked for the name, the addresses and the peer reached. */
export function createDial(options: DialOptions): Dial {
  const { deny } = options;
  return (target) => {
    const place = options.resolve.get(endpointText(target)) ?? target;
    if (deny.deniesTarget(target) || deny.deniesTarget(place)) return Promise.reject(denied());
    if (isIP(place.host) !== 0 && deny.deniesAddress(place.host, place.port)) return Promise.reject(denied());
    return open(place, options);
  };
}

function open(place: Endpoint, { deny, connectMs }: DialOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...place,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      lookup: checkedLookup(deny, place.port),
    });
    const timer = setTimeout(() => fail(new DialError("failed", "the connection took too long")), connectMs);
    const fail = (error: DialError): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const onError = (error: NodeJS.ErrnoException): void => fail(toDialError(error));
    socket.once("error", onError);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", onError);
      // The name may have been looked up anew since it was checked: what counts is who answered.
      if (deny.deniesAddress(socket.remoteAddress ?? "", socket.remotePort ?? 0)) fail(denied());
      else resolve(socket);
    });
  });
}

/** A lookup that leaves out denied addresses, so that they are not even connected to. */
function checkedLookup(deny: DenyRules, port: number): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const allowed = found.filter(({ address }) => !deny.deniesAddress(address, port));
      const [first] = allowed;
      if (first === undefined) callback(denied(), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function denied(): DialError {
  return new DialError("denied", "the target is not allowed");
}

function toDialError(error: NodeJS.ErrnoException): DialError {
  if (error instanceof DialError) return error;
  const code = error.code ?? "unknown error";
  const known = dialProblems[code];
  return new DialError("failed", known === undefined ? `the connection failed (${code})` : `${known} (${code})`);
}

const dialProblems: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the target refused the connection",
  ECONNRESET: "the target broke the connection",
  ENOTFOUND: "the name is not known",
  EAI_AGAIN: "the name server did not answer",
  ETIMEDOUT: "the connection took too long",
  EHOSTUNREACH: "the target's machine cannot be reached",
  ENETUNREACH: "the target's network cannot be reached",
  EMFILE: "this process has no more file descriptors",
};
