// Whether a change that would be made now is the one that was agreed to. An item's id says only what kind of change it is; the
// call with its values and what was there before are what a person agreed to.

import { optionalParameters } from "../exchange/allowed-cmdlets.ts";
import { isWireObject, listProperty } from "../exchange/read-objects.ts";
import { keysDigest } from "../graph/service-principal.ts";
import { asWire, canonicalJson } from "../model/canonical-json.ts";
import type { Call, Facts } from "../model/change.ts";
import type { WireObject, WireValue } from "../model/exchange-shell.ts";
import { factsOf, type Observations, type PlanItem, type Step } from "../model/step.ts";
import type { StampedEntry } from "./run-journal.ts";

export interface ComparisonContext {
  readonly step: Pick<Step, "id" | "needs">;
  /** What the steps show now. */
  readonly observations: Observations;
  /** What the run did so far. */
  readonly entries: readonly StampedEntry[];
}

/** Null when `now` is what `planned` said, with its references resolved; else what differs, in words. Pure. */
export function differenceFromPlan(planned: PlanItem, now: PlanItem, context: ComparisonContext): string | null {
  const call = callDifference(planned.call, now.call, context);
  if (call !== null) return call;
  if (planned.call.via === "graph" || isSameBefore(planned, now.before, context)) return null;
  return `what was there before was ${shortJson(planned.before)} and is ${shortJson(now.before)}`;
}

function callDifference(planned: Call, now: Call, context: ComparisonContext): string | null {
  const [was, is] = [comparable(planned, context), comparable(now, context)];
  if (planned.via === "graph" && now.via === "graph" && !isSameList(planned, now))
    return "the list that it changes is another one than the plan saw";
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const differing = names.filter((name) => canonicalJson(was[name] ?? null) !== canonicalJson(is[name] ?? null));
  if (differing.length === 0) return null;
  return differing.map((name) => `${name} was ${shortJson(was[name])} and is ${shortJson(is[name])}`).join("; ");
}

/** What a call does, property by property: where it is sent and the digest of a list are no part of that. */
function comparable(call: Call, context: ComparisonContext): WireObject {
  if (call.via === "graph") {
    const { arrayDigest: _digest, ...rest } = { arrayDigest: null, ...call };
    return "keys" in rest
      ? objectOf({ ...rest, keys: rest.keys.map((key) => `${key.thumbprint} ${key.der}`) })
      : objectOf(rest);
  }
  const { parameters, ...rest } = call;
  // Another shell may know a parameter that the first one did not.
  const values = Object.entries(parameters).filter(
    ([name]) => name !== "DomainController" && !optionalParameters.includes(`${call.cmdlet} -${name}`),
  );
  const resolved = values.map(([name, value]) => [`-${name}`, resolve(value, context)] as const);
  if (rest.via === "exchange") return { ...objectOf(rest), ...Object.fromEntries(resolved) };
  const { DomainController: _other, ...listed } = rest.list.parameters;
  return { ...objectOf({ ...rest, list: { ...rest.list, parameters: listed } }), ...Object.fromEntries(resolved) };
}

function objectOf(value: object): WireObject {
  const wire = asWire(value);
  return isWireObject(wire) ? wire : {};
}

/** A reference to what an earlier step makes: what this run made there counts before what stands there now. */
function resolve(value: WireValue, { observations, entries }: ComparisonContext): WireValue {
  if (!isWireObject(value) || typeof value.ref !== "string") return value;
  const dot = value.ref.lastIndexOf(".");
  const [stepId, property] = [value.ref.slice(0, dot), value.ref.slice(dot + 1)];
  const receipt = entries.findLast((entry) => entry.kind === "receipt" && entry.stepId === stepId);
  const made = receipt?.kind === "receipt" ? receipt.after?.[property] : undefined;
  return made ?? factsOf(observations.get(stepId))?.[property] ?? value;
}

/** A principal that the plan did not find and the run made has an empty list. */
function isSameList(planned: Extract<Call, { via: "graph" }>, now: Extract<Call, { via: "graph" }>): boolean {
  const [was, is] = [digestOf(planned), digestOf(now)];
  return was === is || (was === null && is === keysDigest([]));
}

function digestOf(call: Extract<Call, { via: "graph" }>): string | null {
  return "arrayDigest" in call ? call.arrayDigest : null;
}

function isSameBefore({ id, before }: PlanItem, now: Facts | null, { step, entries }: ComparisonContext): boolean {
  if (canonicalJson(before) === canonicalJson(now)) return true;
  // Not there when the plan was made: then this run, or somebody in its place, has made what it depends on.
  if (before === null) return entries.some((entry) => isDone(entry, [step.id, ...step.needs]));
  // The run itself began this change: some of the entries are gone already.
  const isBegun = entries.some((entry) => entry.kind === "intent" && entry.itemId === id);
  if (!isBegun || now === null || !Array.isArray(before.entries)) return false;
  const [were, are] = [listProperty(before, "entries"), listProperty(now, "entries")];
  return are.every((name) => were.includes(name));
}

function isDone(entry: StampedEntry, stepIds: readonly string[]): boolean {
  if (entry.kind === "receipt" || entry.kind === "intent") return stepIds.includes(entry.stepId);
  return entry.kind === "already" && stepIds.some((stepId) => entry.itemId.startsWith(`${stepId}.`));
}

function shortJson(value: WireValue | undefined): string {
  const text = canonicalJson(value ?? null);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
