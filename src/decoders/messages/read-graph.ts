// One call to Microsoft Graph and its answer become facts. A success is opened only where an error can be inside.
import type { CapturedBody, HttpTransaction } from "../../core/http-transaction.ts";
import { requestPath } from "../../core/http-transaction.ts";
import { bodyText } from "../body-text.ts";
import type { GraphFacts, GraphFamily } from "../graph-facts.ts";
import { type JsonObject, readJsonObject } from "../json-text.ts";
import { batchedAnswersOf, graphErrorOf, itemErrorsOf, requestIdOf } from "./graph-answer.ts";
import { graphFamilyOf } from "./graph-call.ts";

const maxBody = 1024 * 1024;

export interface GraphReading {
  readonly facts: GraphFacts;
  /** The `request-id` in the body of an error; empty when there is none. */
  readonly requestId: string;
}

/** Reads a transaction with a Graph host. A body that cannot be read (truncated, no JSON) gives no error and no batch. */
export function readGraph(transaction: HttpTransaction): GraphReading {
  const { request, response } = transaction;
  const family = graphFamilyOf(requestPath(transaction));
  const status = response?.status ?? 0;
  const answer = response === null || !isOpened(family, status) ? null : readObject(response.body);
  if (answer === null) return { facts: closedFacts[family], requestId: "" };
  const isSuccess = status < 300;
  return {
    facts: {
      family,
      error: isSuccess ? null : graphErrorOf(answer),
      itemErrors: isSuccess && hasItems.has(family) ? itemErrorsOf(answer) : noCodes,
      batch: isSuccess && family === "batch" ? batchedAnswersOf(answer, readObject(request.body)) : noAnswers,
    },
    requestId: isSuccess ? "" : requestIdOf(answer),
  };
}

const noCodes: readonly never[] = [];
const noAnswers: readonly never[] = [];
const hasItems: ReadonlySet<GraphFamily> = new Set<GraphFamily>(["free-busy", "mail-tips"]);

/** The facts of calls whose answers are not opened: one object a family, which costs nothing to compare. */
const closedFacts: Readonly<Record<GraphFamily, GraphFacts>> = {
  "free-busy": closed("free-busy"),
  "mail-tips": closed("mail-tips"),
  "mailbox-settings": closed("mailbox-settings"),
  photo: closed("photo"),
  batch: closed("batch"),
  unknown: closed("unknown"),
};

function closed(family: GraphFamily): GraphFacts {
  return { family, error: null, itemErrors: noCodes, batch: noAnswers };
}

function isOpened(family: GraphFamily, status: number): boolean {
  if (status >= 400) return true;
  return status >= 200 && status < 300 && (family === "batch" || hasItems.has(family));
}

function readObject(body: CapturedBody): JsonObject | null {
  const text = bodyText(body, maxBody).trimStart();
  if (!text.startsWith("{")) return null;
  const json = readJsonObject(text);
  return json.ok ? json.value.value : null;
}
