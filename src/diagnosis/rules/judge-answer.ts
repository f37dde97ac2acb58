import { firstHeader } from "../../core/headers.ts";
import { type HttpTransaction, onlyStatusRecorded } from "../../core/http-transaction.ts";
import { isExchangeOnline, microsoftHost } from "../../core/microsoft-hosts.ts";
import type { Discovery } from "../../decoders/discovery-facts.ts";
import { ewsPolicyOf } from "../../handshake/ews-policy.ts";
import { isDelegateCheck, isUserClient, presentedToken } from "../../handshake/role.ts";
import { isWebPage } from "../../handshake/signals.ts";
import { isCallError } from "../catalogue/call-errors.ts";
import type { Finding } from "../catalogue/finding.ts";
import { noFindings, type Rule, type RuleInput } from "./rule.ts";

/** Problems of a service's call other than its token: a policy, a missing interface, no answer. Of others, the gate of EWS alone. */
export const judgeAnswer: Rule = (input) => {
  const { transaction, facts, correlation, host } = input;
  if (facts.policyReason !== "" && correlation.role !== "call") return judgeGate(input);
  if (correlation.role !== "call" && correlation.role !== "token-request") return [];
  const { response } = transaction;
  if (response === null) return judgeNoAnswer(input);
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

/** A trace of a failed request may have the status of the answer alone. */
function judgeNoAnswer({ transaction, host }: RuleInput): readonly Finding[] {
  return transaction.failure?.startsWith(onlyStatusRecorded) === true ? [] : [{ code: "CALL_UNANSWERED", host }];
}

function judgeForbidden(
  facts: RuleInput["facts"],
  correlation: RuleInput["correlation"],
  host: string,
): readonly Finding[] {
  const { policyReason, endpoint, graph } = facts;
  // judge-graph.ts explains it.
  if (graph !== null && graph.error !== null) return [];
  if (policyReason !== "")
    return [named(explainPolicy(policyReason, host, presentedToken(facts)?.caller?.id ?? "", false), facts)];
  return correlation.outcome === "refused"
    ? []
    : [named({ code: "FORBIDDEN_WITHOUT_REASON", host, isEws: endpoint === "ews" }, facts)];
}

/** The finding names the delegate check of Teams, for which lists on premises need a name of its own. */
function named(finding: Finding, facts: RuleInput["facts"]): Finding {
  const isListed = finding.code === "FORBIDDEN_WITHOUT_REASON" || finding.code === "EWS_BLOCKED_BY_POLICY";
  return isListed && isDelegateCheck(facts) ? { ...finding, isDelegateCheck: true } : finding;
}

/** The gate of Exchange Online closes to persons' programs as to services, also where the token is not in the capture. */
function judgeGate({ facts, correlation, host }: RuleInput): readonly Finding[] {
  if (!isExchangeOnline(host)) return [];
  const callerId = presentedToken(facts)?.caller?.id ?? "";
  const isPerson = correlation.role === "user-call" || isUserClient(facts);
  return [explainPolicy(facts.policyReason, host, callerId, isPerson)];
}

/**
 * The finding for a 403 with X-EWS-Policy-Reason. The published texts of Exchange Online begin, in any letter case, with
 * "ews is disabled" and "ews is blocked by policy" (`ewsPolicyOf`); any other server has its own lists. `host` is empty for an answer
 * that was pasted without its request.
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

/** The first leg of Teams: Exchange answers the look-up of EWS without sign-in, and nothing else may answer it. */
export const judgeDiscovery: Rule = ({ transaction, facts, correlation, host }) => {
  const { discovery } = facts;
  if (correlation.role !== "discovery" || discovery === undefined || microsoftHost(host) !== null) return noFindings;
  const { response } = transaction;
  if (response === null) return [{ code: "DISCOVERY_FAILED", host, status: 0, error: "" }];
  const { status } = response;
  const refused = refusalOf(transaction, discovery);
  if (refused !== null) return [{ code: "DISCOVERY_REFUSED", host, how: refused, by: isOfExchange(transaction) }];
  if (status === 404) return [{ code: "DISCOVERY_NOT_FOUND", host, version: facts.exchangeVersion }];
  if (discovery.answer === "address" || discovery.answer === "sent-on") return judgeTarget(discovery, host);
  return [{ code: "DISCOVERY_FAILED", host, status, error: discovery.errorCode }];
};

function refusalOf({ response }: HttpTransaction, { answer }: Discovery): "status" | "sign-in" | "page" | null {
  const status = response?.status ?? 0;
  if (status === 401 || status === 403 || status === 407) return "status";
  if (answer === "sign-in") return "sign-in";
  return status === 200 && answer === "page" ? "page" : null;
}

/** Exchange names its server or its build; a device that answers for it does not. */
function isOfExchange({ response }: HttpTransaction): "exchange" | "device" {
  const fields = ["x-feserver", "x-owa-version", "x-calculatedbetarget"];
  const headers = response?.headers ?? [];
  return fields.some((field) => firstHeader(headers, field) !== undefined) ? "exchange" : "device";
}

function judgeTarget({ answer, host: to }: Discovery, host: string): readonly Finding[] {
  const name = host.replace(/:\d{1,5}$/, "");
  if (to === "" || to === name) return noFindings;
  return [
    {
      code: "DISCOVERY_ELSEWHERE",
      host,
      to,
      how: answer === "address" ? "address" : "redirect",
      isInternal: isInternal(to),
      isOnline: isExchangeOnline(to),
    },
  ];
}

/** A name that public DNS does not have, or a private address (RFC 1918, RFC 6762, RFC 8375). */
function isInternal(name: string): boolean {
  if (!name.includes(".")) return true;
  return /\.(?:local|localdomain|lan|internal|intern|corp|home\.arpa|test|localhost)$|^(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+$/.test(
    name,
  );
}
