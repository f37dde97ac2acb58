// What all writes to Graph share: the client, the keys that this run wrote, and the polling until replicas agree.

import type { ServicePrincipal } from "../model/graph.ts";
import { type Reason, Stop } from "../model/stop.ts";
import type { GraphAnswer, GraphClient } from "./graph-client.ts";

export interface GraphContext {
  readonly client: GraphClient;
  readonly read: (appId: string) => Promise<ServicePrincipal | null>;
  readonly writtenKeys: WrittenKeys;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

const pollPausesMs = [250, 1000, 2000, 4000, 8000, 16_000];
/** Entra is eventually consistent across regions: two agreeing reads within this time confirm a write. */
const pollBudgetMs = 120_000;

/**
 * Reads until two reads in a row are as wanted, or two minutes have passed; returns the last read. The time is that of the pauses and
 * of a monotonic clock for the reads: the machine's clock may be set while this runs.
 */
export async function pollUntil<T>(
  { wait }: Pick<GraphContext, "wait">,
  read: () => Promise<T>,
  isWanted: (value: T) => boolean,
): Promise<T> {
  let spentMs = 0;
  let agreeing = 0;
  for (let round = 0; ; round += 1) {
    const begun = performance.now();
    const value = await read();
    spentMs += performance.now() - begun;
    agreeing = isWanted(value) ? agreeing + 1 : 0;
    if (agreeing === 2 || spentMs >= pollBudgetMs) return value;
    const pauseMs = (agreeing === 1 ? pollPausesMs[0] : pollPausesMs[Math.min(round, 5)]) ?? 16_000;
    await wait(pauseMs);
    spentMs += pauseMs;
  }
}

/** Polls after a write was sent. A failed read leaves the effect unknown: throws Stop `effect-unknown`. */
export async function pollAfterWrite<T>(
  context: GraphContext,
  read: () => Promise<T>,
  isWanted: (value: T) => boolean,
): Promise<T> {
  try {
    return await pollUntil(context, read, isWanted);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const { message, resumeAt } = error.reason;
    throw new Stop({
      code: "effect-unknown",
      message: `The change was sent, but could not be read back: ${message}`,
      hint: "Run `realmscope provision resume`: it reads the current state before it changes anything.",
      ...(resumeAt === undefined ? {} : { resumeAt }),
    });
  }
}

/** The reason for a write whose effect stays unknown even after reading. */
export function effectUnknownReason(answer: GraphAnswer): Reason {
  const detail = answer.kind === "effect-unknown" ? answer.message : answer.kind;
  return {
    code: "effect-unknown",
    message: `Microsoft Graph did not confirm the change (${detail}), and reading does not show it.`,
    hint: "Run `realmscope provision resume`: it reads the current state before it changes anything.",
  };
}

/** The keys (by thumbprint) that this run wrote to each service principal: a read that lacks one comes from a lagging replica. */
export interface WrittenKeys {
  add(appId: string, thumbprints: readonly string[]): void;
  forget(appId: string): void;
  expected(appId: string): readonly string[];
}

export function createWrittenKeys(): WrittenKeys {
  const written = new Map<string, Set<string>>();
  return {
    add(appId, thumbprints) {
      const all = written.get(appId) ?? new Set<string>();
      for (const thumbprint of thumbprints) all.add(thumbprint);
      written.set(appId, all);
    },
    forget(appId) {
      written.delete(appId);
    },
    expected: (appId) => [...(written.get(appId) ?? [])],
  };
}
