import type { CaptureEvent, SignatureCheck } from "../core/capture-event.ts";
import type { TransactionFacts } from "../decoders/facts.ts";
import type { Analysis } from "../diagnosis/analysis.ts";
import type { AnalysisChange } from "../diagnosis/analyze.ts";
import { type FileAnalysisOptions, startFileAnalysis } from "../diagnosis/analyze-file.ts";
import { keepSecrets, type Pseudonymise, sanitiseEvent } from "../sanitising/sanitise.ts";
import type { Journal } from "../sinks/journal.ts";
import { startVerification, type VerificationOptions } from "../verification/verify-signatures.ts";

export interface PipelineOptions extends FileAnalysisOptions {
  readonly verification: VerificationOptions;
  readonly pseudonymise: Pseudonymise;
  readonly journal: Pick<Journal, "write"> | null;
  /** The person asked for a journal that holds what was captured as it is. */
  readonly keepsSecrets?: boolean;
  /** Called after each event with what it changed; must not throw and must not wait. */
  readonly onChange: (event: CaptureEvent, change: AnalysisChange) => void;
}

export interface Pipeline {
  /** Takes one event: judged, its signatures checked, written to the journal made safe. `facts` where it is decoded already. */
  accept(event: CaptureEvent, facts?: TransactionFacts): Promise<void>;
  snapshot(): Analysis;
}

/** Joins the middle with the sinks: the same for a live capture and for a replay. */
export function startPipeline(options: PipelineOptions): Pipeline {
  const analyzer = startFileAnalysis(options);
  const verifier = startVerification(options.verification);

  const record = (event: CaptureEvent): void =>
    options.journal?.write(
      options.keepsSecrets === true ? keepSecrets(event) : sanitiseEvent(event, options.pseudonymise),
    );
  const judge = (event: CaptureEvent, facts?: TransactionFacts): AnalysisChange => {
    let change: AnalysisChange;
    try {
      change = analyzer.accept(event, facts);
    } finally {
      // A bug in judging must not cost the record of what was judged.
      record(event);
    }
    options.onChange(event, change);
    return change;
  };

  return {
    async accept(event, facts) {
      const change = judge(event, facts);
      if (event.kind !== "transaction") return;
      if (change.facts === null) return;
      const checking = verifier.accept(event.transaction.id, change.facts, event.transaction);
      const checks: readonly SignatureCheck[] = checking instanceof Promise ? await checking : checking;
      for (const check of checks) judge({ kind: "signature", check });
    },
    snapshot: () => analyzer.snapshot(),
  };
}
