// `x-ms-diagnostics: <code>;reason="…";error_category="…"` in every observed spelling: blanks anywhere, `+` for blanks (IIS logs),
// lines wrapped by a shell, one field a line, quotes and semicolons inside the reason, quotes escaped for JSON or HTML, no number.
// The cause is found by number, then category, then the reason's text; each cause has a remedy.
import { type Decoded, decodedValue, decodeProblem } from "../../core/decoded.ts";
import { oauthCategories } from "../../core/oauth-categories.ts";
import type { Diagnostics, DiagnosticsCause, DiagnosticsDetail } from "../facts.ts";

const maxLength = 16 * 1024;

/** Reads an `x-ms-diagnostics` value, or one of `x-ms-diagnostics-from-backend` (`Name|message`). */
export function decodeDiagnostics(value: string): Decoded<Diagnostics> {
  const text = unwrapped(plainQuotes(withoutPrefix(value).slice(0, maxLength)));
  if (text === "") return decodeProblem("an empty diagnostics header");
  const code = /^[0-9]{1,10}(?![0-9A-Za-z:/-])/.exec(text)?.[0] ?? "";
  const fields = readFields(text);
  // One word; a message that quotes the header may continue after the closing quote.
  const category = (fields.get("error_category") ?? "").split('"', 1)[0] ?? "";
  const reason =
    fields.get("reason") ??
    backendMessage(text) ??
    (code + category === "" && !text.startsWith('"') ? "" : leadingText(text, code));
  if (code === "" && category === "" && reason === "") {
    return decodeProblem("no number, reason or error_category in the diagnostics header");
  }
  return decodedValue(diagnosticsOf(code, category, reason));
}

/** A refusal by its number, category and reason, each empty where it is not known. */
export function diagnosticsOf(code: string, category: string, reason: string): Diagnostics {
  // An unknown category means the header of another product, whose text proves nothing.
  const cause = causeOfCode(code) ?? causeOfCategory(category) ?? (category === "" ? causeOfText(reason) : "unknown");
  const detail = detailOf(reason);
  return { code, category, reason, cause, ...(detail === null ? {} : { detail }) };
}

// Exchange and its tools print the header inside a message: "(401) Unauthorized … diagnostics: 2000005;reason=…", or in
// brackets (published samples).
function withoutPrefix(value: string): string {
  const named =
    /\bdiagnostics(?:-from-backend)?["']?[ \t]{0,4}[:=→,][ \t]{0,4}["'[]{0,2}[ \t]{0,4}(?=[0-9]{4,10}[ \t+]{0,8};)/i.exec(
      value,
    );
  return named === null ? value : value.slice(named.index + named[0].length);
}

// In text copied from JSON or a page, \", \u0022 and &quot; are the quotes of the header.
function plainQuotes(value: string): string {
  if (!/=[ \t]{0,8}(?:\\{1,8}(?:"|u0022)|&(?:quot|#34);)/.test(value)) return value;
  return value.replace(/\\{1,8}(?:"|u0022)|&(?:quot|#34);/g, '"').replace(/\\{1,8}u0027|&(?:apos|#39);/g, "'");
}

// A line that begins with a field name is a new field; any other line continues the previous one.
function unwrapped(value: string): string {
  const line = value
    .replace(/[ \t;,]{0,8}[\r\n][\r\n \t]*(?=(?:reason|error_category)[ \t]{0,8}=)/gi, ";")
    .replace(/[\r\n]+[ \t]*/g, " ")
    .trim();
  return line.includes("+") && !/\s/.test(line) ? line.replaceAll("+", " ").trim() : line;
}

const fieldName = /(?:^|[;,])[ \t]*([A-Za-z_][A-Za-z0-9_-]{0,40})[ \t]{0,8}=[ \t]*/g;

/** Named fields, lower case. A quoted value ends at a quote before `;` or the end, so it may contain quotes. */
function readFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  fieldName.lastIndex = 0;
  for (let match = fieldName.exec(text); match !== null; match = fieldName.exec(text)) {
    const start = match.index + match[0].length;
    const end = text[start] === '"' ? quotedEnd(text, start) : plainEnd(text, start);
    const name = (match[1] ?? "").toLowerCase();
    if (!fields.has(name)) fields.set(name, unquoted(text.slice(start, end)));
    fieldName.lastIndex = Math.max(end, start);
  }
  return fields;
}

const afterQuote =
  /[ \t]*(?:\.?[ \t]*$|\]|[;,][ \t]*(?:$|[0-9]{1,10}[ \t]{0,8};|[A-Za-z_][A-Za-z0-9_-]{0,40}[ \t]{0,8}=))/y;

function quotedEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    afterQuote.lastIndex = at + 1;
    if (afterQuote.test(text)) return at + 1;
  }
  return text.length;
}

function plainEnd(text: string, start: number): number {
  const rest = text.slice(start).search(/;[ \t]{0,8}(?:$|[A-Za-z_][A-Za-z0-9_-]{0,40}[ \t]{0,8}=)/);
  return rest === -1 ? text.length : start + rest;
}

function unquoted(value: string): string {
  const text = value.trim();
  if (!text.startsWith('"')) return text;
  return text.slice(1, text.length > 1 && text.endsWith('"') ? -1 : undefined);
}

/** An unnamed reason: the text, usually quoted, before the first named field (published). */
function leadingText(text: string, code: string): string {
  const rest = text.slice(code.length).replace(/^[ \t;]+/, "");
  const end = rest.startsWith('"') ? quotedEnd(rest, 0) : plainEnd(rest, 0);
  const first = unquoted(rest.slice(0, end));
  return /^[A-Za-z_][A-Za-z0-9_-]{0,40}[ \t]{0,8}=/.test(first) ? "" : first;
}

// Between front end and back end the header carries the name of the error and a message (observed).
function backendMessage(text: string): string | undefined {
  return /^[A-Za-z][A-Za-z0-9]{2,60}\|/.test(text) ? text.slice(text.indexOf("|") + 1).trim() : undefined;
}

const codes: Readonly<Record<string, DiagnosticsCause>> = oauthCategories;

const categories: ReadonlySet<string> = new Set(Object.values(codes));

/** The cause of a number; undefined for unlisted numbers, whose block of numbers does not give their category. */
function causeOfCode(code: string): DiagnosticsCause | undefined {
  return Object.hasOwn(codes, code) ? codes[code] : undefined;
}

/** The cause of an `error_category` in any letter case, else undefined. */
function causeOfCategory(category: string): DiagnosticsCause | undefined {
  // The documentation of tenant restrictions has both spellings.
  const word = category.trim().toLowerCase().replace("insufficiant", "insufficient");
  return isCause(word) ? word : undefined;
}

function isCause(word: string): word is DiagnosticsCause {
  return categories.has(word);
}

// Reasons are reworded and translated between versions, so a text that matches nothing proves nothing. The first match counts:
// narrow patterns come before wide ones.
const details: readonly (readonly [DiagnosticsDetail, DiagnosticsCause, RegExp])[] = [
  ["flighting-off", "oauth_not_available", /flighting is not enabled|oauth is not (?:enabled|available)/],
  ["profile-not-applicable", "invalid_token", /\bprofile\b.{0,80}\bnot applicable\b/],
  ["tenant-restricted", "insufficient_claims", /tenant.?restriction|xms_trpid/],
  ["own-mailbox-only", "invalid_grant", /\bown mailbox\b/],
  // Published: an Entra token without `roles` and `scp`, and one without the permission that the call needs
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
    // Not a pseudonym such as `user-k3xq`
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

/** The detail that the text of a reason names, else null. English only; a hint that never overrides the number. */
export function detailOf(reason: string): DiagnosticsDetail | null {
  const text = reason.slice(0, 2048).toLowerCase();
  return isSchemeMismatch(text) ? "scheme-mismatch" : (detailIn(text)?.[0] ?? null);
}

/** The cause that the text of a reason names, else `unknown`. */
export function causeOfText(reason: string): DiagnosticsCause {
  const text = reason.slice(0, 2048).toLowerCase();
  return isSchemeMismatch(text) ? "invalid_resource" : (detailIn(text)?.[1] ?? "unknown");
}

function detailIn(text: string): (typeof details)[number] | undefined {
  return details.find(([, , pattern]) => pattern.test(text));
}

// TLS was terminated in front of the server: it expects https and receives http.
function isSchemeMismatch(text: string): boolean {
  const expected = /expected[^'"]{0,20}['"](https?):\/\//.exec(text)?.[1];
  const actual = /actual[^'"]{0,20}['"](https?):\/\//.exec(text)?.[1];
  return expected === "https" && actual === "http";
}

const remedies: Readonly<Record<DiagnosticsCause, string>> = {
  invalid_signature:
    "Refresh the token service's keys on Exchange Server (Set-AuthServer -RefreshAuthMetadata); they are renewed by themselves about every 8 hours.",
  invalid_token:
    "Read the reason: an unknown issuer needs an enabled AuthServer or partner application, a profile that is not applicable needs another kind of token.",
  token_expired: "Compare the clocks of both sides, then let the caller fetch a new token.",
  invalid_resource:
    "Compare the audience with the name and scheme the request arrived under: no TLS offload in front, and a service principal name for that host.",
  invalid_tenant: "Check AuthConfig.Realm (leave it blank in a hybrid organization) and the realm of the AuthServer.",
  invalid_user:
    "Check that exactly one mailbox has the user's addresses: synchronise the user, or remove the duplicate UPN, SMTP or SIP address.",
  invalid_client:
    "Create the partner application for the caller (New-PartnerApplication) and enable it, if it is a service of the procedure.",
  internal_error: "Read the Exchange Server event log: the directory or its OAuth configuration could not be used.",
  invalid_grant:
    "For a token of Entra: grant the application its permission (full_access_as_app, EWS.AccessAsUser.All) and consent to it. For a partner application: give that one a linked account with the needed roles (Set-PartnerApplication -LinkedAccount).",
  invalid_certificate:
    "Put the auth certificate on every Exchange Server, or renew it (MonitorExchangeAuthCertificate.ps1 with -IgnoreHybridConfig $true in a hybrid organisation).",
  oauth_not_available:
    "Make the authorization server the default endpoint (IsDefaultAuthorizationEndpoint) and check the authentication policies.",
  insufficient_auth_strength:
    "Let the application sign in to the token service with a certificate instead of a client secret, and get a new token.",
  insufficient_claims:
    "Get a new token with the claims that the answer demands; where it names a tenant restriction, the network lets tokens of this tenant through only with its mark.",
  unknown: "Read the reason and the Exchange Server logs; the number is not one that is publicly explained.",
};

/** The next step after a refusal, in English. The finding of the same cause explains more. */
export function remedyOf(cause: DiagnosticsCause): string {
  return remedies[cause];
}
