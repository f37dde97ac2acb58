import type { HttpTransaction } from "../../core/http-transaction.ts";
import { nearMissOf, wellKnownApplication } from "../../core/well-known-applications.ts";
import type { S2sToken, TransactionFacts } from "../../decoders/facts.ts";
import { callerDoubt, isS2sToken } from "../../handshake/caller-proof.ts";
import { hasSomeSignature, isWebPage, requiresAuthentication } from "../../handshake/signals.ts";
import type { Finding } from "../catalogue/finding.ts";
import { callerText, findInTokens, noFindings, type Rule, signedToken } from "./rule.ts";

/** Whether the outer token and its actor token fit together and are signed as they must be. */
export const judgeLayers: Rule = ({ transaction, facts, tokens, correlation, host }) => {
  if (correlation.role !== "call" && correlation.role !== "user-call" && correlation.role !== "token-request")
    return noFindings;
  return findInTokens(tokens, (token) => {
    const findings = judgeTokenLayers(token, correlation.role === "call");
    if (hasSomeSignature(token) || !isAccepted(transaction, facts)) return findings;
    return [...findings, { code: "UNSIGNED_TOKEN_ACCEPTED", caller: callerText(token), host } as const];
  });
};

function isAccepted(transaction: HttpTransaction, facts: TransactionFacts): boolean {
  const status = transaction.response?.status ?? 0;
  return status >= 200 && status < 300 && !isWebPage(transaction, facts) && requiresAuthentication(transaction, facts);
}

/**
 * The rules of one token that need no request ([MS-XOAUTH] 3.2.5.6); also for a pasted one. `isCall`: it was presented as a
 * service's token, so it must name a caller whatever its kind.
 */
export function judgeTokenLayers(token: S2sToken, isCall = false): readonly Finding[] {
  const caller = callerText(token);
  const doubts = isCall || isS2sToken(token) ? judgeDoubt(token) : [];
  if (token.actor === null)
    return token.signature === "absent" ? [...doubts, { code: "UNSIGNED_TOKEN", caller }] : doubts;
  const findings: Finding[] = [...doubts];
  if (token.signature !== "absent") findings.push({ code: "OUTER_SIGNED", caller });
  if (!token.actor.ok) return [...findings, { code: "ACTOR_UNREADABLE", caller, problem: token.actor.problem }];
  const actor = token.actor.value;
  if (actor.signature === "absent") findings.push({ code: "ACTOR_UNSIGNED", caller: callerText(actor) });
  findings.push(...judgeActor(token, actor));
  if (token.user === null) findings.push({ code: "USER_MISSING" });
  const { trustedfordelegation: delegation } = actor.claims;
  if (delegation !== "true" && delegation !== true)
    findings.push({ code: "DELEGATION_MISSING", actor: callerText(actor) });
  return findings;
}

// Doubts with a more specific finding are left to it: the caller of another application or tenant, an unreadable token.
function judgeDoubt(token: S2sToken): readonly Finding[] {
  const doubt = callerDoubt(token);
  switch (doubt) {
    case null:
    case "actor-unreadable":
    case "other-caller":
    case "other-tenant":
      return [];
    case "issuer-unknown": {
      const signed = signedToken(token);
      return [
        { code: "TOKEN_SERVICE_UNKNOWN", issuer: signed.issuerText, near: resembledService(signed.issuer?.id ?? "") },
      ];
    }
    default:
      return [{ code: "CALLER_NOT_PROVEN", caller: callerText(token), doubt }];
  }
}

// [MS-XOAUTH] 4.3 and 4.6 spell the second group of the token service's id differently; no token service was observed to do so.
function resembledService(id: string): string {
  const near = id === "00000001-0001-0000-c000-000000000000" ? wellKnownApplication(tokenService) : nearMissOf(id);
  return near?.role === "sts" ? `${near.id} (${near.name})` : "";
}

const tokenService = "00000001-0000-0000-c000-000000000000";

function judgeActor(token: S2sToken, actor: S2sToken): readonly Finding[] {
  const outer = token.issuer;
  const inner = actor.caller;
  if (outer === null || inner === null) return [];
  const details = { issuer: outer.asSeen, actor: inner.asSeen };
  // Observed: Exchange compares the application id only; the specification compares all of it, letter by letter.
  if (outer.id !== inner.id) return outer.id === "" ? [] : [{ code: "ISSUER_IS_NOT_ACTOR", ...details }];
  return outer.asSeen === inner.asSeen ? [] : [{ code: "ISSUER_SPELLED_OTHERWISE", ...details }];
}
