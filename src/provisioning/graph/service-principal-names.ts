// The names of a service principal (SPNs): a replace-array like the keys, with the same care.
import { type Reason, Stop } from "../reason.ts";
import type { GraphCall } from "../step.ts";
import type { GraphAnswer } from "./graph-client.ts";
import { effectUnknown, type GraphContext, type GraphOutcome, pollAfterWrite, refused } from "./graph-context.ts";
import { namesDigest, type ServicePrincipal } from "./service-principal.ts";

type NamesCall = Extract<GraphCall, { operation: "add-names" | "remove-names" }>;

/** Adds or removes names; all others stay. Throws Stop. */
export async function writeNames(context: GraphContext, call: NamesCall): Promise<GraphOutcome> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const before = await context.read(call.appId);
    if (before === null) throw new Stop(gone(call.appId));
    if (isAsWanted(call, before)) return { isConfirmed: true, isOurs: attempt > 1, after: before, lost: [] };
    if (isMoved(call, before)) throw new Stop(moved(call.appId));
    const answer = await context.client({
      method: "PATCH",
      path: `/v1.0/servicePrincipals/${before.id}`,
      body: { servicePrincipalNames: namesAfter(call, before) },
    });
    refuseOnError(call.appId, answer);
    if (answer.kind === "concurrent") continue;
    const after = await pollAfterWrite(
      context,
      () => context.read(call.appId),
      (found) => isAsWanted(call, found),
    );
    const isThere = isAsWanted(call, after);
    if (isThere || answer.kind === "ok") return { isConfirmed: isThere, isOurs: true, after, lost: [] };
    if (attempt === 3) throw new Stop(effectUnknown(answer));
  }
  throw new Stop(moved(call.appId));
}

function refuseOnError(appId: string, answer: GraphAnswer): void {
  if (answer.kind === "bad-request") throw new Stop(refused("change the names", answer));
  if (answer.kind === "not-found") throw new Stop(gone(appId));
}

function isMoved(call: NamesCall, before: ServicePrincipal): boolean {
  return call.arrayDigest !== null && namesDigest(before.names) !== call.arrayDigest;
}

function isAsWanted(call: NamesCall, found: ServicePrincipal | null): boolean {
  const isAdding = call.operation === "add-names";
  return found !== null && call.names.every((name) => found.names.includes(name) === isAdding);
}

function namesAfter(call: NamesCall, before: ServicePrincipal): readonly string[] {
  if (call.operation === "remove-names") return before.names.filter((name) => !call.names.includes(name));
  return [...before.names, ...call.names.filter((name) => !before.names.includes(name))];
}

function gone(appId: string): Reason {
  return {
    code: "needs-earlier-step",
    message: `The tenant has no service principal for ${appId}.`,
    hint: "Make a new plan.",
  };
}

function moved(appId: string): Reason {
  return {
    code: "state-moved",
    message: `The names of the service principal ${appId} were changed by someone else since the plan.`,
    hint: "Nothing was written over. Make a new plan.",
  };
}
