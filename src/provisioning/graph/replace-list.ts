// Graph has no way to add to a list of a service principal: PATCH replaces it. So every write is computed from a read that was
// made just before, is sent once, and is computed anew from another read before it is sent again, whatever was answered. A short
// window between the last read and the PATCH remains.
import { thumbprintOfIdentifier } from "../model/certificate.ts";
import type { GraphOutcome, KeyCredential, ServicePrincipal } from "../model/graph.ts";
import { type Reason, Stop } from "../model/stop.ts";
import type { GraphAnswer } from "./graph-client.ts";
import { attemptLimit } from "./graph-client.ts";
import { effectUnknown, type GraphContext, pollAfterWrite, pollUntil } from "./graph-context.ts";
import { keysDigest, namesDigest } from "./service-principal.ts";

/** How often a write is sent whose answer was lost, or that another writer outran. */
const unsettledLimit = 3;

export interface ListWrite {
  readonly appId: string;
  /** True when nothing is left to be written. */
  readonly isDone: (found: ServicePrincipal) => boolean;
  /** True when the write shows; by default as `isDone`. */
  readonly isShown?: (found: ServicePrincipal) => boolean;
  /** Throws Stop when the list is not the one that the plan saw. `attempt` begins with 1. */
  readonly refuseMoved: (found: ServicePrincipal, attempt: number) => void;
  /** The whole list as it is to be, from the read that it is given. */
  readonly body: (found: ServicePrincipal) => object;
  /** Throws Stop for a refusal, or changes what `body` gives and returns: then the next attempt sends that. */
  readonly onRefusal: (answer: Extract<GraphAnswer, { kind: "bad-request" }>) => void;
  /** Keys that this write takes off: they are not lost. */
  readonly removes?: ReadonlySet<string>;
  /** A principal that is gone: `done` when the write takes something off it. */
  readonly whenGone: "done" | "stop";
}

/** Replaces a list of a service principal; what others put there stays. Throws Stop. */
export async function replaceList(context: GraphContext, write: ListWrite): Promise<GraphOutcome> {
  const state: WriteState = { seen: new Map(), mayBeDone: false, unsettled: 0 };
  try {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await attemptOnce(context, write, state, attempt);
      if (outcome !== null) return outcome;
    }
  } catch (error) {
    // Whatever stops it later, an earlier attempt may have had its effect: `resume` must look.
    if (state.mayBeDone && error instanceof Stop && error.reason.code !== "effect-unknown")
      throw new Stop(effectUnknownAfter(error.reason));
    throw error;
  }
}

interface WriteState {
  /** Keys that reads have shown since a write may have been done. */
  readonly seen: Map<string, KeyCredential>;
  /** True once the answer to a write did not rule out its effect. */
  mayBeDone: boolean;
  /** Writes whose answer was lost, or that another writer outran. */
  unsettled: number;
}

/** Reads, computes and sends once; null when that is to be done again. */
async function attemptOnce(
  context: GraphContext,
  write: ListWrite,
  state: WriteState,
  attempt: number,
): Promise<GraphOutcome | null> {
  const { seen } = state;
  const before = await readForWrite(context, write);
  if (before === null || write.isDone(before))
    return { isConfirmed: true, isOurs: state.mayBeDone, after: before, lost: lostOf(seen, before, write) };
  write.refuseMoved(before, attempt);
  // Only what was there when a write may have been done can be lost to it.
  if (!state.mayBeDone) seen.clear();
  note(seen, before);
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

/** Looks for the effect of a write that was sent; null when it does not show and its answer was lost. */
async function settle(
  context: GraphContext,
  write: ListWrite,
  { seen, unsettled }: WriteState,
  answer: Extract<GraphAnswer, { kind: "ok" | "effect-unknown" }>,
): Promise<GraphOutcome | null> {
  const isShown = write.isShown ?? write.isDone;
  const after = await pollAfterWrite(context, () => readNoting(context, write.appId, seen), isShown);
  if (isShown(after) || answer.kind === "ok")
    return { isConfirmed: isShown(after), isOurs: true, after, lost: lostOf(seen, after, write) };
  if (unsettled === unsettledLimit) throw new Stop(effectUnknown(answer));
  return null;
}

/**
 * The principal as it is now: two reads in a row that agree, and that show what this run wrote before. Replicas that differ or
 * lag behind are waited for, never written over. Null when it is gone and the write can live with that.
 */
async function readForWrite(context: GraphContext, write: ListWrite): Promise<ServicePrincipal | null> {
  const expected = context.memory.expected(write.appId);
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

async function readNoting(
  context: GraphContext,
  appId: string,
  seen: Map<string, KeyCredential>,
): Promise<ServicePrincipal> {
  const found = await pollForObject(context, appId);
  if (found === null) throw new Stop(missing(appId));
  note(seen, found);
  return found;
}

function note(seen: Map<string, KeyCredential>, { keys }: ServicePrincipal): void {
  for (const key of keys) seen.set(key.keyId, key);
}

/** Keys that a read has shown since the write may have been done, and that are not there any more. */
function lostOf(
  seen: ReadonlyMap<string, KeyCredential>,
  after: ServicePrincipal | null,
  { removes }: ListWrite,
): readonly KeyCredential[] {
  if (after === null) return [];
  const still = new Set(after.keys.map((key) => key.keyId));
  return [...seen.values()].filter(({ keyId }) => !still.has(keyId) && removes?.has(keyId) !== true);
}

function showsAll(found: ServicePrincipal, thumbprints: readonly string[]): boolean {
  return thumbprints.every((thumbprint) =>
    found.keys.some((key) => thumbprintOfIdentifier(key.customKeyIdentifier) === thumbprint),
  );
}

/** A 404 just after the creation is replication: it is read again with growing pauses before it counts. */
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
    message: `The change was sent, and it is not known whether it was made: ${message}`,
    hint: "Run `realmscope provision resume`: it looks again before it changes anything.",
    ...(resumeAt === undefined ? {} : { resumeAt }),
  };
}

function missing(appId: string): Reason {
  return {
    code: "needs-earlier-step",
    message: `The tenant has no service principal for ${appId}.`,
    hint: "Plan again: the plan lists its creation as a separate item.",
  };
}

function goneSince(): Reason {
  return {
    code: "state-moved",
    message: "The service principal is gone since it was read.",
    hint: "Make a new plan.",
  };
}

function unsteady(appId: string): Reason {
  return {
    code: "state-moved",
    message: `Microsoft Graph's answers about ${appId} differ from read to read.`,
    hint: "Nothing was written over. Wait some minutes and run `realmscope provision resume`.",
  };
}

function notShown(appId: string): Reason {
  return {
    code: "state-moved",
    message: `Microsoft Graph does not show the keys that this run put on ${appId} before.`,
    hint: "Nothing was written over. Wait some minutes and run `realmscope provision resume`; if somebody took them off, make a new plan.",
  };
}

function tooManyWriters(appId: string): Reason {
  return {
    code: "state-moved",
    message: `Other writers changed the service principal ${appId} again and again.`,
    hint: "Nothing was written over. Run `realmscope provision resume` when they are done.",
  };
}
