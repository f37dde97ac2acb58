import type { Diagnostics, DiagnosticsCause } from "../../decoders/facts.ts";
import { presentedToken } from "../../handshake/role.ts";
import type { Finding, FindingCode } from "../finding.ts";
import { callerText, type Rule, type RuleInput } from "../rule.ts";

type RefusalCode = Extract<
  FindingCode,
  | `REFUSED_${string}`
  | `USER_${"NOT_FOUND" | "AMBIGUOUS"}`
  | `OAUTH_${string}`
  | "TLS_OFFLOADED"
  | "EXCHANGE_INTERNAL_ERROR"
  | "AUTH_CERTIFICATE_NOT_FOUND"
  | "PARTNER_ACCOUNT_BAD"
>;

/** What the server's refusal of a token says: the number and category first, then the text for the finer cause. */
export const judgeDiagnostics: Rule = (input) => {
  const { transaction, facts, correlation } = input;
  if (correlation.outcome !== "refused") return [];
  const token = presentedToken(facts);
  const status = transaction.response?.status ?? 0;
  const refusal = { host: input.host, caller: callerText(token), answer: answerText(status, facts.diagnostics) };
  const callerId = token?.caller?.id ?? "";
  const findings: Finding[] = [explainRefusal(input, refusal, callerId)];
  if (token?.tokenKind === "entra-v1" && token.caller?.name === null)
    findings.push({ code: "DEDICATED_APP_REFUSED", ...refusal });
  return findings;
};

interface Refusal {
  readonly host: string;
  readonly caller: string;
  readonly answer: string;
}

function explainRefusal({ transaction, facts }: RuleInput, refusal: Refusal, callerId: string): Finding {
  const { diagnostics } = facts;
  const status = transaction.response?.status;
  if (status === 403 && isInvalidToken(diagnostics)) return { code: "PARTNER_ACCOUNT_BAD", ...refusal };
  if (status === 500 && isInvalidToken(diagnostics)) return { code: "OAUTH_CONFIGURATION_NOT_LOADED", ...refusal };
  if (diagnostics === null) return { code: "REFUSED_WITHOUT_REASON", ...refusal };
  if (diagnostics.cause === "invalid_client") return { code: "PARTNER_APPLICATION_UNKNOWN", ...refusal, callerId };
  if (diagnostics.cause === "invalid_grant") return { code: "LINKED_ACCOUNT_MISSING", ...refusal, callerId };
  const profile = notApplicable.exec(diagnostics.reason)?.[1];
  if (profile !== undefined) return { code: "TOKEN_KIND_NOT_APPLICABLE", ...refusal, profile };
  const finer = finerCauses.find(
    ([causes, text]) => causes.includes(diagnostics.cause) && text.test(diagnostics.reason),
  );
  return { code: finer?.[2] ?? codes[diagnostics.cause], ...refusal };
}

// A named cause says more than the status; without one, or with the catch-all, the status is what was observed.
function isInvalidToken(diagnostics: Diagnostics | null): boolean {
  return diagnostics === null || diagnostics.cause === "invalid_token" || diagnostics.cause === "unknown";
}

const notApplicable = /['"]?([A-Za-z0-9]{1,32})['"]? is not applicable/;

// Reasons are reworded and localised by version, so a text only refines what number and category have said.
const finerCauses: readonly (readonly [readonly DiagnosticsCause[], RegExp, RefusalCode])[] = [
  [["invalid_resource"], /expected\W{0,4}https:\/\/[\s\S]{0,400}actual\W{0,4}http:\/\//i, "TLS_OFFLOADED"],
  [["invalid_token", "invalid_resource", "invalid_tenant"], /realm[\s\S]{0,200}different/i, "REFUSED_REALM"],
  [["invalid_token"], /issuer/i, "REFUSED_ISSUER"],
  [["invalid_user"], /ambiguous/i, "USER_AMBIGUOUS"],
  [["invalid_user"], /does not exist|not found/i, "USER_NOT_FOUND"],
];

const codes: Readonly<Record<Exclude<DiagnosticsCause, "invalid_client" | "invalid_grant">, RefusalCode>> = {
  invalid_signature: "REFUSED_SIGNATURE",
  invalid_token: "REFUSED_TOKEN",
  token_expired: "REFUSED_EXPIRED",
  invalid_resource: "REFUSED_AUDIENCE",
  invalid_tenant: "REFUSED_TENANT",
  invalid_user: "REFUSED_USER",
  internal_error: "EXCHANGE_INTERNAL_ERROR",
  invalid_certificate: "AUTH_CERTIFICATE_NOT_FOUND",
  oauth_not_available: "OAUTH_NOT_AVAILABLE",
  unknown: "REFUSED_UNKNOWN",
};

/** `401, 2000006 invalid_client`: digits and our words only. */
function answerText(status: number, diagnostics: Diagnostics | null): string {
  if (diagnostics === null) return String(status);
  const code = /^\d{1,10}$/.test(diagnostics.code) ? `${diagnostics.code} ` : "";
  return `${status}, ${code}${diagnostics.cause}`;
}
