import { presentedToken } from "../../handshake/role.ts";
import type { Rule } from "../rule.ts";

/** Exchange Server calling Exchange Online EWS as the shared service principal, blocked since 31 October 2025. */
export const judgeSharedPrincipal: Rule = ({ facts, correlation, host }) => {
  if (correlation.role !== "call" || facts.endpoint !== "ews" || !/^outlook\.office(?:365)?\.(?:com|us)$/.test(host))
    return [];
  const id = presentedToken(facts)?.caller?.id;
  return id === "00000002-0000-0ff1-ce00-000000000000" ? [{ code: "SHARED_SERVICE_PRINCIPAL", host }] : [];
};
