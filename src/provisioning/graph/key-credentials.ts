// Adds certificates to the key array of a service principal and removes keys from it. replace-list.ts makes sure that no key
// of others is lost.

import type { GraphCall, KeyToAdd } from "../model/change.ts";
import type { GraphOutcome, ServicePrincipal } from "../model/graph.ts";
import { type Reason, Stop } from "../model/stop.ts";
import type { GraphContext } from "./graph-context.ts";
import { isDateRefusal, refusalReason } from "./refusals.ts";
import { replaceList } from "./replace-list.ts";
import { entryToSendBack, hasEnded, isKeyOf, isNamedBy, isUsable, keysDigest, newEntry } from "./service-principal.ts";

/** Adds certificates to a service principal; every other key stays. Throws Stop. */
export async function addKeys(
  context: GraphContext,
  call: Extract<GraphCall, { operation: "add-keys" }>,
): Promise<GraphOutcome> {
  let refusedDates: string | null = null;
  const missing = (found: ServicePrincipal): readonly KeyToAdd[] =>
    call.keys.filter((key) => !found.keys.some((each) => isUsable(each, key, context.now())));
  const outcome = await replaceList(context, {
    appId: call.appId,
    whenGone: "stop",
    isDone: (found) => missing(found).length === 0,
    // Our clock may be behind Graph's, so a new key may seem to begin in the future.
    isShown: (found) =>
      call.keys.every((key) =>
        found.keys.some((each) => isKeyOf(each, key) && each.usage === "Verify" && !hasEnded(each, context.now())),
      ),
    refuseMoved: (found, attempt) => refuseMoved(found, call.arrayDigest, attempt),
    body: (found) => ({
      keyCredentials: [
        ...found.keys.map(entryToSendBack),
        ...missing(found).map((key) => newEntry(key, refusedDates === null ? "with-dates" : "without-dates")),
      ],
    }),
    onRefusal: (answer) => {
      if (refusedDates !== null || !isDateRefusal(answer)) throw new Stop(refusalOf(answer, "add the key"));
      refusedDates = answer.message;
    },
  });
  context.writtenKeys.add(
    call.appId,
    call.keys.map((key) => key.thumbprint),
  );
  const { after } = outcome;
  // After a lost answer somebody else may have added the same certificate: only our display name proves that the key is ours.
  const isNamed = after?.keys.some((key) => call.keys.some((one) => isNamedBy(key, one))) === true;
  const isOurs = outcome.isOurs && isNamed;
  return refusedDates === null || after === null
    ? { ...outcome, isOurs }
    : { ...outcome, isOurs, note: droppedDates(call.keys, after, refusedDates) };
}

/** The note for a key whose dates differ from those of its certificate. */
function droppedDates(keys: readonly KeyToAdd[], after: ServicePrincipal, message: string): string {
  const ends = keys.flatMap((wanted) =>
    after.keys
      .filter((key) => isKeyOf(key, wanted))
      .map((key) => `${wanted.thumbprint} ends there on ${key.endDateTime ?? "an unknown day"}`),
  );
  return `Microsoft Graph refused the dates of the certificate (${message}), so the key was sent without them: ${ends.join("; ") || "Graph does not show its end yet"}.`;
}

/** Removes keys from a service principal by their ids; every other key stays. Throws Stop. */
export async function removeKeys(
  context: GraphContext,
  call: Extract<GraphCall, { operation: "remove-keys" }>,
): Promise<GraphOutcome> {
  const gone = new Set(call.keyIds);
  // The keys that this run added may be missing from now on.
  context.writtenKeys.forget(call.appId);
  return replaceList(context, {
    appId: call.appId,
    whenGone: "done",
    isDone: (found) => !found.keys.some((key) => gone.has(key.keyId)),
    refuseMoved: (found, attempt) => refuseMoved(found, call.arrayDigest, attempt),
    body: (found) => ({ keyCredentials: found.keys.filter((key) => !gone.has(key.keyId)).map(entryToSendBack) }),
    onRefusal: (answer) => {
      throw new Stop(refusalOf(answer, "remove the key"));
    },
    removes: gone,
  });
}

function refuseMoved(found: ServicePrincipal, planned: string | null, attempt: number): void {
  const digest = keysDigest(found.keys);
  if (planned === null || digest === planned) return;
  throw new Stop({
    code: "state-moved",
    message: `The keys of ${found.displayName || found.appId} were changed by someone else since the plan${attempt > 1 ? ", while this run was writing" : ""}.`,
    hint: "Nothing was overwritten. Make a new plan. A short window between the last read and the write always remains.",
  });
}

function refusalOf(answer: { readonly code: string; readonly message: string }, what: string): Reason {
  if (!/existing credential/i.test(answer.message)) return refusalReason(what, answer);
  return {
    code: "graph-existing-key-changed",
    message: `Microsoft Graph reports that an existing key was changed: ${answer.message}`,
    hint: "This is a bug of this program; nothing was written. Please report it with the journal of the run.",
  };
}
