import type { S2sToken } from "../../decoders/facts.ts";
import type { Finding } from "../finding.ts";
import { findInTokens, layersOf, noFindings, type Rule } from "../rule.ts";

/** Whether the token is meant for the host that was called, and in the realm that issued it. */
export const judgeAudience: Rule = ({ tokens, correlation, host }) => {
  if (correlation.role !== "call") return noFindings;
  return findInTokens(tokens, (outer) => {
    const findings: Finding[] = [];
    for (const { token } of layersOf(outer)) findings.push(...judgeHost(token, host), ...judgeAudienceRealm(token));
    return findings;
  });
};

// [MS-XOAUTH] 3.2.5.6: the host is compared without letter case; observed: a port in it counts.
function judgeHost(token: S2sToken, host: string): readonly Finding[] {
  const wanted = audienceHost(token);
  if (wanted === null || wanted === host) return [];
  const audience = token.audience?.asSeen ?? token.audienceText;
  return [{ code: "AUDIENCE_HOST_MISMATCH", audience, host }];
}

function audienceHost(token: S2sToken): string | null {
  return token.audience?.host?.replace(/:443$/, "") ?? null;
}

/** Realm rules of one token that need no request: also for one that was pasted. */
export function judgeAudienceRealm(token: S2sToken): readonly Finding[] {
  const { audience, issuer, tokenKind } = token;
  if (audience === null || audience.id === "") return [];
  if (tokenKind !== "actor" && tokenKind !== "app-acts-as-user" && tokenKind !== "direct-trust") return [];
  if (audience.realm === "") return [{ code: "AUDIENCE_WITHOUT_REALM", audience: audience.asSeen }];
  // Observed for tokens of the token service: the realm of aud must be that of iss.
  if (tokenKind !== "actor" || issuer === null || issuer.realm === "" || issuer.realm === "*") return [];
  if (audience.realm === issuer.realm) return [];
  return [{ code: "AUDIENCE_REALM_MISMATCH", audience: audience.realm, issuer: issuer.realm }];
}
