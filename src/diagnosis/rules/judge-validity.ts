import type { S2sToken } from "../../decoders/facts.ts";
import type { Finding } from "../catalogue/finding.ts";
import { findInTokens, layersOf, noFindings, type Rule } from "./rule.ts";

/** Whether each layer of the token was valid when the request was sent. */
export const judgeValidity: Rule = ({ tokens, correlation, at }) => {
  if (correlation.role !== "call" && correlation.role !== "token-request") return noFindings;
  return findInTokens(tokens, (token) => judgeTimes(token, at));
};

function judgeTimes(outer: S2sToken, at: number): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { token, layer } of layersOf(outer)) {
    if (token.expires === null) findings.push({ code: "TOKEN_WITHOUT_EXPIRY", layer });
    // RFC 7519 4.1.4: not on or after exp.
    else if (at >= token.expires) findings.push({ code: "TOKEN_EXPIRED", expiredAt: token.expires, layer });
    if (token.notBefore !== null && at < token.notBefore - toleranceMs)
      findings.push({ code: "TOKEN_NOT_YET_VALID", validFrom: token.notBefore, layer });
  }
  return findings;
}

// RFC 7519 4.1.5 allows some leeway for nbf; a token used in the second it was made is normal.
const toleranceMs = 5_000;
