// An expectation file after reading: what a trace must show.
import type { Directions, HandshakeReport } from "../diagnosis/analysis.ts";
import type { HandshakeWay } from "../diagnosis/direction-words.ts";
import type { Condition } from "./condition.ts";

/** A test of a number of entries, with its text from the file. */
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
  /** The entries to check; with a sequence, the entries that may be steps. Empty: all. */
  readonly match: Match;
  /** Steps in their order in time; null where the check has none. */
  readonly sequence: readonly Match[] | null;
  readonly count: CountTest;
  /** What each matched entry must show. */
  readonly each: Match;
  /** Name of the fact that groups the entries, or null. */
  readonly by: string | null;
  /** Limit of the time from first to last, milliseconds; null for no limit. */
  readonly withinMs: number | null;
}

/** No entry may match, or no finding or leak of these names may exist. */
export interface ForbidCheck {
  readonly kind: "forbid";
  readonly name: string;
  readonly line: number;
  /** Full names `finding.…` and `leak.…`; null for a match. */
  readonly names: ReadonlySet<string> | null;
  readonly match: Match;
}

/** A condition on the trace as a whole. */
export interface RequireCheck {
  readonly kind: "require";
  readonly name: string;
  readonly line: number;
  readonly holds: (trace: TraceTotals) => boolean;
  /** The value of the trace, for the message. */
  readonly has: (trace: TraceTotals) => string;
}

export interface TraceTotals {
  readonly entries: number;
  readonly handshakes: number;
  readonly truncated: boolean;
  readonly verdict: string;
  readonly directions: Directions;
  /** Direction, route, token service, verdict and evidence of each handshake. */
  readonly ways: readonly (HandshakeWay & Pick<HandshakeReport, "verdict" | "basis">)[];
}

export type Check = ExpectCheck | ForbidCheck | RequireCheck;

export interface Expectations {
  /** Name of its file or preset as given. */
  readonly source: string;
  /** Time at which tokens are judged: that of each entry, or one time in epoch milliseconds. Never the current time. */
  readonly clock: "trace" | number;
  readonly checks: readonly Check[];
  /** Path of a snapshot file relative to the expectation file; null without one. */
  readonly snapshot: { readonly path: string; readonly line: number } | null;
}

/** The facts that some check needs: only these are kept of each entry. */
export function requiredFacts(expectations: Expectations): ReadonlySet<string> {
  return new Set(["kind", ...expectations.checks.flatMap(factsOfCheck)]);
}

function factsOfCheck(check: Check): readonly string[] {
  switch (check.kind) {
    case "require":
      return [];
    case "forbid": {
      // Leaks are facts of entries; findings come whole from the analysis.
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
