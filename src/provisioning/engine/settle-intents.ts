// Settles intents without a receipt, where the program or an answer was lost. The current state decides whether the change
// was made, by the values of the intent's own call: the step may plan something else by now.

import { isKeyOf } from "../graph/service-principal.ts";
import type { Facts, GraphCall } from "../model/change.ts";
import type { ServicePrincipal } from "../model/graph.ts";
import { factsOf, graphOf, type Observation, type PlanItem, type Ports, type Step, stepOf } from "../model/step.ts";
import { Stop } from "../model/stop.ts";
import { isMadeSince, isStillPlanned, keyIdsOf, principalAfter } from "./apply-item.ts";
import { observeStep, observeSteps } from "./plan.ts";
import { openIntents, type RunJournal, type StampedEntry } from "./run-journal.ts";

export interface IntentRun {
  readonly steps: readonly Step[];
  readonly ports: Ports;
  readonly journal: RunJournal;
  /** When the run began, epoch milliseconds: objects created before are not its own. */
  readonly startedAt: number;
  readonly onAdopted: (itemId: string) => void;
}

type Intent = Extract<StampedEntry, { kind: "intent" }>;

/** Writes a receipt for each change that was made; the others stay open and are made later. Throws Stop. */
export async function settleIntents(planned: readonly PlanItem[], run: IntentRun): Promise<void> {
  const intents = openIntents(run.journal.entries());
  if (intents.length === 0) return;
  const observations = new Map(await observeSteps(run.steps, run.ports));
  for (const intent of intents) {
    const found =
      intent.call.via === "graph"
        ? await findInGraph(intent, intent.call, run)
        : await findInExchange(intent, observations, run);
    if (found === null) continue;
    const { itemId, stepId, call, before } = intent;
    const change = planned.find((item) => item.id === itemId)?.change ?? "modify";
    run.journal.write({ kind: "receipt", itemId, stepId, change, call, before, ...found, isConfirmed: true });
    run.onAdopted(itemId);
  }
}

interface Found {
  readonly after: Facts | null;
  readonly isOurs: boolean;
}

async function findInExchange(
  intent: Intent,
  observations: Map<string, Observation>,
  run: IntentRun,
): Promise<Found | null> {
  const step = stepOf(run.steps, intent.stepId);
  const observation = await observeStep(step, run.ports, observations);
  if (observation.state === "unknown") throw new Stop(observation.reason);
  if (observation.state === "conflict" || isStillPlanned({ id: intent.itemId }, step, observation, observations))
    return null;
  const after = factsOf(observation);
  return { after, isOurs: isMadeSince(after, run.startedAt) };
}

/** Uses one read for both, whether the change was made and its facts: two reads may come from replicas that differ. */
async function findInGraph({ before }: Intent, call: GraphCall, run: IntentRun): Promise<Found | null> {
  const principal = await graphOf(run.ports).read(call.appId);
  if (!isThere(call, before, principal)) return null;
  const after = principal === null ? null : principalAfter(call, before, principal);
  // Somebody else may have added the same certificate: then nothing of it is ours.
  const isOurs = call.operation !== "add-keys" || (Array.isArray(after?.added) && after.added.length > 0);
  return { after, isOurs };
}

function isThere(call: GraphCall, before: Facts | null, principal: ServicePrincipal | null): boolean {
  if (principal === null) return call.operation === "delete-service-principal";
  switch (call.operation) {
    case "create-service-principal":
      return true;
    case "delete-service-principal":
      return false;
    case "add-keys": {
      const earlier = keyIdsOf(before);
      const added = principal.keys.filter(({ keyId }) => !earlier.has(keyId));
      return call.keys.every((wanted) => added.some((key) => isKeyOf(key, wanted)));
    }
    case "remove-keys":
      return !principal.keys.some(({ keyId }) => call.keyIds.includes(keyId));
    case "add-names":
      return call.names.every((name) => principal.names.includes(name));
    case "remove-names":
      return !call.names.some((name) => principal.names.includes(name));
  }
}
