// One provisioning run: what it needs, what it reports, and how it ends.

import type { Consent, Ports, Step } from "../model/step.ts";
import type { Reason } from "../model/stop.ts";
import type { Plan } from "./plan.ts";
import type { RunJournal } from "./run-journal.ts";

/** What a run tells as it goes: one object each, in order. The command line prints them, a screen may draw them. */
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
      /** What a person must know of how it was done. */
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
  /** Put keys of others back that a write of this run took off in the same moment. */
  readonly mayRestoreKeys?: boolean;
  /** Asked between two changes: the one under way always ends. */
  readonly isInterrupted: () => boolean;
}

export interface RunResult {
  readonly how: "finished" | "stopped" | "interrupted";
  readonly reason: Reason | null;
  readonly done: readonly string[];
  readonly unconfirmed: readonly string[];
  /** What would be done now, when that is not what was agreed to. */
  readonly newPlan?: Plan;
}
