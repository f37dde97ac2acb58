// The words of the engine. A step looks at one thing that must exist, says what is there, and what would change it.
import type { Call, Facts } from "./change.ts";
import type { ExchangeShell, ScriptItem, WireObject, WireValue } from "./exchange-shell.ts";
import type { Graph } from "./graph.ts";
import type { Settings } from "./settings.ts";
import { type Reason, Stop } from "./stop.ts";

export interface Difference {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
}

/** What a step found. `unknown` is never taken for `absent`: a failed read blocks the run. */
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
      /** True: it blocks the run even where the step is a guide or a gate that may be skipped. */
      readonly blocks?: boolean;
    }
  | { readonly state: "unknown"; readonly reason: Reason }
  /** Only of guides: it cannot be read from here, and nothing depends on it. */
  | { readonly state: "unchecked"; readonly message: string };

/** What the earlier steps found in the same pass, by step id. */
export type Observations = ReadonlyMap<string, Observation>;

/** What a person must agree to by name, beside the plan as a whole. */
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
  /** How `undo` takes it back, in words. */
  readonly takenBackBy: string;
}

/** What a run wrote down about one change it made: enough to take it back. */
export interface Receipt {
  readonly itemId: string;
  readonly stepId: string;
  readonly change: PlanItem["change"];
  readonly call: Call;
  readonly before: Facts | null;
  readonly after: Facts | null;
  /** True when this run made the change; false when it was found done (someone else was faster). */
  readonly isOurs: boolean;
  readonly isConfirmed: boolean;
  /** What a person must know of how it was done. */
  readonly note?: string | undefined;
}

/** One thing to take back. */
export interface UndoItem {
  readonly id: string;
  readonly stepId: string;
  readonly title: string;
  readonly call: Call;
  readonly consent: Consent | null;
  /** What must still be there, property by property; otherwise the item is skipped with the difference. Null: there must be nothing. */
  readonly expected: Facts | null;
  readonly byHand: string;
}

/** Everything with an effect that the steps and the engine need. */
export interface Ports {
  readonly settings: Settings;
  readonly exchange: ExchangeShell | null;
  readonly graph: Graph | null;
  /** Cmdlets (`New-MailUser`) and parameters (`New-MailUser -DomainController`) that this person does not have. */
  readonly hidden?: readonly string[] | undefined;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

export interface Step {
  readonly id: string;
  readonly title: string;
  /** The page's own step and what it says there, in a few words. */
  readonly page: { readonly step: string; readonly text: string };
  readonly side: "exchange" | "cloud";
  /** Steps that are looked at and done before. */
  readonly needs: readonly string[];
  /** A guide explains what another tool owns: its state blocks nothing. A gate is a guide that later steps wait for. */
  readonly kind: "change" | "guide" | "gate";
  observe(ports: Ports, observations: Observations): Promise<Observation>;
  /** Pure: what would change it. Empty when nothing may or need be done. */
  plan(observation: Observation, observations: Observations): readonly PlanItem[];
  /** Pure: what takes a change back, null when nothing can. */
  undo(receipt: Receipt): UndoItem | null;
  /** The same changes as text for people, each with its own check. */
  script(): readonly ScriptItem[];
}

/** A reference to a property that an earlier step makes. */
function reference(stepId: string, property: string): WireObject {
  return { ref: `${stepId}.${property}` };
}

/** The property of an earlier step's object when it is there already, else a reference to it. */
export function knownOrLater(observations: Observations, stepId: string, property: string): WireValue {
  return factsOf(observations.get(stepId))?.[property] ?? reference(stepId, property);
}

/** The facts of an observation that has some. */
export function factsOf(observation: Observation | undefined): Facts | null {
  return observation !== undefined && "facts" in observation ? observation.facts : null;
}

/** The step of an item. Throws Stop when the settings no longer have it. */
export function stepOf(steps: readonly Step[], id: string): Step {
  const step = steps.find((candidate) => candidate.id === id);
  if (step !== undefined) return step;
  throw new Stop({
    code: "plan-refused",
    message: `This version, or these settings, know no step ${id}.`,
    hint: "Make a new plan.",
  });
}
/** Graph of the run. Throws Stop when the cloud half was left out. */
export function graphOf(ports: Ports): NonNullable<Ports["graph"]> {
  if (ports.graph !== null) return ports.graph;
  throw new Stop({
    code: "side-left-out",
    message: "The cloud half is left out of this run.",
    hint: "Run without --only exchange where Microsoft Graph can be reached.",
  });
}
