import { boundedMap } from "../../core/bounded-map.ts";
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { HostPort } from "./host-and-port.ts";

export type Probes = Extract<CaptureEvent, { kind: "probes" }>;

export interface ProbeSource {
  /** The client's address, without a port; empty for a client that reset its connection before it was accepted. */
  readonly address: string;
  readonly target: HostPort;
}

/** A health check comes every few seconds for days: this many milliseconds become one event. */
const spanMs = 60 * 60_000;
const rememberedSources = 500;

type Counted = { -readonly [Member in keyof Probes]: Probes[Member] };

/** Counts connections without a request for each client and target. A count is reported when its span ends. */
export class ProbeCounts {
  readonly #report: (probes: Probes) => void;
  readonly #counts = boundedMap<string, Counted>(rememberedSources);
  readonly #timer: NodeJS.Timeout;

  constructor(report: (probes: Probes) => void) {
    this.#report = report;
    this.#timer = setInterval(() => this.#reportDue(Date.now()), spanMs / 60).unref();
  }

  add({ address, target }: ProbeSource, member: "connects" | "handshakes", now: number, count = 1): void {
    const key = keyOf({ client: address, ...target });
    const known = this.#counts.get(key);
    const counted: Counted = known ?? {
      kind: "probes",
      at: now,
      since: now,
      client: address,
      ...{ host: target.host, port: target.port, connects: 0, handshakes: 0 },
    };
    counted[member] += count;
    counted.at = Math.max(counted.at, now);
    counted.since = Math.min(counted.since, now);
    if (known !== undefined) return;
    const evicted = this.#counts.set(key, counted);
    if (evicted !== undefined) this.#report(evicted);
  }

  /** What is counted and not reported yet, for live views. */
  snapshot(): readonly Probes[] {
    return [...this.#counts.values()].map((counted) => ({ ...counted }));
  }

  /** Reports what is left. */
  end(): void {
    clearInterval(this.#timer);
    this.#reportDue(Number.POSITIVE_INFINITY);
  }

  #reportDue(now: number): void {
    const due = [...this.#counts.values()].filter(({ since }) => now - since >= spanMs);
    for (const counted of due) if (counted.client === "") this.#giveAddress(counted);
    for (const counted of due) {
      const key = keyOf(counted);
      if (this.#counts.get(key) !== counted) continue;
      this.#counts.delete(key);
      this.#report(counted);
    }
  }

  /** Of a health check that resets, some connections have an address: it is theirs where only one client checks a target. */
  #giveAddress(counted: Counted): void {
    const { host, port } = counted;
    const others = [...this.#counts.values()].filter(
      (other) => other !== counted && other.host === host && other.port === port && other.connects > 0,
    );
    const [only] = others;
    if (only === undefined || others.length > 1) return;
    only.connects += counted.connects;
    only.handshakes += counted.handshakes;
    only.since = Math.min(only.since, counted.since);
    only.at = Math.max(only.at, counted.at);
    this.#counts.delete(keyOf(counted));
  }
}

function keyOf({ client, host, port }: Pick<Probes, "client" | "host" | "port">): string {
  return `${client} ${host} ${port}`;
}
