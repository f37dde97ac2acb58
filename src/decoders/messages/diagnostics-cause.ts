import type { DiagnosticsCause, DiagnosticsDetail } from "../facts.ts";

/**
 * The numbers of `x-ms-diagnostics` (2000001, 2000003, 2000005, 2000008, 2000010, 2000020, 4000000 in public samples; the others
 * observed).
 */
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
  "2000010": "insufficient_auth_strength",
  // "Universal tenant restrictions" (learn.microsoft.com)
  "2000020": "insufficient_claims",
  "4000000": "oauth_not_available",
};

const categories: ReadonlySet<string> = new Set(Object.values(codes));

/** The cause that a number stands for, else undefined. Finer internal numbers say nothing: their block is not their category. */
export function causeOfCode(code: string): DiagnosticsCause | undefined {
  return Object.hasOwn(codes, code) ? codes[code] : undefined;
}

/** The cause that an `error_category` names, in any letter case, else undefined. */
export function causeOfCategory(category: string): DiagnosticsCause | undefined {
  // The documentation of tenant restrictions has both spellings.
  const word = category.trim().toLowerCase().replace("insufficiant", "insufficient");
  return isCause(word) ? word : undefined;
}

function isCause(word: string): word is DiagnosticsCause {
  return categories.has(word);
}

// Reasons are reworded and translated from version to version, so a text that fits none of these proves nothing. The first
// that fits is taken: what is narrow stands before what is wide.
const details: readonly (readonly [DiagnosticsDetail, DiagnosticsCause, RegExp])[] = [
  ["flighting-off", "oauth_not_available", /flighting is not enabled|oauth is not (?:enabled|available)/],
  ["profile-not-applicable", "invalid_token", /\bprofile\b.{0,80}\bnot applicable\b/],
  ["tenant-restricted", "insufficient_claims", /tenant.?restriction|xms_trpid/],
  ["own-mailbox-only", "invalid_grant", /\bown mailbox\b/],
  // Published: a token of Entra without `roles` and `scp`, and one whose permissions are not those of the call
  [
    "permissions-missing",
    "invalid_grant",
    /contains no permissions|permissions can ?not be understood|requires? the following permissions|has the following permissions granted/,
  ],
  ["linked-account-missing", "invalid_grant", /linked account|neither .{0,40}scope/],
  ["scope-missing", "invalid_grant", /\bscopes?\b|\broles?\b.{0,40}(?:missing|not|no)\b|\bno (?:scope|role)/],
  [
    "user-ambiguous",
    "invalid_user",
    /ambiguous|more than one (?:user|recipient|mailbox)|multiple (?:users|recipients|objects)/,
  ],
  ["mailbox-version", "invalid_user", /mailbox.{0,60}\bversion\b|\bversion\b.{0,60}mailbox/],
  ["user-sid-differs", "invalid_user", /\bsid\b.{0,80}(?:not|differ|mismatch)|(?:differ|mismatch).{0,80}\bsid\b/],
  [
    "user-claims-missing",
    "invalid_token",
    /\buser.?(?:claims?|context)\b.{0,60}(?:missing|not (?:found|present)|empty)|(?:\bno|missing|without)\b.{0,40}\b(?:user.?claims?|user.?context|smtp|puid)\b/,
  ],
  [
    "user-unknown",
    "invalid_user",
    // Not the pseudonym of somebody: `user-k3xq`
    /\buser\b(?!-).{0,120}(?:does not exist|doesn't exist|not found|could not be found|unknown)|no user\b/,
  ],
  [
    "certificate-not-found",
    "invalid_certificate",
    /certificate.{0,80}(?:not found|could not be found|missing|does not exist)/,
  ],
  ["actor-unsigned", "invalid_token", /\bactor.{0,60}(?:not signed|unsigned|no signature|must be signed)/],
  ["outer-signed", "invalid_token", /\bouter\b.{0,60}\bsign|(?:should|must) not (?:be|have).{0,30}\bsign/],
  [
    "signature-wrong",
    "invalid_signature",
    /signature.{0,80}(?:invalid|wrong|fail|not )|(?:invalid|bad|wrong).{0,40}signature/,
  ],
  [
    "audience-realm-missing",
    "invalid_resource",
    /(?:audience|realm).{0,80}(?:no realm|realm is (?:missing|empty))|no realm in/,
  ],
  ["realm-differs", "invalid_tenant", /realm.{0,60}(?:different|differ|mismatch)/],
  ["audience-mismatch", "invalid_resource", /audience|\bexpected\b.{0,300}\bactual\b|host ?name component/],
  [
    "issuer-is-not-actor",
    "invalid_token",
    /issuer.{0,120}(?:not match|differ|not the same|not equal).{0,80}(?:actor|nameid)|(?:actor|nameid).{0,120}(?:not match|differ|not the same|not equal).{0,80}issuer/,
  ],
  ["nameid-malformed", "invalid_token", /\bnameid(?:entifier)?\b/],
  [
    "application-unknown",
    "invalid_client",
    /(?:partner )?application.{0,120}(?:not found|unknown|cannot be found|could not be found|not configured|does not exist|no partner)/,
  ],
  [
    "issuer-missing",
    "invalid_token",
    /\b(?:no|missing|without)\b.{0,20}\bissuer|issuer.{0,40}\b(?:missing|empty|not present)\b/,
  ],
  ["issuer-malformed", "invalid_token", /issuer.{0,60}\b(?:format|malformed)/],
  ["issuer-unknown", "invalid_token", /issuer.{0,120}(?:unknown|invalid|not )|(?:unknown|invalid) issuer/],
  ["tenant-missing", "invalid_tenant", /\btid\b.{0,60}\b(?:missing|not|no)\b|\b(?:no|missing)\b.{0,40}\btid\b/],
  [
    "tenant-unknown",
    "invalid_tenant",
    /(?:\btenant\b|\brealm\b).{0,160}(?:not exist|not found|not be found|unknown|invalid|wrong)/,
  ],
  [
    "claim-missing",
    "invalid_token",
    /\bclaims?\b.{0,80}\b(?:missing|required|not (?:found|present))\b|\bmissing\b.{0,60}\bclaim/,
  ],
  [
    "token-unreadable",
    "invalid_token",
    /token.{0,80}(?:can ?not be (?:parsed|read)|unreadable|malformed)|unable to (?:parse|read).{0,40}token/,
  ],
  ["expired", "token_expired", /expired|lifetime|not yet valid/],
  ["directory-failed", "internal_error", /\bactive directory\b|\bldap\b|directory.{0,40}(?:fail|error|unavailable)/],
];

/** What the reason's text names, else null. English only; a hint beside the cause, never against the number. */
export function detailOf(reason: string): DiagnosticsDetail | null {
  const text = reason.slice(0, 2048).toLowerCase();
  return isSchemeMismatch(text) ? "scheme-mismatch" : (detailIn(text)?.[0] ?? null);
}

/** The cause that a reason's text names; `unknown` when it names none. */
export function causeOfText(reason: string): DiagnosticsCause {
  const text = reason.slice(0, 2048).toLowerCase();
  return isSchemeMismatch(text) ? "invalid_resource" : (detailIn(text)?.[1] ?? "unknown");
}

function detailIn(text: string): (typeof details)[number] | undefined {
  return details.find(([, , pattern]) => pattern.test(text));
}

// The sign of TLS ended in front of the server: it expects https and is asked by http.
function isSchemeMismatch(text: string): boolean {
  const expected = /expected[^'"]{0,20}['"](https?):\/\//.exec(text)?.[1];
  const actual = /actual[^'"]{0,20}['"](https?):\/\//.exec(text)?.[1];
  return expected === "https" && actual === "http";
}
