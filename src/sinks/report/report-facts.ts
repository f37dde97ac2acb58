// The rows and tokens of a report, collected while the events of a capture pass, in bounded memory.
import type { CaptureEvent, SignatureCheck } from "../../core/capture-event.ts";
import type { Decoded } from "../../core/decoded.ts";
import { type HttpTransaction, requestPath } from "../../core/http-transaction.ts";
import type { LogRow } from "../../core/log-row.ts";
import type { S2sToken, TransactionFacts } from "../../decoders/facts.ts";
import { decodeTransaction } from "../../decoders/messages/decode-transaction.ts";
import { wayOfRequest } from "../../diagnosis/request-way.ts";
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
  /** Interface and token service: `EWS (ACS)`. Our words. */
  readonly way: string;
  /** File and line of a row of a log, `file` its safe name; null for a captured request. */
  readonly log: { readonly file: string; readonly line: number } | null;
}

/** One token with its header and claims, as they are in the sanitised capture; `actor` is the token inside it. */
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
  /** Why the token inside cannot be read, in fixed words; empty when it can be read or there is none. */
  readonly actorProblem: string;
}

export interface SeenToken {
  readonly transactionId: string;
  /** `authorization`, `assertion`, `access_token`… */
  readonly place: string;
  /** When its request was sent, epoch milliseconds. */
  readonly at: number;
  /** The server's `Date` minus the capture's clock at the answer, seconds; null when the answer has no `Date`. */
  readonly serverAheadSeconds: number | null;
  readonly token: ReportToken;
  /** Number of requests with the same token, including the first. */
  readonly uses: number;
}

export interface ReportFacts {
  readonly rows: readonly ReportRow[];
  readonly tokens: readonly SeenToken[];
  /** Numbers of rows and tokens beyond the limits. */
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
    if (event.kind === "log-row") this.#addRow(rowOfLog(event.row));
    if (event.kind !== "transaction") return;
    const { transaction } = event;
    const facts = decodeTransaction(transaction);
    const { tokens, serverDate } = facts;
    this.#addRow(rowOf(transaction, facts));
    const endedAt = transaction.startedAt + (transaction.durationMs ?? 0);
    // `Date` has whole seconds, rounded down.
    const serverAheadSeconds = serverDate === null ? null : Math.round((serverDate + 500 - endedAt) / 1000);
    for (const { path, token } of tokens) {
      if (!token.ok) continue;
      const { id: transactionId, startedAt: at } = transaction;
      this.#addToken(token.value, { transactionId, place: path, at, serverAheadSeconds });
    }
  }

  #addRow(row: ReportRow): void {
    if (this.#rows.length < rowLimit) this.#rows.push(row);
    else this.#moreRows += 1;
  }

  facts(): ReportFacts {
    return {
      rows: this.#rows,
      tokens: [...this.#tokens.values()].map(({ seen, token, uses }) => ({
        ...seen,
        uses,
        token: this.#reportToken(token, `${seen.transactionId} ${seen.place}`),
      })),
      moreRows: this.#moreRows,
      moreTokens: this.#moreTokens,
      removed: this.#removed,
    };
  }

  /** A token that is used again is listed once. */
  #addToken(token: S2sToken, seen: Omit<SeenToken, "token" | "uses">): void {
    const known = this.#tokens.get(token.compact);
    if (known !== undefined) known.uses += 1;
    else if (this.#tokens.size < tokenLimit) this.#tokens.set(token.compact, { seen, token, uses: 1 });
    else this.#moreTokens += 1;
  }

  /** The last check counts, as the key may have arrived later. */
  #addCheck({ transactionId, token, outcome }: SignatureCheck): void {
    const place = `${transactionId} ${token}`;
    if (this.#checks.size < checkLimit || this.#checks.has(place)) this.#checks.set(place, outcome);
  }

  #reportToken(token: S2sToken, place: string): ReportToken {
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
      actor: actor?.ok === true ? this.#reportToken(actor.value, `${place}/actor`) : null,
      actorProblem: problemOf(actor),
    };
  }
}

function problemOf(actor: Decoded<S2sToken> | null): string {
  return actor?.ok === false ? actor.problem : "";
}

function rowOf(transaction: HttpTransaction, facts: TransactionFacts): ReportRow {
  const auth = facts.authorization.scheme;
  const { id, startedAt, durationMs, request, host, response } = transaction;
  const path = requestPath(transaction).split("?", 1)[0] ?? "";
  const status = response?.status ?? null;
  const way = wayOfRequest(facts);
  return { id, at: startedAt, durationMs, method: request.method, host, path, status, auth, way, log: null };
}

const signIns: Readonly<Partial<Record<LogRow["signIn"], string>>> = {
  "bearer-unauthenticated": "bearer, not signed in",
  unknown: "not shown",
};

function rowOfLog(row: LogRow): ReportRow {
  const { id, startedAt, endedAt, method, path, status, signIn, file, line, operation } = row;
  return {
    ...{ id, at: startedAt ?? endedAt, method, path, status, log: { file, line } },
    durationMs: startedAt === null ? null : Math.max(0, endedAt - startedAt),
    host: row.host === "" ? row.server : row.host,
    auth: signIns[signIn] ?? signIn,
    way: [row.log, operation ?? ""].join(" ").trim(),
  };
}
