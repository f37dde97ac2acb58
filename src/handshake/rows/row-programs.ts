// Programs that have signed in with Bearer for a service. A program is its User-Agent at one address: behind a load balancer every
// client has the same address.
import type { LogRow } from "../../core/log-row.ts";
import { recentMap } from "../../core/recent-map.ts";
import type { FallbackEvidence } from "../correlation.ts";

export interface RowPrograms {
  /** Notes an empty Bearer, which any program may send first. */
  noteProbe(row: LogRow, server: string): void;
  /** Notes a call with a token; `handshakeId` is that of its rows, null where none counts it. */
  noteCall(row: LogRow, handshakeId: string | null): void;
  /** The handshake of the last call of the program of this row. */
  handshakeOf(row: LogRow): string | undefined;
  /** What the program did before that makes its other sign-in one in place of a token; null for nothing. */
  evidenceOf(row: LogRow, server: string): FallbackEvidence | null;
}

const programLimit = 8_192;
/** A conversation of traffic lasts as long between two requests. */
const afterProbeMs = 5 * 60_000;

/** Starts without programs; remembers the last ones. */
export function startRowPrograms(): RowPrograms {
  const callers = recentMap<string, string>(programLimit);
  const probes = recentMap<string, number>(programLimit);
  return {
    noteProbe(row, server) {
      const program = nameOf(row);
      if (program !== null) probes.set(`${server}\n${program}`, row.endedAt);
    },
    noteCall(row, handshakeId) {
      const program = nameOf(row);
      if (program !== null) callers.set(program, handshakeId ?? callers.get(program) ?? "");
    },
    handshakeOf(row) {
      const program = nameOf(row);
      return program === null ? undefined : callers.get(program);
    },
    evidenceOf(row, server) {
      const program = nameOf(row);
      if (program === null) return null;
      if (callers.get(program) !== undefined) return "after-service-token";
      const probedAt = probes.get(`${server}\n${program}`);
      return probedAt !== undefined && row.endedAt - probedAt <= afterProbeMs ? "after-probe" : null;
    },
  };
}

/** Null where the row does not show both: two programs could not be told apart. */
function nameOf({ client, userAgent }: LogRow): string | null {
  return client === "" || userAgent === "" ? null : `${client}\n${userAgent.slice(0, 200)}`;
}
