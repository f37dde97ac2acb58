// Differences between two captures of the same traffic, an earlier one and a new one.
import type { Analysis, DirectionReport, Directions, HandshakeReport } from "../diagnosis/analysis.ts";
import { isAtLeast, type Severity, worstFirst } from "../diagnosis/catalogue/finding-text.ts";
import { directionNames } from "../diagnosis/direction-words.ts";
import { worseVerdict } from "../diagnosis/verdict.ts";

/** The compared part of a handshake: caller, server and result. Texts are hostile. */
export interface ComparedHandshake {
  readonly principal: string;
  readonly name: string | null;
  readonly realm: string;
  readonly server: string;
  readonly verdict: string;
  readonly facts: Readonly<Record<string, string>>;
}

export interface HandshakeChange {
  readonly before: ComparedHandshake;
  readonly after: ComparedHandshake;
  /** Names of the differing facts, with both values. */
  readonly changed: readonly { readonly what: string; readonly before: string; readonly after: string }[];
}

export interface FindingChange {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly change: "gained" | "lost" | "more-severe" | "less-severe";
}

/** The compared part of a direction. */
export type ComparedDirection = Pick<DirectionReport, "verdict" | "routes" | "tokenServices">;

/** A direction that differs; null: not seen. */
export interface DirectionChange {
  readonly direction: keyof Directions;
  /** `changed`: the same verdict by another route or token service. */
  readonly change: "gained" | "lost" | "worse" | "better" | "changed";
  readonly before: ComparedDirection | null;
  readonly after: ComparedDirection | null;
}

export interface Difference {
  readonly isWorse: boolean;
  readonly isEqual: boolean;
  readonly verdict: { readonly before: string; readonly after: string };
  readonly directions: readonly DirectionChange[];
  readonly gained: readonly ComparedHandshake[];
  readonly lost: readonly ComparedHandshake[];
  readonly changed: readonly HandshakeChange[];
  readonly findings: readonly FindingChange[];
  readonly counts: readonly { readonly what: string; readonly before: number; readonly after: number }[];
}

/** An analysis with the facts of its entries by handshake, for a comparison. */
export interface ComparedCapture {
  readonly analysis: Analysis;
  /** Sign-in schemes, audiences and diagnostics of each handshake, by its id, sorted. */
  readonly details: ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>;
}

/** Compares two captures. `isWorse`: the verdict of the capture, of a direction, or of a handshake in both, got worse. */
export function compareCaptures(before: ComparedCapture, after: ComparedCapture): Difference {
  const pairs = pair(describe(before), describe(after));
  const changed = pairs.both.flatMap(([one, other]) => changeOf(one, other));
  const findings = compareFindings(before.analysis, after.analysis);
  const verdict = { before: before.analysis.verdict, after: after.analysis.verdict };
  const counts = compareCounts(before.analysis, after.analysis);
  const directions = compareDirections(before.analysis.directions, after.analysis.directions);
  const isWorse =
    isWorseVerdict(verdict.before, verdict.after) ||
    directions.some(isWorseDirection) ||
    changed.some((change) => isWorseVerdict(change.before.verdict, change.after.verdict));
  const { gained, lost } = pairs;
  const isEqual = directions.length + changed.length + findings.length + gained.length + lost.length === 0;
  return { isWorse, isEqual, verdict, directions, gained, lost, changed, findings, counts };
}

function compareDirections(before: Directions, after: Directions): readonly DirectionChange[] {
  return directionNames.flatMap((direction) => {
    const [one, other] = [comparedDirection(before[direction]), comparedDirection(after[direction])];
    if (JSON.stringify(one) === JSON.stringify(other)) return [];
    return [{ direction, change: changeOfDirection(one, other), before: one, after: other }];
  });
}

function comparedDirection(report: DirectionReport | null): ComparedDirection | null {
  if (report === null) return null;
  const { verdict, routes, tokenServices } = report;
  return { verdict, routes, tokenServices };
}

function changeOfDirection(
  before: ComparedDirection | null,
  after: ComparedDirection | null,
): DirectionChange["change"] {
  if (before === null) return "gained";
  if (after === null) return "lost";
  if (before.verdict === after.verdict) return "changed";
  return isWorseVerdict(before.verdict, after.verdict) ? "worse" : "better";
}

// A direction that is not seen any more is lost, not worse, as a lost handshake is.
function isWorseDirection({ before, after }: DirectionChange): boolean {
  return after !== null && isWorseVerdict(before?.verdict ?? "none", after.verdict);
}

// A capture without a handshake is not better than one with a working handshake.
function isWorseVerdict(before: string, after: string): boolean {
  if (before === after) return false;
  if (before === "none") return after !== "oauth-confirmed" && after !== "inconclusive";
  if (after === "none") return before === "oauth-confirmed";
  return worseVerdict(asVerdict(before), asVerdict(after)) === after;
}

function asVerdict(text: string): Analysis["verdict"] {
  switch (text) {
    case "oauth-confirmed":
    case "inconclusive":
    case "other-auth":
    case "oauth-rejected":
    case "basic-fallback":
      return text;
    default:
      return "none";
  }
}

function describe({ analysis, details }: ComparedCapture): readonly ComparedHandshake[] {
  return analysis.handshakes.map((handshake) => ({
    principal: handshake.principal?.id ?? "",
    name: handshake.principal?.name ?? null,
    realm: handshake.realm,
    server: handshake.server,
    verdict: handshake.verdict,
    facts: factsOf(handshake, details.get(handshake.id) ?? {}),
  }));
}

function factsOf(
  handshake: HandshakeReport,
  details: Readonly<Record<string, readonly string[]>>,
): Record<string, string> {
  const steps = handshake.steps.map(({ step, state }): [string, string] => [`step ${step}`, state]);
  return {
    stage: handshake.stage,
    basis: handshake.basis,
    direction: handshake.direction ?? "",
    route: handshake.route ?? "",
    "token service": handshake.tokenService ?? "",
    issuer: handshake.issuerAsSeen,
    "acting as": handshake.actingAs ?? "",
    signature: handshake.signature,
    ...Object.fromEntries(Object.entries(details).map(([name, values]) => [name, values.join(", ")])),
    ...Object.fromEntries(steps),
  };
}

/**
 * Pairs the handshakes of both captures: by principal, realm and server; then, among the rest, by two of the three, so that a changed
 * realm is reported as a change and not as one lost and one gained handshake.
 */
function pair(before: readonly ComparedHandshake[], after: readonly ComparedHandshake[]) {
  const both: (readonly [ComparedHandshake, ComparedHandshake])[] = [];
  let [left, right] = [[...before], [...after]];
  for (const key of keys) {
    const remaining: ComparedHandshake[] = [];
    for (const one of left) {
      const found = right.find((other) => key(one) === key(other));
      if (found === undefined) remaining.push(one);
      else {
        both.push([one, found]);
        right = right.filter((other) => other !== found);
      }
    }
    left = remaining;
  }
  return { both, lost: left, gained: right };
}

const keys: readonly ((handshake: ComparedHandshake) => string)[] = [
  ({ principal, realm, server, facts }) => JSON.stringify([principal, realm, server, facts.scheme]),
  ({ principal, realm, server }) => JSON.stringify([principal, realm, server]),
  ({ principal, server }) => JSON.stringify([principal, server]),
  ({ principal, realm }) => JSON.stringify([principal, realm]),
  ({ realm, server }) => JSON.stringify([realm, server]),
];

function changeOf(before: ComparedHandshake, after: ComparedHandshake): readonly HandshakeChange[] {
  const pairs = ["verdict", "principal", "realm", "server"].map((what): [string, string, string] => [
    what,
    fieldOf(before, what),
    fieldOf(after, what),
  ]);
  const names = new Set([...Object.keys(before.facts), ...Object.keys(after.facts)]);
  for (const name of names) pairs.push([name, before.facts[name] ?? "", after.facts[name] ?? ""]);
  const changed = pairs
    .filter(([, one, other]) => one !== other)
    .map(([what, one, other]) => ({ what, before: one, after: other }));
  return changed.length === 0 ? [] : [{ before, after, changed }];
}

function fieldOf(handshake: ComparedHandshake, what: string): string {
  switch (what) {
    case "verdict":
      return handshake.verdict;
    case "principal":
      return handshake.principal;
    case "realm":
      return handshake.realm;
    default:
      return handshake.server;
  }
}

function compareFindings(before: Analysis, after: Analysis): readonly FindingChange[] {
  const [old, now] = [worstByCode(before), worstByCode(after)];
  const changes: FindingChange[] = [];
  for (const [code, { severity, message }] of now) {
    const known = old.get(code);
    if (known === undefined) changes.push({ code, severity, message, change: "gained" });
    else if (known.severity !== severity) {
      const isMore = isAtLeast(severity, known.severity);
      changes.push({ code, severity, message, change: isMore ? "more-severe" : "less-severe" });
    }
  }
  for (const [code, { severity, message }] of old) {
    if (!now.has(code)) changes.push({ code, severity, message, change: "lost" });
  }
  return worstFirst(changes);
}

function worstByCode(
  analysis: Analysis,
): ReadonlyMap<string, { readonly severity: Severity; readonly message: string }> {
  const worst = new Map<string, { readonly severity: Severity; readonly message: string }>();
  for (const { code, severity, message } of analysis.findings) {
    const known = worst.get(code);
    if (known === undefined || !isAtLeast(known.severity, severity)) worst.set(code, { severity, message });
  }
  return worst;
}

function compareCounts(before: Analysis, after: Analysis): Difference["counts"] {
  const old: ReadonlyMap<string, number> = new Map(Object.entries(before.counts));
  return Object.entries(after.counts)
    .map(([what, count]) => ({ what, before: old.get(what) ?? 0, after: count }))
    .filter((one) => one.before !== one.after);
}
