import { signInAnswer } from "../../handshake/reduce.ts";
import { isUserClient } from "../../handshake/role.ts";
import type { Rule } from "./rule.ts";

/**
 * NTLM or Negotiate where a token was possible. A warning only, as load balancers and Exchange itself sign in this way.
 * Each sign-in is reported once, at its last message; NTLM's first message only opens it.
 */
export const judgeWindowsAuth: Rule = ({ transaction, facts, correlation, host }) => {
  if (correlation.role !== "windows" || isUserClient(facts)) return [];
  if (facts.ntlmSent?.type === "negotiate" || facts.federation === "common-access-token") return [];
  const isNtlm = facts.authorization.scheme === "ntlm" || facts.ntlmSent?.isNtlm === true;
  const scheme = isNtlm ? "NTLM" : "Negotiate";
  const answer = signInAnswer(transaction.response?.status ?? null);
  if (correlation.conversation.isBearerOffered) return [{ code: "WINDOWS_AUTH_AFTER_BEARER", host, answer, scheme }];
  return correlation.handshake === null ? [] : [{ code: "WINDOWS_AUTH_BY_SERVICE", host, answer, scheme }];
};
