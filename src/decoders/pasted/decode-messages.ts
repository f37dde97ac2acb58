// Pasted requests and answers, as `decode` prints and judges them.

import type { Headers } from "../../core/headers.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import { withoutUserInfo } from "../../core/user-info.ts";
import { bodyText } from "../body-text.ts";
import type { GraphFacts } from "../graph-facts.ts";
import { type JsonObject, readJsonObject } from "../json-text.ts";
import { type DecodeOptions, decodeTransaction } from "../messages/decode-transaction.ts";
import { pastedGraphAnswer } from "../messages/graph-answer.ts";
import { withoutTokens } from "../token-in-text.ts";
import { tokensOfServices } from "../tokens/token-sightings.ts";
import { decodeField, decodeForm } from "./decode-value.ts";
import { type DecodedSubject, type DecodedValue, subjectOf, valueOfKind } from "./decoded-value.ts";
import type { PastedMessages } from "./read-messages.ts";

/** One exchange is a value of kind `headers`, several are `exchanges`; `unread` is what was not read around them. */
export function decodeMessages({ transactions, unread }: PastedMessages, options: DecodeOptions): DecodedValue {
  const exchanges = transactions.map((transaction) => decodeExchange(transaction, options));
  const left: JsonObject = unread.length === 0 ? {} : { unread };
  const [only, ...others] = exchanges;
  if (only !== undefined && others.length === 0)
    return valueOfKind("headers", { ...only.value, ...left }, only.subject);
  const shown = exchanges.map(({ value }) => value);
  const subjects = exchanges.map(({ subject }) => subject);
  return valueOfKind(
    "exchanges",
    { exchanges: shown, ...left },
    { transactions, exchanges: subjects, tokens: subjects.flatMap(({ tokens }) => tokens) },
  );
}

interface Exchange {
  readonly value: JsonObject;
  readonly subject: DecodedSubject;
}

const maxFormText = 64 * 1024;

function decodeExchange(transaction: HttpTransaction, options: DecodeOptions): Exchange {
  const { request, response } = transaction;
  const parts = [...fieldParts(request.headers, options), ...fieldParts(response?.headers ?? [], options)];
  const sent = bodyText(request.body, maxFormText);
  if (/(?:^|&)(?:grant_type|client_assertion|assertion)=/i.test(sent)) {
    const part = decodeForm(sent, options.applications);
    parts.push({ header: null, kind: part.kind, value: part.value });
  }
  const facts = decodeTransaction(transaction, options);
  const { challenges: schemes, bearerChallenge, diagnostics, tokenRequest, tokenAnswer, authorization } = facts;
  const tokens = tokensOfServices(facts);
  const hasPassword = authorization.scheme === "basic" && authorization.isDecodable;
  const graph = facts.graph === null ? graphOfAnswer(transaction) : null;
  const address = withoutUserInfo(request.target).replace(/[?#].*$/s, "");
  const path = withoutTokens(request.method === "" && address === "/" ? "" : address.replace(/^https?:\/\/[^/]*/i, ""));
  const status = response === null || response.status === 0 ? null : response.status;
  return {
    value: { method: request.method, host: transaction.host, path, status, parts },
    subject: subjectOf({
      ...{ tokens, schemes, bearerChallenge, diagnostics, tokenRequest, tokenAnswer, hasPassword, graph },
      transaction,
      transactions: [transaction],
    }),
  };
}

/** The answer of Graph whose request, and with it the host, was not copied. */
function graphOfAnswer({ request, response }: HttpTransaction): GraphFacts | null {
  if (request.method !== "" || request.headers.length > 0 || (response?.status ?? 0) === 0) return null;
  const text = response === null ? "" : bodyText(response.body, maxFormText);
  const json = text.startsWith("{") ? readJsonObject(text) : null;
  return json?.ok === true ? pastedGraphAnswer(json.value.value) : null;
}

function fieldParts(headers: Headers, { applications }: DecodeOptions): JsonObject[] {
  return headers.flatMap(([name, value]): readonly JsonObject[] => {
    if (/^x-ews-policy-reason$/i.test(name))
      return [{ header: name, kind: "policy", value: { reason: value.slice(0, 500) } }];
    const part = decodeField(name.toLowerCase(), value, applications);
    return part === null ? [] : [{ header: name, kind: part.kind, value: part.value }];
  });
}
