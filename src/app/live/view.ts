import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { Pseudonymise } from "../../sanitising/sanitise.ts";
import type { AnalysisSource } from "../../sinks/analysis-json.ts";
import type { SyncedRecords } from "../../sinks/journal/journal-writer.ts";
import type { PendingRows } from "../../tui/model/messages.ts";
import type { SafeChange } from "../safe-change.ts";

export interface ReadyListener {
  readonly kind: "forward" | "reverse";
  readonly address: string;
  readonly port: number;
  /** `https://host[:port]` of a reverse listener, else null. */
  readonly target: string | null;
}

/** The standard streams of a live capture, which never waits for their readers. */
export interface LiveOutput {
  /** Lines to standard output. */
  readonly write: (text: string) => void;
  /** From now on nothing is left out: the conclusion comes. */
  readonly keepAll: () => void;
  /** Waits until all was taken; after an interrupt only as long as something is. False when it was not. */
  end(isPatient: boolean): Promise<boolean>;
}

/** What the view of a live capture is made with. */
export interface LiveViewSource {
  /** Takes lines without making this process wait. */
  readonly write: (text: string) => void;
  /** The analysis as it stands, safe to show. */
  readonly analysis: () => Analysis;
  readonly pseudonymise: Pseudonymise;
  /** Ends the capture: the person quits. */
  readonly stop: () => void;
}

/** What a run shows itself through: lines, JSON or the screen. No method waits, except `end`. */
export interface View {
  ready(listener: ReadyListener): void;
  notice(text: string): void;
  /** One of several captures begins; what follows is of it. Null where there is only one. */
  beginCapture?(capture: string | null): void;
  /** What was told of this capture is told again, in the order of time. */
  restart?(): void;
  /** What was captured, with its bodies, for who may ask for it; `change` tells it when its record is with the operating system. */
  captured?(event: CaptureEvent, change: SafeChange): void;
  /** An event and what it changed. A live run's transaction has no bodies here. */
  change(event: CaptureEvent, change: SafeChange): void;
  /** Which requests of a live capture have no end yet. They are shown as long as they wait, and belong to no result. */
  pending?(waiting: PendingRows): void;
  /** What was told before is on the disk, and not even the loss of power takes it away. */
  synced?(synced: SyncedRecords): void;
  /** Shows the conclusion; resolves when the person has seen enough (at once without a terminal). */
  end(analysis: Analysis, sources: readonly AnalysisSource[], how: "finished" | "interrupted"): Promise<void>;
}
