import { signInAnswer } from "../../handshake/reduce.ts";
import { hasPassword, isUserClient } from "../../handshake/role.ts";
import type { Finding } from "../catalogue/finding.ts";
import type { Rule } from "./rule.ts";

/** Basic offered, expected, used, or sent in place of a token; and password grants. handshake/correlate.ts tells these cases apart. */
export const judgePassword: Rule = ({ transaction, facts, correlation, host }) => {
  const findings: Finding[] = [];
  const { endpoint } = facts;
  if (facts.tokenRequest?.isPasswordGrant === true) findings.push({ code: "PASSWORD_GRANT", host });
  if (facts.challenges.some(({ scheme }) => scheme.toLowerCase() === "basic"))
    findings.push({ code: "BASIC_OFFERED", host });
  if (facts.otherCredentials.some(({ field, isPassword }) => field === "proxy-authorization" && isPassword))
    findings.push({ code: "PROXY_PASSWORD", host });
  // Basic to a token service is a client's secret.
  if (!hasPassword(facts) || correlation.role === "token-request" || correlation.role === "sts") return findings;
  const place = { host, endpoint, answer: signInAnswer(transaction.response?.status ?? null) };
  const { fallback, conversation } = correlation;
  if (fallback !== null) findings.push({ code: "BASIC_FALLBACK", ...place, why: fallback });
  else if (endpoint === "activesync" || endpoint === "rpc" || isUserClient(facts))
    findings.push({ code: "BASIC_EXPECTED", ...place });
  else findings.push({ code: "BASIC_USED", ...place, afterBearer: conversation.isBearerOffered });
  return findings;
};
