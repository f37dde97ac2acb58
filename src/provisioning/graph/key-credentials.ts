// Adding certificates to the key array of a service principal, and taking keys off it. replace-list.ts sees to it that nothing
// of others is lost.

import type { GraphCall, KeyToAdd } from "../model/change.ts";
import type { GraphOutcome, ServicePrincipal } from "../model/graph.ts";
import { type Reason, Stop } from "../model/stop.ts";
import { type GraphContext, refused } from "./graph-context.ts";
import { replaceList } from "./replace-list.ts";
import { hasEnded, isKeyOf, isUsable, keysDigest, newEntry, sentBack } from "./service-principal.ts";

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
    // The clock here may be behind Graph's, so a key that was just made may seem to begin in the future.
    isShown: (found) =>
      call.keys.every((key) =>
        found.keys.some((each) => isKeyOf(each, key) && each.usage === "Verify" && !hasEnded(each, context.now())),
      ),
    refuseMoved: (found, attempt) => refuseMoved(found, call.arrayDigest, attempt),
    body: (found) => ({
      keyCredentials: [
        ...found.keys.map(sentBack),
        ...missing(found).map((key) => newEntry(key, refusedDates === null ? "with-dates" : "without-dates")),
      ],
    }),
    onRefusal: (answer) => {
      if (refusedDates !== null || !isAboutDates(answer.message)) throw new Stop(refusalOf(answer, "add the key"));
      refusedDates = answer.message;
    },
  });
  context.memory.remember(
    call.appId,
    call.keys.map((key) => key.thumbprint),
  );
  return refusedDates === null || outcome.after === null
    ? outcome
    : { ...outcome, note: droppedDates(call.keys, outcome.after, refusedDates) };
}

/** "Update to existing credential" is about no date, and "validate" about no validity. */
function isAboutDates(message: string): boolean {
  return /\bdates?\b|(?:start|end)Date(?:Time)?\b|\blifetime\b|\bvalidity\b/i.test(message);
}

/** What a person must know of a key that has other dates than its certificate. */
function droppedDates(keys: readonly KeyToAdd[], after: ServicePrincipal, message: string): string {
  const ends = keys.flatMap((wanted) =>
    after.keys
      .filter((key) => isKeyOf(key, wanted))
      .map((key) => `${wanted.thumbprint} ends there on ${key.endDateTime ?? "an unknown day"}`),
  );
  return `Microsoft Graph refused the dates of the certificate (${message}), so the key was sent without them: ${ends.join("; ") || "its end is not shown yet"}.`;
}

/** Takes keys off a service principal by their id; every other key stays. Throws Stop. */
export async function removeKeys(
  context: GraphContext,
  call: Extract<GraphCall, { operation: "remove-keys" }>,
): Promise<GraphOutcome> {
  const gone = new Set(call.keyIds);
  // What this run put there is not waited for any more.
  context.memory.forget(call.appId);
  return replaceList(context, {
    appId: call.appId,
    whenGone: "done",
    isDone: (found) => !found.keys.some((key) => gone.has(key.keyId)),
    refuseMoved: (found, attempt) => refuseMoved(found, call.arrayDigest, attempt),
    body: (found) => ({ keyCredentials: found.keys.filter((key) => !gone.has(key.keyId)).map(sentBack) }),
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
    hint: "Nothing was written over. Make a new plan; between the last read and the write a window of a moment remains in any case.",
  });
}

function refusalOf(answer: { readonly code: string; readonly message: string }, what: string): Reason {
  if (!/existing credential/i.test(answer.message)) return refused(what, answer);
  return {
    code: "graph-existing-key-changed",
    message: `Microsoft Graph says that an existing key was changed: ${answer.message}`,
    hint: "That is a fault of this program: nothing was written. Please report it with the journal of the run.",
  };
}
