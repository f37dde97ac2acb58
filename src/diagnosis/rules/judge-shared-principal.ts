import { isExchangeOnline } from "../../core/microsoft-hosts.ts";
import type { Principal } from "../../core/principals.ts";
import type { S2sToken, TokenRequest } from "../../decoders/facts.ts";
import { assertionOf, issuedToken, presentedToken } from "../../handshake/role.ts";
import { cloudResource, exchangeId } from "../catalogue/application-kind.ts";
import type { Finding } from "../catalogue/finding.ts";
import { requestPartiesOf } from "./judge-sts.ts";
import type { Rule } from "./rule.ts";

/** Since then Exchange Online refuses EWS calls of its shared service principal. */
export const blockedSince = Date.UTC(2025, 9, 31);

/** Exchange Server calls Exchange Online, or requests a token for it, as the shared service principal. */
export const judgeSharedPrincipal: Rule = ({ transaction, facts, correlation, host }) => {
  // A pasted text has no time and is judged as current.
  const isBefore = transaction.startedAt > 0 && transaction.startedAt < blockedSince;
  if (correlation.role === "call") {
    const isShared = isExchangeOnline(host) && presentedToken(facts)?.caller?.id === exchangeId;
    return isShared ? [{ code: "SHARED_SERVICE_PRINCIPAL", host, use: "call", isBefore }] : [];
  }
  if (correlation.role !== "token-request") return [];
  const asked = judgeRequestOfSharedPrincipal(facts.tokenRequest, assertionOf(facts), isBefore);
  const issued = issuedToken(facts);
  return asked.length > 0 || issued === null ? asked : judgeTokenOfSharedPrincipal(issued, isBefore);
};

/** The same rule for one token request; also for a pasted one. */
export function judgeRequestOfSharedPrincipal(
  request: TokenRequest | null,
  assertion: S2sToken | null,
  isBefore: boolean,
): readonly Finding[] {
  const host = onlineHost(request?.resource ?? null);
  if (host === "" || requestPartiesOf(request, assertion).callerId !== exchangeId) return [];
  return [{ code: "SHARED_SERVICE_PRINCIPAL", host, use: "token", isBefore }];
}

/** The same rule for one token, by caller and audience; also for a pasted one. */
export function judgeTokenOfSharedPrincipal(token: S2sToken, isBefore: boolean): readonly Finding[] {
  const host = onlineHost(token.audience);
  if (host === "" || token.caller?.id !== exchangeId) return [];
  return [{ code: "SHARED_SERVICE_PRINCIPAL", host, use: "token", isBefore }];
}

/** The host of Exchange Online that a resource or audience names; empty for any other. Entra may name it by its id alone. */
function onlineHost(resource: Principal | null): string {
  const named = cloudResource(resource);
  return named?.service === "exchange-online" ? named.host : "";
}
