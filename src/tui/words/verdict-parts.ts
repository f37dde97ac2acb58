// What the two verdict lines share.
import type { Analysis, HandshakeReport } from "../../diagnosis/analysis.ts";
import type { Meaning } from "../lines/screen-line.ts";

/** The content of one verdict line. */
export interface Statement {
  readonly mark: string;
  readonly words: string;
  readonly meaning: Meaning;
  /** The most important first; as many are drawn as fit, of a list of forms the longest that fits. */
  readonly details: readonly (string | readonly string[])[];
  /** The number of details, the first ones, of which none takes the room of the shortest form of another. */
  readonly essential?: number;
  /** Ids of the rows that prove it. */
  readonly evidence: readonly string[];
}

/** The handshake that ended last. Throws for an empty list. */
export function newestHandshake(handshakes: readonly HandshakeReport[]): HandshakeReport {
  const [first, ...rest] = handshakes;
  if (first === undefined) throw new Error("no handshake to choose the newest of");
  return rest.reduce((latest, one) => (one.endedAt >= latest.endedAt ? one : latest), first);
}

/** Id of the row of the last step that has one; empty without one. */
export function evidenceOf(handshake: HandshakeReport): string {
  return handshake.steps.findLast(({ transactionId }) => transactionId !== null)?.transactionId ?? "";
}

/** ` ×3` for several handshakes; empty for one. */
export function timesText(handshakes: readonly HandshakeReport[]): string {
  return handshakes.length > 1 ? ` ×${handshakes.length}` : "";
}

/** The time of day in UTC, `12:04:31`. */
export function timeOfDay(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

/** Ids of the rows whose credentials were removed from the capture. */
export function removedEvidence(findings: Analysis["findings"]): readonly string[] {
  return findings.find(({ code }) => code === "CREDENTIALS_REMOVED")?.evidence ?? [];
}

/** `10 requests and 3 rows of logs`; empty for nothing. */
export function seenText({ transactions, logRows }: Analysis["counts"]): string {
  return [
    ...(transactions === 0 ? [] : [`${transactions} requests`]),
    ...(logRows === 0 ? [] : [`${logRows} rows of logs`]),
  ].join(" and ");
}

/** `realm contoso.com`, a tenant id shortened; empty without a realm. */
export function realmOf({ realm }: HandshakeReport): string {
  return realm === "" ? "" : `realm ${shortRealm(realm)}`;
}

/** A tenant id shortened to both ends; the panes show it whole. */
function shortRealm(realm: string): string {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(realm)
    ? `${realm.slice(0, 8)}-…-${realm.slice(-4)}`
    : realm;
}
