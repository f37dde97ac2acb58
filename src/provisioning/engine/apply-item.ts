// Makes one change: intent on disk, the call, a read of its effect, receipt on disk. After a lost answer a read decides
// whether the change was made; the call is never repeated blindly.

import { type ErrorMeaning, meaningOf, notRun, reasonOf } from "../exchange/exchange-errors.ts";
import { isWireObject, readObjects, shellOf, textProperty } from "../exchange/read-objects.ts";
import { isNamedBy, keyFacts } from "../graph/service-principal.ts";
import type { Call, ExchangeEachCall, Facts, GraphCall } from "../model/change.ts";
import type { WireError, WireObject, WireValue } from "../model/exchange-shell.ts";
import type { ServicePrincipal } from "../model/graph.ts";
import {
  factsOf,
  graphOf,
  type Observation,
  type Observations,
  type PlanItem,
  type Ports,
  type Receipt,
  type Step,
} from "../model/step.ts";
import { type Reason, Stop } from "../model/stop.ts";
import { differenceFromPlan } from "./difference-from-plan.ts";
import { observeStep, plannedItems } from "./plan.ts";
import { toLostKey } from "./restore-keys.ts";
import type { LostKey, RunEntry, StampedEntry } from "./run-journal.ts";

export interface ItemRun {
  readonly ports: Ports;
  readonly step: Step;
  /** The last observation of every step; that of the item's step is updated here. */
  readonly observations: Map<string, Observation>;
  readonly write: (entry: RunEntry) => void;
  /** When the run began, epoch milliseconds: objects created before are not its own. */
  readonly startedAt: number;
  /** The journal entries of the run so far. */
  readonly entries: () => readonly StampedEntry[];
}

export type ItemOutcome =
  | { readonly kind: "already" }
  | { readonly kind: "made"; readonly receipt: Receipt; readonly lost: readonly LostKey[] };

/** Makes one change of a plan. Throws Stop; when the change may have been made, its intent is on disk. */
export async function applyItem(item: PlanItem, run: ItemRun): Promise<ItemOutcome> {
  const { ports, step, observations, write } = run;
  const before = await observeAgain(run);
  const now = plannedItems(step, before, observations, ports.hidden).find((planned) => planned.id === item.id);
  if (now === undefined) {
    write({ kind: "already", itemId: item.id });
    return { kind: "already" };
  }
  refuseMoved(item, now, run);
  const call = resolveReferences(item.call, observations);
  write({ kind: "intent", itemId: item.id, stepId: step.id, call, before: item.before });
  const made = call.via === "graph" ? await callGraph(call, item, ports) : await callExchange(call, item, run);
  const receipt: Receipt = {
    itemId: item.id,
    stepId: step.id,
    change: item.change,
    call,
    before: item.before,
    after: made.after,
    isOurs: made.isOurs,
    isConfirmed: made.isConfirmed,
    ...noteOf(item.note, made.note),
  };
  write({ kind: "receipt", ...receipt });
  if (made.lost.length > 0 && call.via === "graph") write({ kind: "lost-keys", appId: call.appId, keys: made.lost });
  return { kind: "made", receipt, lost: made.lost };
}

/** Refuses a change of Exchange whose object has changed. Lists of Graph are compared just before the write, in graph/. */
function refuseMoved(item: PlanItem, now: PlanItem, { step, observations, entries }: ItemRun): void {
  if (item.call.via === "graph") return;
  const difference = differenceFromPlan(item, now, { step, observations, entries: entries() });
  if (difference === null) return;
  throw new Stop({
    code: "state-moved",
    message: `${item.title}: somebody changed the object since the plan (${difference}).`,
    hint: "Nothing was overwritten. Make a new plan; earlier changes of this run stay, and `undo` can take them back.",
  });
}

/** What differs from the page, and what differs from the plan. */
function noteOf(...notes: readonly (string | undefined)[]): { readonly note?: string } {
  const given = notes.filter((note) => note !== undefined);
  return given.length === 0 ? {} : { note: given.join(" ") };
}

interface Made {
  readonly after: Facts | null;
  readonly isOurs: boolean;
  readonly isConfirmed: boolean;
  readonly lost: readonly LostKey[];
  readonly note?: string | undefined;
}

/** Observes the item's step again. Throws Stop when its state cannot be read or is in conflict. */
async function observeAgain({ step, ports, observations }: ItemRun): Promise<Observation> {
  const observation = await observeStep(step, ports, observations);
  if (observation.state === "unknown") throw new Stop(observation.reason);
  if (observation.state === "conflict") {
    throw new Stop({ code: "conflict", message: observation.message, hint: observation.hint });
  }
  observations.set(step.id, observation);
  return observation;
}

/** True while the step still plans the change. */
export function isStillPlanned(
  item: Pick<PlanItem, "id">,
  step: Step,
  observation: Observation,
  observations: Observations,
): boolean {
  return step.plan(observation, observations).some((planned) => planned.id === item.id);
}

async function callGraph(call: GraphCall, item: PlanItem, ports: Ports): Promise<Made> {
  const { after, isOurs, isConfirmed, lost, note } = await graphOf(ports).write(call);
  const facts = after === null ? null : principalAfter(call, item.before, after);
  return { after: facts, isOurs, isConfirmed, lost: lost.map(toLostKey), note };
}

/** The facts of a service principal after a change, with the ids of the keys that the change added: a key of the same certificate under another display name is somebody else's. */
export function principalAfter(call: GraphCall, before: Facts | null, after: ServicePrincipal): Facts {
  const earlierIds = keyIdsOf(before);
  const added =
    call.operation === "add-keys"
      ? after.keys
          .filter((key) => !earlierIds.has(key.keyId) && call.keys.some((wanted) => isNamedBy(key, wanted)))
          .map((key) => key.keyId)
      : [];
  return {
    id: after.id,
    appId: after.appId,
    displayName: after.displayName,
    isEnabled: after.isEnabled,
    names: [...after.names].sort(),
    keys: after.keys.map((key) => ({ ...keyFacts(key) })),
    added,
  };
}

/** The ids of the keys in the facts of a service principal. */
export function keyIdsOf(facts: Facts | null): ReadonlySet<unknown> {
  const keys: readonly unknown[] = Array.isArray(facts?.keys) ? facts.keys : [];
  return new Set(keys.map((key) => (key as WireObject).keyId));
}

async function callExchange(call: Exclude<Call, GraphCall>, item: PlanItem, run: ItemRun): Promise<Made> {
  const failure =
    call.via === "exchange" ? await callOnce(run.ports, call.cmdlet, call.parameters) : await callEach(run.ports, call);
  if (failure === null) return waitUntilShown(item, run);
  const reason = reasonOf(failure.cmdlet, failure.error, run.ports.settings.domainController);
  return afterFailure(item, run, { reason, meaning: failure.effectUnknown ? "lost" : meaningOf(failure.error) });
}

/** An error does not prove that nothing changed: a read decides. Throws Stop when the change was not made. */
async function afterFailure(
  item: PlanItem,
  run: ItemRun,
  { reason, meaning }: { readonly reason: Reason; readonly meaning: ErrorMeaning | "lost" },
): Promise<Made> {
  if (meaning !== "lost" && notRun.includes(meaning)) throw new Stop(reason);
  const observation = await observeStep(run.step, run.ports, run.observations);
  if (observation.state === "conflict") throw new Stop(reason);
  if (observation.state !== "unknown" && !isStillPlanned(item, run.step, observation, run.observations)) {
    run.observations.set(run.step.id, observation);
    const after = factsOf(observation);
    // "Already exists" although it was absent a moment ago: somebody else was faster.
    const isOurs = meaning !== "exists" && isMadeSince(after, run.startedAt);
    return { after, isOurs, isConfirmed: true, lost: [] };
  }
  if (observation.state !== "unknown" && meaning !== "lost") throw new Stop(reason);
  throw new Stop({
    code: "effect-unknown",
    message: `${item.title}: it is unknown whether this was done. ${reason.message}`,
    hint: "Run `realmscope provision resume`: it reads the current state first, then adopts or repeats the change.",
  });
}

/** Clocks of domain controllers and of this machine may differ by as much as Kerberos allows. */
const clockToleranceMs = 300_000;

/** False for an object whose creation time is before the run began. */
export function isMadeSince(facts: Facts | null, startedAt: number): boolean {
  const created = Date.parse(textProperty(facts ?? undefined, "WhenCreatedUTC"));
  return Number.isNaN(created) || created >= startedAt - clockToleranceMs;
}

/** Reads until the change shows; the same domain controller shows it at once, so a few reads are enough. */
async function waitUntilShown(item: PlanItem, run: ItemRun): Promise<Made> {
  for (const pauseMs of [500, 1000, 2000, null]) {
    const observation = await observeAgain(run);
    const isDone = !isStillPlanned(item, run.step, observation, run.observations);
    if (isDone || pauseMs === null) return { after: factsOf(observation), isOurs: true, isConfirmed: isDone, lost: [] };
    await run.ports.wait(pauseMs);
  }
  throw new Error("unreachable: the last pause returns");
}

interface Failure {
  readonly cmdlet: string;
  readonly error: WireError;
  readonly effectUnknown: boolean;
}

/** Calls a cmdlet once; null when it succeeded. */
export async function callOnce(ports: Ports, cmdlet: string, parameters: WireObject): Promise<Failure | null> {
  const answer = await shellOf(ports).call(cmdlet, parameters);
  return answer.ok ? null : { cmdlet, error: answer.error, effectUnknown: answer.effectUnknown };
}

/** Calls the same cmdlet for each name and stops at the first failure; null when all succeeded. */
export async function callEach(ports: Ports, call: ExchangeEachCall): Promise<Failure | null> {
  const found =
    call.names ??
    (await readObjects(ports, call.list.cmdlet, call.list.parameters)).map((object) => textProperty(object, "Name"));
  const keep = new Set(call.keep.map((name) => name.toLowerCase()));
  for (const name of found) {
    if (call.names === null && keep.has(name.toLowerCase())) continue;
    const failure = await callOnce(ports, call.cmdlet, { Identity: `${call.prefix}${name}`, ...call.parameters });
    if (failure !== null) return failure;
  }
  return null;
}

/** Replaces each reference by the property of the earlier step's object. Throws Stop when that is not known. */
function resolveReferences(call: Call, observations: Observations): Call {
  if (call.via !== "exchange") return call;
  const parameters = Object.entries(call.parameters).map(
    ([name, value]) => [name, resolved(value, observations)] as const,
  );
  return { ...call, parameters: Object.fromEntries(parameters) };
}

function resolved(value: WireValue, observations: Observations): WireValue {
  if (!isWireObject(value) || typeof value.ref !== "string") return value;
  const { ref } = value;
  const dot = ref.lastIndexOf(".");
  const [stepId, property] = [ref.slice(0, dot), ref.slice(dot + 1)];
  const known = factsOf(observations.get(stepId))?.[property];
  if (known !== undefined && known !== "") return known;
  throw new Stop({
    code: "needs-earlier-step",
    message: `${property} of ${stepId} is not known yet.`,
    hint: "The earlier step was not done; run `realmscope provision resume`, or make a new plan.",
  });
}
