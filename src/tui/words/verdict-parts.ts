// What the two lines of the verdict share.
import type { Analysis, HandshakeReport } from "../../diagnosis/analysis.ts";
import type { Meaning } from "../lines/screen-line.ts";

export interface Statement {
  readonly mark: string;
  readonly words: string;
  readonly meaning: Meaning;
  /** Parts from the most to the least important: as many as there is room for, one of two words each. */
  readonly details: readonly (string | readonly [long: string, short: string])[];
  /** Rows that it rests on. */
  readonly evidence: readonly string[];
}

export function newestHandshake(handshakes: readonly HandshakeReport[]): HandshakeReport {
  const [first, ...rest] = handshakes;
  if (first === undefined) throw new Error("there is no handshake to speak of");
  return rest.reduce((latest, one) => (one.endedAt >= latest.endedAt ? one : latest), first);
}

export function evidenceOf(handshake: HandshakeReport): string {
  return handshake.steps.findLast(({ transactionId }) => transactionId !== null)?.transactionId ?? "";
}

export function timesText(handshakes: readonly HandshakeReport[]): string {
  return handshakes.length > 1 ? ` ×${handshakes.length}` : "";
}

/** The time of day, UTC, as everywhere on the screen. */
export function timeOfDay(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

export function removedEvidence(findings: Analysis["findings"]): readonly string[] {
  return findings.find(({ code }) => code === "CREDENTIALS_REMOVED")?.evidence ?? [];
}
