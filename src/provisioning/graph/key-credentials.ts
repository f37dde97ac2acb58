// Appending to and taking from the key array. PATCH replaces the array, so each write reads first, checks that nobody else
// has written since the plan, sends everything back, and reads again. A short window between read and PATCH remains.
import { thumbprintOfIdentifier } from "../certificate.ts";
import { Stop } from "../reason.ts";
import type { GraphCall, KeyToAdd } from "../step.ts";
import type { GraphAnswer } from "./graph-client.ts";
import {
  effectUnknown,
  type GraphContext,
  type GraphOutcome,
  pollAfterWrite,
  pollUntil,
  refused,
} from "./graph-context.ts";
import {
  isKeyOf,
  type KeyCredential,
  keysDigest,
  newEntry,
  type ServicePrincipal,
  sentBack,
} from "./service-principal.ts";

const concurrencyLimit = 3;

/** Adds certificates to a service principal; every other key stays. Throws Stop. */
export async function addKeys(
  context: GraphContext,
  call: Extract<GraphCall, { operation: "add-keys" }>,
): Promise<GraphOutcome> {
  let dates: "with-dates" | "without-dates" = "with-dates";
  for (let attempt = 1; attempt <= concurrencyLimit; attempt += 1) {
    const before = await readForWrite(context, call.appId);
    const missing = call.keys.filter((key) => !holds(before, key));
    if (missing.length === 0) return { isConfirmed: true, isOurs: attempt > 1, after: before, lost: [] };
    refuseMoved(before, call.arrayDigest, attempt);
    const body = { keyCredentials: [...before.keys.map(sentBack), ...missing.map((key) => newEntry(key, dates))] };
    const answer = await context.client({ method: "PATCH", path: `/v1.0/servicePrincipals/${before.id}`, body });
    if (answer.kind === "bad-request" && dates === "with-dates" && /date|lifetime|validity/i.test(answer.message)) {
      dates = "without-dates";
      continue;
    }
    stopOnRefusal(answer, "add the key");
    if (answer.kind === "concurrent") continue;
    const after = await pollAfterWrite(
      context,
      () => readExisting(context, call.appId),
      (found) => call.keys.every((key) => holds(found, key)),
    );
    const isThere = call.keys.every((key) => holds(after, key));
    if (answer.kind === "effect-unknown" && !isThere) {
      if (attempt === concurrencyLimit) throw new Stop(effectUnknown(answer));
      continue;
    }
    context.memory.remember(
      call.appId,
      call.keys.map((key) => key.thumbprint),
    );
    return { isConfirmed: isThere, isOurs: true, after, lost: lostKeys(before, after, new Set()) };
  }
  throw new Stop(tooManyWriters(call.appId));
}

/** Takes keys off a service principal by their id; every other key stays. Throws Stop. */
export async function removeKeys(
  context: GraphContext,
  call: Extract<GraphCall, { operation: "remove-keys" }>,
): Promise<GraphOutcome> {
  const gone = new Set(call.keyIds);
  const isGone = (found: ServicePrincipal): boolean => !found.keys.some((key) => gone.has(key.keyId));
  for (let attempt = 1; attempt <= concurrencyLimit; attempt += 1) {
    const before = await readForWrite(context, call.appId);
    if (isGone(before)) return { isConfirmed: true, isOurs: attempt > 1, after: before, lost: [] };
    refuseMoved(before, call.arrayDigest, attempt);
    const body = { keyCredentials: before.keys.filter((key) => !gone.has(key.keyId)).map(sentBack) };
    const answer = await context.client({ method: "PATCH", path: `/v1.0/servicePrincipals/${before.id}`, body });
    stopOnRefusal(answer, "remove the key");
    if (answer.kind === "concurrent") continue;
    context.memory.forget(call.appId);
    const after = await pollAfterWrite(context, () => readExisting(context, call.appId), isGone);
    if (answer.kind === "effect-unknown" && !isGone(after)) {
      if (attempt === concurrencyLimit) throw new Stop(effectUnknown(answer));
      continue;
    }
    return { isConfirmed: isGone(after), isOurs: true, after, lost: lostKeys(before, after, gone) };
  }
  throw new Stop(tooManyWriters(call.appId));
}

/**
 * The array as it is now: two reads in a row that agree, and that show what this run wrote before. A replica that lags
 * behind is waited for, never written over.
 */
async function readForWrite(context: GraphContext, appId: string): Promise<ServicePrincipal> {
  const expected = context.memory.expected(appId);
  let previous = "";
  const found = await pollUntil(
    context,
    () => readExisting(context, appId),
    (principal) => {
      const digest = keysDigest(principal.keys);
      const isSteady = previous === "" || digest === previous;
      previous = digest;
      return isSteady && showsAll(principal, expected);
    },
  );
  if (showsAll(found, expected)) return found;
  throw new Stop({
    code: "state-moved",
    message: `Microsoft Graph does not show the keys that this run put on ${appId} before.`,
    hint: "Wait some minutes and run `realmscope provision resume`; nothing was written over.",
  });
}

function showsAll(found: ServicePrincipal, thumbprints: readonly string[]): boolean {
  return thumbprints.every((thumbprint) =>
    found.keys.some((key) => thumbprintOfIdentifier(key.customKeyIdentifier) === thumbprint),
  );
}

async function readExisting(context: GraphContext, appId: string): Promise<ServicePrincipal> {
  const found = await pollForObject(context, appId);
  if (found !== null) return found;
  throw new Stop({
    code: "needs-earlier-step",
    message: `The tenant has no service principal for ${appId}.`,
    hint: "Plan again: the plan lists its creation as a separate item.",
  });
}

/** A 404 just after the creation is replication: it is read again with growing pauses before it counts. */
async function pollForObject(context: GraphContext, appId: string): Promise<ServicePrincipal | null> {
  for (const pauseMs of [1000, 2000, 4000, 8000, 16_000, null]) {
    const found = await context.read(appId);
    if (found !== null || pauseMs === null) return found;
    await context.wait(pauseMs);
  }
  return null;
}

function holds(found: ServicePrincipal, wanted: KeyToAdd): boolean {
  return found.keys.some((key) => isKeyOf(key, wanted) && key.usage === "Verify");
}

function lostKeys(
  before: ServicePrincipal,
  after: ServicePrincipal,
  wanted: ReadonlySet<string>,
): readonly KeyCredential[] {
  const still = new Set(after.keys.map((key) => key.keyId));
  return before.keys.filter(({ keyId }) => !still.has(keyId) && !wanted.has(keyId));
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

function stopOnRefusal(answer: GraphAnswer, what: string): void {
  if (answer.kind === "not-found") {
    throw new Stop({
      code: "state-moved",
      message: "The service principal is gone since it was read.",
      hint: "Make a new plan.",
    });
  }
  if (answer.kind !== "bad-request") return;
  if (/existing credential/i.test(answer.message)) {
    throw new Stop({
      code: "graph-existing-key-changed",
      message: `Microsoft Graph says that an existing key was changed: ${answer.message}`,
      hint: "That is a fault of this program: nothing was written. Please report it with the journal of the run.",
    });
  }
  throw new Stop(refused(what, answer));
}

function tooManyWriters(appId: string) {
  return {
    code: "state-moved",
    message: `Other writers changed the service principal ${appId} again and again.`,
    hint: "Nothing was written over. Run `realmscope provision resume` when they are done.",
  } as const;
}
