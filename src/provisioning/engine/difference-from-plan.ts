// Compares a change that would be made now with the planned one. The item's id names only the kind of change: a person
// agreed to the call with its values and to the state before it.

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
  /** The current observation of every step. */
  readonly observations: Observations;
  /** The journal entries of the run so far. */
  readonly entries: readonly StampedEntry[];
}

/** Null when `now` equals `planned` with its references resolved; else the difference as text. Pure. */
export function differenceFromPlan(planned: PlanItem, now: PlanItem, context: ComparisonContext): string | null {
  const call = callDifference(planned.call, now.call, context);
  if (call !== null) return call;
  if (planned.call.via === "graph" || isSameBefore(planned, now.before, context)) return null;
  return `the state before was ${differing(planned.before, now.before)} and is ${differing(now.before, planned.before)}`;
}

/** The facts that another state has otherwise; all of them when one of the two has none. */
function differing(facts: Facts | null, other: Facts | null): string {
  if (facts === null || other === null) return shortJson(facts);
  const names = [...new Set([...Object.keys(facts), ...Object.keys(other)])];
  const picked = names.filter((name) => canonicalJson(facts[name] ?? null) !== canonicalJson(other[name] ?? null));
  return shortJson(Object.fromEntries(picked.map((name) => [name, facts[name] ?? null])));
}

function callDifference(planned: Call, now: Call, context: ComparisonContext): string | null {
  const [was, is] = [comparable(planned, context), comparable(now, context)];
  if (planned.via === "graph" && now.via === "graph" && !isSameList(planned, now))
    return "the list that it changes differs from the one in the plan";
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const differing = names.filter((name) => canonicalJson(was[name] ?? null) !== canonicalJson(is[name] ?? null));
  if (differing.length === 0) return null;
  return differing.map((name) => `${name} was ${shortJson(was[name])} and is ${shortJson(is[name])}`).join("; ");
}

/** The properties of a call that count: not the domain controller, and not the digest of a list. */
function comparable(call: Call, context: ComparisonContext): WireObject {
  if (call.via === "graph") {
    const { arrayDigest: _digest, ...rest } = { arrayDigest: null, ...call };
    return "keys" in rest
      ? objectOf({ ...rest, keys: rest.keys.map((key) => `${key.thumbprint} ${key.der}`) })
      : objectOf(rest);
  }
  const { parameters, ...rest } = call;
  // Another shell may have a parameter that the first one lacked.
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

/** Resolves a reference to an earlier step's object: the object that this run created comes before the current one. */
function resolve(value: WireValue, { observations, entries }: ComparisonContext): WireValue {
  if (!isWireObject(value) || typeof value.ref !== "string") return value;
  const dot = value.ref.lastIndexOf(".");
  const [stepId, property] = [value.ref.slice(0, dot), value.ref.slice(dot + 1)];
  const receipt = entries.findLast((entry) => entry.kind === "receipt" && entry.stepId === stepId);
  const made = receipt?.kind === "receipt" ? receipt.after?.[property] : undefined;
  return made ?? factsOf(observations.get(stepId))?.[property] ?? value;
}

/** The digests are equal; a principal that was missing in the plan and created by the run counts as having an empty list. */
function isSameList(planned: Extract<Call, { via: "graph" }>, now: Extract<Call, { via: "graph" }>): boolean {
  const [was, is] = [digestOf(planned), digestOf(now)];
  return was === is || (was === null && is === keysDigest([]));
}

function digestOf(call: Extract<Call, { via: "graph" }>): string | null {
  return "arrayDigest" in call ? call.arrayDigest : null;
}

function isSameBefore({ id, before }: PlanItem, now: Facts | null, { step, entries }: ComparisonContext): boolean {
  if (canonicalJson(before) === canonicalJson(now)) return true;
  // Null in the plan: this run, or somebody else, has since created the object or one that it depends on.
  if (before === null) return entries.some((entry) => isDone(entry, [step.id, ...step.needs]));
  // This run already began the change and removed some of the entries.
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
