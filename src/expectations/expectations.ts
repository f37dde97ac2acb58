// An expectation file, read and checked: what a trace must show.
import type { Condition } from "./condition.ts";

/** How many, as the file says it. */
export interface CountTest {
  readonly text: string;
  readonly holds: (count: number) => boolean;
}

/** Conditions on one entry; all must hold. */
export type Match = readonly Condition[];

export interface ExpectCheck {
  readonly kind: "expect";
  readonly name: string;
  /** Line of the check in its file, from 1. */
  readonly line: number;
  /** Which entries are meant; with a sequence, which may be steps. Empty: all. */
  readonly match: Match;
  /** Steps in their order in time; null where the check has none. */
  readonly sequence: readonly Match[] | null;
  readonly count: CountTest;
  /** What each matched entry must show. */
  readonly each: Match;
  /** Name of the fact whose values divide the entries, or null. */
  readonly by: string | null;
  /** From the first to the last of them, milliseconds; null where it does not matter. */
  readonly withinMs: number | null;
}

/** No entry may match, or no finding or leak of the names may be there. */
export interface ForbidCheck {
  readonly kind: "forbid";
  readonly name: string;
  readonly line: number;
  /** `finding.…` and `leak.…` in full; null where it is a match. */
  readonly names: ReadonlySet<string> | null;
  readonly match: Match;
}

/** Something about the trace as a whole. */
export interface RequireCheck {
  readonly kind: "require";
  readonly name: string;
  readonly line: number;
  readonly holds: (trace: TraceTotals) => boolean;
  /** What the trace has, for the message. */
  readonly has: (trace: TraceTotals) => string;
}

export interface TraceTotals {
  readonly entries: number;
  readonly handshakes: number;
  readonly truncated: boolean;
  readonly verdict: string;
}

export type Check = ExpectCheck | ForbidCheck | RequireCheck;

export interface Expectations {
  /** File or preset it came from, as it was named. */
  readonly source: string;
  /** When tokens are judged: at each entry's own time, or at one time in epoch milliseconds. Never today. */
  readonly clock: "trace" | number;
  readonly checks: readonly Check[];
  /** A snapshot file, as the expectation file names it (relative to itself); null when it names none. */
  readonly snapshot: { readonly path: string; readonly line: number } | null;
}

/** The facts that some check asks for: only these are kept of each entry. */
export function requiredFacts(expectations: Expectations): ReadonlySet<string> {
  return new Set(["kind", ...expectations.checks.flatMap(factsOfCheck)]);
}

function factsOfCheck(check: Check): readonly string[] {
  switch (check.kind) {
    case "require":
      return [];
    case "forbid": {
      // Leaks are said of entries; findings are in the analysis, whole.
      const hasLeaks = [...(check.names ?? [])].some((name) => name.startsWith("leak."));
      return [...namesIn(check.match), ...(hasLeaks ? ["leak.kind"] : [])];
    }
    case "expect": {
      const steps = (check.sequence ?? []).flatMap(namesIn);
      return [...namesIn(check.match), ...namesIn(check.each), ...steps, ...(check.by === null ? [] : [check.by])];
    }
  }
}

function namesIn(match: Match): readonly string[] {
  return match.map(({ fact }) => fact.name);
}
