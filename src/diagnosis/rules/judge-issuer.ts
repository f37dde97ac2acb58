import { memoize } from "../../core/memoize.ts";
import { isPersonsName, type Principal } from "../../core/principals.ts";
import { nearMissOf } from "../../core/well-known-applications.ts";
import { wellKnownClient } from "../../core/well-known-clients.ts";
import type { S2sToken } from "../../decoders/facts.ts";
import { callerDoubt, isS2sToken } from "../../handshake/caller-proof.ts";
import { issuedToken } from "../../handshake/role.ts";
import { tenantApplicationName } from "../catalogue/application-kind.ts";
import type { Finding, FindingOf } from "../catalogue/finding.ts";
import { findInTokens, noFindings, type Rule, signedToken, tenantApplication } from "./rule.ts";

/** The caller, the claim that names it, and whether it is a known application. */
export const judgeIssuer: Rule = ({ facts, tokens, correlation, host, hybridApp }) => {
  if (correlation.role !== "call" && correlation.role !== "token-request") return noFindings;
  const issued = issuedToken(facts);
  return findInTokens(issued === null ? tokens : [...tokens, issued], (token) => {
    const findings = judgeCaller(token, hybridApp, correlation.role === "call" ? host : "");
    // A caller that is not proven is not a sign of the handshake.
    const isDoubtful = (correlation.role === "call" || isS2sToken(token)) && callerDoubt(token) !== null;
    return isDoubtful ? findings.filter(({ code }) => code !== "ISSUER_SEEN") : findings;
  });
};

/**
 * The caller rules of one token; also for a pasted one. `hybridApp`: the id of the dedicated hybrid application, when given;
 * `host`: where the token was presented.
 */
export function judgeCaller(token: S2sToken, hybridApp: string | null, host = ""): readonly Finding[] {
  const { caller } = token;
  if (caller === null || token.tokenKind === "exchange-identity") return noFindings;
  const isTenants = caller.name === null && tenantApplication(token, host) !== "" && nearOf(caller.id) === undefined;
  const name = caller.name ?? (isTenants ? tenantApplicationName(hybridApp) : null);
  const spelling = judgeSpelling(isTenants ? { ...caller, name } : caller);
  if (name === null) return spelling;
  const seen = issuerSeen(caller.asSeen, name, placeOfCaller(token));
  return spelling.length === 0 ? seen : [...seen, ...spelling];
}

interface IssuerSeen extends FindingOf<"ISSUER_SEEN"> {}

/** Reported for every call of a service; as few services call, the same finding object is returned each time. */
function issuerSeen(caller: string, name: string, place: string): readonly IssuerSeen[] {
  const seen = issuersSeen(caller);
  const known = seen.find(([finding]) => finding?.name === name && finding.place === place);
  if (known !== undefined) return known;
  const made: readonly IssuerSeen[] = [{ code: "ISSUER_SEEN", caller, name, place }];
  if (seen.length < placeLimit) seen.push(made);
  return made;
}

const nearOf = memoize(256, nearMissOf);
const placeLimit = 16;
const issuersSeen = memoize(256, (): (readonly IssuerSeen[])[] => []);

/** Whether a principal's application is known, and whether its id is written in lower case. */
export function judgeSpelling(principal: Principal): readonly Finding[] {
  const findings: Finding[] = [];
  const caller = principal.asSeen;
  const client = wellKnownClient(principal.id);
  if (client !== undefined) {
    findings.push({ code: "USER_CLIENT_SEEN", caller, name: client });
  } else if (principal.name === null && !isPersonsName(principal)) {
    const written = principal.id || (/^\/?([0-9a-f-]{1,64})/i.exec(caller)?.[1] ?? "");
    const near = nearOf(written);
    findings.push({ code: "CALLER_UNKNOWN", caller, near: near === undefined ? "" : `${near.id} (${near.name})` });
  }
  if (principal.mixedCase) findings.push({ code: "PRINCIPAL_MIXED_CASE", caller });
  return findings;
}

// Outer iss, actor nameid, self-issued iss, or the appid (v1) or azp (v2) of an Entra token.
function placeOfCaller(token: S2sToken): string {
  switch (token.tokenKind) {
    case "app-acts-as-user":
      return "iss of the outer token";
    case "actor":
      return "nameid of the actor token";
    case "self-issued":
      return "iss of the self-issued token";
    case "direct-trust":
      return "iss of the direct-trust token";
    case "entra-v1":
    case "app-asserted-user":
      return "appid of the token";
    case "entra-v2":
      return "azp of the token";
    default:
      return "the token";
  }
}

/** Compares the issuer of the signed token with the trusted issuers of the challenge. */
export const judgeTrustedIssuer: Rule = ({ tokens, correlation, host }) => {
  const { challenge } = correlation.conversation;
  if (correlation.role !== "call" || challenge === null || challenge.trustedIssuers.length === 0) return noFindings;
  return findInTokens(tokens, (outer) => {
    const { issuer } = signedToken(outer);
    if (issuer === null || issuer.id === "") return noFindings;
    const isNamed = challenge.trustedIssuers.some(
      ({ id, realm, realmKind }) =>
        id === issuer.id && (realmKind === "wildcard" || realmKind === "empty" || sameRealm(realm, issuer.realm)),
    );
    return isNamed ? noFindings : [{ code: "ISSUER_NOT_IN_CHALLENGE", host, issuer: issuer.asSeen }];
  });
};

function sameRealm(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
