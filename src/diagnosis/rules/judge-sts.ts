import { isGuid } from "../../core/principals.ts";
import type { S2sToken, TokenAnswer, TokenRequest } from "../../decoders/facts.ts";
import { assertionOf } from "../../handshake/role.ts";
import type { Finding } from "../catalogue/finding.ts";
import { stsErrorOf } from "../catalogue/sts-errors.ts";
import type { RequestParties } from "../catalogue/sts-remedies.ts";
import type { Rule } from "./rule.ts";

/** The token service's answer: a refusal with its public meaning, or a failure of the service. */
export const judgeSts: Rule = ({ transaction, facts, correlation, host }) => {
  const status = transaction.response?.status ?? null;
  if (status === null) return [];
  if (correlation.role === "sts") {
    const isFailed = facts.endpoint === "sts-metadata" && status >= 400;
    return isFailed ? [{ code: "STS_METADATA_FAILED", host, status }] : [];
  }
  if (correlation.role !== "token-request" || facts.tokenAnswer?.isIssued === true || status < 400) return [];
  if (status >= 500 || status === 429) return [{ code: "STS_FAILED", host, status }];
  const asked = requestPartiesOf(facts.tokenRequest, assertionOf(facts));
  return [explainStsRefusal(facts.tokenAnswer, asked, { host, unnamed: `status ${status}` })];
};

/** The caller and the resource of a token request. */
export function requestPartiesOf(request: TokenRequest | null, assertion: S2sToken | null): RequestParties {
  const clientId = request?.clientId.toLowerCase() ?? "";
  const callerId = assertion?.caller?.id || (isGuid(clientId) ? clientId : "");
  return { callerId, resourceHost: request?.resource?.host ?? "" };
}

/** The finding for a token service's refusal; `unnamed` replaces the error's name when it has none. */
export function explainStsRefusal(
  answer: TokenAnswer | null,
  asked: RequestParties,
  { host, unnamed }: { readonly host: string; readonly unnamed: string },
): Finding {
  const error = answer?.error ?? "";
  const errorCode = answer?.errorCode ?? "";
  return { ...stsErrorOf(errorCode, error), ...asked, host, error: errorCode || error || unnamed };
}
