// One request in a few lines: request, sign-in, answer and findings.
import type { HttpTransaction } from "../../../core/http-transaction.ts";
import { bodyBytes, requestUrl } from "../../../core/http-transaction.ts";
import { safe } from "../../../core/safe-text.ts";
import type { Authorization, S2sToken, TransactionFacts } from "../../../decoders/facts.ts";
import type { GraphFacts } from "../../../decoders/graph-facts.ts";
import { decodeTransaction } from "../../../decoders/messages/decode-transaction.ts";
import { worstFirst } from "../../../diagnosis/catalogue/finding-text.ts";
import { graphOperations } from "../../../diagnosis/catalogue/graph-permissions.ts";
import { wayOfRequest } from "../../../diagnosis/request-way.ts";
import { wrap } from "../../lines/cell-text.ts";
import { type PaneLine, textLine } from "../../lines/pane-line.ts";
import { lineWidth, type ScreenLine, spread } from "../../lines/screen-line.ts";
import { lifeBar, lifeWords } from "../../lines/time-bar.ts";
import { shortIds, wrapSpans } from "../../lines/wrap-spans.ts";
import { sizeText } from "../../model/columns.ts";
import { type ClaimContext, claimVerdict } from "../../words/claim-verdicts.ts";
import { findingLines } from "./findings-pane.ts";

export interface SummaryInput {
  readonly transaction: HttpTransaction;
  readonly context: Pick<ClaimContext, "handshake" | "findings">;
  readonly columns: number;
}

/** Request, status, sign-in with its main claims, decoded facts and findings. */
export function summaryPane({ transaction, context, columns }: SummaryInput): readonly PaneLine[] {
  const { request, response, durationMs, failure, id } = transaction;
  const facts = decodeTransaction(transaction);
  const duration = durationMs === null ? "" : ` ${Math.round(durationMs)} ms`;
  const size = sizeText(bodyBytes(transaction));
  const answer = response === null ? "no answer" : `${response.status}${duration}  ${size}`;
  const url = safe(`${request.method} ${requestUrl(transaction)}`);
  const [first = [], ...rest] = wrapSpans([[url, "strong"]], columns - answer.length - 1, "  ");
  const copy = { name: "URL", text: requestUrl(transaction) };
  return [
    { line: spread(first, [[answer, response === null ? "warning" : "strong"]], columns), copy },
    ...rest.map((line) => ({ line, copy })),
    ...authorizationLines(facts, { ...context, ...contextFor(transaction), transactionId: id }, columns),
    ...wayLine(facts, context.handshake),
    ...factLines(facts, columns),
    ...(failure === null ? [] : [textLine(safe(failure), "warning")]),
    ...worstFirst(context.findings).flatMap((finding) => findingLines(finding, columns)),
  ];
}

/** The direction of the handshake, and interface and token service of this request. */
function wayLine(facts: TransactionFacts, handshake: ClaimContext["handshake"]): readonly PaneLine[] {
  const parts = [handshake?.direction ?? "", wayOfRequest(facts)].filter((part) => part !== "");
  if (parts.length === 0) return [];
  return [textLine(`${handshake?.direction == null ? "Route" : "Direction"}: ${parts.join(", ")}`)];
}

function contextFor({ startedAt, host }: HttpTransaction): Pick<ClaimContext, "at" | "host" | "isActor"> {
  return { at: startedAt, host, isActor: false };
}

function authorizationLines(
  { authorization }: TransactionFacts,
  context: ClaimContext,
  columns: number,
): readonly PaneLine[] {
  const line = textLine(`Authorization: ${authorizationWords(authorization)}`);
  if (authorization.scheme !== "bearer" || !authorization.token.ok) return [line];
  const token = authorization.token.value;
  const actor = token.actor?.ok === true ? token.actor.value : null;
  return [
    line,
    claimLine(
      "iss ",
      issuerOf(actor ?? token),
      claimVerdict("iss", actor ?? token, { ...context, isActor: actor !== null }),
      columns,
    ),
    claimLine("aud ", token.audience?.asSeen ?? token.audienceText, claimVerdict("aud", token, context), columns),
    ...lifeLine(token, context.at, columns),
  ];
}

function issuerOf({ issuer, issuerText }: S2sToken): string {
  return issuer?.asSeen ?? issuerText;
}

function claimLine(label: string, value: string, verdict: ScreenLine, columns: number): PaneLine {
  return {
    line: spread([[`${label} ${shortIds(safe(value), columns - lineWidth(verdict) - 6)}`, "plain"]], verdict, columns),
    copy: { name: label.trim(), text: value },
  };
}

function lifeLine(token: S2sToken, at: number, columns: number): readonly PaneLine[] {
  const bar = lifeBar(token, at);
  if (bar === null) return [];
  const isGood = token.expires !== null && at < token.expires && (token.notBefore === null || at >= token.notBefore);
  const verdict: ScreenLine = [[isGood ? "[OK]" : "[XX]", isGood ? "good" : "bad"]];
  return [{ line: spread([[`life ${bar} ${lifeWords(token, at)}`, isGood ? "plain" : "bad"]], verdict, columns) }];
}

function authorizationWords(authorization: Authorization): string {
  switch (authorization.scheme) {
    case "none":
      return "none";
    case "bearer-probe":
      return "Bearer with nothing after it: asks what the server wants";
    case "bearer": {
      if (!authorization.token.ok) return safe(`Bearer, cannot be decoded: ${authorization.token.problem}`);
      const { tokenKind, alg, actor } = authorization.token.value;
      const inner = actor?.ok === true ? `, actor ${actor.value.alg}` : "";
      return safe(`Bearer ${tokenKind} (alg ${alg}${inner})`);
    }
    case "basic": {
      const domain = authorization.domain === "" ? "" : `${authorization.domain}\\`;
      return safe(`BASIC user ${domain}${authorization.user}, password <never shown>`);
    }
    case "ntlm":
    case "negotiate":
      return `${authorization.scheme === "ntlm" ? "NTLM" : "Negotiate"}${authorization.message.ok ? ` ${authorization.message.value.type}` : ""}`;
    case "removed":
      return `${authorization.name} removed by the program that exported the capture`.trimStart();
    case "other":
      return safe(authorization.name);
  }
}

function factLines(facts: TransactionFacts, columns: number): readonly PaneLine[] {
  const { bearerChallenge, challenges, diagnostics, tokenRequest, tokenAnswer, operation, graph } = facts;
  const words = [
    ...(operation === null ? [] : [`Asks for: ${operation.name}`]),
    ...(graph === null ? [] : graphWords(graph, facts.requestId)),
    ...(tokenRequest === null ? [] : [`Token request: ${tokenRequest.grantType} for ${tokenRequest.resourceText}`]),
    ...(tokenAnswer === null
      ? []
      : [tokenAnswer.isIssued ? "Token issued" : `Token refused: ${tokenAnswer.errorCode || tokenAnswer.error}`]),
    ...(challenges.length === 0 ? [] : [`Answer offers: ${challenges.map(({ scheme }) => scheme).join(", ")}`]),
    ...(bearerChallenge === null
      ? []
      : [`Trusts: ${bearerChallenge.trustedIssuers.map(({ name, asSeen }) => name ?? asSeen).join(", ")}`]),
    ...(diagnostics === null ? [] : [`x-ms-diagnostics: ${diagnostics.code} ${diagnostics.reason}`]),
  ];
  return words.flatMap((text) => wrap(safe(text), columns).map((part) => textLine(part)));
}

function graphWords({ family, error, itemErrors, batch }: GraphFacts, requestId: string): readonly string[] {
  const inside = batch.map((one) => `${graphOperations[one.family]} ${one.status} ${one.error?.code ?? ""}`.trim());
  return [
    ...(family === "unknown" ? [] : [`Asks Graph for: ${graphOperations[family]}`]),
    ...(error === null ? [] : [`Error of Graph: ${[error.code, ...error.innerCodes].join(", ")}`]),
    ...(itemErrors.length === 0 ? [] : [`Errors for mailboxes: ${itemErrors.join(", ")}`]),
    ...(inside.length === 0 ? [] : [`Answers in the batch: ${inside.join("; ")}`]),
    ...(error === null || requestId === "" ? [] : [`request-id: ${requestId}`]),
  ];
}
