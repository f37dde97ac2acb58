// Replaces a list of a service principal. Graph cannot add to a list: PATCH replaces it. So every write is computed from a
// read just before it, is sent once, and is computed again from a new read before any retry, whatever the answer was. A
// short window between the last read and the PATCH remains.
import type { GraphOutcome, KeyCredential, ServicePrincipal } from "../model/graph.ts";
import { type Reason, Stop } from "../model/stop.ts";
import type { GraphAnswer } from "./graph-client.ts";
import { attemptLimit } from "./graph-client.ts";
import { effectUnknownReason, type GraphContext, pollAfterWrite, pollUntil } from "./graph-context.ts";
import { hasThumbprint, keysDigest, namesDigest } from "./service-principal.ts";

/** How often a write is sent when its answer was lost or another writer was faster. */
const unsettledLimit = 3;

export interface ListWrite {
  readonly appId: string;
  /** True when nothing is left to write. */
  readonly isDone: (found: ServicePrincipal) => boolean;
  /** True when a read shows the write; by default `isDone`. */
  readonly isShown?: (found: ServicePrincipal) => boolean;
  /** Throws Stop when the list differs from the one in the plan. `attempt` starts at 1. */
  readonly refuseMoved: (found: ServicePrincipal, attempt: number) => void;
  /** The request body with the whole new list, computed from the given read. */
  readonly body: (found: ServicePrincipal) => object;
  /** Throws Stop for a refusal, or changes what `body` returns and returns itself: the next attempt sends that. */
  readonly onRefusal: (answer: Extract<GraphAnswer, { kind: "bad-request" }>) => void;
  /** Ids of the keys that this write removes: they do not count as lost. */
  readonly removes?: ReadonlySet<string>;
  /** How a missing principal counts: `done` for a write that removes something. */
  readonly whenGone: "done" | "stop";
}

/** Replaces a list of a service principal; entries of others stay. Throws Stop. */
export async function replaceList(context: GraphContext, write: ListWrite): Promise<GraphOutcome> {
  const state: WriteState = { shown: new Map(), mayBeDone: false, unsettled: 0 };
  try {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await attemptOnce(context, write, state, attempt);
      if (outcome !== null) return outcome;
    }
  } catch (error) {
    // Whatever the reason, an earlier attempt may have taken effect: `resume` must read the state.
    if (state.mayBeDone && error instanceof Stop && error.reason.code !== "effect-unknown")
      throw new Stop(effectUnknownAfter(error.reason));
    throw error;
  }
}

interface WriteState {
  /** Keys that reads have shown since a write may have taken effect. */
  readonly shown: Map<string, KeyCredential>;
  /** True once the answer to a write did not rule out its effect. */
  mayBeDone: boolean;
  /** Number of writes whose answer was lost, or that another writer overtook. */
  unsettled: number;
}

/** Reads, computes and sends once; null when another attempt is needed. */
async function attemptOnce(
  context: GraphContext,
  write: ListWrite,
  state: WriteState,
  attempt: number,
): Promise<GraphOutcome | null> {
  const { shown } = state;
  const before = await readForWrite(context, write);
  if (before === null || write.isDone(before))
    return { isConfirmed: true, isOurs: state.mayBeDone, after: before, lost: lostKeys(shown, before, write) };
  write.refuseMoved(before, attempt);
  // Only keys that existed when a write may have taken effect can be lost to it.
  if (!state.mayBeDone) shown.clear();
  noteKeys(shown, before);
  const path = `/v1.0/servicePrincipals/${before.id}`;
  const answer = await context.client({ method: "PATCH", path, body: write.body(before) });
  switch (answer.kind) {
    case "again":
      if (attempt >= attemptLimit) throw new Stop(answer.stop);
      state.mayBeDone ||= answer.mayBeDone;
      await context.wait(answer.waitMs);
      return null;
    case "not-found":
      throw new Stop(goneSince());
    case "bad-request":
      write.onRefusal(answer);
      return null;
    case "concurrent":
      state.unsettled += 1;
      if (state.unsettled === unsettledLimit) throw new Stop(tooManyWriters(write.appId));
      return null;
    case "ok":
    case "effect-unknown":
      state.unsettled += 1;
      state.mayBeDone = true;
      return settle(context, write, state, answer);
  }
}

/** Polls for the effect of a write that was sent; null when it does not show and the answer was lost. */
async function settle(
  context: GraphContext,
  write: ListWrite,
  { shown, unsettled }: WriteState,
  answer: Extract<GraphAnswer, { kind: "ok" | "effect-unknown" }>,
): Promise<GraphOutcome | null> {
  const isShown = write.isShown ?? write.isDone;
  const after = await pollAfterWrite(context, () => readAndNote(context, write.appId, shown), isShown);
  if (isShown(after) || answer.kind === "ok")
    return { isConfirmed: isShown(after), isOurs: true, after, lost: lostKeys(shown, after, write) };
  if (unsettled === unsettledLimit) throw new Stop(effectUnknownReason(answer));
  return null;
}

/**
 * Reads the current principal: two reads in a row that agree and show what this run wrote before. Waits for replicas that
 * differ or lag behind instead of overwriting them. Null when it is missing and the write counts that as done.
 */
async function readForWrite(context: GraphContext, write: ListWrite): Promise<ServicePrincipal | null> {
  const expected = context.writtenKeys.expected(write.appId);
  let previous = "";
  let isSteady = false;
  const found = await pollUntil(
    context,
    () => pollForObject(context, write.appId),
    (principal) => {
      const digest = principal === null ? "gone" : `${keysDigest(principal.keys)} ${namesDigest(principal.names)}`;
      isSteady = digest === previous;
      const isFirst = previous === "";
      previous = digest;
      return (isFirst || isSteady) && (principal === null || showsAll(principal, expected));
    },
  );
  if (found === null && write.whenGone === "stop") throw new Stop(missing(write.appId));
  if (!isSteady) throw new Stop(unsteady(write.appId));
  if (found !== null && !showsAll(found, expected)) throw new Stop(notShown(write.appId));
  return found;
}

async function readAndNote(
  context: GraphContext,
  appId: string,
  shown: Map<string, KeyCredential>,
): Promise<ServicePrincipal> {
  const found = await pollForObject(context, appId);
  if (found === null) throw new Stop(missing(appId));
  noteKeys(shown, found);
  return found;
}

function noteKeys(shown: Map<string, KeyCredential>, { keys }: ServicePrincipal): void {
  for (const key of keys) shown.set(key.keyId, key);
}

/** Keys that a read has shown since a write may have taken effect, and that are missing now. */
function lostKeys(
  shown: ReadonlyMap<string, KeyCredential>,
  after: ServicePrincipal | null,
  { removes }: ListWrite,
): readonly KeyCredential[] {
  if (after === null) return [];
  const still = new Set(after.keys.map((key) => key.keyId));
  return [...shown.values()].filter(({ keyId }) => !still.has(keyId) && removes?.has(keyId) !== true);
}

function showsAll(found: ServicePrincipal, thumbprints: readonly string[]): boolean {
  return thumbprints.every((thumbprint) => found.keys.some((key) => hasThumbprint(key, thumbprint)));
}

/** Reads a principal, and retries a 404 with growing pauses: just after its creation a replica may not have it yet. */
export async function pollForObject(context: GraphContext, appId: string): Promise<ServicePrincipal | null> {
  for (const pauseMs of [1000, 2000, 4000, 8000, 16_000, null]) {
    const found = await context.read(appId);
    if (found !== null || pauseMs === null) return found;
    await context.wait(pauseMs);
  }
  return null;
}

function effectUnknownAfter({ message, resumeAt }: Reason): Reason {
  return {
    code: "effect-unknown",
    message: `The change was sent, and it is unknown whether it was made: ${message}`,
    hint: "Run `realmscope provision resume`: it reads the current state before it changes anything.",
    ...(resumeAt === undefined ? {} : { resumeAt }),
  };
}

function missing(appId: string): Reason {
  return {
    code: "needs-earlier-step",
    message: `The tenant has no service principal for ${appId}.`,
    hint: "Make a new plan: it lists the creation as a separate item.",
  };
}

function goneSince(): Reason {
  return {
    code: "state-moved",
    message: "The service principal was deleted after it was read.",
    hint: "Make a new plan.",
  };
}

function unsteady(appId: string): Reason {
  return {
    code: "state-moved",
    message: `Microsoft Graph's answers about ${appId} differ from read to read.`,
    hint: "Nothing was overwritten. Wait some minutes and run `realmscope provision resume`.",
  };
}

function notShown(appId: string): Reason {
  return {
    code: "state-moved",
    message: `Microsoft Graph does not show the keys that this run added to ${appId} before.`,
    hint: "Nothing was overwritten. Wait some minutes and run `realmscope provision resume`; if somebody removed them, make a new plan.",
  };
}

function tooManyWriters(appId: string): Reason {
  return {
    code: "state-moved",
    message: `Other writers keep changing the service principal ${appId}.`,
    hint: "Nothing was overwritten. Run `realmscope provision resume` when they are done.",
  };
}
