import { isWebPage } from "../../handshake/signals.ts";
import { isCallError } from "../call-errors.ts";
import type { Finding } from "../finding.ts";
import type { Rule } from "../rule.ts";

/** What became of a service's call besides its token: a policy, a missing interface, no answer. */
export const judgeAnswer: Rule = ({ transaction, facts, correlation, host }) => {
  if (correlation.role !== "call" && correlation.role !== "token-request") return [];
  const { response } = transaction;
  if (response === null) return [{ code: "CALL_UNANSWERED", host }];
  if (correlation.role !== "call") return [];
  const findings: Finding[] = [];
  if (response.status === 403 && facts.policyReason !== "")
    findings.push({ code: "EWS_BLOCKED_BY_POLICY", host, policy: policyWords(facts.policyReason) });
  else if (response.status === 403 && correlation.outcome !== "refused")
    findings.push({ code: "FORBIDDEN_WITHOUT_REASON", host });
  if (isWebPage(transaction, facts)) findings.push({ code: "WEB_PAGE_ANSWERED", host, status: response.status });
  if (response.status === 404 && facts.endpoint === "rest")
    findings.push({ code: "REST_NOT_FOUND", host, version: facts.exchangeVersion });
  const error = correlation.outcome === "accepted" && facts.soapAnswer?.isError === true ? facts.soapAnswer.code : "";
  if (isCallError(error))
    findings.push({ code: "CALL_FAILED", host, operation: facts.operation?.name ?? "the call", error });
  return findings;
};

// Published texts of X-EWS-Policy-Reason: "EWS is disabled for…" and "EWS is blocked by policy for…".
function policyWords(reason: string): string {
  if (/disabled/i.test(reason)) return "EWS is disabled for this user or organisation";
  return /blocked/i.test(reason)
    ? "EWS is blocked by policy for this user or organisation"
    : "its reason is in the capture";
}
