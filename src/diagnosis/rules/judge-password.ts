import { signInAnswer } from "../../handshake/reduce.ts";
import { isUserClient } from "../../handshake/role.ts";
import type { Finding } from "../finding.ts";
import type { Rule } from "../rule.ts";

/** Basic offered, expected, used, or sent where a token belongs; and password grants. The ladder is in handshake/correlate.ts. */
export const judgePassword: Rule = ({ transaction, facts, correlation, host }) => {
  const findings: Finding[] = [];
  const { endpoint } = facts;
  if (facts.tokenRequest?.isPasswordGrant === true) findings.push({ code: "PASSWORD_GRANT", host });
  if (facts.challenges.some(({ scheme }) => scheme.toLowerCase() === "basic"))
    findings.push({ code: "BASIC_OFFERED", host });
  if (facts.authorization.scheme !== "basic" || correlation.role !== "basic") return findings;
  const place = { host, endpoint, answer: signInAnswer(transaction.response?.status ?? null) };
  if (correlation.handshake !== null)
    findings.push({ code: "BASIC_FALLBACK", ...place, why: whyOf(correlation, facts) });
  else if (endpoint === "activesync" || endpoint === "rpc" || isUserClient(facts))
    findings.push({ code: "BASIC_EXPECTED", ...place });
  else findings.push({ code: "BASIC_USED", ...place });
  return findings;
};

function whyOf(
  { conversation }: Parameters<Rule>[0]["correlation"],
  facts: Parameters<Rule>[0]["facts"],
): "cloud-user-agent" | "after-probe" | "after-bearer-offer" {
  if (conversation.isProbed) return "after-probe";
  return facts.isCloudUserAgent ? "cloud-user-agent" : "after-bearer-offer";
}
