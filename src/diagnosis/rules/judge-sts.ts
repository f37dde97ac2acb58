import type { TokenAnswer } from "../../decoders/facts.ts";
import type { Finding } from "../finding.ts";
import type { Rule } from "../rule.ts";
import { stsErrorOf } from "../sts-errors.ts";

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
  return [explainStsRefusal(facts.tokenAnswer, host, `status ${status}`)];
};

/** A token service's refusal; `unnamed` is what to call an error that has no name. */
export function explainStsRefusal(answer: TokenAnswer | null, host: string, unnamed: string): Finding {
  const error = answer?.error ?? "";
  const errorCode = answer?.errorCode ?? "";
  return { ...stsErrorOf(errorCode, error), host, error: errorCode || error || unnamed };
}
