// What the writes of the cloud half share: the client, the memory of the run, and how long a write is waited for.

import type { ServicePrincipal } from "../model/graph.ts";
import { type Reason, Stop } from "../model/stop.ts";
import type { GraphAnswer, GraphClient } from "./graph-client.ts";

export interface GraphContext {
  readonly client: GraphClient;
  readonly read: (appId: string) => Promise<ServicePrincipal | null>;
  readonly memory: Memory;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

const pollPausesMs = [250, 1000, 2000, 4000, 8000, 16_000];
/** Entra is eventually consistent across regions: a write is believed after two agreeing reads within this time. */
const pollBudgetMs = 120_000;

/** Reads until two reads in a row are as wanted, or the time is over; gives the last read. */
export async function pollUntil<T>(
  { now, wait }: Pick<GraphContext, "now" | "wait">,
  read: () => Promise<T>,
  isWanted: (value: T) => boolean,
): Promise<T> {
  const end = now() + pollBudgetMs;
  let agreeing = 0;
  for (let round = 0; ; round += 1) {
    const value = await read();
    agreeing = isWanted(value) ? agreeing + 1 : 0;
    if (agreeing === 2 || now() >= end) return value;
    await wait(agreeing === 1 ? (pollPausesMs[0] ?? 250) : (pollPausesMs[Math.min(round, 5)] ?? 16_000));
  }
}

/** Polls after a write that was sent. A read that fails then leaves the effect unknown. Throws Stop `effect-unknown`. */
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
      hint: "Run `realmscope provision resume`: it looks again before it changes anything.",
      ...(resumeAt === undefined ? {} : { resumeAt }),
    });
  }
}

/** A write that Graph refused as malformed or not allowed. */
export function refused(what: string, answer: { readonly code: string; readonly message: string }): Reason {
  return {
    code: "graph-error",
    message: `Microsoft Graph would not ${what}: ${answer.code}: ${answer.message}`,
    hint: "Some first-party applications may not be changed this way; `realmscope provision script` shows the same step for a person to run.",
  };
}

/** A write whose effect could not be told even by reading. */
export function effectUnknown(answer: GraphAnswer): Reason {
  const detail = answer.kind === "effect-unknown" ? answer.message : answer.kind;
  return {
    code: "effect-unknown",
    message: `Microsoft Graph did not say whether the change was made (${detail}), and reading does not show it.`,
    hint: "Run `realmscope provision resume`: it looks again before it changes anything.",
  };
}

// What this run has written, so that a read from a replica that has not caught up is not taken for the truth before a write.

export interface Memory {
  /** Keys (by thumbprint) that this run put on a service principal. */
  remember(appId: string, thumbprints: readonly string[]): void;
  forget(appId: string): void;
  expected(appId: string): readonly string[];
}

export function createMemory(): Memory {
  const written = new Map<string, Set<string>>();
  return {
    remember(appId, thumbprints) {
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
