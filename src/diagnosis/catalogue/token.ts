// Findings about a token itself, whatever the server answered.

import type { KeySource } from "../../core/capture-event.ts";
import { microsoftHost } from "../../core/microsoft-hosts.ts";
import { isoTime } from "../../core/printable-text.ts";
import { addServiceName, findSender, hostName, probeDirectly } from "./commands.ts";
import type { FindingTexts } from "./finding-text.ts";

export interface TokenDetails {
  ISSUER_SEEN: { readonly caller: string; readonly name: string; readonly place: string };
  /** `near` is the well-known application whose id it nearly matches; empty when there is none. */
  CALLER_UNKNOWN: { readonly caller: string; readonly near: string };
  /** `name`: the program. */
  USER_CLIENT_SEEN: { readonly caller: string; readonly name: string };
  PRINCIPAL_MIXED_CASE: { readonly caller: string };
  LEGACY_PRINCIPAL_ONLY: { readonly realm: string };
  REALM_MISMATCH: { readonly expected: string; readonly seen: string };
  CHALLENGE_REALM_MISMATCH: { readonly expected: string; readonly seen: string };
  TOKEN_EXPIRED: { readonly expiredAt: number; readonly layer: string };
  TOKEN_NOT_YET_VALID: { readonly validFrom: number; readonly layer: string };
  TOKEN_WITHOUT_EXPIRY: { readonly layer: string };
  TOKEN_OUT_OF_DATE: { readonly expiredAt: number; readonly at: number };
  CLOCK_SKEW: { readonly host: string; readonly seconds: number };
  AUDIENCE_HOST_MISMATCH: { readonly audience: string; readonly host: string };
  /** `host`: where it was presented; empty for a token that was pasted. */
  AUDIENCE_NOT_EXCHANGE: { readonly service: string; readonly host: string };
  AUDIENCE_REALM_MISMATCH: { readonly audience: string; readonly issuer: string };
  AUDIENCE_WITHOUT_REALM: { readonly audience: string };
  ISSUER_IS_NOT_ACTOR: { readonly issuer: string; readonly actor: string };
  ISSUER_SPELLED_OTHERWISE: { readonly issuer: string; readonly actor: string };
  USER_MISSING: object;
  DELEGATION_MISSING: { readonly actor: string };
  EXCHANGE_IDENTITY_TOKEN: { readonly host: string };
  TOKEN_UNREADABLE: { readonly problem: string };
}

export const tokenTexts: FindingTexts<TokenDetails> = {
  ISSUER_SEEN: {
    severity: "info",
    summary:
      "A service's application was seen as the caller: the sign of the OAuth handshake that the procedure names.",
    onTheWire:
      "00000004-0000-0ff1-ce00-000000000000@<realm>, 7557eb47-c689-4224-abcf-aef9bd7573df@<realm> or db7de2b5-2149-435e-8043-e080dd50afae@<realm>, also with a slash, in iss of an outer or self-issued token or in nameid of an actor token.",
    remedy: "Nothing to do.",
    step: "verify-success",
    sentence: ({ caller, name, place }) => `${caller} (${name}) was seen as the caller, in ${place}.`,
  },
  CALLER_UNKNOWN: {
    severity: "warning",
    summary: "The caller is an application that is neither well known nor configured.",
    onTheWire:
      "iss, nameid or appid names an application id that is in no table; a near miss of a known id is one too.",
    remedy:
      'Compare the whole id with Get-AuthServer | Format-List Name,Type,ApplicationIdentifier: a dedicated hybrid application is named there and is never a partner application, so create none for it. Every other caller of Exchange Server is in Get-PartnerApplication | Format-List Name,ApplicationIdentifier,Enabled. If it is yours, name it in realmscope.config.json: "applications": { "<id>": "<name>" }.',
    step: "partner-application",
    sentence: ({ caller, near }) =>
      `The caller ${caller} is not an application that is known here${near === "" ? "" : `, but a near miss of ${near}`}.`,
    remedyFor: ({ near }) =>
      near === ""
        ? undefined
        : "Compare the whole id letter by letter with Get-PartnerApplication | Format-List Name,ApplicationIdentifier and Get-AuthServer | Format-List Name,ApplicationIdentifier: likely it was typed wrong, or somebody wants it to look like the other.",
  },
  USER_CLIENT_SEEN: {
    severity: "info",
    summary: "The caller is a program with which a person signs in, not a service's application.",
    onTheWire:
      "appid of a token is the id of Outlook (d3590ed6-52b3-4102-aeff-aad2292ab01c), of Teams' own client, or of another well-known program.",
    remedy: "Nothing to do for this integration: such a token proves nothing about the trust between the services.",
    step: "none",
    sentence: ({ caller, name }) => `The caller ${caller} is ${name}: a person's program, not a service.`,
  },
  PRINCIPAL_MIXED_CASE: {
    severity: "warning",
    summary:
      "The caller's application id is not written in lower case, and the specification compares letter by letter.",
    onTheWire: "Capital letters in the application id of iss or nameid ([MS-XOAUTH] 3.2.5.6).",
    remedy:
      "Register the application with its id in lower case: Set-PartnerApplication <name> -ApplicationIdentifier <id>.",
    step: "partner-application",
    sentence: ({ caller }) => `The caller ${caller} is written with capital letters.`,
  },
  LEGACY_PRINCIPAL_ONLY: {
    severity: "warning",
    summary:
      "Only the legacy application 00000004 calls; Teams Scheduler and Cloud Voicemail have ids of their own today.",
    onTheWire:
      "Callers include 00000004-0000-0ff1-ce00-000000000000 and neither 7557eb47-c689-4224-abcf-aef9bd7573df nor db7de2b5-2149-435e-8043-e080dd50afae.",
    remedy:
      "Add the two: New-PartnerApplication -Name TeamsScheduler -ApplicationIdentifier 7557eb47-c689-4224-abcf-aef9bd7573df -Enabled $true -LinkedAccount <account>, and New-PartnerApplication -Name CloudVoicemail -ApplicationIdentifier db7de2b5-2149-435e-8043-e080dd50afae -Enabled $true. Do not remove 00000004 yet: out-of-office voicemail greetings still use it.",
    step: "partner-application",
    sentence: ({ realm }) =>
      `In realm ${realm} only the legacy application 00000004 calls, neither Teams Scheduler nor Cloud Voicemail.`,
  },
  REALM_MISMATCH: {
    severity: "error",
    summary: "The caller's realm is not the one that was asked for with --realm.",
    onTheWire: "The part after @ in the caller's name differs from --realm.",
    remedy:
      "Check the realm you expect (the tenant id, or the default SIP domain for direct trust) and Get-AuthServer | Format-List Name,Realm; Get-AuthConfig | Format-List Realm should be empty.",
    step: "oauth-exchange",
    sentence: ({ expected, seen }) => `The caller's realm is ${seen}, not ${expected}.`,
  },
  CHALLENGE_REALM_MISMATCH: {
    severity: "error",
    summary: "The caller's realm is not the one that the server's challenge names.",
    onTheWire: "The part after @ in the caller's name differs from realm= of WWW-Authenticate: Bearer.",
    remedy:
      "Get-AuthConfig | Format-List Realm should be empty, and Get-AuthServer | Format-List Name,Realm show the tenant.",
    step: "oauth-exchange",
    isServersToJudge: true,
    sentence: ({ expected, seen }) => `The caller's realm is ${seen}; the challenge says ${expected}.`,
  },
  TOKEN_EXPIRED: {
    severity: "error",
    summary: "The token had expired when it was presented.",
    onTheWire: "exp of the token lies before the time of the request.",
    remedy:
      "If it comes back, compare the clocks of both sides with a time server (w32tm /query /status); a caller renews an expired token by itself.",
    step: "none",
    isServersToJudge: true,
    sentence: ({ expiredAt, layer }) => `The ${layer} expired at ${isoTime(expiredAt)} and was presented after that.`,
  },
  TOKEN_NOT_YET_VALID: {
    severity: "error",
    summary: "The token was presented before it becomes valid: likely a wrong clock.",
    onTheWire: "nbf of the token lies after the time of the request.",
    remedy: "Set the clocks of both sides by a time server: w32tm /query /status, w32tm /resync.",
    step: "none",
    isServersToJudge: true,
    sentence: ({ validFrom, layer }) =>
      `The ${layer} is valid from ${isoTime(validFrom)} and was presented before that.`,
  },
  TOKEN_WITHOUT_EXPIRY: {
    severity: "warning",
    summary: "The token has no readable exp, which Exchange was observed to require.",
    onTheWire: "No exp claim, or one that is not a time.",
    remedy: `Mend the application that makes the token; the token service always sets exp. ${findSender}`,
    step: "none",
    sentence: ({ layer }) => `The ${layer} has no readable time of expiry.`,
  },
  TOKEN_OUT_OF_DATE: {
    severity: "info",
    summary: "The pasted token is past its time; that says nothing about the time it was used.",
    onTheWire: "exp lies before the moment of decoding.",
    remedy: "Nothing to do: tokens live for hours. Judge a capture to see whether it was valid when it was presented.",
    step: "none",
    sentence: ({ expiredAt, at }) => `The token expired at ${isoTime(expiredAt)}, ${durationOf(at - expiredAt)} ago.`,
  },
  CLOCK_SKEW: {
    severity: "warning",
    summary: "The server's clock and the clock of the capture are more than five minutes apart.",
    onTheWire: "The Date field of the answer against the time of the capture.",
    remedy:
      "Set both clocks by a time server: w32tm /query /status, w32tm /resync. Tokens are refused outside their time.",
    step: "none",
    sentence: ({ host, seconds }) =>
      `The clock of ${host} is ${durationOf(Math.abs(seconds) * 1000)} ${seconds < 0 ? "behind" : "ahead of"} the clock of the capture.`,
  },
  AUDIENCE_HOST_MISMATCH: {
    severity: "error",
    summary: "The token is meant for another host than the one that was called.",
    onTheWire: "The host in aud differs from the Host of the request (compared without letter case, a port counts).",
    remedy: `Let the caller use the host that is registered, or register this one: ${addServiceName("<host>")}. No device may rewrite the Host field.`,
    step: "oauth-exchange",
    isServersToJudge: true,
    sentence: ({ audience, host }) => `The token is meant for ${audience} and was presented to ${host}.`,
    remedyFor: ({ audience, host }) => audienceRemedy(audience, host),
    examples: [
      ["the token is for a service of Microsoft's", { audience: "https://outlook.office365.com", host: "<host>" }],
    ],
  },
  AUDIENCE_NOT_EXCHANGE: {
    severity: "error",
    summary: "The token is meant for another service than Exchange, so Exchange refuses it.",
    onTheWire:
      "aud names Azure AD Graph (00000002-0000-0000-c000-000000000000) or Microsoft Graph (00000003-0000-0000-c000-000000000000), by id or by URL, in a token for Exchange.",
    remedy:
      "The caller must ask for a token for Exchange: resource https://<host> of the server that it calls, or scope https://<host>/.default; realmscope decode shows the resource of its token request.",
    step: "none",
    isServersToJudge: true,
    sentence: ({ service, host }) =>
      host === ""
        ? `The token is meant for ${service}, not for Exchange, which refuses it (2000003).`
        : `The token is meant for ${service}, not for Exchange, and was presented to ${host}.`,
    severityFor: ({ host }) => (host === "" ? "warning" : undefined),
  },
  AUDIENCE_REALM_MISMATCH: {
    severity: "error",
    summary: "The audience's realm differs from the issuer's, which Exchange was observed to refuse.",
    onTheWire: "The part after @ in aud differs from the one in iss of the actor token.",
    remedy:
      "Get-AuthConfig | Format-List Realm should be empty; Get-AuthServer | Format-List Name,Realm must show the tenant of the token.",
    step: "oauth-exchange",
    isServersToJudge: true,
    sentence: ({ audience, issuer }) => `The audience's realm ${audience} differs from the issuer's realm ${issuer}.`,
  },
  AUDIENCE_WITHOUT_REALM: {
    severity: "error",
    summary: "The audience names no realm.",
    onTheWire: "aud without @<realm> ([MS-XOAUTH] 3.2.5.6: client id, host and realm).",
    remedy:
      "Let the caller ask for <application id>/<host>@<realm>: realmscope decode shows the resource of its token request, Get-AuthServer | Format-List Name,Realm the realm.",
    step: "oauth-exchange",
    isServersToJudge: true,
    sentence: ({ audience }) => `The audience ${audience} names no realm.`,
  },
  ISSUER_IS_NOT_ACTOR: {
    severity: "error",
    summary: "The outer token was made by another application than the one its actor token speaks for.",
    onTheWire: "iss of the unsigned outer token differs from nameid of the actor token ([MS-XOAUTH] 3.2.5.6).",
    remedy: `The caller must wrap its own actor token. If this is not a test, treat it as an attempt to borrow another application's token. ${findSender}`,
    step: "none",
    sentence: ({ issuer, actor }) => `The outer token says ${issuer}, its actor token ${actor}.`,
  },
  ISSUER_SPELLED_OTHERWISE: {
    severity: "warning",
    summary: "Outer issuer and actor name the same application in different spellings.",
    onTheWire: "iss of the outer token and nameid of the actor token differ in letter case, slash or realm only.",
    remedy:
      "The specification compares letter by letter; Exchange was observed to compare the application id only. Mend the caller, or, where only the realm differs, compare with Get-AuthServer | Format-List Name,Realm,DomainName.",
    step: "none",
    sentence: ({ issuer, actor }) =>
      `The outer token says ${issuer}, its actor token ${actor}: the same application, spelled differently.`,
  },
  USER_MISSING: {
    severity: "error",
    summary: "A token that acts as a user names no user.",
    onTheWire: "An outer token with an actor token and without nameid, smtp, upn or sip.",
    remedy:
      "The caller must send the user's nameid with nii, or smtp: Get-Recipient <address> | Format-List EmailAddresses on Exchange Server, and Start-ADSyncSyncCycle -PolicyType Delta on the Entra Connect server.",
    step: "none",
    isServersToJudge: true,
    sentence: () => "A token that acts as a user names no user.",
  },
  DELEGATION_MISSING: {
    severity: "warning",
    summary: "The actor token is not marked as trusted for delegation, which acting as a user needs.",
    onTheWire: 'An actor token inside an outer token, without trustedfordelegation "true".',
    remedy:
      "Ask for the actor token with an assertion that carries trustedfordelegation; check the application: Get-MgServicePrincipal -Filter \"appId eq '<id>'\" | Format-List DisplayName,AccountEnabled,KeyCredentials.",
    step: "upload-certificate",
    sentence: ({ actor }) => `The actor token of ${actor} is not marked as trusted for delegation.`,
  },
  EXCHANGE_IDENTITY_TOKEN: {
    severity: "info",
    summary: "An Exchange identity token for add-ins was seen; it proves nothing about the handshake.",
    onTheWire: "A token with appctx, appctxsender or version ExIdTok.V1, issued by Exchange itself.",
    remedy: "Nothing to do.",
    step: "none",
    sentence: ({ host }) => `An Exchange identity token was sent to ${host}; it is not a part of the handshake.`,
  },
  TOKEN_UNREADABLE: {
    severity: "warning",
    summary: "A Bearer value is not a token that can be read.",
    onTheWire: "Authorization: Bearer with something that is not a JWT, is encrypted, is damaged, or is too large.",
    remedy: `A device that cuts long header fields is a usual cause. ${probeDirectly}`,
    step: "none",
    sentence: ({ problem }) => `A Bearer value cannot be read: ${problem}.`,
  },
};

/** With a host of Microsoft's on either side the caller must request another token; otherwise the host can also be registered. */
function audienceRemedy(audience: string, host: string): string {
  const meant = /^https?:\/\/([^/?#]+)/i.exec(audience)?.[1] ?? /\/([^/@]+)/.exec(audience)?.[1] ?? "";
  if (microsoftHost(meant) !== null || microsoftHost(host) !== null)
    return `The caller must ask for a token for the host that it calls: resource https://${hostName(host)} in its token request (realmscope decode shows it). Nothing is to be registered for ${hostName(meant)}.`;
  return `Let the caller use the host that is registered, or register this one: ${addServiceName(host)}. No device may rewrite the Host field.`;
}

function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** The owner of the key that a signature was checked with, as `a key that accounts.accesscontrol.windows.net gave`. */
export function keyOwner(source: KeySource | null, host: string): string {
  switch (source) {
    case "sts-metadata":
      return host === "" ? "a key that a token service gave" : `a key that ${host} gave`;
    case "metadata-file":
      return "a key of the file given with --metadata";
    case "auth-certificate":
      return "the certificate given with --auth-cert";
    case null:
      return "a key of an unknown source";
  }
}
