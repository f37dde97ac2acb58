import { lookup } from "node:dns";
import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import { guard } from "../../sockets/guard.ts";
import type { DenyRules } from "./deny-rules.ts";
import { clientLeftError, DialError, targetDeniedError, toDialError } from "./dial-error.ts";
import { type HostPort, hostPortText } from "./host-and-port.ts";
import { basicCredentials, openTunnel, type UpstreamProxy } from "./upstream-proxy.ts";

export interface DialOptions {
  /** `host:port` → where to connect instead. */
  readonly resolve: ReadonlyMap<string, HostPort>;
  readonly deny: DenyRules;
  /** Checked for the requested target, not for the one it is mapped to. */
  readonly mayReach: (target: HostPort) => boolean;
  readonly connectMs: number;
  /** When given, that proxy resolves names, and only the name of a target can be checked here. */
  readonly upstreamProxy: UpstreamProxy | null;
}

/** Connects, or rejects with a DialError. Gives up when `client` closes meanwhile. */
export type Dial = (target: HostPort, client?: Socket) => Promise<Socket>;

/**
 * Connects to a target, or to the one it is mapped to. The deny rules check the name, each address, and the peer
 * reached.
 */
export function createDial(options: DialOptions): Dial {
  const { upstreamProxy } = options;
  return async (target, client) => {
    const place = allowedPlace(options, target);
    if (upstreamProxy === null) return open(place, { ...options, client, finish: null, peer: "the target" });
    const finish = (socket: Socket): Promise<Socket> => openTunnel(socket, place, upstreamProxy);
    return open(upstreamProxy, { ...options, client, finish, peer: "the upstream proxy" });
  };
}

/** The route of `http://` requests: straight to the target, or in absolute form to the upstream proxy (RFC 9112 3.2.2). */
export interface PlainRoute {
  /** Connects to the target, or to the upstream proxy, by the rules of every target. */
  readonly dial: Dial;
  /** The request-target and the Host field of a request with this path in origin form. */
  address(target: HostPort, path: string): { readonly requestTarget: string; readonly hostField: string };
  /** Proxy-Authorization for the upstream proxy; null without credentials for it. */
  readonly authorization: string | null;
}

export function createPlainRoute(options: DialOptions): PlainRoute {
  const { upstreamProxy } = options;
  if (upstreamProxy === null) {
    return {
      dial: createDial(options),
      address: (target, path) => ({ requestTarget: path, hostField: httpAuthority(target) }),
      authorization: null,
    };
  }
  const { credentials } = upstreamProxy;
  return {
    dial: async (target, client) => {
      allowedPlace(options, target);
      return open(upstreamProxy, { ...options, client, finish: null, peer: "the upstream proxy" });
    },
    address(target, path) {
      // The proxy resolves names, and replaces a Host field that differs from the address.
      const hostField = httpAuthority(options.resolve.get(hostPortText(target)) ?? target);
      return { requestTarget: `http://${hostField}${path}`, hostField };
    },
    authorization: credentials === null ? null : basicCredentials(credentials),
  };
}

/** The authority of an `http://` address, without the default port. */
function httpAuthority(place: HostPort): string {
  const authority = hostPortText(place);
  return place.port === 80 ? authority.slice(0, -":80".length) : authority;
}

/** Where this target is reached. Throws DialError when it is denied. */
function allowedPlace({ deny, mayReach, resolve }: DialOptions, target: HostPort): HostPort {
  if (!mayReach(target)) throw targetDeniedError();
  const place = resolve.get(hostPortText(target)) ?? target;
  if (deny.deniesTarget(target) || deny.deniesTarget(place)) throw targetDeniedError();
  if (isIP(place.host) !== 0 && deny.deniesAddress(place.host, place.port)) throw targetDeniedError();
  return place;
}

interface OpenOptions extends Pick<DialOptions, "deny" | "connectMs"> {
  readonly client: Socket | undefined;
  readonly peer: "the target" | "the upstream proxy";
  /** The rest of the work once TCP is connected. */
  readonly finish: ((socket: Socket) => Promise<Socket>) | null;
}

function open(place: HostPort, { deny, connectMs, client, finish, peer }: OpenOptions): Promise<Socket> {
  if (client?.destroyed === true) return Promise.reject(clientLeftError());
  return new Promise((resolve, reject) => {
    const socket = guard(
      connect({
        host: place.host,
        port: place.port,
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: 60_000,
        lookup: checkedLookup(deny, place.port),
      }),
    );
    const timer = setTimeout(() => fail(new DialError("failed", "the connection took too long")), connectMs);
    const settle = (): void => {
      clearTimeout(timer);
      socket.off("error", fail);
      client?.off("close", onLeft);
    };
    const fail = (error: NodeJS.ErrnoException): void => {
      settle();
      socket.destroy();
      reject(toDialError(error, peer));
    };
    const onLeft = (): void => fail(clientLeftError());
    client?.once("close", onLeft);
    socket.once("error", fail);
    socket.once("connect", () => {
      // The name may have resolved to another address since it was checked: the peer that answered decides.
      if (deny.deniesAddress(socket.remoteAddress ?? "", socket.remotePort ?? 0)) {
        fail(targetDeniedError());
        return;
      }
      if (finish === null) {
        settle();
        resolve(socket);
        return;
      }
      finish(socket).then((ready) => {
        settle();
        resolve(ready);
      }, fail);
    });
  });
}

/** A lookup that removes denied addresses, so that they are never connected to. */
function checkedLookup(deny: DenyRules, port: number): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const allowed = found.filter(({ address }) => !deny.deniesAddress(address, port));
      const [first] = allowed;
      if (first === undefined) callback(targetDeniedError(), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
