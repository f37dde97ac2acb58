// Why something could not be known or done. Every stop of a run carries one of these names; scripts may rely on them.

export type ReasonCode =
  // Exchange half
  | "rbac-denied"
  | "cmdlet-missing"
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

/** A named reason with what to do next. Holds no secret: texts of servers pass `hideSecrets` before they come here. */
export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
  /** What the person should do next. */
  readonly hint: string;
  /** When it makes sense to go on, epoch milliseconds; only for `graph-throttled`. */
  readonly resumeAt?: number;
}

/** A stop with its named reason; caught by the engine, which closes the journal first. */
export class Stop extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason.message);
    this.name = "Stop";
    this.reason = reason;
  }
}
