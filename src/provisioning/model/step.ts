// The types of the engine. A step reads one thing that must exist, reports its state, and gives the calls that would change it.
import type { Call, Facts } from "./change.ts";
import type { ExchangeShell, ScriptItem, WireObject, WireValue } from "./exchange-shell.ts";
import type { Graph } from "./graph.ts";
import type { Page } from "./profiles.ts";
import type { Settings } from "./settings.ts";
import { type Reason, type ReasonCode, Stop } from "./stop.ts";

export interface Difference {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
}

/** The state that a step found. A failed read is `unknown`, never `absent`, and blocks the run. */
export type Observation =
  | { readonly state: "present"; readonly facts: Facts; readonly notes: readonly string[] }
  | { readonly state: "absent"; readonly notes: readonly string[] }
  | {
      readonly state: "drift";
      readonly facts: Facts;
      readonly differences: readonly Difference[];
      readonly notes: readonly string[];
    }
  | {
      readonly state: "conflict";
      readonly facts: Facts;
      readonly message: string;
      readonly hint: string;
      /** True: blocks the run even for a guide, or for a gate that may be skipped. */
      readonly blocks?: boolean;
      /** Another code than `conflict` for the reason. */
      readonly code?: ReasonCode;
    }
  | { readonly state: "unknown"; readonly reason: Reason }
  /** Guides only: the state cannot be read from here, and nothing depends on it. */
  | { readonly state: "unchecked"; readonly message: string };

/** What the earlier steps found in the same pass, by step id. */
export type Observations = ReadonlyMap<string, Observation>;

/** Changes that need a confirmation of their own, beside that of the plan. */
export type Consent = "destructive" | "create-service-principal" | "remove-legacy";

/** One change that a plan would make. */
export interface PlanItem {
  readonly id: string;
  readonly stepId: string;
  readonly change: "create" | "modify" | "delete";
  readonly consent: Consent | null;
  readonly title: string;
  readonly why: string;
  readonly before: Facts | null;
  readonly after: Facts;
  readonly call: Call;
  /** The command a person could type instead. */
  readonly byHand: string;
  /** How `undo` takes the change back, as a sentence. */
  readonly takenBackBy: string;
  /** How the call differs from Microsoft's page: a parameter that the shell does not know is left out. */
  readonly note?: string;
}

/** What the journal keeps of one change: enough to take it back. */
export interface Receipt {
  readonly itemId: string;
  readonly stepId: string;
  readonly change: PlanItem["change"];
  readonly call: Call;
  readonly before: Facts | null;
  readonly after: Facts | null;
  /** True when this run made the change; false when it found it made by someone else. */
  readonly isOurs: boolean;
  readonly isConfirmed: boolean;
  /** For the person, when the change differs from the plan. */
  readonly note?: string | undefined;
}

/** One change to take back. */
export interface UndoItem {
  readonly id: string;
  readonly stepId: string;
  readonly title: string;
  readonly call: Call;
  readonly consent: Consent | null;
  /** Properties that must still hold; otherwise the item is skipped and the difference reported. Null: the object must not exist. */
  readonly expected: Facts | null;
  readonly byHand: string;
}

/** Everything outside of the program that steps and engine use; null for the half that a run leaves out. */
export interface Ports {
  readonly settings: Settings;
  readonly exchange: ExchangeShell | null;
  readonly graph: Graph | null;
  /** Cmdlets (`New-MailUser`) and parameters (`New-MailUser -DomainController`) that this account does not have. */
  readonly hidden?: readonly string[] | undefined;
  /** The machine of the shell, with the file version of its ExSetup.exe; null when it has none. */
  readonly machine?: { readonly name: string; readonly setupVersion: string } | null;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** Where a step comes from. */
export interface PageStep extends Page {
  /** Number on the page, such as `1d` or `6, 7`. */
  readonly step: string;
  readonly text: string;
}

/** The page and the step in a few words: `Teams page 2025-06-26, step 2`. */
export function pageText({ name, date, step }: PageStep): string {
  return `${name} ${date}, step ${step}`;
}

export interface Step {
  readonly id: string;
  readonly title: string;
  /** The page of Microsoft, the step on it, and its text in a few words. */
  readonly page: PageStep;
  readonly side: "exchange" | "cloud";
  /** Ids of the steps that come first. */
  readonly needs: readonly string[];
  /** A guide explains what another tool sets up and blocks nothing. A gate is a guide that later steps need. */
  readonly kind: "change" | "guide" | "gate";
  observe(ports: Ports, observations: Observations): Promise<Observation>;
  /** Pure: the changes that are needed and allowed; empty when there are none. */
  plan(observation: Observation, observations: Observations): readonly PlanItem[];
  /** Pure: what takes a change back; null when nothing can. `receipts` are those of the run that were not taken back yet. */
  undo(receipt: Receipt, receipts: readonly Receipt[]): UndoItem | null;
  /** Reads the object of a receipt again, for undo, with the facts that `undo` expects; without it `observe` does. */
  observeMade?(ports: Ports, receipt: Receipt): Promise<Observation>;
  /** The same changes as script steps for a person, each with its own check. */
  script(): readonly ScriptItem[];
}

/** A reference to a property of the object that an earlier step creates. */
function reference(stepId: string, property: string): WireObject {
  return { ref: `${stepId}.${property}` };
}

/** A property of an earlier step's object: its value when the object exists, else a reference to it. */
export function valueOrReference(observations: Observations, stepId: string, property: string): WireValue {
  return factsOf(observations.get(stepId))?.[property] ?? reference(stepId, property);
}

/** The facts of an observation; null when it has none. */
export function factsOf(observation: Observation | undefined): Facts | null {
  return observation !== undefined && "facts" in observation ? observation.facts : null;
}

/** The step of an item. Throws Stop when the settings no longer have it. */
export function stepOf(steps: readonly Step[], id: string): Step {
  const step = steps.find((candidate) => candidate.id === id);
  if (step !== undefined) return step;
  throw new Stop({
    code: "plan-refused",
    message: `The step ${id} does not exist in this version, or with these settings.`,
    hint: "Make a new plan.",
  });
}

/** Graph of the run. Throws Stop when the cloud half is left out. */
export function graphOf(ports: Ports): NonNullable<Ports["graph"]> {
  if (ports.graph !== null) return ports.graph;
  throw new Stop({
    code: "side-left-out",
    message: "The cloud half is left out of this run.",
    hint: "Run without --only exchange where Microsoft Graph can be reached.",
  });
}
