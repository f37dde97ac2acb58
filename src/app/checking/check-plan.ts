// What one call of `replay` checks: plain data, so that it can be handed to another thread.
import type { Severity } from "../../diagnosis/catalogue/finding.ts";

export interface CheckPlan {
  /** A file, a preset, or a file with `{trace}` in its name; null: the checks that every trace must meet. */
  readonly expect: string | null;
  readonly snapshot: string | null;
  readonly isSnapshotUpdated: boolean;
  readonly writeExpect: string | null;
  readonly isTruncatedAllowed: boolean;
  /** All traces are one, merged by time. */
  readonly isTogether?: boolean;
  /** Given on the command line; null when it was not. */
  readonly failOn: Severity | null;
  /** What counts where nothing was given. */
  readonly usualFailOn: Severity;
  readonly realm: string | null;
  readonly applications: readonly (readonly [id: string, name: string])[];
  readonly metadata: readonly string[];
  readonly authCert: readonly string[];
}

/** A name with `{trace}` in it, for one trace: its path without what follows the last dot of its name. */
export function nameFor(template: string, trace: string): string {
  return template.replaceAll("{trace}", () => trace.replace(/\.gz$/i, "").replace(/\.[^./\\]+$/, ""));
}

/** True when each trace has a file of its own. */
export function isPerTrace(template: string): boolean {
  return template.includes("{trace}");
}
