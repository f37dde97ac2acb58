import type { Principal } from "../../core/principals.ts";
import type { S2sToken } from "../../decoders/facts.ts";
import type { Finding } from "../catalogue/finding.ts";
import { callerText, findInTokens, layersOf, type Rule } from "./rule.ts";

/** Actor tokens used across tenants, or meant for a service that must not accept them (CVE-2025-55241). */
export const judgeTenantBoundary: Rule = ({ tokens }) => findInTokens(tokens, judgeTenants);

/** The rules of one token; also for a pasted one. Only tenant ids are compared, as a domain may belong to the same organisation. */
export function judgeTenants(outer: S2sToken): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { token } of layersOf(outer))
    if (isForGraph(token)) findings.push({ code: "ACTOR_TOKEN_FOR_GRAPH", caller: callerText(token) });
  if (outer.actor?.ok !== true) return findings;
  const actor = tenantOf(outer.actor.value.issuer);
  if (actor === null) return findings;
  const foreign = otherTenant(outer.issuer, actor) ?? otherTenant(outer.audience, actor);
  if (foreign !== null) findings.push({ code: "CROSS_TENANT_ACTOR", outer: foreign, actor });
  const user = outer.claims.tid;
  if (typeof user === "string" && user !== "" && user.toLowerCase() !== actor)
    findings.push({ code: "USER_OF_OTHER_TENANT", tenant: user, realm: actor });
  return findings;
}

function otherTenant(principal: Principal | null, actor: string): string | null {
  const tenant = tenantOf(principal);
  return tenant === actor ? null : tenant;
}

function tenantOf(principal: Principal | null): string | null {
  return principal?.realmKind === "tenant" ? principal.realm.toLowerCase() : null;
}

function isForGraph(token: S2sToken): boolean {
  if (token.tokenKind !== "actor" && token.tokenKind !== "app-acts-as-user") return false;
  const host = token.audience?.host ?? "";
  return (
    token.audience?.id === "00000002-0000-0000-c000-000000000000" ||
    host === "graph.windows.net" ||
    /^https?:\/\/graph\.windows\.net(?:[/?#]|$)/i.test(token.audienceText)
  );
}
