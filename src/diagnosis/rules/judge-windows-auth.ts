import { isUserClient } from "../../handshake/role.ts";
import type { Rule } from "../rule.ts";

/**
 * NTLM or Negotiate where a token was possible. Weaker than a password: load balancers and Exchange itself sign in so.
 * Each sign-in is said once, at its last message: NTLM's first is only the opening.
 */
export const judgeWindowsAuth: Rule = ({ facts, correlation, host }) => {
  if (correlation.role !== "windows" || isUserClient(facts)) return [];
  if (facts.ntlmSent?.type === "negotiate" || facts.federation === "common-access-token") return [];
  const isNtlm = facts.authorization.scheme === "ntlm" || facts.ntlmSent?.isNtlm === true;
  const scheme = isNtlm ? "NTLM" : "Negotiate";
  if (correlation.conversation.isBearerOffered) return [{ code: "WINDOWS_AUTH_AFTER_BEARER", host, scheme }];
  return correlation.handshake === null ? [] : [{ code: "WINDOWS_AUTH_BY_SERVICE", host, scheme }];
};
