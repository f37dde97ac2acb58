// Causes that a refusal's text names more closely than its number, with their remedies. Except for a few published ones, the
// texts of Exchange's errors are known only from observation, so each is worded as "likely".
import type { DiagnosticsDetail } from "../../decoders/facts.ts";

/** Details that every refusal of a token has. */
export interface Refusal {
  readonly host: string;
  readonly caller: string;
  /** `401, 2000006 invalid_client`: digits and fixed words. */
  readonly answer: string;
  /** The cause that the text names beyond number and category; null when it names none. */
  readonly detail: DiagnosticsDetail | null;
  /** What says so in place of an answer: `event 2004 of MSExchange OAuth`, an error of a log. Empty for an answer. */
  readonly source: string;
}

/** The first clause of a refusal's sentence. */
export function refusalClause({ host, caller, answer, source }: Refusal): string {
  return source === "" ? `${host} refused ${caller} (${answer})` : `${host} has ${source}`;
}

interface DetailText {
  /** Ends a sentence: "…: likely <words>". */
  readonly words: string;
  /** The remedy when it differs from that of the finding; else empty. */
  readonly remedy: string;
}

const authServers = "Get-AuthServer | Format-List Name,Type,IssuerIdentifier,Realm,Enabled";
const callerMustMend =
  "The caller makes such tokens and Exchange cannot correct them: update the caller (a Microsoft service: open a support case with the request-id of the answer).";

const texts: Readonly<Record<DiagnosticsDetail, DetailText>> = {
  "signature-wrong": { words: "the signature does not match a key that it knows", remedy: "" },
  "outer-signed": { words: "the outer token is signed and must not be", remedy: callerMustMend },
  "actor-unsigned": { words: "the actor token is not signed and must be", remedy: callerMustMend },
  expired: { words: "the token is outside its time", remedy: "" },
  "issuer-missing": { words: "the token names no issuer", remedy: callerMustMend },
  "issuer-malformed": { words: "the issuer is not of the form id@realm", remedy: callerMustMend },
  "issuer-unknown": { words: "the issuer is not one that it knows", remedy: "" },
  "issuer-is-not-actor": {
    words: "the outer token's issuer is not the application of the actor token",
    remedy: callerMustMend,
  },
  "nameid-malformed": {
    words: "nameid does not name an application as it should",
    remedy: `${callerMustMend} For direct trust compare nameid with Get-PartnerApplication | Format-List Name,ApplicationIdentifier,Realm.`,
  },
  "claim-missing": { words: "a claim is missing that it needs", remedy: callerMustMend },
  "token-unreadable": {
    words: "it could not read the token",
    remedy:
      "Compare the Authorization field at the caller and at the server: a device that cuts long header fields is a usual cause.",
  },
  "profile-not-applicable": { words: "tokens of this kind are not taken there", remedy: "" },
  "audience-mismatch": { words: "the audience is not the host or endpoint that was called", remedy: "" },
  "audience-realm-missing": {
    words: "the audience names no realm",
    remedy: "The caller must ask for <application id>/<host>@<realm>: check the resource of its token request.",
  },
  "scheme-mismatch": { words: "it was reached by http where the token says https", remedy: "" },
  "realm-differs": { words: "the realm of the audience is not the issuer's", remedy: "" },
  "tenant-missing": {
    words: "the token names no tenant (tid)",
    remedy: `${authServers}: the token must come from the authorization server of your tenant.`,
  },
  "tenant-unknown": {
    words: "the realm or tenant is not one of its own",
    remedy:
      "Get-AcceptedDomain | Format-List Name,DomainName: each domain must be listed in full (wildcard domains are not supported for server-to-server calls); then Get-AuthConfig | Format-List Realm (should be empty) and Get-AuthServer | Format-List Name,Realm,DomainName.",
  },
  "user-claims-missing": {
    words: "the token names no user that it could look up",
    remedy:
      "Synchronise the user (Entra Connect), so that the cloud sends smtp or nameid with nii; try another mailbox.",
  },
  "user-unknown": { words: "the user does not exist there", remedy: "" },
  "user-ambiguous": { words: "more than one user fits", remedy: "" },
  "user-sid-differs": {
    words: "the user's SID is not that of the mailbox's account",
    remedy:
      "Get-Mailbox <mailbox> | Format-List LinkedMasterAccount,UserPrincipalName: the account in the token must own the mailbox.",
  },
  "mailbox-version": {
    words: "the mailbox is on a server version that does not take such tokens",
    remedy:
      "Get-Mailbox <mailbox> | Format-List ServerName,AdminDisplayVersion; move it with New-MoveRequest <mailbox>.",
  },
  "application-unknown": { words: "no partner application has the caller's id", remedy: "" },
  "linked-account-missing": {
    words: "the partner application has neither a linked account nor permissions",
    remedy: "",
  },
  "scope-missing": {
    words: "the token carries no scope or role that is enough",
    remedy:
      "For an Entra application: grant full_access_as_app or EWS.AccessAsUser.All and consent to it. For a partner application: Get-ManagementRoleAssignment -RoleAssignee <linked account>.",
  },
  "permissions-missing": {
    words: "the token carries none of the permissions that the call needs",
    remedy: "",
  },
  "tenant-restricted": { words: "tenant restrictions do not let the token through", remedy: "" },
  "own-mailbox-only": {
    words: "the token may open its own user's mailbox only",
    remedy: "Let the caller open the mailbox of the user that the token names, or use an application's token.",
  },
  "certificate-not-found": { words: "a certificate is missing on the server", remedy: "" },
  "directory-failed": { words: "Active Directory could not be asked", remedy: "" },
  "flighting-off": { words: "OAuth is not switched on for the domain", remedy: "" },
};

/** Every detail with its words and, if it has one, its remedy, for docs/findings.md. */
export const refusalDetails: readonly { readonly detail: string; readonly words: string; readonly remedy: string }[] =
  Object.entries(texts).map(([detail, text]) => ({ detail, ...text }));

/** `: likely <words>`, or an empty text, to append to a sentence. */
export function detailWords(detail: DiagnosticsDetail | null): string {
  return detail === null ? "" : `: likely ${texts[detail].words}`;
}

/** The remedy of the detail; undefined when that of the finding applies. */
export function detailRemedy(detail: DiagnosticsDetail | null): string | undefined {
  const remedy = detail === null ? "" : texts[detail].remedy;
  return remedy === "" ? undefined : remedy;
}
