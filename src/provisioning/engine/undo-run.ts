// Takes a run back: its receipts from the last to the first, each after a new read of its object. An object that the run
// found and did not make stays; one that somebody changed since is skipped and the difference reported.

import { meaningOf, reasonOf } from "../exchange/exchange-errors.ts";
import { canonicalJson } from "../model/canonical-json.ts";
import type { Call } from "../model/change.ts";
import {
  factsOf,
  graphOf,
  type Observation,
  type Ports,
  type Receipt,
  type Step,
  stepOf,
  type UndoItem,
} from "../model/step.ts";
import { type Reason, Stop } from "../model/stop.ts";
import { callEach, callOnce } from "./apply-item.ts";
import { observeStep } from "./plan.ts";
import type { Run, RunResult } from "./run.ts";
import { type StampedEntry, writeEnd, writeFailed } from "./run-journal.ts";

/** One change of a run and what takes it back. */
export interface UndoStep {
  readonly itemId: string;
  readonly undo: UndoItem;
  readonly receipt: Receipt;
}

/** The changes to take back, last first: receipts of this run's own changes that were not taken back before. Pure. */
export function planUndo(entries: readonly StampedEntry[], steps: readonly Step[]): readonly UndoStep[] {
  const open = openReceipts(entries).filter((receipt) => receipt.isOurs);
  return open.toReversed().flatMap((receipt) => {
    const undo = stepOf(steps, receipt.stepId).undo(receipt, open);
    return undo === null ? [] : [{ itemId: receipt.itemId, undo, receipt }];
  });
}

/** Receipts that were not taken back: an undo closes the item's earlier receipts, never one that is written later. */
function openReceipts(entries: readonly StampedEntry[]): readonly Receipt[] {
  let open: readonly Receipt[] = [];
  for (const entry of entries) {
    if (entry.kind === "receipt") open = [...open, entry];
    if (entry.kind === "undo-receipt") open = open.filter((receipt) => receipt.itemId !== entry.itemId);
  }
  return open;
}

/** Takes changes back. Stops at the first failure; a second call continues. */
export async function undoRun(undoSteps: readonly UndoStep[], run: Run): Promise<RunResult> {
  const done: string[] = [];
  const end = (how: RunResult["how"], reason: Reason | null): RunResult => {
    return { ...writeEnd(run.journal, how, reason), done, unconfirmed: [] };
  };
  const observations = await observeEach(run.steps, run.ports);
  for (const undoStep of undoSteps) {
    if (run.isInterrupted()) return end("interrupted", null);
    try {
      const outcome = await undoOne(undoStep, observations, run);
      if (outcome !== "skipped") done.push(undoStep.itemId);
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      run.onEvent({ event: "item-failed", id: undoStep.undo.id, reason: error.reason });
      return end("stopped", writeFailed(run.journal, undoStep.itemId, error.reason));
    }
  }
  return end("finished", null);
}

/** Observes every step: unlike a plan, an undo reads a step even when an earlier one is in conflict. */
async function observeEach(steps: readonly Step[], ports: Ports): Promise<Map<string, Observation>> {
  const observations = new Map<string, Observation>();
  for (const step of steps) observations.set(step.id, await observeStep(step, ports, observations));
  return observations;
}

async function undoOne(
  { itemId, undo, receipt }: UndoStep,
  observations: Map<string, Observation>,
  run: Run,
): Promise<"undone" | "gone" | "skipped"> {
  const { journal, ports, onEvent } = run;
  const step = stepOf(run.steps, undo.stepId);
  const skip = (why: string): "skipped" => {
    journal.write({ kind: "undo-skipped", itemId, undoId: undo.id, why });
    onEvent({ event: "undone", id: undo.id, title: undo.title, outcome: "skipped", why });
    return "skipped";
  };
  const report = (outcome: "undone" | "gone"): typeof outcome => {
    journal.write({ kind: "undo-receipt", itemId, undoId: undo.id, outcome });
    onEvent({ event: "undone", id: undo.id, title: undo.title, outcome, why: "" });
    return outcome;
  };
  if (undo.consent !== null && !run.consents.has(undo.consent)) return skip(`needs --allow-${undo.consent}`);
  const observation = await observeMade(step, receipt, ports, observations);
  if (observation.state === "unknown") throw new Stop(observation.reason);
  const differs = differenceFrom(undo, observation);
  if (differs === "gone") return report("gone");
  if (differs !== null) return skip(differs);
  journal.write({ kind: "undo-intent", itemId, undoId: undo.id, call: undo.call });
  const outcome = await takeBack(undo.call, ports);
  observations.set(step.id, await observeStep(step, ports, observations));
  return report(outcome);
}

/** Observes the object of a receipt: by its Guid where the step can, since somebody may have renamed it. */
async function observeMade(
  step: Step,
  receipt: Receipt,
  ports: Ports,
  observations: Map<string, Observation>,
): Promise<Observation> {
  const { observeMade: observe } = step;
  if (observe === undefined) return observeStep(step, ports, observations);
  return observeStep({ ...step, observe: () => observe(ports, receipt) }, ports, observations);
}

/** Null when the object is as the run left it, "gone" when it no longer exists, else the difference as text. */
function differenceFrom(undo: UndoItem, observation: Observation): string | "gone" | null {
  const facts = factsOf(observation);
  if (undo.expected === null) return facts === null ? null : "another object exists in its place";
  // One read of Graph proves nothing: the write reads again and reports when nothing is there.
  if (facts === null) return undo.call.via === "graph" ? null : "gone";
  const changed = Object.entries(undo.expected).filter(
    ([name, wanted]) =>
      // A key that one read of Graph does not show may exist: the write decides.
      (undo.call.via !== "graph" || facts[name] !== undefined) &&
      canonicalJson(facts[name] ?? null).toLowerCase() !== canonicalJson(wanted).toLowerCase(),
  );
  if (changed.length === 0) return null;
  const list = changed.map(
    ([name, wanted]) => `${name}: the run left ${canonicalJson(wanted)}, now ${canonicalJson(facts[name] ?? null)}`,
  );
  return `somebody changed it since (${list.join("; ")})`;
}

async function takeBack(call: Call, ports: Ports): Promise<"undone" | "gone"> {
  if (call.via === "graph") {
    const { isOurs, isConfirmed, lost } = await graphOf(ports).write(call);
    if (lost.length > 0)
      throw new Stop(
        lostReason(
          call.appId,
          lost.map(({ keyId }) => keyId),
        ),
      );
    if (!isConfirmed) throw new Stop(notShown(call.appId));
    return isOurs ? "undone" : "gone";
  }
  const failure =
    call.via === "exchange" ? await callOnce(ports, call.cmdlet, call.parameters) : await callEach(ports, call);
  if (failure === null) return "undone";
  if (!failure.effectUnknown && meaningOf(failure.error) === "absent") return "gone";
  throw new Stop(reasonOf(failure.cmdlet, failure.error, ports.settings.domainController));
}

function lostReason(appId: string, keyIds: readonly string[]): Reason {
  return {
    code: "graph-key-lost",
    message: `Keys of others are missing on ${appId} after the write: ${keyIds.join(", ")}.`,
    hint: "Another writer changed it at the same moment; inform the owner of those keys.",
  };
}

function notShown(appId: string): Reason {
  return {
    code: "effect-unknown",
    message: `Microsoft Graph accepted the write to ${appId}, but does not show it yet.`,
    hint: "Run `realmscope provision undo` again in some minutes.",
  };
}
