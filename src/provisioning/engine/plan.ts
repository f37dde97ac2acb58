// Makes a plan: what every step found, and which changes are needed and why. Only reads; the same state gives the same basis.

import { optionalParameters } from "../exchange/allowed-cmdlets.ts";
import { commandText } from "../exchange/command-text.ts";
import { missingReason } from "../exchange/exchange-errors.ts";
import { asWire, digestOf } from "../model/canonical-json.ts";
import { otherProfile } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import type { Difference, Observation, Observations, PageStep, PlanItem, Ports, Step } from "../model/step.ts";
import { type Reason, Stop } from "../model/stop.ts";

export const planSchema = "realmscope.plan/1";

/** done: as wanted · change: has items · left: differs and stays · guide: another tool sets it up · unchecked: cannot be read from here · the rest block. */
export type StepStatus = "done" | "change" | "left" | "guide" | "conflict" | "unknown" | "blocked" | "unchecked";

export interface PlanStep {
  readonly id: string;
  readonly title: string;
  readonly page: PageStep;
  readonly side: "exchange" | "cloud";
  readonly status: StepStatus;
  /** The state that was found, in a few words. */
  readonly found: string;
  readonly differences: readonly Difference[];
  readonly notes: readonly string[];
  readonly reason: Reason | null;
  readonly items: readonly PlanItem[];
  /** Digest of the observation; null when the state could not be read. */
  readonly factsDigest: string | null;
}

export interface Plan {
  readonly schema: typeof planSchema;
  readonly tool: string;
  readonly createdAt: string;
  /** The answers that the plan was made with; applying it needs the same. */
  readonly settings: Settings;
  readonly steps: readonly PlanStep[];
  readonly changes: { readonly create: number; readonly modify: number; readonly delete: number };
  /** Why the plan must not be applied, conflicts first. Empty: it may be applied. */
  readonly blockers: readonly Reason[];
  readonly otherProfile: string;
  /** Digest of settings, observations and items: a saved plan with another basis is stale. */
  readonly basis: string;
}

/** Observes every step in order. A step with an unmet need is not read: it is `unknown`, never `absent`. */
export async function observeSteps(
  steps: readonly Step[],
  ports: Ports,
  onStep: (step: Step, observation: Observation) => void = () => undefined,
): Promise<Observations> {
  const observations = new Map<string, Observation>();
  for (const step of steps) {
    const unmet = step.needs.find((need) => isUnmet(observations.get(need)));
    const observation = unmet === undefined ? await observeStep(step, ports, observations) : waiting(unmet);
    observations.set(step.id, observation);
    onStep(step, observation);
  }
  return observations;
}

function isUnmet(observation: Observation | undefined): boolean {
  // A need in the half that is left out has no observation and counts as met.
  return observation?.state === "conflict" || observation?.state === "unknown";
}

/** Observes one step; a Stop becomes `unknown`. */
export async function observeStep(step: Step, ports: Ports, observations: Observations): Promise<Observation> {
  try {
    return await step.observe(ports, observations);
  } catch (error) {
    if (error instanceof Stop) return { state: "unknown", reason: error.reason };
    throw error;
  }
}

function waiting(need: string): Observation {
  const message = `It depends on ${need}, which is in conflict or could not be read.`;
  return { state: "unknown", reason: { code: "needs-earlier-step", message, hint: `Resolve ${need} first.` } };
}

export interface PlanOptions {
  readonly tool: string;
  readonly now: number;
  /** Cmdlets and parameters that role based access hides from the account of the shell. */
  readonly hidden?: readonly string[] | undefined;
}

/** Makes the plan from the observations. Pure. */
export function makePlan(
  settings: Settings,
  steps: readonly Step[],
  observations: Observations,
  { tool, now, hidden = [] }: PlanOptions,
): Plan {
  const planned = steps.map((step) => planStep(step, observations, hidden));
  const items = planned.flatMap((step) => step.items);
  const count = (change: PlanItem["change"]): number => items.filter((item) => item.change === change).length;
  return {
    schema: planSchema,
    tool,
    createdAt: new Date(now).toISOString(),
    settings,
    steps: planned,
    changes: { create: count("create"), modify: count("modify"), delete: count("delete") },
    blockers: [...blockersOf(settings, steps, planned), ...hiddenOf(items, hidden)],
    otherProfile: otherProfile(settings.profile),
    basis: basisOf(settings, steps, planned),
  };
}

/** The items of a step, without parameters that this shell does not have and that are optional. Pure. */
export function plannedItems(
  step: Step,
  observation: Observation,
  observations: Observations,
  hidden: readonly string[] = [],
): readonly PlanItem[] {
  if (observation.state === "conflict" || observation.state === "unknown") return [];
  return step.plan(observation, observations).map((item) => withoutMissingParameters(item, hidden));
}

function withoutMissingParameters(item: PlanItem, hidden: readonly string[]): PlanItem {
  const { call } = item;
  const left = missingParameters(item, hidden);
  if (call.via !== "exchange" || left.length === 0) return item;
  const known = Object.entries(call.parameters).filter(([name]) => !left.includes(`${call.cmdlet} -${name}`));
  const shorter = { ...call, parameters: Object.fromEntries(known) };
  return { ...item, call: shorter, byHand: commandText(shorter), note: left.map(omission).join(" ") };
}

function omission(name: string): string {
  return `This shell does not know ${name}, so it is left out: Microsoft's page names it, the reference of the cmdlet does not.`;
}

/** Optional parameters of an item that this shell does not have. */
function missingParameters({ call }: PlanItem, hidden: readonly string[]): readonly string[] {
  if (call.via !== "exchange") return [];
  const names = Object.keys(call.parameters).map((name) => `${call.cmdlet} -${name}`);
  return names.filter((name) => optionalParameters.includes(name) && hidden.includes(name));
}

function planStep(step: Step, observations: Observations, hidden: readonly string[]): PlanStep {
  const observation: Observation = observations.get(step.id) ?? { state: "absent", notes: [] };
  const items = plannedItems(step, observation, observations, hidden);
  return {
    id: step.id,
    title: step.title,
    page: step.page,
    side: step.side,
    status: statusOf(step, observation, items),
    found: foundText(observation),
    differences: observation.state === "drift" ? observation.differences : [],
    notes: [...("notes" in observation ? observation.notes : []), ...items.flatMap(({ note }) => note ?? [])],
    reason: reasonOf(observation),
    items,
    factsDigest: observation.state === "unknown" ? null : digestOf(asWire(observation)),
  };
}

function statusOf(step: Step, observation: Observation, items: readonly PlanItem[]): StepStatus {
  if (items.length > 0) return "change";
  switch (observation.state) {
    case "present":
      return "done";
    case "unchecked":
      return "unchecked";
    case "absent":
    case "drift":
      return step.kind === "change" ? "left" : "guide";
    case "conflict":
      return step.kind === "change" || observation.blocks === true ? "conflict" : "guide";
    case "unknown":
      if (step.kind !== "change") return "guide";
      return observation.reason.code === "needs-earlier-step" ? "blocked" : "unknown";
  }
}

function foundText(observation: Observation): string {
  switch (observation.state) {
    case "present":
      return "as wanted";
    case "absent":
      return "not there";
    case "drift":
      return observation.differences.map(({ what, found }) => `${what}: ${found}`).join("; ");
    case "conflict":
    case "unchecked":
      return observation.message;
    case "unknown":
      return `could not be read: ${observation.reason.message}`;
  }
}

function reasonOf(observation: Observation): Reason | null {
  if (observation.state === "unknown") return observation.reason;
  if (observation.state === "conflict")
    return { code: observation.code ?? "conflict", message: observation.message, hint: observation.hint };
  return null;
}

/** Conflicts, then unknown states, then the gates of step 1. A step that only waits for one of those adds no blocker. */
function blockersOf(settings: Settings, steps: readonly Step[], planned: readonly PlanStep[]): readonly Reason[] {
  const of = (status: StepStatus): readonly Reason[] =>
    planned.filter((step) => step.status === status).flatMap((step) => (step.reason === null ? [] : [step.reason]));
  const gates = steps.filter((step) => step.kind === "gate").map((step) => step.id);
  const closed = planned.filter(
    (step) => gates.includes(step.id) && step.status !== "done" && step.status !== "conflict",
  );
  const missing: readonly Reason[] =
    closed.length === 0 || settings.options.skipStep1Check
      ? []
      : [
          {
            code: "step1-missing",
            message: `Step 1 is not done: ${closed.map((step) => `${step.title} (${step.found})`).join("; ")}.`,
            hint: "Run the Hybrid Configuration Wizard first, or continue with --skip-step1-check; `verify` then reports a partial result.",
          },
        ];
  return [...of("conflict"), ...of("unknown"), ...missing];
}

/** Blockers for cmdlets and parameters that cannot be called: found before the first change, not in the middle of the run. */
function hiddenOf(items: readonly PlanItem[], hidden: readonly string[]): readonly Reason[] {
  const missing = new Set(
    items.flatMap(({ call }) => {
      if (call.via === "graph") return [];
      const names = Object.keys(call.parameters).map((name) => `${call.cmdlet} -${name}`);
      return [call.cmdlet, ...names].filter((name) => hidden.includes(name));
    }),
  );
  return [...missing].map((name) => {
    const [cmdlet = "", parameter = null] = name.split(" -");
    return missingReason(cmdlet, parameter);
  });
}

function basisOf(settings: Settings, steps: readonly Step[], planned: readonly PlanStep[]): string {
  const counts = new Set(steps.filter((step) => step.kind === "change").map((step) => step.id));
  const relevant = planned.filter((step) => counts.has(step.id) || step.items.length > 0);
  const { notes: _notes, ...decisive } = settings;
  return digestOf(
    asWire({ settings: decisive, steps: relevant.map(({ id, factsDigest, items }) => ({ id, factsDigest, items })) }),
  );
}

/** Every change of a plan in order. */
export function itemsOf(plan: Plan): readonly PlanItem[] {
  return plan.steps.flatMap((step) => step.items);
}
