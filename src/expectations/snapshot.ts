// The canonical result of a trace without times, ids, tokens and accidental order: two captures of the same traffic give the same
// snapshot.
import type { Analysis, Counts, DirectionReport, HandshakeReport } from "../diagnosis/analysis.ts";
import type { FindingReport } from "../diagnosis/catalogue/finding.ts";
import { diffLines, type LineChange } from "./line-diff.ts";

export interface SnapshotForm {
  /** False: the form of version 0.2, without directions, routes and token services. */
  readonly hasDirections: boolean;
}

/** The text of the snapshot: sorted JSON, one fact a line, with a final newline. */
export function renderSnapshot(analysis: Analysis, { hasDirections }: SnapshotForm = { hasDirections: true }): string {
  const { inbound, outbound } = analysis.directions;
  const snapshot = {
    schema: "realmscope.snapshot/1",
    verdict: analysis.verdict,
    ...(hasDirections
      ? { directions: { inbound: canonicalDirection(inbound), outbound: canonicalDirection(outbound) } }
      : {}),
    counts: canonicalCounts(analysis.counts),
    handshakes: joined(analysis.handshakes.map((handshake) => canonicalHandshake(handshake, hasDirections))),
    findings: joined(analysis.findings.map(canonicalFinding)),
    checklist: analysis.checklist.map(({ sign, isSeen }) => ({ sign, isSeen })),
  };
  // Printable ASCII: host names and realms in it come from the traffic.
  return `${JSON.stringify(snapshot, null, 2).replace(
    /[^\x20-\x7e\n]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )}\n`;
}

/** The form of a saved snapshot. One of version 0.2 is compared in its own form, so that it stays valid. */
export function formOf(saved: string): SnapshotForm {
  return { hasDirections: /^ {2}"directions": /m.test(saved) };
}

function canonicalDirection(report: DirectionReport | null): object | null {
  if (report === null) return null;
  const { verdict, routes, tokenServices } = report;
  return { verdict, routes, tokenServices };
}

/** Without rows of logs the counts are those of traffic, as in snapshots of version 0.3. */
function canonicalCounts({ logRows, logRowsDropped, ...traffic }: Counts): object {
  return logRows + logRowsDropped === 0 ? traffic : { ...traffic, logRows, logRowsDropped };
}

function canonicalHandshake(handshake: HandshakeReport, hasDirections: boolean): object {
  const { direction, route, tokenService } = handshake;
  return {
    principal: handshake.principal?.id ?? null,
    realm: handshake.realm,
    server: withoutPort(handshake.server),
    verdict: handshake.verdict,
    ...(handshake.basis === "traffic" ? {} : { basis: handshake.basis, callerShownBy: handshake.callerShownBy }),
    stage: handshake.stage,
    ...(hasDirections ? { direction, route, tokenService } : {}),
    issuerAsSeen: handshake.issuerAsSeen,
    actingAs: handshake.actingAs,
    signature: handshake.signature,
    steps: Object.fromEntries(handshake.steps.map(({ step, state }) => [step, state])),
  };
}

/** Removes the port of an address: a test lab chooses it at random. Default ports are not part of `serverName` anyway. */
function withoutPort(server: string): string {
  return server.replace(/^(127\.0\.0\.1|\[::1\]|localhost):\d+$/, "$1");
}

function canonicalFinding({ code, severity, count }: FindingReport): object {
  return { code, severity, count };
}

/** Distinct items with their counts, in the order of their text. */
function joined(items: readonly object[]): readonly object[] {
  const counts = new Map<string, { readonly item: object; times: number }>();
  for (const item of items) {
    const key = JSON.stringify(item);
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { item, times: 1 });
    else known.times += 1;
  }
  return [...counts.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { item, times }]) => (times === 1 ? item : { ...item, times }));
}

/** The lines in which a snapshot differs from the saved one; empty when they are equal. */
export function diffSnapshots(saved: string, now: string): readonly LineChange[] {
  const before = saved.replaceAll("\r\n", "\n");
  return before === now ? [] : diffLines(before.split("\n"), now.split("\n"));
}
