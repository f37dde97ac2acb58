import { boundedMap } from "../../core/bounded-map.ts";
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { HostPort } from "./host-and-port.ts";

export type Probes = Extract<CaptureEvent, { kind: "probes" }>;

export interface ProbeSource {
  /** The client's address, without a port. */
  readonly address: string;
  readonly target: HostPort;
}

/** A health check comes every few seconds for days: this many milliseconds become one event. */
const spanMs = 60 * 60_000;
const rememberedSources = 500;

/** Counts connections without a request for each client and target. A count is reported when its span ends. */
export class ProbeCounts {
  readonly #report: (probes: Probes) => void;
  readonly #counts = boundedMap<string, { -readonly [Member in keyof Probes]: Probes[Member] }>(rememberedSources);
  readonly #timer: NodeJS.Timeout;

  constructor(report: (probes: Probes) => void) {
    this.#report = report;
    this.#timer = setInterval(() => this.#reportDue(Date.now()), spanMs / 60).unref();
  }

  add({ address, target }: ProbeSource, member: "connects" | "handshakes", now: number, count = 1): void {
    const key = `${address} ${target.host} ${target.port}`;
    const known = this.#counts.get(key);
    const counted = known ?? {
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
    for (const counted of [...this.#counts.values()]) {
      if (now - counted.since < spanMs) continue;
      this.#counts.delete(`${counted.client} ${counted.host} ${counted.port}`);
      this.#report(counted);
    }
  }
}
