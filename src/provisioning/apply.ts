// Applying: exactly the plan, item by item, each with intent and receipt in the journal. It stops at the first failure with
// a named reason; `resume` looks at what is there and goes on.
import { carryOut, isMadeSince, isStillPlanned, principalAfter } from "./carry-out.ts";
import { itemsOf, makePlan, observeStep, observeSteps, type Plan } from "./plan.ts";
import { type Reason, Stop } from "./reason.ts";
import { restoreKeys } from "./restore-keys.ts";
import { openIntents, type RunJournal, type StampedEntry } from "./run-journal.ts";
import { type Consent, type Facts, factsOf, type Observation, type PlanItem, type Step, type World } from "./step.ts";
import { graphOf } from "./steps/key-credential.ts";

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
  readonly world: World;
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
}

/** Applies a plan. Throws Stop, with nothing changed and nothing journalled, when it may not be applied. */
export async function applyPlan(plan: Plan, run: Run): Promise<RunResult> {
  refuseBlocked(plan);
  refuseWithoutConsent(itemsOf(plan), run.consents);
  const seen = await observeSteps(run.steps, run.world);
  const fresh = makePlan(plan.settings, run.steps, seen, {
    tool: run.tool,
    now: run.world.now(),
    hidden: run.world.hidden,
  });
  if (fresh.basis !== plan.basis) throw new Stop(staleReason(plan, fresh));
  // What blocks is not part of what a saved plan changes: Exchange may have moved to another tenant since.
  refuseBlocked(fresh);
  run.journal.write({ kind: "begin", schema: "realmscope.run/1", tool: run.tool, actors: run.actors, plan });
  return carryOutAll(itemsOf(plan), new Map(seen), run, run.world.now());
}

/** Throws the first blocker of a plan. */
export function refuseBlocked(plan: Plan): void {
  const [blocker] = plan.blockers;
  if (blocker !== undefined) throw new Stop(blocker);
}

function refuseWithoutConsent(items: readonly PlanItem[], consents: ReadonlySet<Consent>): void {
  const missing = items.find((item) => item.consent !== null && !consents.has(item.consent));
  if (missing?.consent === undefined || missing.consent === null) return;
  throw new Stop({
    code: "not-allowed",
    message: `This needs its own confirmation: ${missing.title}.`,
    hint: `On a terminal it is asked for; elsewhere give --allow-${missing.consent}.`,
  });
}

function staleReason(plan: Plan, fresh: Plan): Reason {
  const moved = fresh.steps.filter((step) => {
    const planned = plan.steps.find((each) => each.id === step.id);
    return (
      planned === undefined || planned.factsDigest !== step.factsDigest || planned.items.length !== step.items.length
    );
  });
  const names = moved.map((step) => step.title).slice(0, 5);
  return {
    code: "plan-stale",
    message: `What the plan saw has changed since${names.length === 0 ? "" : `: ${names.join("; ")}`}.`,
    hint: "Nothing was changed. Make a new plan and look at it.",
  };
}

async function carryOutAll(
  items: readonly PlanItem[],
  seen: Map<string, Observation>,
  run: Run,
  startedAt: number,
): Promise<RunResult> {
  const done: string[] = [];
  const unconfirmed: string[] = [];
  const end = (how: RunResult["how"], reason: Reason | null): RunResult => {
    run.journal.write({ kind: "end", how, reason });
    return { how, reason, done, unconfirmed };
  };
  for (const [index, item] of items.entries()) {
    if (run.isInterrupted()) return end("interrupted", null);
    run.onEvent({ event: "item-started", id: item.id, title: item.title, number: index + 1, of: items.length });
    try {
      const { isConfirmed, lost } = await carryOutOne(item, seen, run, startedAt);
      done.push(item.id);
      if (!isConfirmed) unconfirmed.push(item.id);
      if (lost !== null) return end("stopped", lost);
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      run.journal.write({ kind: "failed", itemId: item.id, reason: error.reason });
      run.onEvent({ event: "item-failed", id: item.id, reason: error.reason });
      return end("stopped", error.reason);
    }
  }
  return end(run.isInterrupted() ? "interrupted" : "finished", null);
}

async function carryOutOne(
  item: PlanItem,
  seen: Map<string, Observation>,
  run: Run,
  startedAt: number,
): Promise<{ readonly isConfirmed: boolean; readonly lost: Reason | null }> {
  const step = stepOf(run.steps, item.stepId);
  const { world, journal } = run;
  const outcome = await carryOut(item, { world, step, seen, write: (entry) => journal.write(entry), startedAt });
  if (outcome.kind === "already") {
    run.onEvent({ event: "item-done", id: item.id, outcome: "already", isConfirmed: true });
    return { isConfirmed: true, lost: null };
  }
  const { isOurs, isConfirmed, note } = outcome.receipt;
  const told = note === undefined ? {} : { note };
  run.onEvent({ event: "item-done", id: item.id, outcome: isOurs ? "made" : "adopted", isConfirmed, ...told });
  if (outcome.lost.length === 0 || outcome.receipt.call.via !== "graph") return { isConfirmed, lost: null };
  const { appId } = outcome.receipt.call;
  const keyIds = outcome.lost.map(({ keyId }) => keyId);
  run.onEvent({ event: "keys-lost", appId, keyIds });
  return { isConfirmed, lost: lostReason(appId, keyIds) };
}

function lostReason(appId: string, keyIds: readonly string[]): Reason {
  return {
    code: "graph-key-lost",
    message: `Keys of others are not on ${appId} any more after the write: ${keyIds.join(", ")}. Another writer was at work in the same moment.`,
    hint: "Their public bytes were read before: unless they were taken off on purpose, `realmscope provision resume --restore-keys` puts them back (under new key ids).",
  };
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

/** Goes on with a run that was stopped, interrupted or killed: settles what is open, then does what is left of its plan. */
export async function resumeRun(plan: Plan, run: Run): Promise<RunResult> {
  const { entries } = run.journal;
  const startedAt = Date.parse(entries()[0]?.at ?? "") || run.world.now();
  run.journal.write({ kind: "resumed", domainController: run.world.settings.domainController });
  try {
    await settleIntents(plan, run, startedAt);
    if (run.mayRestoreKeys === true) await restoreKeys(run);
    const { items, seen } = await remainingItems(plan, run);
    return await carryOutAll(items, new Map(seen), run, startedAt);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    run.journal.write({ kind: "end", how: "stopped", reason: error.reason });
    return { how: "stopped", reason: error.reason, done: [], unconfirmed: [] };
  }
}

/** What is left of a plan now. Throws Stop when something is left that the plan did not have. */
async function remainingItems(plan: Plan, run: Pick<Run, "steps" | "world" | "tool" | "consents">) {
  const seen = await observeSteps(run.steps, run.world);
  const fresh = makePlan(run.world.settings, run.steps, seen, {
    tool: run.tool,
    now: run.world.now(),
    hidden: run.world.hidden,
  });
  refuseBlocked(fresh);
  const items = itemsOf(fresh);
  const planned = new Set(itemsOf(plan).map((item) => item.id));
  const foreign = items.find((item) => !planned.has(item.id));
  if (foreign !== undefined) {
    throw new Stop({
      code: "state-moved",
      message: `Something is to be done now that the plan did not have: ${foreign.title}.`,
      hint: "Make a new plan and apply that; what this run did stays, and `undo` knows it.",
    });
  }
  refuseWithoutConsent(items, run.consents);
  return { items, seen };
}

/** Intents without receipt: the step is looked at; done means adopted, anything else is done again. */
async function settleIntents(plan: Plan, run: Run, startedAt: number): Promise<void> {
  const intents = openIntents(run.journal.entries());
  if (intents.length === 0) return;
  const seen = new Map(await observeSteps(run.steps, run.world));
  for (const intent of intents) {
    const step = stepOf(run.steps, intent.stepId);
    const observation = await observeStep(step, run.world, seen);
    if (observation.state === "unknown") throw new Stop(observation.reason);
    if (observation.state === "conflict" || isStillPlanned({ id: intent.itemId }, step, observation, seen)) continue;
    const change = itemsOf(plan).find((item) => item.id === intent.itemId)?.change ?? "modify";
    const state = await adoptedState(intent, observation, run);
    const { itemId, stepId, call, before } = intent;
    const isOurs = isMadeSince(factsOf(observation), startedAt);
    run.journal.write({
      kind: "receipt",
      itemId,
      stepId,
      change,
      call,
      before,
      after: state,
      isOurs,
      isConfirmed: true,
    });
    run.onEvent({ event: "item-done", id: intent.itemId, outcome: "adopted", isConfirmed: true });
  }
}

/** What the change left, for a later undo: for a key, the ids that were not there before. */
async function adoptedState(
  { call, before }: Extract<StampedEntry, { kind: "intent" }>,
  observation: Observation,
  run: Run,
): Promise<Facts | null> {
  if (call.via !== "graph") return factsOf(observation);
  const principal = await graphOf(run.world).read(call.appId);
  return principal === null ? null : principalAfter(call, before, principal);
}
