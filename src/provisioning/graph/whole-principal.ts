// Creates and deletes a service principal. Like every write, each is retried only after another read.

import type { GraphCall } from "../model/change.ts";
import type { GraphOutcome, ServicePrincipal } from "../model/graph.ts";
import { type Reason, Stop } from "../model/stop.ts";
import type { GraphAnswer, GraphRequest } from "./graph-client.ts";
import { attemptLimit } from "./graph-client.ts";
import { effectUnknownReason, type GraphContext, pollAfterWrite } from "./graph-context.ts";
import { refusalReason } from "./refusals.ts";
import { pollForObject } from "./replace-list.ts";

/** Creates the service principal of an application. Throws Stop. */
export async function createPrincipal(context: GraphContext, appId: string): Promise<GraphOutcome> {
  const request = { method: "POST", path: "/v1.0/servicePrincipals", body: { appId } } as const;
  const { answer, mayBeDone } = await sendAfterRead(context, request, async () => (await context.read(appId)) !== null);
  // A refusal after an attempt with an unknown effect may mean that the attempt created it.
  if (answer?.kind === "bad-request" && !mayBeDone)
    throw new Stop(refusalReason("create the service principal", answer));
  // After success, a lost answer and a concurrent writer alike, a read decides whether it exists.
  const after = await pollAfterWrite(
    context,
    () => context.read(appId),
    (found) => found !== null,
  );
  if (after === null && answer !== null && answer.kind !== "ok") throw new Stop(effectUnknownReason(answer));
  return { isConfirmed: after !== null, isOurs: answer?.kind === "ok" || mayBeDone, after, lost: [] };
}

/** Deletes a service principal that a run created, unless it holds keys. Throws Stop. */
export async function deletePrincipal(
  context: GraphContext,
  { appId, id }: Extract<GraphCall, { operation: "delete-service-principal" }>,
): Promise<GraphOutcome> {
  const request = { method: "DELETE", path: `/v1.0/servicePrincipals/${id}` } as const;
  const { answer, mayBeDone } = await sendAfterRead(context, request, async () => {
    const found = await pollForObject(context, appId);
    if (found !== null && (found.id !== id || found.keys.length > 0)) throw new Stop(inUse(found));
    return found === null;
  });
  if (answer?.kind === "bad-request") throw new Stop(refusalReason("delete the service principal", answer));
  const after = await pollAfterWrite(
    context,
    () => context.read(appId),
    (found) => found === null,
  );
  return { isConfirmed: after === null, isOurs: answer?.kind === "ok" || mayBeDone, after, lost: [] };
}

interface SendResult {
  /** Null when a read showed that nothing is left to do. */
  readonly answer: Exclude<GraphAnswer, { kind: "again" }> | null;
  /** True when an earlier answer did not rule out the effect. */
  readonly mayBeDone: boolean;
}

/** Reads before each attempt to send. Throws Stop. */
async function sendAfterRead(
  context: GraphContext,
  request: GraphRequest,
  isDone: () => Promise<boolean>,
): Promise<SendResult> {
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

/** Deleting it would delete what others added to it. */
function inUse({ displayName, appId, keys, id }: ServicePrincipal): Reason {
  const what = keys.length === 0 ? "it is another object" : `it holds ${keys.length} keys`;
  return {
    code: "state-moved",
    message: `The service principal ${displayName || appId} (${id}) is not as this run created it: ${what}.`,
    hint: "It was not deleted. Delete it by hand when nobody needs it.",
  };
}
