import { isExchangeOnline } from "../../core/microsoft-hosts.ts";
import { ewsPolicyOf } from "../../handshake/ews-policy.ts";
import { isUserClient, presentedToken } from "../../handshake/role.ts";
import { isWebPage } from "../../handshake/signals.ts";
import { isCallError } from "../catalogue/call-errors.ts";
import type { Finding } from "../catalogue/finding.ts";
import type { Rule, RuleInput } from "./rule.ts";

/** Problems of a service's call other than its token: a policy, a missing interface, no answer. Of others, the gate of EWS alone. */
export const judgeAnswer: Rule = (input) => {
  const { transaction, facts, correlation, host } = input;
  if (facts.policyReason !== "" && correlation.role !== "call") return judgeGate(input);
  if (correlation.role !== "call" && correlation.role !== "token-request") return [];
  const { response } = transaction;
  if (response === null) return [{ code: "CALL_UNANSWERED", host }];
  if (correlation.role !== "call") return [];
  const findings: Finding[] = response.status === 403 ? [...judgeForbidden(facts, correlation, host)] : [];
  if (isWebPage(transaction, facts)) findings.push({ code: "WEB_PAGE_ANSWERED", host, status: response.status });
  if (response.status === 404 && facts.endpoint === "rest")
    findings.push({ code: "REST_NOT_FOUND", host, version: facts.exchangeVersion });
  const error = correlation.outcome === "accepted" && facts.soapAnswer?.isError === true ? facts.soapAnswer.code : "";
  if (isCallError(error))
    findings.push({ code: "CALL_FAILED", host, operation: facts.operation?.name ?? "the call", error });
  return findings;
};

function judgeForbidden(
  facts: RuleInput["facts"],
  correlation: RuleInput["correlation"],
  host: string,
): readonly Finding[] {
  const { policyReason, endpoint, graph } = facts;
  // judge-graph.ts explains it.
  if (graph !== null && graph.error !== null) return [];
  if (policyReason !== "") return [explainPolicy(policyReason, host, presentedToken(facts)?.caller?.id ?? "", false)];
  return correlation.outcome === "refused"
    ? []
    : [{ code: "FORBIDDEN_WITHOUT_REASON", host, isEws: endpoint === "ews" }];
}

/** The gate of Exchange Online closes to persons' programs as to services, also where the token is not in the capture. */
function judgeGate({ facts, correlation, host }: RuleInput): readonly Finding[] {
  if (!isExchangeOnline(host)) return [];
  const callerId = presentedToken(facts)?.caller?.id ?? "";
  const isPerson = correlation.role === "user-call" || isUserClient(facts);
  return [explainPolicy(facts.policyReason, host, callerId, isPerson)];
}

/**
 * The finding for a 403 with X-EWS-Policy-Reason. Exchange Online's published texts are "EWS is disabled for…" and "EWS is blocked
 * by policy for…"; any other server has its own lists. `host` is empty for an answer that was pasted without its request.
 */
export function explainPolicy(reason: string, host: string, callerId: string, isPerson: boolean): Finding {
  const policy = ewsPolicyOf(reason, host);
  const at = host === "" ? "the server" : host;
  if (policy === "online-off") return { code: "EWS_OFF_FOR_TENANT", host: at, callerId, isPerson };
  if (policy === "online-not-allowed") return { code: "EWS_APP_NOT_ALLOWED", host: at, callerId, isPerson };
  return { code: "EWS_BLOCKED_BY_POLICY", host: at, policy: policyWords(reason) };
}

function policyWords(reason: string): string {
  if (/disabled/i.test(reason)) return "EWS is disabled for this user or organisation";
  return /blocked/i.test(reason)
    ? "EWS is blocked by policy for this user or organisation"
    : "its reason is in the capture";
}
