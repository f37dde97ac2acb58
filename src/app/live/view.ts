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
  /** From now on no line is dropped: the conclusion follows. */
  readonly keepAll: () => void;
  /** Waits until all lines are taken; after an interrupt only while the reader takes some. False when lines are left. */
  end(isPatient: boolean): Promise<boolean>;
}

/** What a live capture gives to its view. */
export interface LiveViewSource {
  /** Writes lines without making this process wait. */
  readonly write: (text: string) => void;
  /** The current analysis, safe to show. */
  readonly analysis: () => Analysis;
  readonly pseudonymise: Pseudonymise;
  /** Ends the capture, because the user quits. */
  readonly stop: () => void;
}

/** Shows a run: as lines, JSON or the screen. No method waits, except `end`. */
export interface View {
  ready(listener: ReadyListener): void;
  notice(text: string): void;
  /** One of several captures begins; what follows belongs to it. Null where there is only one. */
  beginCapture?(capture: string | null): void;
  /** This capture begins again, in the order of time: forget what was shown of it. */
  restart?(): void;
  /** A captured event with its bodies, for screens that may request them; `change` follows when its record is with the operating system. */
  captured?(event: CaptureEvent, change: SafeChange): void;
  /** An event and what it changed. A live run's transaction has no bodies here. */
  change(event: CaptureEvent, change: SafeChange): void;
  /** The pending requests of a live capture, all of them each time. They belong to no result. */
  pending?(rows: PendingRows): void;
  /** What was shown before is on the disk, and survives a loss of power. */
  synced?(synced: SyncedRecords): void;
  /** Shows the conclusion; resolves when the user closes the screen (at once without one). */
  end(analysis: Analysis, sources: readonly AnalysisSource[], how: "finished" | "interrupted"): Promise<void>;
}
