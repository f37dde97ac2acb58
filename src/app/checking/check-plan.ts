// What one call of `replay` checks: plain data, so that it can be sent to a thread.
import type { Severity } from "../../diagnosis/catalogue/finding.ts";

export interface CheckPlan {
  /** A file, a preset, or a file with `{trace}` in its name; null for the usual checks. */
  readonly expect: string | null;
  readonly snapshot: string | null;
  readonly isSnapshotUpdated: boolean;
  readonly writeExpect: string | null;
  readonly isTruncatedAllowed: boolean;
  /** All traces are judged as one, merged by time. */
  readonly isTogether?: boolean;
  /** `--fail-on`; null when it was not given. */
  readonly failOn: Severity | null;
  /** The severity of the usual checks without `--fail-on`. */
  readonly usualFailOn: Severity;
  readonly realm: string | null;
  readonly applications: readonly (readonly [id: string, name: string])[];
  /** The tenant's dedicated hybrid application: its id in lower case. */
  readonly hybridApp?: string | null;
  readonly metadata: readonly string[];
  readonly authCert: readonly string[];
}

/** Replaces `{trace}` in a name by the path of the trace without its file extension. */
export function nameFor(template: string, trace: string): string {
  return template.replaceAll("{trace}", () => trace.replace(/\.gz$/i, "").replace(/\.[^./\\]+$/, ""));
}

/** True when each trace has a file of its own. */
export function isPerTrace(template: string): boolean {
  return template.includes("{trace}");
}
