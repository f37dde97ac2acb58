import { microsoftHost } from "../../core/microsoft-hosts.ts";
import type { S2sToken } from "../../decoders/facts.ts";
import { cloudResource } from "../catalogue/application-kind.ts";
import type { Finding } from "../catalogue/finding.ts";
import { findInTokens, layersOf, noFindings, type Rule } from "./rule.ts";

/** Whether the token is meant for the host that was called, and in the realm that issued it. */
export const judgeAudience: Rule = ({ tokens, correlation, host }) => {
  if (correlation.role !== "call") return noFindings;
  return findInTokens(tokens, (outer) => {
    const findings: Finding[] = [];
    for (const { token } of layersOf(outer)) {
      const elsewhere = microsoftHost(host)?.service === "graph" ? [] : judgeOtherService(token, host);
      findings.push(...(elsewhere.length > 0 ? elsewhere : judgeHost(token, host)), ...judgeAudienceRealm(token));
    }
    return findings;
  });
};

/** A token for Azure AD Graph or Microsoft Graph, which is not valid for Exchange. `host` is empty for a pasted token. */
export function judgeOtherService(token: S2sToken, host: string): readonly Finding[] {
  // judge-tenant-boundary.ts reports an actor token for Azure AD Graph as an alarm.
  if (token.tokenKind === "actor" || token.tokenKind === "app-acts-as-user") return noFindings;
  const { audience } = token;
  const isRetired = audience?.id === "00000002-0000-0000-c000-000000000000" || audience?.host === "graph.windows.net";
  if (isRetired) return [{ code: "AUDIENCE_NOT_EXCHANGE", service: "Azure AD Graph", host }];
  // Exchange Server calls Microsoft Graph, too, so its token is wrong only at another host.
  const isGraph =
    audience?.id === "00000003-0000-0000-c000-000000000000" || microsoftHost(audience?.host ?? "")?.service === "graph";
  return isGraph && host !== "" ? [{ code: "AUDIENCE_NOT_EXCHANGE", service: "Microsoft Graph", host }] : noFindings;
}

// [MS-XOAUTH] 3.2.5.6: the host is compared without letter case; observed: a port in it counts.
function judgeHost(token: S2sToken, host: string): readonly Finding[] {
  const wanted = audienceHost(token);
  if (wanted === host || isSameService(token, host)) return [];
  const audience = token.audience?.asSeen ?? token.audienceText;
  return [{ code: "AUDIENCE_HOST_MISMATCH", audience, host }];
}

/** True where Entra's audience names the service of that host: by its application id, or by another name in the same cloud. */
function isSameService({ tokenKind, audience }: S2sToken, host: string): boolean {
  const called = microsoftHost(host);
  const resource = cloudResource(audience);
  if (audience?.host === null || audience === null)
    return resource === null || called === null || resource.service === called.service;
  if (tokenKind !== "entra-v1" && tokenKind !== "entra-v2") return false;
  return (
    resource !== null && resource.service === called?.service && microsoftHost(audience.host)?.cloud === called.cloud
  );
}

function audienceHost(token: S2sToken): string | null {
  return token.audience?.host?.replace(/:443$/, "") ?? null;
}

/** The realm rules of one token that need no request; also for a pasted one. */
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
