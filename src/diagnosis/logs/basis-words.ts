// What a verdict rests on, in words: captured traffic, rows of a server's log, or both.
import type { Basis, HandshakeReport } from "../analysis.ts";

/** The basis of handshakes with one verdict; `traffic` for none. */
export function basisOf(handshakes: readonly Pick<HandshakeReport, "basis">[]): Basis {
  const [first, ...others] = new Set(handshakes.map(({ basis }) => basis));
  return others.length > 0 ? "both" : (first ?? "traffic");
}

/** The words behind a verdict, with a leading blank in front of the short ones; empty for traffic, which every view expects. */
export const basisWords: Readonly<Record<Basis, { readonly short: string; readonly long: string }>> = {
  traffic: { short: "", long: "" },
  log: { short: " by log", long: "By the server's log" },
  both: { short: " by traffic and log", long: "By captured traffic and the server's log" },
};
