// Runs the checks of an expectation file over one trace. A check that matched nothing fails unless its count allows zero.
import type { Analysis } from "../diagnosis/analysis.ts";
import { showValues } from "./condition.ts";
import type { LoggedEntry } from "./entry-log.ts";
import type { Check, Expectations, ExpectCheck, ForbidCheck, Match, TraceTotals } from "./expectations.ts";
import { findingWord } from "./vocabulary.ts";

export interface CheckResult {
  readonly name: string;
  readonly outcome: "passed" | "failed";
  /** One sentence of printable text: the matches, or the mismatch. */
  readonly message: string;
  /** Line of the check in its file, from 1. */
  readonly line: number;
  /** The entries that show it, at most twenty. */
  readonly entries: readonly string[];
}

export interface CheckedTrace {
  readonly entries: readonly LoggedEntry[];
  readonly analysis: Analysis;
  readonly truncated: boolean;
}

const mostEntries = 20;

/** Every check of a file over one trace, in the order of the file. */
export function checkEntries(expectations: Expectations, trace: CheckedTrace): readonly CheckResult[] {
  const totals: TraceTotals = {
    entries: trace.analysis.counts.transactions,
    handshakes: trace.analysis.handshakes.length,
    truncated: trace.truncated,
    verdict: trace.analysis.verdict,
    directions: trace.analysis.directions,
    ways: trace.analysis.handshakes,
  };
  return expectations.checks.map((check) => runCheck(check, trace, totals));
}

function runCheck(check: Check, trace: CheckedTrace, totals: TraceTotals): CheckResult {
  switch (check.kind) {
    case "require":
      return result(check, check.holds(totals), `the trace has ${check.has(totals)}`, []);
    case "forbid":
      return check.names === null ? forbidMatch(check, trace) : forbidNames(check, check.names, trace);
    case "expect":
      return check.sequence === null ? expectMatch(check, trace) : expectSequence(check, check.sequence, trace);
  }
}

function result(
  { name, line }: Pick<Check, "name" | "line">,
  isPassed: boolean,
  message: string,
  entries: readonly LoggedEntry[],
): CheckResult {
  const ids = entries.slice(0, mostEntries).map(({ id }) => id);
  // Ids come from the file: only printable ASCII may enter a message.
  const printable = message.replace(/[^\x20-\x7e]/g, "?");
  return { name, line, outcome: isPassed ? "passed" : "failed", message: printable, entries: ids };
}

function holds(match: Match, entry: LoggedEntry): boolean {
  return match.every(({ fact, matches }) => matches(entry.facts.get(fact.name) ?? []));
}

function forbidMatch(check: ForbidCheck, { entries }: CheckedTrace): CheckResult {
  const found = entries.filter((entry) => holds(check.match, entry));
  const message = found.length === 0 ? "no entry matched" : `${plural(found.length)} matched: ${idsOf(found)}`;
  return result(check, found.length === 0, message, found);
}

function forbidNames(check: ForbidCheck, names: ReadonlySet<string>, trace: CheckedTrace): CheckResult {
  const findings = trace.analysis.findings.filter(({ code }) => names.has(`finding.${findingWord(code)}`));
  const leaking = trace.entries.filter((entry) =>
    (entry.facts.get("leak.kind") ?? []).some((kind) => names.has(`leak.${String(kind)}`)),
  );
  if (findings.length + leaking.length === 0) return result(check, true, "no such finding or leak", []);
  const evidence = new Set(findings.flatMap((finding) => finding.evidence));
  const entries = trace.entries.filter((entry) => evidence.has(entry.id) || leaking.includes(entry));
  const sentences = [
    ...findings.slice(0, 5).map(({ code, message }) => `${code}: ${message}`),
    ...(leaking.length === 0 ? [] : [leakSentence(leaking)]),
  ];
  return result(check, false, sentences.join(" "), entries);
}

function leakSentence(leaking: readonly LoggedEntry[]): string {
  const kinds = new Set(leaking.flatMap((entry) => entry.facts.get("leak.kind") ?? []).map(String));
  return `${plural(leaking.length)} with a secret (${[...kinds].join(", ")}): ${idsOf(leaking)}; export the trace to make it safe.`;
}

function expectMatch(check: ExpectCheck, { entries }: CheckedTrace): CheckResult {
  const found = entries.filter((entry) => holds(check.match, entry));
  const groups = check.by === null ? [found] : [...groupBy(found, check.by).values()];
  if (check.by !== null && groups.length === 0)
    return result(check, false, `no entry matched${nearest(check.match, entries)}`, []);
  const wrong = groups.find((group) => !check.count.holds(group.length));
  if (wrong !== undefined) return result(check, false, countSentence(check, wrong, entries), wrong);
  const slow = check.withinMs === null ? undefined : groups.find((group) => spanOf(group) > (check.withinMs ?? 0));
  if (slow !== undefined)
    return result(
      check,
      false,
      `${plural(slow.length)} spread over ${spanOf(slow)} ms, expected within ${check.withinMs} ms`,
      slow,
    );
  const failing = found.filter((entry) => !holds(check.each, entry));
  if (failing.length > 0) return result(check, false, eachSentence(check.each, failing), failing);
  return result(check, true, `${plural(found.length)} as expected`, found);
}

function countSentence(check: ExpectCheck, group: readonly LoggedEntry[], all: readonly LoggedEntry[]): string {
  const where = check.by === null ? "" : ` with the same ${check.by}`;
  const found = `matched ${plural(group.length)}${where}, expected ${check.count.text}`;
  return group.length === 0 ? `${found}${nearest(check.match, all)}` : `${found}: ${idsOf(group)}`;
}

function eachSentence(each: Match, failing: readonly LoggedEntry[]): string {
  const [first] = failing;
  const wrong = first === undefined ? [] : unmet(each, first);
  return `${plural(failing.length)} failed each: ${first?.id ?? ""}: ${wrong.join("; ")}`;
}

function unmet(match: Match, entry: LoggedEntry): readonly string[] {
  return match
    .filter(({ fact, matches }) => !matches(entry.facts.get(fact.name) ?? []))
    .map(({ fact, text }) => `${text}, but it is ${showValues(fact, entry.facts.get(fact.name) ?? [])}`);
}

/** Names the entry that met most of the conditions, and the conditions that it failed. */
function nearest(match: Match, entries: readonly LoggedEntry[]): string {
  let best: { readonly entry: LoggedEntry; readonly wrong: readonly string[] } | null = null;
  for (const entry of entries) {
    const wrong = unmet(match, entry);
    if (wrong.length < (best?.wrong.length ?? match.length)) best = { entry, wrong };
  }
  return best === null ? "" : `; nearest is ${best.entry.id}: ${best.wrong.join("; ")}`;
}

function expectSequence(check: ExpectCheck, steps: readonly Match[], trace: CheckedTrace): CheckResult {
  const meant = trace.entries.filter((entry) => holds(check.match, entry));
  const groups = check.by === null ? [meant] : [...groupBy(meant, check.by).values()];
  const tests = steps.map((step) => (entry: LoggedEntry) => holds(step, entry));
  const found = groups.map((group) => findSequences(group, tests, check.withinMs));
  const count = found.reduce((total, { complete }) => total + complete.length, 0);
  const entries = found.flatMap(({ complete }) => complete.flat());
  const where = check.by === null ? "" : ` by ${check.by} (${groups.length} of them)`;
  if (check.count.holds(count)) return result(check, true, `found ${count} times${where}`, entries);
  const furthest = Math.max(0, ...found.map(({ reached }) => reached));
  const lacking = furthest < steps.length ? steps[furthest]?.map(({ text }) => text).join(", ") : null;
  const hint = count > 0 || lacking === null ? "" : `; step ${furthest + 1} (${lacking}) never followed`;
  const slow = count === 0 && lacking === null ? `; never within ${check.withinMs ?? 0} ms` : "";
  return result(check, false, `found ${count} times${where}, expected ${check.count.text}${hint}${slow}`, entries);
}

function groupBy(entries: readonly LoggedEntry[], by: string): ReadonlyMap<string, readonly LoggedEntry[]> {
  const groups = new Map<string, LoggedEntry[]>();
  for (const entry of entries) {
    for (const value of entry.facts.get(by) ?? []) {
      const group = groups.get(String(value));
      if (group === undefined) groups.set(String(value), [entry]);
      else group.push(entry);
    }
  }
  return groups;
}

function spanOf(entries: readonly LoggedEntry[]): number {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { at } of entries) {
    first = Math.min(first, at);
    last = Math.max(last, at);
  }
  return entries.length === 0 ? 0 : last - first;
}

function plural(count: number): string {
  return count === 1 ? "1 entry" : `${count} entries`;
}

function idsOf(entries: readonly LoggedEntry[]): string {
  const ids = entries.slice(0, 5).map(({ id }) => id);
  return entries.length > 5 ? `${ids.join(", ")} and ${entries.length - 5} more` : ids.join(", ");
}

interface FoundSequences {
  /** Entries of each complete run; runs do not overlap. */
  readonly complete: readonly (readonly LoggedEntry[])[];
  /** Steps of the furthest run. */
  readonly reached: number;
}

/**
 * Finds runs of the steps, in order of time, among the entries of one group; other entries may lie between. `withinMs` limits the
 * time from first to last. Keeps the latest run that reached each step, so one pass is enough and every complete run is the
 * shortest one that ends there.
 */
export function findSequences(
  entries: readonly LoggedEntry[],
  steps: readonly ((entry: LoggedEntry) => boolean)[],
  withinMs: number | null,
): FoundSequences {
  const inTime = [...entries].sort((one, other) => one.at - other.at);
  const complete: (readonly LoggedEntry[])[] = [];
  let runs: Runs = [];
  let reached = 0;
  for (const entry of inTime) {
    const done = advance(runs, entry, steps);
    reached = Math.max(reached, ...runs.map((run) => run?.length ?? 0), done?.length ?? 0);
    if (done === null || (withinMs !== null && entry.at - (done[0]?.at ?? entry.at) > withinMs)) continue;
    complete.push(done);
    runs = [];
  }
  return { complete, reached };
}

/** For each step, the latest run that reached it. */
type Runs = (readonly LoggedEntry[] | undefined)[];

/** Extends the runs by an entry, the last step first, so that it is one step of each run. Returns a completed run, or null. */
function advance(
  runs: Runs,
  entry: LoggedEntry,
  steps: readonly ((entry: LoggedEntry) => boolean)[],
): readonly LoggedEntry[] | null {
  let done: readonly LoggedEntry[] | null = null;
  for (let step = steps.length - 1; step >= 0; step--) {
    const before = step === 0 ? [] : runs[step - 1];
    if (before === undefined || steps[step]?.(entry) !== true) continue;
    const run = [...before, entry];
    if (step === steps.length - 1) done = run;
    else runs[step] = run;
  }
  return done;
}
