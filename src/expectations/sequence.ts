// Steps in their order in time. For each step the latest start of a run that got there is remembered, so one pass is
// enough and every completed run is the shortest one that ends there.
import type { LoggedEntry } from "./entry-log.ts";

export interface FoundSequences {
  /** Entries of each complete run; runs do not overlap. */
  readonly complete: readonly (readonly LoggedEntry[])[];
  /** How many steps the furthest run came to. */
  readonly reached: number;
}

/** Looks for the steps among the entries of one group; others may stand between. `withinMs` is from first to last. */
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

/** For each step the run that came to it last. */
type Runs = (readonly LoggedEntry[] | undefined)[];

/** Lets an entry be the next step of the runs, the last step first, so that it is only one step of each; gives a whole run. */
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
