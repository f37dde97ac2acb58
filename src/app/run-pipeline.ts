import { type CaptureEvent, type SignatureCheck, timeOfEvent } from "../core/capture-event.ts";
import { emptyBody } from "../core/http-transaction.ts";
import type { TransactionFacts } from "../decoders/facts.ts";
import type { Analysis } from "../diagnosis/analysis.ts";
import type { AnalysisChange } from "../diagnosis/analyze.ts";
import { type FileAnalysisOptions, startFileAnalysis } from "../diagnosis/analyze-file.ts";
import { keepSecrets, type Pseudonymise, type Redacted, sanitiseEvent } from "../sanitising/sanitise.ts";
import type { Journal } from "../sinks/journal/journal.ts";
import { startVerification, type VerificationOptions } from "../verification/verify-signatures.ts";
import { type SafeChange, safeAnalysis, safeChange } from "./safe-change.ts";

export interface PipelineOptions extends FileAnalysisOptions {
  readonly verification: VerificationOptions;
  readonly pseudonymise: Pseudonymise;
  readonly journal: Pick<Journal, "write"> | null;
  /** The journal keeps what was captured, secrets included (`--keep-secrets`). */
  readonly keepsSecrets?: boolean;
  /** Called after each event with what it changed, safe to show; must not throw and must not wait. The event itself is not sanitised. */
  readonly onChange: (event: CaptureEvent, change: SafeChange) => void;
  /**
   * Called when the operating system has taken or refused the record of the event; without a journal at once. Must neither
   * throw nor wait. The transaction has no bodies, because it may be held for a while.
   */
  readonly onRecorded?: (event: CaptureEvent, change: SafeChange) => void;
}

export interface Pipeline {
  /** Writes the event to the journal and does nothing else, for a process that ends. */
  record(event: CaptureEvent): void;
  /** Judges one event, checks its signatures and writes it to the journal. `facts` when it is decoded already. */
  accept(event: CaptureEvent, facts?: TransactionFacts): Promise<void>;
  /** A recent request of the capture has this client-request-id. */
  knowsRequest(clientRequestId: string): boolean;
  /** The current analysis, safe to show. */
  snapshot(): Analysis;
}

/** Connects the analysis with signature checks and the journal; the same for a live capture and for a replay. */
export function startPipeline(options: PipelineOptions): Pipeline {
  const analyzer = startFileAnalysis(options);
  const verifier = startVerification(options.verification);

  const { journal } = options;
  const record = (event: CaptureEvent, onWritten?: () => void): void => {
    if (journal === null) onWritten?.();
    else journal.write(safeEvent(event, { ...options, journal }), onWritten);
  };
  const judge = (event: CaptureEvent, facts?: TransactionFacts): AnalysisChange => {
    // Other events than transactions are sanitised before they are judged: a foreign file may hold anything in them.
    const judged = event.kind === "transaction" ? event : sanitiseEvent(event, options.pseudonymise);
    const { onRecorded } = options;
    const bare = onRecorded === undefined ? judged : withoutBodies(judged);
    let change: AnalysisChange;
    let shown: SafeChange;
    try {
      change = analyzer.accept(judged, facts);
      shown = safeChange(change, bare, options.pseudonymise, event.kind === "log-row" ? event.row : null);
    } catch (error) {
      // A bug in judging must not cost the record of the event.
      record(event);
      throw error;
    }
    record(event, onRecorded === undefined ? undefined : () => onRecorded(bare, shown));
    options.onChange(judged, shown);
    return change;
  };

  return {
    record,
    async accept(event, facts) {
      const change = judge(event, facts);
      if (event.kind !== "transaction") return;
      if (change.facts === null) return;
      const checking = verifier.accept(event.transaction.id, change.facts, event.transaction);
      const checks: readonly SignatureCheck[] = checking instanceof Promise ? await checking : checking;
      for (const check of checks) judge({ kind: "signature", check });
    },
    knowsRequest: (id) => analyzer.knowsRequest(id),
    snapshot: () => safeAnalysis(analyzer.snapshot(), options.pseudonymise),
  };
}

/** A bug in sanitising costs one event: the journal gets a gap in its place, and the error is thrown. */
function safeEvent(
  event: CaptureEvent,
  options: PipelineOptions & { readonly journal: Pick<Journal, "write"> },
): Redacted<CaptureEvent> {
  try {
    return options.keepsSecrets === true ? keepSecrets(event) : sanitiseEvent(event, options.pseudonymise);
  } catch (error) {
    const at = event.kind === "transaction" ? event.transaction.startedAt : (timeOfEvent(event) ?? 0);
    const gap = { kind: "gap", at, connection: "", reason: "a bug in making it safe", lost: 1 } as const;
    options.journal.write(keepSecrets(gap));
    throw error;
  }
}

function withoutBodies(event: CaptureEvent): CaptureEvent {
  if (event.kind !== "transaction") return event;
  const { transaction } = event;
  const response = transaction.response === null ? null : { ...transaction.response, body: emptyBody };
  return {
    kind: "transaction",
    transaction: { ...transaction, request: { ...transaction.request, body: emptyBody }, response },
  };
}
