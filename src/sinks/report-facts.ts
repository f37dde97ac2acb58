// What a report draws, gathered while the capture goes by: bounded, whatever its length.
import type { CaptureEvent } from "../core/capture-event.ts";
import type { HttpTransaction } from "../core/http-transaction.ts";
import { requestPath } from "../core/http-transaction.ts";
import { decodeTransaction } from "../decoders/decode-transaction.ts";
import type { S2sToken } from "../decoders/facts.ts";
import { tokenJson } from "../decoders/value-json.ts";
import type { Redacted } from "../sanitising/sanitise.ts";

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

export interface ReportToken {
  readonly transactionId: string;
  /** Where it stood, `authorization` or `authorization/actor`. */
  readonly place: string;
  readonly kind: string;
  readonly isSigned: boolean;
  readonly at: number;
  readonly notBefore: number | null;
  readonly expires: number | null;
  /** Name and value as text, in the order of the token. */
  readonly claims: readonly (readonly [name: string, value: string])[];
}

export interface ReportFacts {
  readonly rows: readonly ReportRow[];
  readonly tokens: readonly ReportToken[];
  /** How many rows there were beyond those kept. */
  readonly moreRows: number;
}

const rowLimit = 2000;
const tokenLimit = 200;

export class FactCollector {
  readonly #rows: ReportRow[] = [];
  readonly #tokens: ReportToken[] = [];
  readonly #seen = new Set<string>();
  #moreRows = 0;

  add(event: Redacted<CaptureEvent>): void {
    if (event.kind !== "transaction") return;
    const { transaction } = event;
    const facts = decodeTransaction(transaction);
    if (this.#rows.length < rowLimit) this.#rows.push(rowOf(transaction, facts.authorization.scheme));
    else this.#moreRows += 1;
    for (const { path, token } of facts.tokens) if (token.ok) this.#addToken(token.value, path, transaction);
  }

  facts(): ReportFacts {
    return { rows: this.#rows, tokens: this.#tokens, moreRows: this.#moreRows };
  }

  /** A token that is used again is shown once. */
  #addToken(token: S2sToken, place: string, transaction: HttpTransaction): void {
    if (this.#tokens.length >= tokenLimit || this.#seen.has(token.compact)) return;
    this.#seen.add(token.compact);
    const { claims } = tokenJson(token);
    this.#tokens.push({
      transactionId: transaction.id,
      place,
      kind: token.tokenKind,
      isSigned: token.signature !== "absent",
      at: transaction.startedAt,
      notBefore: token.notBefore,
      expires: token.expires,
      claims: Object.entries(claims as Record<string, unknown>).map(([name, value]) => [
        name,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    });
    if (token.actor?.ok === true) this.#addToken(token.actor.value, `${place}/actor`, transaction);
  }
}

function rowOf(transaction: HttpTransaction, auth: string): ReportRow {
  const { id, startedAt, durationMs, request, host, response } = transaction;
  const path = requestPath(transaction).split("?", 1)[0] ?? "";
  return { id, at: startedAt, durationMs, method: request.method, host, path, status: response?.status ?? null, auth };
}
