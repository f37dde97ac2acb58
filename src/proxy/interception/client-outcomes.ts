// What became of connections with clients: events, counts of health checks, and what passes through from now on.
import type { Socket } from "node:net";
import { boundedMap } from "../../core/bounded-map.ts";
import type { CaptureEvent, ClientHelloFacts, ShownCertificate, TunnelReason } from "../../core/capture-event.ts";
import type { AutoPassthrough, ClientAndTarget, Passing } from "../connections/auto-passthrough.ts";
import { type ClientTlsProblem, reasonFor } from "../connections/client-tls-problems.ts";
import { type HostPort, hostPortText } from "../connections/host-and-port.ts";
import type { ProbeCounts, Probes } from "../connections/probe-counts.ts";

/** One connection of a client. */
export interface ClientConnection {
  /** `ip:port`. */
  readonly peer: string;
  /** The name that the client requested, else that of the target. */
  readonly host: string;
  readonly who: ClientAndTarget;
  readonly target: HostPort;
  readonly certificate: ShownCertificate;
  /** Absent without a whole ClientHello. */
  readonly hello?: ClientHelloFacts;
  /** Epoch milliseconds. */
  readonly since: number;
}

type Rejected = Extract<CaptureEvent, { kind: "tls-rejected" }>;

interface Held {
  readonly events: Rejected[];
  readonly connection: ClientConnection;
  readonly timer: NodeJS.Timeout;
}

/** A health check of one second shows within this time that it is one. */
const holdMs = 4_000;
const heldPrograms = 200;
const heldEvents = 20;

export function connectionOf(
  client: Socket,
  facts: Pick<ClientConnection, "peer" | "host" | "target" | "certificate" | "since"> & {
    hello: ClientHelloFacts | null;
  },
): ClientConnection {
  const { peer, host, target, certificate, since, hello } = facts;
  const address = client.remoteAddress ?? peer.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  const who = { address, fingerprint: hello?.fingerprint ?? "", target: hostPortText(target) };
  return { peer, host, who, target, certificate, since, ...(hello === null ? {} : { hello }) };
}

/** Shared by all connections of a proxy. Its events are held for a few seconds while it is undecided what they mean. */
export class ClientOutcomes {
  readonly #emit: (event: CaptureEvent) => void;
  readonly #passthrough: AutoPassthrough;
  readonly #probes: ProbeCounts;
  readonly #held = boundedMap<string, Held>(heldPrograms);

  constructor(parts: {
    readonly emit: (event: CaptureEvent) => void;
    readonly passthrough: AutoPassthrough;
    readonly probes: ProbeCounts;
  }) {
    this.#emit = parts.emit;
    this.#passthrough = parts.passthrough;
    this.#probes = parts.probes;
  }

  /** Why a new connection passes through unread; null when it is opened. */
  decide({ who }: ClientConnection, alpn: readonly string[] | null): Passing | null {
    const passing = this.#passthrough.decide(who, Date.now());
    if (passing !== null || !this.#passthrough.isEnabled) return passing;
    // Its protocol is HTTP/2, which is not opened: the connection could only fail.
    const needsHttp2 = alpn?.includes("h2") === true && !alpn.includes("http/1.1");
    return needsHttp2 ? { reason: "client-needs-http2", isTrial: false } : null;
  }

  /** A connection that ended before a byte of the client, or orderly after a finished handshake. */
  probed({ who, target }: ClientConnection, member: "connects" | "handshakes"): void {
    this.#probes.add({ address: who.address, target }, member, Date.now());
  }

  /** A connection that failed under our hands. `since` of the connection decides what else happened meanwhile. */
  failed(connection: ClientConnection, problem: ClientTlsProblem): void {
    const { cause } = problem;
    const { who, host, target, peer, certificate, hello, since } = connection;
    const at = Date.now();
    const judgement = this.#passthrough.recordFailure(who, { cause, since }, at);
    if (judgement === "probe") {
      this.probed(connection, "handshakes");
      return;
    }
    const event: Rejected = {
      kind: "tls-rejected",
      at,
      client: peer,
      host,
      side: "client",
      reason: reasonFor(problem, certificate),
      cause,
      port: target.port,
      certificate,
      ...(hello === undefined ? {} : { hello }),
    };
    if (judgement === "named") this.#emit(event);
    else this.#hold(connection, event);
  }

  /** A connection has sent a request over our certificate. Call the result for each further request. */
  accepted({ who }: ClientConnection): () => void {
    const hear = this.#passthrough.recordAcceptance(who, Date.now());
    return () => hear(Date.now());
  }

  /** A passed connection; a trial is reported by `tried`. */
  passed({ peer, target, hello, certificate }: ClientConnection, reason: TunnelReason): void {
    const { host, port } = target;
    const shown = hello === undefined ? {} : { hello };
    this.#emit({ kind: "tunnel", at: Date.now(), client: peer, host, port, reason, ...shown, certificate });
  }

  /** The result of a trial: the client has sent a request over the target's own certificate, or has left again. */
  tried(connection: ClientConnection, reason: TunnelReason, hasSpoken: boolean): void {
    this.#passthrough.recordTrial(connection.who, hasSpoken, Date.now());
    const held = this.#take(keyOf(connection));
    if (hasSpoken) {
      for (const event of held?.events ?? []) this.#emit(event);
      this.passed(connection, reason);
      return;
    }
    for (const { at } of held?.events ?? []) {
      this.#probes.add({ address: connection.who.address, target: connection.target }, "handshakes", at);
    }
    this.probed(connection, "handshakes");
  }

  countedProbes(): readonly Probes[] {
    return this.#probes.snapshot();
  }

  /** Emits what is held and counted. */
  end(): void {
    for (const { connection } of [...this.#held.values()]) this.#release(keyOf(connection));
    this.#probes.end();
  }

  #hold(connection: ClientConnection, event: Rejected): void {
    const key = keyOf(connection);
    const held = this.#held.get(key);
    if (held !== undefined) {
      if (held.events.length < heldEvents) held.events.push(event);
      else this.#emit(event);
      return;
    }
    const timer = setTimeout(() => this.#release(key), holdMs).unref();
    const evicted = this.#held.set(key, { events: [event], connection, timer });
    if (evicted === undefined) return;
    clearTimeout(evicted.timer);
    for (const older of evicted.events) this.#emit(older);
  }

  #release(key: string): void {
    for (const event of this.#take(key)?.events ?? []) this.#emit(event);
  }

  #take(key: string): Held | undefined {
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    clearTimeout(held.timer);
    this.#held.delete(key);
    return held;
  }
}

function keyOf({ who }: ClientConnection): string {
  return `${who.address} ${who.fingerprint} ${who.target}`;
}
