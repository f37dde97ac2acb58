import { signInAnswer } from "../../handshake/reduce.ts";
import type { Rule } from "./rule.ts";

/** Federation and Exchange's front-end tokens, which are neither OAuth nor a password. */
export const judgeFederation: Rule = ({ transaction, facts, host }) => {
  if (facts.endpoint === "ews-ws-security" || facts.federation === "ws-security")
    return [{ code: "FEDERATION_USED", host, answer: signInAnswer(transaction.response?.status ?? null) }];
  return facts.federation === "common-access-token" ? [{ code: "COMMON_ACCESS_TOKEN", host }] : [];
};
