import type { DiagnosticsCause, DiagnosticsDetail } from "./facts.ts";

/** The numbers of `x-ms-diagnostics` (2000001, 2000003, 2000005, 2000008, 4000000 in public samples; the others observed). */
const codes: Readonly<Record<string, DiagnosticsCause>> = {
  "2000000": "invalid_signature",
  "2000001": "invalid_token",
  "2000002": "token_expired",
  "2000003": "invalid_resource",
  "2000004": "invalid_tenant",
  "2000005": "invalid_user",
  "2000006": "invalid_client",
  "2000007": "internal_error",
  "2000008": "invalid_grant",
  "2000009": "invalid_certificate",
  "4000000": "oauth_not_available",
};

const categories: ReadonlySet<string> = new Set(Object.values(codes));

/** The cause that a number stands for, else undefined. Finer internal numbers say nothing: their block is not their category. */
export function causeOfCode(code: string): DiagnosticsCause | undefined {
  return Object.hasOwn(codes, code) ? codes[code] : undefined;
}

/** The cause that an `error_category` names, in any letter case, else undefined. */
export function causeOfCategory(category: string): DiagnosticsCause | undefined {
  const word = category.trim().toLowerCase();
  return isCause(word) ? word : undefined;
}

function isCause(word: string): word is DiagnosticsCause {
  return categories.has(word);
}

// Reasons are reworded and translated from version to version, so a text that fits none of these proves nothing.
const details: readonly (readonly [DiagnosticsDetail, RegExp])[] = [
  ["flighting-off", /flighting is not enabled|oauth is not (?:enabled|available)/],
  ["profile-not-applicable", /\bprofile\b.{0,80}\bnot applicable\b/],
  ["linked-account-missing", /linked account|neither .{0,40}scope/],
  ["scope-missing", /\bscopes?\b|\broles?\b.{0,40}(?:missing|not|no)\b|\bno (?:scope|role)/],
  ["user-ambiguous", /ambiguous|more than one (?:user|recipient|mailbox)|multiple (?:users|recipients|objects)/],
  ["user-unknown", /\buser\b.{0,120}(?:does not exist|doesn't exist|not found|could not be found|unknown)|no user\b/],
  ["certificate-not-found", /certificate.{0,80}(?:not found|could not be found|missing|does not exist)/],
  ["signature-wrong", /signature.{0,80}(?:invalid|wrong|fail|not )|(?:invalid|bad|wrong).{0,40}signature/],
  ["audience-realm-missing", /(?:audience|realm).{0,80}(?:no realm|realm is (?:missing|empty))|no realm in/],
  ["realm-differs", /realm.{0,60}(?:different|differ|mismatch)/],
  ["audience-mismatch", /audience|\bexpected\b.{0,300}\bactual\b|host ?name component/],
  [
    "application-unknown",
    /(?:partner )?application.{0,120}(?:not found|unknown|cannot be found|could not be found|not configured|does not exist|no partner)/,
  ],
  ["issuer-unknown", /issuer.{0,120}(?:unknown|invalid|not )|(?:unknown|invalid|no) issuer/],
  ["tenant-unknown", /(?:\btenant\b|\brealm\b).{0,160}(?:not exist|not found|not be found|unknown|invalid|wrong)/],
  ["expired", /expired|lifetime|not yet valid/],
];

const causeOfDetail: Readonly<Record<DiagnosticsDetail, DiagnosticsCause>> = {
  "flighting-off": "oauth_not_available",
  "profile-not-applicable": "invalid_token",
  "linked-account-missing": "invalid_grant",
  "scope-missing": "invalid_grant",
  "user-ambiguous": "invalid_user",
  "user-unknown": "invalid_user",
  "certificate-not-found": "invalid_certificate",
  "signature-wrong": "invalid_signature",
  "audience-realm-missing": "invalid_resource",
  "realm-differs": "invalid_tenant",
  "audience-mismatch": "invalid_resource",
  "scheme-mismatch": "invalid_resource",
  "application-unknown": "invalid_client",
  "issuer-unknown": "invalid_token",
  "tenant-unknown": "invalid_tenant",
  expired: "token_expired",
};

/** What the reason's text names, else null. English only; a hint beside the cause, never against the number. */
export function detailOf(reason: string): DiagnosticsDetail | null {
  const text = reason.slice(0, 2048).toLowerCase();
  if (isSchemeMismatch(text)) return "scheme-mismatch";
  return details.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}

/** The cause that a reason's text names; `unknown` when it names none. */
export function causeOfText(reason: string): DiagnosticsCause {
  const detail = detailOf(reason);
  return detail === null ? "unknown" : causeOfDetail[detail];
}

// The sign of TLS ended in front of the server: it expects https and is asked by http.
function isSchemeMismatch(text: string): boolean {
  const expected = /expected[^'"]{0,20}['"](https?):\/\//.exec(text)?.[1];
  const actual = /actual[^'"]{0,20}['"](https?):\/\//.exec(text)?.[1];
  return expected !== undefined && actual !== undefined && expected !== actual;
}
