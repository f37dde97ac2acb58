// The answers of a saved trace, found again by what is asked: method, host, path and the body's digest.
import { createHash } from "node:crypto";
import { type HttpResponse, type HttpTransaction, requestAuthority, requestPath } from "../core/http-transaction.ts";

/** What a client asks. `host` as it names it; empty where any host will do. */
export interface RequestKey {
  readonly method: string;
  readonly host: string;
  /** With its query. */
  readonly path: string;
  /** SHA-256 of the body's bytes in hex. */
  readonly digest: string;
}

/**
 * How an answer was found: by everything; by everything but the body (a trace that was made safe keeps no whole body);
 * by the path without its query, whose values are made safe too.
 */
export type MatchLevel = "exact" | "body-differs" | "query-differs";

export interface FoundAnswer {
  readonly transaction: HttpTransaction;
  /** Null when the trace holds a request that was never answered. */
  readonly response: HttpResponse | null;
  readonly level: MatchLevel;
}

export interface SavedAnswers {
  /** The next answer to this request; the last one again when all were given. Null when there is none like it. */
  find(asked: RequestKey): FoundAnswer | null;
  /** How many answers there are, and how many were never asked for. */
  counts(): { readonly saved: number; readonly unused: number };
}

interface AnswerQueue {
  readonly transactions: HttpTransaction[];
  next: number;
}

const levels: readonly MatchLevel[] = ["exact", "body-differs", "query-differs"];

/** Keeps the answers of a trace in the order of its requests. With `isStrict` only whole matches count. */
export function indexAnswers(
  transactions: readonly HttpTransaction[],
  options: { readonly isStrict: boolean },
): SavedAnswers {
  const shelves = new Map<string, AnswerQueue>();
  const used = new Set<HttpTransaction>();
  const inOrder = [...transactions].sort((one, other) => one.startedAt - other.startedAt);
  for (const transaction of inOrder) {
    for (const key of keysOf(requestKeyOf(transaction))) {
      const shelf = shelves.get(key) ?? { transactions: [], next: 0 };
      shelves.set(key, shelf);
      shelf.transactions.push(transaction);
    }
  }
  const take = (shelf: AnswerQueue): HttpTransaction | undefined => {
    // One that was given under another key is passed over: a request is answered once before any is answered again.
    while (shelf.next < shelf.transactions.length - 1 && used.has(at(shelf))) shelf.next += 1;
    return shelf.transactions[shelf.next];
  };
  return {
    find(asked) {
      for (const [index, level] of levels.entries()) {
        if (options.isStrict && level !== "exact") return null;
        const shelf = shelves.get(keyOf(asked, level, index));
        const transaction = shelf === undefined ? undefined : take(shelf);
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
  if (transaction === undefined) throw new Error("a shelf is never empty");
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

function keysOf(asked: RequestKey): readonly string[] {
  return [asked, { ...asked, host: "" }].flatMap((one) => levels.map((level, index) => keyOf(one, level, index)));
}

function keyOf({ method, host, path, digest }: RequestKey, level: MatchLevel, index: number): string {
  const shown = level === "query-differs" ? path.replace(/[?#].*$/s, "") : path;
  return JSON.stringify([index, method, host, shown, level === "exact" ? digest : ""]);
}

/** A name to compare: lower case, without its port. */
export function hostOf(authority: string): string {
  return authority.toLowerCase().replace(/:\d+$/, "");
}

export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
