// The named reasons why a run stops. The codes are stable: scripts may rely on them.

export type ReasonCode =
  // Exchange half
  | "rbac-denied"
  | "cmdlet-missing"
  /** A parameter that no shell is known to have. */
  | "parameter-missing"
  | "exchange-unreachable"
  | "exchange-error"
  | "already-exists"
  | "shell-unusable"
  // cloud half
  | "graph-unauthorized"
  | "graph-forbidden"
  | "graph-unreachable"
  | "graph-throttled"
  | "graph-error"
  /** A policy of the tenant forbids a write. */
  | "graph-policy"
  | "graph-existing-key-changed"
  | "graph-key-lost"
  | "token-unfit"
  // both
  | "effect-unknown"
  | "state-moved"
  | "plan-stale"
  | "taken-back"
  | "journal-unwritable"
  | "plan-refused"
  | "conflict"
  | "unknown-state"
  | "certificate-unfit"
  | "needs-earlier-step"
  | "not-allowed"
  | "side-left-out"
  | "locked"
  | "step1-missing"
  | "no-run";

/** A named reason with what to do next. Holds no secret: messages of servers pass the secret filter first. */
export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
  /** What the person should do next. */
  readonly hint: string;
  /** The earliest time to resume, epoch milliseconds; only when Graph asked to wait. */
  readonly resumeAt?: number;
  /** True when Graph refused this one write and nothing was written: changes of other applications do not depend on it. */
  readonly isRefusal?: boolean;
}

/** Thrown to stop a run; the engine catches it and closes the journal. */
export class Stop extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason.message);
    this.name = "Stop";
    this.reason = reason;
  }
}
