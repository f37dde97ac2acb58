// The names of a service principal (SPNs): a list that PATCH replaces, like the keys.

import type { GraphCall } from "../model/change.ts";
import type { GraphOutcome, ServicePrincipal } from "../model/graph.ts";
import { Stop } from "../model/stop.ts";
import type { GraphContext } from "./graph-context.ts";
import { refusalReason } from "./refusals.ts";
import { replaceList } from "./replace-list.ts";
import { namesDigest } from "./service-principal.ts";

type NamesCall = Extract<GraphCall, { operation: "add-names" | "remove-names" }>;

/** Adds or removes names; all others stay. Throws Stop. */
export async function writeNames(context: GraphContext, call: NamesCall): Promise<GraphOutcome> {
  const isAdding = call.operation === "add-names";
  return replaceList(context, {
    appId: call.appId,
    whenGone: isAdding ? "stop" : "done",
    isDone: (found) => call.names.every((name) => found.names.includes(name) === isAdding),
    refuseMoved: (found) => refuseMoved(call, found),
    body: (found) => ({ servicePrincipalNames: namesAfter(call, found) }),
    onRefusal: (answer) => {
      throw new Stop(refusalReason("change the names", answer));
    },
  });
}

function namesAfter(call: NamesCall, before: ServicePrincipal): readonly string[] {
  if (call.operation === "remove-names") return before.names.filter((name) => !call.names.includes(name));
  return [...before.names, ...call.names.filter((name) => !before.names.includes(name))];
}

function refuseMoved(call: NamesCall, found: ServicePrincipal): void {
  if (call.arrayDigest === null || namesDigest(found.names) === call.arrayDigest) return;
  throw new Stop({
    code: "state-moved",
    message: `The names of the service principal ${call.appId} were changed by someone else since the plan.`,
    hint: "Nothing was overwritten. Make a new plan.",
  });
}
