// Applies exactly the plan, item by item, each with intent and receipt in the journal. The first failure stops the run with
// a named reason; `resume` reads the current state and continues.

import { type Consent, type Observation, type Observations, type PlanItem, stepOf } from "../model/step.ts";
import { type Reason, Stop } from "../model/stop.ts";
import { applyItem } from "./apply-item.ts";
import { differenceFromPlan } from "./difference-from-plan.ts";
import { itemsOf, makePlan, observeSteps, type Plan } from "./plan.ts";
import { restoreKeys } from "./restore-keys.ts";
import type { Run, RunResult } from "./run.ts";
import { receiptsOf, refuseTakenBack, writeEnd, writeFailed } from "./run-journal.ts";
import { settleIntents } from "./settle-intents.ts";

/** Applies a plan. Throws Stop, with nothing changed and nothing written to the journal, when it must not be applied. */
export async function applyPlan(plan: Plan, run: Run): Promise<RunResult> {
  refuseBlocked(plan);
  refuseWithoutConsent(itemsOf(plan), run.consents);
  const observations = await observeSteps(run.steps, run.ports);
  const fresh = makePlan(plan.settings, run.steps, observations, {
    tool: run.tool,
    now: run.ports.now(),
    hidden: run.ports.hidden,
  });
  if (fresh.basis !== plan.basis) throw new Stop(staleReason(plan, fresh));
  // Blockers are not part of a plan's basis: Exchange may belong to another tenant by now.
  refuseBlocked(fresh);
  run.journal.write({ kind: "begin", schema: "realmscope.run/1", tool: run.tool, actors: run.actors, plan });
  return applyItems(itemsOf(plan), new Map(observations), run, run.ports.now());
}

/** Throws Stop with the first blocker of a plan, if there is one. */
export function refuseBlocked(plan: Plan): void {
  const [blocker] = plan.blockers;
  if (blocker !== undefined) throw new Stop(blocker);
}

function refuseWithoutConsent(items: readonly PlanItem[], consents: ReadonlySet<Consent>): void {
  const missing = items.find((item) => item.consent !== null && !consents.has(item.consent));
  if (missing?.consent === undefined || missing.consent === null) return;
  throw new Stop({
    code: "not-allowed",
    message: `This change needs its own confirmation: ${missing.title}.`,
    hint: `A terminal prompts for it; elsewhere give --allow-${missing.consent}.${missing.consent === "create-service-principal" ? " --without leaves that application out." : ""}`,
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
    message: `The state has changed since the plan${names.length === 0 ? "" : `: ${names.join("; ")}`}.`,
    hint: "Nothing was changed. Make a new plan and check it.",
  };
}

/** What a run has done so far. */
interface Progress {
  readonly done: string[];
  readonly unconfirmed: string[];
  readonly refused: string[];
  /** The refusals of Graph, by step id. */
  readonly refusals: Map<string, Reason>;
}

async function applyItems(
  items: readonly PlanItem[],
  observations: Map<string, Observation>,
  run: Run,
  startedAt: number,
): Promise<RunResult> {
  const progress: Progress = { done: [], unconfirmed: [], refused: [], refusals: new Map() };
  const end = (how: RunResult["how"], reason: Reason | null): RunResult => {
    const { done, unconfirmed, refused } = progress;
    return { ...writeEnd(run.journal, how, reason), done, unconfirmed, ...(refused.length === 0 ? {} : { refused }) };
  };
  for (const [index, item] of items.entries()) {
    if (run.isInterrupted()) return end("interrupted", null);
    // A principal whose creation was refused takes no key either.
    if (progress.refusals.has(item.stepId)) {
      progress.refused.push(item.id);
      continue;
    }
    run.onEvent({ event: "item-started", id: item.id, title: item.title, number: index + 1, of: items.length });
    const stop = await tryItem(item, progress, () => applyNextItem(item, observations, run, startedAt), run);
    if (stop !== null) return end("stopped", stop);
  }
  if (run.isInterrupted()) return end("interrupted", null);
  return progress.refusals.size === 0
    ? end("finished", null)
    : end("stopped", incompleteReason(progress.refusals, run));
}

/** Makes one change and notes what came of it. Gives the reason to stop the run; null to go on, also after a refusal of Graph. */
async function tryItem(
  item: PlanItem,
  { done, unconfirmed, refused, refusals }: Progress,
  act: () => ReturnType<typeof applyNextItem>,
  run: Run,
): Promise<Reason | null> {
  try {
    const { isConfirmed, lost } = await act();
    done.push(item.id);
    if (!isConfirmed) unconfirmed.push(item.id);
    return lost;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    run.onEvent({ event: "item-failed", id: item.id, reason: error.reason });
    const reason = writeFailed(run.journal, item.id, error.reason);
    if (reason.isRefusal !== true) return reason;
    refusals.set(item.stepId, reason);
    refused.push(item.id);
    return null;
  }
}

/** The reason of a run that made all changes but those of some applications: that of the first, with the names of all. */
function incompleteReason(refusals: ReadonlyMap<string, Reason>, { steps }: Run): Reason {
  const [first] = [...refusals.values()];
  if (first === undefined) throw new Error("incompleteReason needs a refusal");
  const titles = [...refusals.keys()].map((id) => stepOf(steps, id).title);
  const others = refusals.size === 1 ? "" : ` (the first of ${refusals.size} refusals)`;
  return {
    ...first,
    message: `${first.message}${others} The run is incomplete, all other changes were made; missing: ${titles.join("; ")}.`,
  };
}

async function applyNextItem(
  item: PlanItem,
  observations: Map<string, Observation>,
  run: Run,
  startedAt: number,
): Promise<{ readonly isConfirmed: boolean; readonly lost: Reason | null }> {
  const step = stepOf(run.steps, item.stepId);
  const { ports, journal } = run;
  const { entries } = journal;
  const outcome = await applyItem(item, {
    ports,
    step,
    observations,
    write: (entry) => journal.write(entry),
    startedAt,
    entries,
  });
  if (outcome.kind === "already") {
    run.onEvent({ event: "item-done", id: item.id, outcome: "already", isConfirmed: true });
    return { isConfirmed: true, lost: null };
  }
  const { isOurs, isConfirmed, note } = outcome.receipt;
  run.onEvent({
    event: "item-done",
    id: item.id,
    outcome: isOurs ? "made" : "adopted",
    isConfirmed,
    ...(note === undefined ? {} : { note }),
  });
  if (outcome.lost.length === 0 || outcome.receipt.call.via !== "graph") return { isConfirmed, lost: null };
  const { appId } = outcome.receipt.call;
  const keyIds = outcome.lost.map(({ keyId }) => keyId);
  run.onEvent({ event: "keys-lost", appId, keyIds });
  return { isConfirmed, lost: lostReason(appId, keyIds) };
}

function lostReason(appId: string, keyIds: readonly string[]): Reason {
  return {
    code: "graph-key-lost",
    message: `Keys of others are missing on ${appId} after the write: ${keyIds.join(", ")}. Another writer changed it at the same moment.`,
    hint: "Their public bytes were read before: unless somebody removed them on purpose, `realmscope provision resume --restore-keys` puts them back (under new key ids).",
  };
}

/** Continues a run that was stopped, interrupted or killed: settles its open intents, then applies the rest of its plan. */
export async function resumeRun(plan: Plan, run: Run): Promise<RunResult> {
  const { journal, ports, steps } = run;
  const stopped = (reason: Reason, newPlan?: Plan): RunResult => {
    const ended = writeEnd(journal, "stopped", reason);
    return { ...ended, done: [], unconfirmed: [], ...(newPlan === undefined ? {} : { newPlan }) };
  };
  try {
    refuseTakenBack(journal.entries());
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { how: "stopped", reason: error.reason, done: [], unconfirmed: [] };
  }
  const startedAt = Date.parse(journal.entries()[0]?.at ?? "") || ports.now();
  let fresh: Plan | undefined;
  try {
    journal.write({ kind: "resumed", domainController: ports.settings.domainController });
    expectKeys(run);
    const onAdopted = (id: string): void =>
      run.onEvent({ event: "item-done", id, outcome: "adopted", isConfirmed: true });
    await settleIntents(itemsOf(plan), { steps, ports, journal, startedAt, onAdopted });
    if (run.mayRestoreKeys === true) await restoreKeys(run);
    const observations = await observeSteps(steps, ports);
    fresh = makePlan(ports.settings, steps, observations, { tool: run.tool, now: ports.now(), hidden: ports.hidden });
    const items = remainingItems(plan, fresh, observations, run);
    return await applyItems(items, new Map(observations), run, startedAt);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return stopped(error.reason, fresh);
  }
}

/** Registers the keys that earlier processes of this run added: the next write waits until Graph shows them. */
function expectKeys({ journal, ports }: Run): void {
  for (const { call, isOurs } of receiptsOf(journal.entries())) {
    if (call.via !== "graph" || call.operation !== "add-keys" || !isOurs) continue;
    ports.graph?.expect(
      call.appId,
      call.keys.map((key) => key.thumbprint),
    );
  }
}

/** The items of a plan that are still to be made. Throws Stop when they differ from the plan. */
function remainingItems(plan: Plan, fresh: Plan, observations: Observations, run: Run): readonly PlanItem[] {
  refuseBlocked(fresh);
  const planned = new Map(itemsOf(plan).map((item) => [item.id, item]));
  const items = itemsOf(fresh).map((item) => {
    const agreed = planned.get(item.id);
    if (agreed === undefined)
      throw new Stop(movedReason(`A change is needed now that is not in the plan: ${item.title}`));
    const context = { step: stepOf(run.steps, item.stepId), observations, entries: run.journal.entries() };
    const difference = differenceFromPlan(agreed, item, context);
    if (difference !== null)
      throw new Stop(movedReason(`A remaining change differs from the plan: ${item.title} (${difference})`));
    // `undo` restores the state from before the plan.
    return { ...item, before: agreed.before };
  });
  refuseWithoutConsent(items, run.consents);
  return items;
}

function movedReason(message: string): Reason {
  return {
    code: "state-moved",
    message: `${message}.`,
    hint: "Nothing was changed by this. Make a new plan and apply it; earlier changes of this run stay, and `undo` can take them back.",
  };
}
