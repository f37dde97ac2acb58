// What a report draws, gathered while the capture goes by: bounded, whatever its length.
import type { CaptureEvent, SignatureCheck } from "../../core/capture-event.ts";
import type { Decoded } from "../../core/decoded.ts";
import { type HttpTransaction, requestPath } from "../../core/http-transaction.ts";
import type { S2sToken } from "../../decoders/facts.ts";
import { decodeTransaction } from "../../decoders/messages/decode-transaction.ts";
import type { Redacted } from "../../sanitising/sanitise.ts";
import { countRemovals, type Removals } from "../../sanitising/search/count-removals.ts";

export interface ReportRow {
  readonly id: string;
  readonly at: number;
  readonly durationMs: number | null;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly status: number | null;
  readonly auth: string;
}

/** One token with what it carries; `actor` is the token inside it. Claims are those of a capture that was made safe. */
export interface ReportToken {
  readonly kind: string;
  readonly alg: string;
  readonly isSigned: boolean;
  readonly signature: SignatureCheck["outcome"] | null;
  readonly notBefore: number | null;
  readonly expires: number | null;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly actor: ReportToken | null;
  /** Why the token inside cannot be read, our words; empty when it can or there is none. */
  readonly actorProblem: string;
}

export interface SeenToken {
  readonly transactionId: string;
  /** `authorization`, `assertion`, `access_token`… */
  readonly place: string;
  /** When it was sent or given, epoch milliseconds. */
  readonly at: number;
  /** Server's `Date` minus our clock at that moment, seconds; null when the answer has none. */
  readonly serverAheadSeconds: number | null;
  readonly token: ReportToken;
  /** Requests that had the same token, this one included. */
  readonly uses: number;
}

export interface ReportFacts {
  readonly rows: readonly ReportRow[];
  readonly tokens: readonly SeenToken[];
  /** How many rows and tokens there were beyond those kept. */
  readonly moreRows: number;
  readonly moreTokens: number;
  readonly removed: Removals;
}

const rowLimit = 2000;
const tokenLimit = 100;
const checkLimit = 10_000;

export class FactCollector {
  readonly #rows: ReportRow[] = [];
  readonly #tokens = new Map<string, { seen: Omit<SeenToken, "token" | "uses">; token: S2sToken; uses: number }>();
  readonly #checks = new Map<string, SignatureCheck["outcome"]>();
  readonly #removed: Record<string, number> = {};
  #moreRows = 0;
  #moreTokens = 0;

  add(event: Redacted<CaptureEvent>): void {
    countRemovals(event, this.#removed);
    if (event.kind === "signature") this.#addCheck(event.check);
    if (event.kind !== "transaction") return;
    const { transaction } = event;
    const { authorization, tokens, serverDate } = decodeTransaction(transaction);
    if (this.#rows.length < rowLimit) this.#rows.push(rowOf(transaction, authorization.scheme));
    else this.#moreRows += 1;
    const endedAt = transaction.startedAt + (transaction.durationMs ?? 0);
    // `Date` has whole seconds, cut off.
    const serverAheadSeconds = serverDate === null ? null : Math.round((serverDate + 500 - endedAt) / 1000);
    for (const { path, token } of tokens) {
      if (!token.ok) continue;
      const { id: transactionId, startedAt: at } = transaction;
      this.#addToken(token.value, { transactionId, place: path, at, serverAheadSeconds });
    }
  }

  facts(): ReportFacts {
    return {
      rows: this.#rows,
      tokens: [...this.#tokens.values()].map(({ seen, token, uses }) => ({
        ...seen,
        uses,
        token: this.#reported(token, `${seen.transactionId} ${seen.place}`),
      })),
      moreRows: this.#moreRows,
      moreTokens: this.#moreTokens,
      removed: this.#removed,
    };
  }

  /** A token that is used again is shown once. */
  #addToken(token: S2sToken, seen: Omit<SeenToken, "token" | "uses">): void {
    const known = this.#tokens.get(token.compact);
    if (known !== undefined) known.uses += 1;
    else if (this.#tokens.size < tokenLimit) this.#tokens.set(token.compact, { seen, token, uses: 1 });
    else this.#moreTokens += 1;
  }

  /** The last word counts: a key may have come later. */
  #addCheck({ transactionId, token, outcome }: SignatureCheck): void {
    const place = `${transactionId} ${token}`;
    if (this.#checks.size < checkLimit || this.#checks.has(place)) this.#checks.set(place, outcome);
  }

  #reported(token: S2sToken, place: string): ReportToken {
    const { tokenKind, alg, signature, notBefore, expires, header, claims, actor } = token;
    return {
      kind: tokenKind,
      alg,
      isSigned: signature !== "absent",
      signature: this.#checks.get(place) ?? null,
      notBefore,
      expires,
      header,
      claims,
      actor: actor?.ok === true ? this.#reported(actor.value, `${place}/actor`) : null,
      actorProblem: problemOf(actor),
    };
  }
}

function problemOf(actor: Decoded<S2sToken> | null): string {
  return actor?.ok === false ? actor.problem : "";
}

function rowOf(transaction: HttpTransaction, auth: string): ReportRow {
  const { id, startedAt, durationMs, request, host, response } = transaction;
  const path = requestPath(transaction).split("?", 1)[0] ?? "";
  return { id, at: startedAt, durationMs, method: request.method, host, path, status: response?.status ?? null, auth };
}
