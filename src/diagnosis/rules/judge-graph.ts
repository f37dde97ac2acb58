import type { S2sToken } from "../../decoders/facts.ts";
import type { GraphError, GraphFacts, GraphFamily } from "../../decoders/graph-facts.ts";
import { presentedToken } from "../../handshake/role.ts";
import { isWebPage } from "../../handshake/signals.ts";
import type { Finding } from "../catalogue/finding.ts";
import { isGranted, permissionFor, rolesOf } from "../catalogue/graph-permissions.ts";
import { demandOf } from "./judge-diagnostics.ts";
import { callerText, noFindings, type Rule } from "./rule.ts";

/** Answers of Microsoft Graph to a service: refusals, mailboxes that are elsewhere, errors inside a success. */
export const judgeGraph: Rule = ({ transaction, facts, correlation, host }) => {
  const { graph, bearerChallenge } = facts;
  if (graph === null || correlation.role !== "call" || transaction.response === null) return noFindings;
  // CLAIMS_CHALLENGE says what the next token needs.
  if (bearerChallenge !== null && demandOf(bearerChallenge) !== null) return noFindings;
  if (isWebPage(transaction, facts)) return noFindings;
  return judgeGraphAnswer(graph, { host, status: transaction.response.status, token: presentedToken(facts) });
};

/** The circumstances of a Graph answer; `status` is 0 for a pasted body. */
export interface GraphContext {
  readonly host: string;
  readonly status: number;
  readonly token: S2sToken | null;
}

/** The findings of one answer, with those of the calls in a batch; also of a pasted one. */
export function judgeGraphAnswer(graph: GraphFacts, context: GraphContext): readonly Finding[] {
  const { family, error, itemErrors, batch } = graph;
  return [
    ...judgeError(family, error, context),
    ...itemErrors.map((code): Finding => ({ code: "GRAPH_ITEM_FAILED", host: context.host, family, error: code })),
    ...batch.flatMap((one) => judgeError(one.family, one.error, { ...context, status: one.status })),
  ];
}

function judgeError(family: GraphFamily, error: GraphError | null, context: GraphContext): readonly Finding[] {
  const { host, status, token } = context;
  // 401 and 403 without an error of Graph: judge-diagnostics.ts and judge-answer.ts.
  if (error === null) return status === 401 || status === 403 || status < 400 ? [] : [failed(family, null, context)];
  const named = { host, family, error: codeOf(error) };
  switch (error.cause) {
    case "permission":
    case "policy":
      return [
        {
          code: "GRAPH_PERMISSION_REFUSED",
          ...named,
          status,
          grant: grantOf(family, token),
          isPolicy: error.cause === "policy",
        },
      ];
    case "mailbox-not-online":
      return [{ code: "GRAPH_MAILBOX_NOT_ONLINE", ...named }];
    case "user-unknown":
      return [{ code: "GRAPH_USER_UNKNOWN", ...named }];
    case "throttled":
      return [failed(family, error, context)];
    case "unknown":
      if (status === 401) return [tokenRefused(error, context)];
      // An item or a photo that does not exist is ordinary.
      return status === 404 || status === 0 ? [] : [failed(family, error, context)];
    default:
      return [tokenRefused(error, context)];
  }
}

function tokenRefused(error: GraphError, { host, token }: GraphContext): Finding {
  return {
    code: "GRAPH_TOKEN_REFUSED",
    host,
    caller: callerText(token),
    error: codeOf(error),
    cause: error.cause,
  };
}

function failed(family: GraphFamily, error: GraphError | null, { host, status }: GraphContext): Finding {
  const isThrottled = status === 429 || error?.cause === "throttled";
  return { code: "GRAPH_CALL_FAILED", host, family, error: error === null ? "" : codeOf(error), status, isThrottled };
}

/** The most detailed code. */
function codeOf({ code, innerCodes }: GraphError): string {
  return innerCodes.at(-1) ?? code;
}

function grantOf(family: GraphFamily, token: S2sToken | null): "missing" | "held" | "unknown" {
  const wanted = permissionFor(family);
  const roles = token === null ? null : rolesOf(token);
  if (wanted === null || roles === null) return "unknown";
  return isGranted(wanted, roles) ? "held" : "missing";
}
