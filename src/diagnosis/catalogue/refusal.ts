// The server's refusals of a token, from x-ms-diagnostics by number, then category, then text. Several numbers and categories
// were observed but have no public sample; their sentences say "observed" or "likely".
import { microsoftHost } from "../../core/microsoft-hosts.ts";
import { exchangeId, sampleApplicationId, skypeId } from "./application-kind.ts";
import { addServiceName, probeDirectly, renewCertificate, updateAppCertificate } from "./commands.ts";
import { type EntraRefusalDetails, entraRefusalTexts } from "./entra-refusal.ts";
import type { FindingTexts } from "./finding-text.ts";
import {
  linkedAccountRemedy,
  linkedAccountRemedyFor,
  partnerApplicationRemedy,
  partnerApplicationRemedyFor,
} from "./partner-remedies.ts";
import { detailRemedy, detailWords, type Refusal, refusalClause } from "./refusal-details.ts";

export interface RefusalDetails extends EntraRefusalDetails {
  REFUSED_SIGNATURE: Refusal;
  REFUSED_TOKEN: Refusal;
  REFUSED_ISSUER: Refusal;
  TOKEN_KIND_NOT_APPLICABLE: Refusal & { readonly profile: string };
  REFUSED_EXPIRED: Refusal;
  REFUSED_AUDIENCE: Refusal;
  TLS_OFFLOADED: Refusal;
  REFUSED_TENANT: Refusal;
  REFUSED_REALM: Refusal;
  USER_NOT_FOUND: Refusal;
  USER_AMBIGUOUS: Refusal;
  REFUSED_USER: Refusal;
  PARTNER_APPLICATION_UNKNOWN: Refusal & { readonly callerId: string };
  EXCHANGE_INTERNAL_ERROR: Refusal;
  /** `callerId`: the application that the reason names, else the caller's; `application` its well-known name or empty. */
  LINKED_ACCOUNT_MISSING: Refusal & { readonly callerId: string; readonly application: string };
  PARTNER_ACCOUNT_BAD: Refusal;
  AUTH_CERTIFICATE_NOT_FOUND: Refusal;
  OAUTH_NOT_AVAILABLE: Refusal;
  OAUTH_CONFIGURATION_NOT_LOADED: Refusal;
  REFUSED_UNKNOWN: Refusal;
  REFUSED_WITHOUT_REASON: Refusal;
}

const partnerWords = ({ application, callerId }: RefusalDetails["LINKED_ACCOUNT_MISSING"]): string => {
  if (application !== "") return `the partner application ${callerId} (${application})`;
  return callerId === "" ? "its partner application" : `the partner application ${callerId}`;
};

export const refusalTexts: FindingTexts<RefusalDetails> = {
  REFUSED_SIGNATURE: {
    severity: "error",
    summary: "Exchange could not verify the token's signature: usually its copy of the token service's keys is old.",
    onTheWire: "x-ms-diagnostics 2000000, invalid_signature.",
    remedy:
      "Set-AuthServer <name> -RefreshAuthMetadata (Exchange does so by itself every 8 hours), then iisreset if it stays; check that the server reaches the metadata URL of Get-AuthServer.",
    step: "oauth-exchange",
    sentence: (refusal) => `${refusalClause(refusal)}: the signature could not be verified.`,
  },
  REFUSED_TOKEN: {
    severity: "error",
    summary: "Exchange finds the token malformed, incomplete or of an unknown issuer.",
    onTheWire: "x-ms-diagnostics 2000001, invalid_token.",
    remedy:
      "Read the reason in the capture; then Get-AuthServer | Format-List Name,IssuerIdentifier,Realm,Enabled and Test-OAuthConnectivity -Service EWS -TargetUri https://<host>/ews/exchange.asmx -Mailbox <mailbox> | Format-List.",
    step: "oauth-exchange",
    sentence: (refusal) =>
      `${refusalClause(refusal)}: it does not accept the token as valid${detailWords(refusal.detail)}.`,
    remedyFor: ({ detail }) => detailRemedy(detail),
  },
  REFUSED_ISSUER: {
    severity: "error",
    summary: "Exchange does not know the issuer of the token.",
    onTheWire: "x-ms-diagnostics 2000001, invalid_token, with a reason about the issuer.",
    remedy:
      "Get-AuthServer | Format-List Name,IssuerIdentifier,Realm,Enabled against the issuer of the token (realmscope decode). Where the token service of your tenant is switched off, Set-AuthServer <its name> -Enabled $true; where it is missing, New-AuthServer -Name WindowsAzureACS -AuthMetadataUrl https://accounts.accesscontrol.windows.net/<domain>/metadata/json/1 (login.microsoftonline.us in the US government clouds). An issuer of another tenant, of AD FS or of nobody you know stays unknown.",
    step: "oauth-exchange",
    sentence: (refusal) => `${refusalClause(refusal)}: likely it does not know the token's issuer.`,
  },
  TOKEN_KIND_NOT_APPLICABLE: {
    severity: "error",
    summary: "The endpoint does not take this kind of token.",
    onTheWire: "x-ms-diagnostics 2000001 with a reason that a profile (S2SAppActAs, V1S2SAppOnly…) is not applicable.",
    remedy:
      "Test-OAuthConnectivity -Service EWS -TargetUri https://<host>/ews/exchange.asmx -AppOnly | Format-List, and again with -Mailbox <mailbox>, shows which of the two kinds is taken there; call as that kind, and update Exchange if the caller is a Microsoft service.",
    step: "none",
    sentence: (refusal) => `${refusalClause(refusal)}: tokens of the kind ${refusal.profile} are not taken there.`,
  },
  REFUSED_EXPIRED: {
    severity: "error",
    summary: "Exchange says that the token has expired.",
    onTheWire: "x-ms-diagnostics 2000002, token_expired.",
    remedy:
      "A caller renews its token by itself; if it stays, compare the clocks: w32tm /query /status, w32tm /resync.",
    step: "none",
    sentence: (refusal) => `${refusalClause(refusal)}: it considers the token expired.`,
  },
  REFUSED_AUDIENCE: {
    severity: "error",
    summary: "Exchange says that the token is meant for another host, endpoint or realm.",
    onTheWire: "x-ms-diagnostics 2000003, invalid_resource.",
    remedy: `Compare aud with the URL that was called (realmscope decode). A token for another service must be asked for anew, for this host; for a host of Exchange that is not registered: ${addServiceName("<host>")}.`,
    step: "oauth-exchange",
    sentence: (refusal) =>
      `${refusalClause(refusal)}: the token is meant for another resource${detailWords(refusal.detail)}.`,
    remedyFor: ({ detail }) => detailRemedy(detail),
  },
  TLS_OFFLOADED: {
    severity: "error",
    summary: "Exchange saw http where the token says https: TLS ends at a device in front.",
    onTheWire: "x-ms-diagnostics 2000003 with a reason that expects an https:// URL and finds an http:// one.",
    remedy: `Let TLS reach Exchange: turn TLS offload off, or bridge (encrypt again) on the load balancer. ${probeDirectly}`,
    step: "none",
    sentence: (refusal) =>
      `${refusalClause(refusal)}: the token says https and Exchange was reached by http, so TLS is offloaded.`,
  },
  REFUSED_TENANT: {
    severity: "error",
    summary: "Exchange does not know the realm or tenant that the token names.",
    onTheWire: "x-ms-diagnostics 2000004, invalid_tenant.",
    remedy:
      "Get-AuthConfig | Format-List Realm should be empty; Get-AuthServer | Format-List Name,Realm,DomainName must name the tenant.",
    step: "oauth-exchange",
    sentence: (refusal) => `${refusalClause(refusal)}: it does not know the tenant${detailWords(refusal.detail)}.`,
    remedyFor: ({ detail }) => detailRemedy(detail),
  },
  REFUSED_REALM: {
    severity: "error",
    summary: "Exchange says that a realm in the token differs from the issuer's.",
    onTheWire: "x-ms-diagnostics with a reason that a realm is different.",
    remedy:
      "Get-AuthConfig | Format-List Realm should be empty; Get-AuthServer | Format-List Name,Realm must show the tenant of the token.",
    step: "oauth-exchange",
    sentence: (refusal) => `${refusalClause(refusal)}: the realms in the token differ.`,
  },
  USER_NOT_FOUND: {
    severity: "error",
    summary: "Exchange finds no user for the one that the call acts as.",
    onTheWire: "x-ms-diagnostics 2000005, invalid_user, with a reason that the user does not exist.",
    remedy:
      "Get-Recipient <address> | Format-List EmailAddresses on Exchange Server, and Start-ADSyncSyncCycle -PolicyType Delta on the Entra Connect server, so that cloud and on-premises share UPN, SMTP and SIP; try another mailbox to tell the user from the trust.",
    step: "none",
    sentence: (refusal) => `${refusalClause(refusal)}: it finds no such user.`,
  },
  USER_AMBIGUOUS: {
    severity: "error",
    summary: "More than one user has the address or identity that the call acts as.",
    onTheWire: "x-ms-diagnostics 2000005, invalid_user, with a reason that the user is ambiguous.",
    remedy:
      "Find the double in the directory: Get-Recipient -Filter \"EmailAddresses -eq '<address>'\", and an LDAP query for userPrincipalName and msRTCSIP-PrimaryUserAddress; remove one.",
    step: "none",
    sentence: (refusal) => `${refusalClause(refusal)}: more than one user fits.`,
  },
  REFUSED_USER: {
    severity: "error",
    summary: "Exchange refuses the user that the call acts as.",
    onTheWire: "x-ms-diagnostics 2000005, invalid_user.",
    remedy:
      "Read the reason in the capture; Get-Mailbox <mailbox> | Format-List AdminDisplayVersion,EmailAddresses,LinkedMasterAccount; try another mailbox.",
    step: "none",
    sentence: (refusal) => `${refusalClause(refusal)}: it does not take the user${detailWords(refusal.detail)}.`,
    remedyFor: ({ detail }) => detailRemedy(detail),
  },
  PARTNER_APPLICATION_UNKNOWN: {
    severity: "error",
    summary: "Exchange has no enabled partner application for the caller.",
    onTheWire: "x-ms-diagnostics 2000006, invalid_client.",
    remedy: partnerApplicationRemedy,
    step: "partner-application",
    sentence: (refusal) =>
      `${refusalClause(refusal)}: ${microsoftHost(refusal.host) === null ? "no partner application is set up for it" : "it does not let this application in"}.`,
    remedyFor: ({ callerId }) => partnerApplicationRemedyFor(callerId),
    examples: [
      ["a service of the procedure calls", { callerId: skypeId }],
      ["Exchange Online calls", { callerId: exchangeId }],
      ["the id of the caller is not one of Microsoft's", { callerId: sampleApplicationId }],
    ],
  },
  EXCHANGE_INTERNAL_ERROR: {
    severity: "error",
    summary: "Exchange had an internal error while it checked the token: directory or configuration.",
    onTheWire: "x-ms-diagnostics 2000007, internal_error.",
    remedy:
      "Look in the application log of the server named in X-FEServer for MSExchange OAuth; check its domain controllers: Test-ServiceHealth.",
    step: "none",
    sentence: (refusal) =>
      `${refusalClause(refusal)}: it had an internal error while it checked the token${detailWords(refusal.detail)}.`,
    remedyFor: ({ detail }) => detailRemedy(detail),
  },
  LINKED_ACCOUNT_MISSING: {
    severity: "error",
    summary: "The partner application has no linked account, role or scope for this call.",
    onTheWire: "x-ms-diagnostics 2000008, invalid_grant.",
    remedy: linkedAccountRemedy,
    step: "application-account",
    sentence: (refusal) =>
      `${refusalClause(refusal)}: ${partnerWords(refusal)} lacks a linked account, a role or a scope${detailWords(refusal.detail)}.`,
    remedyFor: ({ callerId, detail }) => detailRemedy(detail) ?? linkedAccountRemedyFor(callerId),
    examples: [
      ["Skype for Business Online calls", { callerId: skypeId, detail: null }],
      ["Exchange Online or Microsoft Graph calls", { callerId: exchangeId, detail: null }],
      ["the id of the caller is not one of Microsoft's", { callerId: sampleApplicationId, detail: null }],
    ],
  },
  PARTNER_ACCOUNT_BAD: {
    severity: "error",
    summary: "Exchange answers 403 with invalid_token: observed when the partner application's linked account is bad.",
    onTheWire: "403 with error=invalid_token or x-ms-diagnostics, and no policy header.",
    remedy:
      "Get-PartnerApplication | Format-List Name,LinkedAccount; link an existing, enabled account: Set-PartnerApplication <name> -LinkedAccount <account>.",
    step: "application-account",
    sentence: (refusal) => `${refusalClause(refusal)}: likely the linked account of its partner application is bad.`,
  },
  AUTH_CERTIFICATE_NOT_FOUND: {
    severity: "error",
    summary: "Exchange does not find a certificate that it needs to check the token.",
    onTheWire:
      "x-ms-diagnostics 2000009, invalid_certificate; or event 2004 or 2005 of MSExchange OAuth, or MissingSigningCertificate or CertificatePrivateKeySizeTooSmall in the log OAuthOutbound.",
    remedy: `Get-AuthConfig | Format-List CurrentCertificateThumbprint,NextCertificateThumbprint and Get-ExchangeCertificate on every server: copy the certificate to where it is missing. One that has expired is renewed with ${renewCertificate} (without that switch the script stops in a hybrid organisation), then goes to the cloud: ${updateAppCertificate} for the dedicated hybrid application, realmscope provision apply for the applications of the procedure. Never put it on 00000002-0000-0ff1-ce00-000000000000, and look there after any run of the hybrid wizard: realmscope provision plan shows its keys.`,
    step: "export-certificate",
    sentence: (refusal) => `${refusalClause(refusal)}: it does not find a certificate it needs.`,
  },
  OAUTH_NOT_AVAILABLE: {
    severity: "error",
    summary: "OAuth is not the default for this domain, or it is blocked.",
    onTheWire: "x-ms-diagnostics 4000000, oauth_not_available (observed: flighting is not enabled for a domain).",
    remedy:
      "Get-AuthServer | Format-List Name,Type,IsDefaultAuthorizationEndpoint, Get-OrganizationConfig | Format-List OAuth* and Get-AuthenticationPolicy show whether modern authentication is on for people, which is what this answer is about. Set-AuthServer -Identity <EvoSTS name> -IsDefaultAuthorizationEndpoint $true switches it on and changes how every user's program signs in: plan it first.",
    step: "oauth-exchange",
    sentence: (refusal) => `${refusalClause(refusal)}: OAuth is not available for this domain.`,
  },
  OAUTH_CONFIGURATION_NOT_LOADED: {
    severity: "error",
    summary: "Exchange answers 500 to a token: observed when its OAuth configuration is not loaded.",
    onTheWire:
      "500 with x-ms-diagnostics or error=invalid_token; or event 2001 of MSExchange OAuth, or OAuthConfigurationUnavailable in the log OAuthOutbound.",
    remedy: "Get-AuthConfig and Get-AuthServer must answer on that server; then iisreset.",
    step: "oauth-exchange",
    sentence: (refusal) => `${refusalClause(refusal)}: likely its OAuth configuration is not loaded.`,
  },
  REFUSED_UNKNOWN: {
    severity: "error",
    summary: "Exchange refused the token with a number and category that are not known here.",
    onTheWire: "x-ms-diagnostics with another number, category and text.",
    remedy:
      "Read the reason in the capture, and run Test-OAuthConnectivity -Service EWS -TargetUri https://<host>/ews/exchange.asmx -Mailbox <mailbox> | Format-List.",
    step: "none",
    sentence: (refusal) => `${refusalClause(refusal)}, for a reason that is not known here.`,
  },
  REFUSED_WITHOUT_REASON: {
    severity: "error",
    summary: "A token was refused and the answer does not say why.",
    onTheWire: "401 to a token, without x-ms-diagnostics.",
    remedy: `Likely a device answered in place of Exchange, or removed the header field. ${probeDirectly}`,
    step: "none",
    sentence: (refusal) => `${refusalClause(refusal)} without saying why.`,
  },
  ...entraRefusalTexts,
};
