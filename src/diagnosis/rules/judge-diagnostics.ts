import type { Diagnostics, DiagnosticsCause, DiagnosticsDetail } from "../../decoders/facts.ts";
import { isUserClient, presentedToken } from "../../handshake/role.ts";
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
  const { transaction, facts, correlation, host } = input;
  const status = transaction.response?.status ?? 0;
  if (correlation.outcome !== "refused") return judgeProbe(input);
  const token = presentedToken(facts);
  const answered: Answered = { status, diagnostics: facts.diagnostics, host };
  const findings: Finding[] = [explainRefusal(answered, callerText(token), token?.caller?.id ?? "")];
  if (token?.tokenKind === "entra-v1" && token.caller?.name === null)
    findings.push({ code: "DEDICATED_APP_REFUSED", ...refusalOf(answered, callerText(token)) });
  return findings;
};

// Observed: a probe that names a user (X-User-Identity) is answered with 4000000 where OAuth is not switched on for the domain.
function judgeProbe({ transaction, facts, correlation, host }: RuleInput): readonly Finding[] {
  const isProbe = correlation.role === "probe" && !isUserClient(facts);
  if (!isProbe || facts.diagnostics?.cause !== "oauth_not_available") return [];
  const answered: Answered = { status: transaction.response?.status ?? 0, diagnostics: facts.diagnostics, host };
  return [{ code: "OAUTH_NOT_AVAILABLE", ...refusalOf(answered, "a Bearer probe") }];
}

/** An answer that refuses a token: of a transaction, or pasted (status 0, a host in words). */
export interface Answered {
  readonly status: number;
  readonly diagnostics: Diagnostics | null;
  readonly host: string;
}

function refusalOf({ status, diagnostics, host }: Answered, caller: string) {
  return { host, caller, answer: answerText(status, diagnostics), detail: diagnostics?.detail ?? null };
}

/** The finding that a refusal comes to. `callerId` is empty when it is not known who called. */
export function explainRefusal(answered: Answered, caller: string, callerId: string): Finding {
  const { diagnostics, status } = answered;
  const refusal = refusalOf(answered, caller);
  if (status === 403 && isInvalidToken(diagnostics)) return { code: "PARTNER_ACCOUNT_BAD", ...refusal };
  if (status === 500 && isInvalidToken(diagnostics)) return { code: "OAUTH_CONFIGURATION_NOT_LOADED", ...refusal };
  if (diagnostics === null) return { code: "REFUSED_WITHOUT_REASON", ...refusal };
  if (diagnostics.cause === "invalid_client") return { code: "PARTNER_APPLICATION_UNKNOWN", ...refusal, callerId };
  if (diagnostics.cause === "invalid_grant") return { code: "LINKED_ACCOUNT_MISSING", ...refusal, callerId };
  const profile = notApplicable.exec(diagnostics.reason)?.[1];
  if (profile !== undefined) return { code: "TOKEN_KIND_NOT_APPLICABLE", ...refusal, profile };
  const finer = finerCauses.find(
    ([causes, detail]) => causes.includes(diagnostics.cause) && detail === diagnostics.detail,
  );
  return { code: finer?.[2] ?? codes[diagnostics.cause], ...refusal };
}

// A named cause says more than the status; without one, or with the catch-all, the status is what was observed.
function isInvalidToken(diagnostics: Diagnostics | null): boolean {
  return diagnostics === null || diagnostics.cause === "invalid_token" || diagnostics.cause === "unknown";
}

const notApplicable = /['"]?([A-Za-z0-9]{1,32})['"]? is not applicable/;

// Reasons are reworded and localised by version, so a text only refines what number and category have said.
const finerCauses: readonly (readonly [readonly DiagnosticsCause[], DiagnosticsDetail, RefusalCode])[] = [
  [["invalid_resource"], "scheme-mismatch", "TLS_OFFLOADED"],
  [["invalid_token", "invalid_resource", "invalid_tenant"], "realm-differs", "REFUSED_REALM"],
  [["invalid_token"], "issuer-unknown", "REFUSED_ISSUER"],
  [["invalid_user"], "user-ambiguous", "USER_AMBIGUOUS"],
  [["invalid_user"], "user-unknown", "USER_NOT_FOUND"],
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
  const before = status === 0 ? "" : `${status}, `;
  if (diagnostics === null) return String(status);
  const code = /^\d{1,10}$/.test(diagnostics.code) ? `${diagnostics.code} ` : "";
  return `${before}${code}${diagnostics.cause}`;
}
