import type { FindingCode } from "../finding.ts";
import type { Rule } from "../rule.ts";

type StsCode = Extract<FindingCode, `STS_REFUSED${string}`>;

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
  const error = facts.tokenAnswer?.error ?? "";
  const errorCode = facts.tokenAnswer?.errorCode ?? "";
  return [{ code: meaningOf(errorCode, error), host, error: errorCode || error || `status ${status}` }];
};

/** The class of a refusal by its public code, then by the OAuth error of RFC 6749 5.2. */
function meaningOf(errorCode: string, error: string): StsCode {
  return byErrorCode.get(errorCode.toUpperCase()) ?? byError.get(error.toLowerCase()) ?? "STS_REFUSED";
}

// Public meanings: learn.microsoft.com "Microsoft Entra authentication and authorization error codes", and
// "ACS Error Codes" (gg185949).
const byErrorCode: ReadonlyMap<string, StsCode> = new Map([
  ["AADSTS50012", "STS_REFUSED_CERTIFICATE"],
  ["AADSTS50013", "STS_REFUSED_CERTIFICATE"],
  ["AADSTS50027", "STS_REFUSED_CERTIFICATE"],
  ["AADSTS700027", "STS_REFUSED_CERTIFICATE"],
  ["AADSTS7000222", "STS_REFUSED_CERTIFICATE"],
  ["ACS50006", "STS_REFUSED_CERTIFICATE"],
  ["ACS50008", "STS_REFUSED_CERTIFICATE"],
  ["ACS50012", "STS_REFUSED_CERTIFICATE"],
  ["ACS50016", "STS_REFUSED_CERTIFICATE"],
  ["ACS50027", "STS_REFUSED_CERTIFICATE"],
  ["AADSTS700016", "STS_REFUSED_CLIENT"],
  ["AADSTS7000112", "STS_REFUSED_CLIENT"],
  ["AADSTS500011", "STS_REFUSED_RESOURCE"],
  ["AADSTS50001", "STS_REFUSED_RESOURCE"],
  ["ACS50001", "STS_REFUSED_RESOURCE"],
  ["AADSTS90002", "STS_REFUSED_TENANT"],
  ["AADSTS700024", "STS_REFUSED_TIME"],
]);

const byError: ReadonlyMap<string, StsCode> = new Map([
  ["unauthorized_client", "STS_REFUSED_CLIENT"],
  ["invalid_client", "STS_REFUSED_CLIENT"],
  ["invalid_resource", "STS_REFUSED_RESOURCE"],
]);
