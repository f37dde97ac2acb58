import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { S2sToken, TransactionFacts } from "../../decoders/facts.ts";
import { asksForAuthentication, isVouchedFor, isWebPage } from "../../handshake/signals.ts";
import type { Finding } from "../finding.ts";
import { callerText, findInTokens, noFindings, type Rule } from "../rule.ts";

/** How the outer token and its actor token fit together, and who signed what. */
export const judgeLayers: Rule = ({ transaction, facts, tokens, correlation, host }) => {
  if (correlation.role !== "call" && correlation.role !== "user-call" && correlation.role !== "token-request")
    return noFindings;
  return findInTokens(tokens, (token) => {
    const findings = judgeTokenLayers(token);
    if (isVouchedFor(token) || !isTaken(transaction, facts)) return findings;
    return [...findings, { code: "UNSIGNED_TOKEN_ACCEPTED", caller: callerText(token), host } as const];
  });
};

function isTaken(transaction: HttpTransaction, facts: TransactionFacts): boolean {
  const status = transaction.response?.status ?? 0;
  return status >= 200 && status < 300 && !isWebPage(transaction, facts) && asksForAuthentication(transaction, facts);
}

/** The rules of one token that need no request: also for one that was pasted. [MS-XOAUTH] 3.2.5.6. */
export function judgeTokenLayers(token: S2sToken): readonly Finding[] {
  const caller = callerText(token);
  if (token.actor === null) return token.signature === "absent" ? [{ code: "UNSIGNED_TOKEN", caller }] : [];
  const findings: Finding[] = [];
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

function judgeActor(token: S2sToken, actor: S2sToken): readonly Finding[] {
  const outer = token.issuer;
  const inner = actor.caller;
  if (outer === null || inner === null) return [];
  const details = { issuer: outer.asSeen, actor: inner.asSeen };
  // Observed: Exchange compares the application id only; the specification compares all of it, letter by letter.
  if (outer.id !== inner.id) return [{ code: "ISSUER_IS_NOT_ACTOR", ...details }];
  return outer.asSeen === inner.asSeen ? [] : [{ code: "ISSUER_SPELLED_OTHERWISE", ...details }];
}
