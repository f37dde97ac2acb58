// The answers of a saved trace, found by the method, host, path and body digest of a request.
import { createHash } from "node:crypto";
import { type HttpResponse, type HttpTransaction, requestAuthority, requestPath } from "../core/http-transaction.ts";

/** What a request is matched by. `host` is the one that the client names; empty matches any host. */
export interface RequestKey {
  readonly method: string;
  readonly host: string;
  /** With its query. */
  readonly path: string;
  /** SHA-256 of the body's bytes in hex. */
  readonly digest: string;
}

/**
 * How an answer was found: by everything; without the body (a sanitised trace keeps no whole body); or also without the query
 * (a sanitised trace has placeholders in it).
 */
export type MatchLevel = "exact" | "body-differs" | "query-differs";

export interface FoundAnswer {
  readonly transaction: HttpTransaction;
  /** Null when the trace holds a request that was never answered. */
  readonly response: HttpResponse | null;
  readonly level: MatchLevel;
}

export interface SavedAnswers {
  /** The next answer to this request; the last one again when all were sent. Null when the trace has none. */
  find(request: RequestKey): FoundAnswer | null;
  /** Numbers of saved answers and of those that were never requested. */
  counts(): { readonly saved: number; readonly unused: number };
}

interface AnswerQueue {
  readonly transactions: HttpTransaction[];
  next: number;
}

const levels: readonly MatchLevel[] = ["exact", "body-differs", "query-differs"];

/** Indexes the answers of a trace, in the order of its requests. `isStrict` allows `exact` matches only. */
export function indexAnswers(
  transactions: readonly HttpTransaction[],
  options: { readonly isStrict: boolean },
): SavedAnswers {
  const queues = new Map<string, AnswerQueue>();
  const used = new Set<HttpTransaction>();
  const inOrder = [...transactions].sort((one, other) => one.startedAt - other.startedAt);
  for (const transaction of inOrder) {
    for (const key of keysOf(requestKeyOf(transaction))) {
      const queue = queues.get(key) ?? { transactions: [], next: 0 };
      queues.set(key, queue);
      queue.transactions.push(transaction);
    }
  }
  const take = (queue: AnswerQueue): HttpTransaction | undefined => {
    // Skips answers that were sent under another key: every answer is sent once before any is repeated.
    while (queue.next < queue.transactions.length - 1 && used.has(at(queue))) queue.next += 1;
    return queue.transactions[queue.next];
  };
  return {
    find(request) {
      for (const [index, level] of levels.entries()) {
        if (options.isStrict && level !== "exact") return null;
        const queue = queues.get(keyOf(request, level, index));
        const transaction = queue === undefined ? undefined : take(queue);
        if (transaction === undefined) continue;
        used.add(transaction);
        return { transaction, response: transaction.response, level };
      }
      return null;
    },
    counts: () => ({ saved: inOrder.length, unused: inOrder.length - used.size }),
  };
}

function at({ transactions, next }: AnswerQueue): HttpTransaction {
  const [transaction] = transactions.slice(next, next + 1);
  if (transaction === undefined) throw new Error("a queue is never empty");
  return transaction;
}

function requestKeyOf(transaction: HttpTransaction): RequestKey {
  const { method, body } = transaction.request;
  return {
    method,
    host: hostOf(requestAuthority(transaction)),
    path: requestPath(transaction),
    digest: body.truncated ? "cut" : digestOf(body.bytes),
  };
}

function keysOf(request: RequestKey): readonly string[] {
  return [request, { ...request, host: "" }].flatMap((one) => levels.map((level, index) => keyOf(one, level, index)));
}

function keyOf({ method, host, path, digest }: RequestKey, level: MatchLevel, index: number): string {
  const shown = level === "query-differs" ? path.replace(/[?#].*$/s, "") : path;
  return JSON.stringify([index, method, host, shown, level === "exact" ? digest : ""]);
}

/** A host name for comparison: lower case, without its port. */
export function hostOf(authority: string): string {
  return authority.toLowerCase().replace(/:\d+$/, "");
}

export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
