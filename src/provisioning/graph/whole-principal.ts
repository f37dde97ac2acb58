// Making and deleting a service principal. Like every write, each is sent again only after another look.

import type { GraphCall } from "../model/change.ts";
import type { GraphOutcome, ServicePrincipal } from "../model/graph.ts";
import { type Reason, Stop } from "../model/stop.ts";
import type { GraphAnswer, GraphRequest } from "./graph-client.ts";
import { attemptLimit } from "./graph-client.ts";
import { effectUnknown, type GraphContext, pollAfterWrite, refused } from "./graph-context.ts";
import { pollForObject } from "./replace-list.ts";

/** Makes the service principal of an application. Throws Stop. */
export async function createPrincipal(context: GraphContext, appId: string): Promise<GraphOutcome> {
  const request = { method: "POST", path: "/v1.0/servicePrincipals", body: { appId } } as const;
  const { answer, mayBeDone } = await sendAfterLook(context, request, async () => (await context.read(appId)) !== null);
  // Refused although it was not there a moment ago: an earlier attempt may have made it.
  if (answer?.kind === "bad-request" && !mayBeDone) throw new Stop(refused("create the service principal", answer));
  // A lost answer, a concurrent one and a made one all end the same way: is it there now?
  const after = await pollAfterWrite(
    context,
    () => context.read(appId),
    (found) => found !== null,
  );
  if (after === null && answer !== null && answer.kind !== "ok") throw new Stop(effectUnknown(answer));
  return { isConfirmed: after !== null, isOurs: answer?.kind === "ok" || mayBeDone, after, lost: [] };
}

/** Deletes the service principal that a run made, unless it holds keys. Throws Stop. */
export async function deletePrincipal(
  context: GraphContext,
  { appId, id }: Extract<GraphCall, { operation: "delete-service-principal" }>,
): Promise<GraphOutcome> {
  const request = { method: "DELETE", path: `/v1.0/servicePrincipals/${id}` } as const;
  const { answer, mayBeDone } = await sendAfterLook(context, request, async () => {
    const found = await pollForObject(context, appId);
    if (found !== null && (found.id !== id || found.keys.length > 0)) throw new Stop(inUse(found));
    return found === null;
  });
  if (answer?.kind === "bad-request") throw new Stop(refused("delete the service principal", answer));
  const after = await pollAfterWrite(
    context,
    () => context.read(appId),
    (found) => found === null,
  );
  return { isConfirmed: after === null, isOurs: answer?.kind === "ok" || mayBeDone, after, lost: [] };
}

interface Sent {
  /** Null when a look showed that nothing is left to be done. */
  readonly answer: Exclude<GraphAnswer, { kind: "again" }> | null;
  /** True when an earlier answer did not rule out the effect. */
  readonly mayBeDone: boolean;
}

/** Looks, sends, and looks again before it sends again. Throws Stop. */
async function sendAfterLook(
  context: GraphContext,
  request: GraphRequest,
  isDone: () => Promise<boolean>,
): Promise<Sent> {
  let mayBeDone = false;
  for (let attempt = 1; ; attempt += 1) {
    if (await isDone()) return { answer: null, mayBeDone };
    const answer = await context.client(request);
    if (answer.kind !== "again") return { answer, mayBeDone: mayBeDone || answer.kind === "effect-unknown" };
    if (attempt >= attemptLimit) throw new Stop(answer.stop);
    mayBeDone ||= answer.mayBeDone;
    await context.wait(answer.waitMs);
  }
}

/** Deleting it would delete what others put on it. */
function inUse({ displayName, appId, keys, id }: ServicePrincipal): Reason {
  const what = keys.length === 0 ? "it is another object" : `it holds ${keys.length} keys`;
  return {
    code: "state-moved",
    message: `The service principal ${displayName || appId} (${id}) is not as this run made it: ${what}.`,
    hint: "It is not deleted. Delete it by hand when nobody needs it.",
  };
}
