import type { Rule } from "./rule.ts";

/** A Bearer value that belongs to no handshake: an identity token for add-ins, or a value that cannot be read. */
export const judgeBearerValue: Rule = ({ facts, correlation, host }) => {
  if (correlation.role === "identity-token") return [{ code: "EXCHANGE_IDENTITY_TOKEN", host }];
  const { authorization } = facts;
  if (authorization.scheme !== "bearer" || authorization.token.ok) return [];
  return [{ code: "TOKEN_UNREADABLE", problem: authorization.token.problem }];
};
