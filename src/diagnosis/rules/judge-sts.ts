import { isGuid } from "../../core/principals.ts";
import type { S2sToken, TokenAnswer, TokenRequest } from "../../decoders/facts.ts";
import { assertionOf } from "../../handshake/role.ts";
import type { Finding } from "../catalogue/finding.ts";
import { stsErrorOf } from "../catalogue/sts-errors.ts";
import type { RequestParties } from "../catalogue/sts-remedies.ts";
import type { Rule } from "./rule.ts";

/** What the token service answered: a refusal with its public meaning, or trouble of its own. */
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

/** Who asked the token service for what. */
export function requestPartiesOf(request: TokenRequest | null, assertion: S2sToken | null): RequestParties {
  const clientId = request?.clientId.toLowerCase() ?? "";
  const callerId = assertion?.caller?.id || (isGuid(clientId) ? clientId : "");
  return { callerId, resourceHost: request?.resource?.host ?? "" };
}

/** A token service's refusal; `unnamed` is what to call an error that has no name. */
export function explainStsRefusal(
  answer: TokenAnswer | null,
  asked: RequestParties,
  { host, unnamed }: { readonly host: string; readonly unnamed: string },
): Finding {
  const error = answer?.error ?? "";
  const errorCode = answer?.errorCode ?? "";
  return { ...stsErrorOf(errorCode, error), ...asked, host, error: errorCode || error || unnamed };
}
