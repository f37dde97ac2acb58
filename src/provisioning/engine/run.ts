// One provisioning run: its ports and journal, the events it reports, and its result.

import type { Consent, Ports, Step } from "../model/step.ts";
import type { Reason } from "../model/stop.ts";
import type { Plan } from "./plan.ts";
import type { RunJournal } from "./run-journal.ts";

/** What a run reports, in order. The command line prints the events, a screen may draw them. */
export type RunEvent =
  | {
      readonly event: "item-started";
      readonly id: string;
      readonly title: string;
      readonly number: number;
      readonly of: number;
    }
  | {
      readonly event: "item-done";
      readonly id: string;
      readonly outcome: "made" | "adopted" | "already";
      readonly isConfirmed: boolean;
      /** For the person, when the change differs from the plan. */
      readonly note?: string;
    }
  | { readonly event: "item-failed"; readonly id: string; readonly reason: Reason }
  | { readonly event: "keys-lost"; readonly appId: string; readonly keyIds: readonly string[] }
  | { readonly event: "keys-restored"; readonly appId: string; readonly count: number }
  | {
      readonly event: "undone";
      readonly id: string;
      readonly title: string;
      readonly outcome: "undone" | "gone" | "skipped";
      readonly why: string;
    };

export interface Run {
  readonly tool: string;
  readonly steps: readonly Step[];
  readonly ports: Ports;
  readonly journal: RunJournal;
  readonly consents: ReadonlySet<Consent>;
  readonly actors: { readonly exchange: string; readonly cloud: string };
  readonly onEvent: (event: RunEvent) => void;
  /** Restore keys of others that were lost to a simultaneous write. */
  readonly mayRestoreKeys?: boolean;
  /** Checked between two changes: the one in progress is always finished. */
  readonly isInterrupted: () => boolean;
}

export interface RunResult {
  readonly how: "finished" | "stopped" | "interrupted";
  readonly reason: Reason | null;
  readonly done: readonly string[];
  readonly unconfirmed: readonly string[];
  /** Changes that Graph refused, and those that need them; the others were made. Such a run is `stopped` and incomplete. */
  readonly refused?: readonly string[];
  /** The plan for the current state, when it differs from the one that was agreed to. */
  readonly newPlan?: Plan;
}
