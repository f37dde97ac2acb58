import { isExchangeOnline } from "../../core/microsoft-hosts.ts";
import type { S2sToken } from "../../decoders/facts.ts";
import { assertionOf, issuedToken, presentedToken } from "../../handshake/role.ts";
import { exchangeId } from "../application-kind.ts";
import type { Finding } from "../finding.ts";
import type { Rule } from "../rule.ts";
import { askedOf } from "./judge-sts.ts";

/** From this moment on Exchange Online takes no EWS call of its shared service principal. */
const blockedSince = Date.UTC(2025, 9, 31);

/** Exchange Server that calls Exchange Online, or asks for a token for it, as the shared service principal. */
export const judgeSharedPrincipal: Rule = ({ transaction, facts, correlation, host }) => {
  // A text that was pasted has no time: it is judged as of today.
  const isBefore = transaction.startedAt > 0 && transaction.startedAt < blockedSince;
  if (correlation.role === "call") {
    const isShared = isExchangeOnline(host) && presentedToken(facts)?.caller?.id === exchangeId;
    return isShared ? [{ code: "SHARED_SERVICE_PRINCIPAL", host, use: "call", isBefore }] : [];
  }
  if (correlation.role !== "token-request") return [];
  const { callerId, resourceHost } = askedOf(facts.tokenRequest, assertionOf(facts));
  if (callerId === exchangeId && isExchangeOnline(resourceHost))
    return [{ code: "SHARED_SERVICE_PRINCIPAL", host: resourceHost, use: "token", isBefore }];
  const issued = issuedToken(facts);
  return issued === null ? [] : judgeTokenOfSharedPrincipal(issued, isBefore);
};

/** The same of one token, also of one that was pasted: who it is of and for whom. */
export function judgeTokenOfSharedPrincipal(token: S2sToken, isBefore: boolean): readonly Finding[] {
  const host = token.audience?.host ?? "";
  if (token.caller?.id !== exchangeId || !isExchangeOnline(host)) return [];
  return [{ code: "SHARED_SERVICE_PRINCIPAL", host, use: "token", isBefore }];
}
