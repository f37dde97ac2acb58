// Remedies when one of Microsoft's own services answered: no cmdlet of Exchange Server changes what it accepts, and no device
// of the customer answers in front of it.
import { microsoftHost } from "../../core/microsoft-hosts.ts";
import { globalHost, hostName, listAuthServers, readGate, testOutbound, updateAppCertificate } from "./commands.ts";

const look = `On the server that calls: ${listAuthServers}, then ${testOutbound(globalHost)}.`;
const newToken = "The caller must get a new token; if the refusal comes back, ";
const support = "a support case needs the request-id of the answer (realmscope ticket FILE makes the evidence).";
const permissions =
  "Grant the Entra application its permission on Office 365 Exchange Online, full_access_as_app for an application or EWS.AccessAsUser.All for a person (Calendars.Read, MailboxSettings.Read, MailTips.ReadBasic.All and ProfilePhoto.Read.All for the dedicated hybrid application on Microsoft Graph), and consent to it as an administrator; then a new token: realmscope decode shows its roles.";
const user =
  "Get-EXORecipient <address> | Format-List RecipientType,EmailAddresses in Exchange Online PowerShell: the user must be there once, and a mailbox on premises is asked on premises; try another mailbox to tell the user from the trust.";
const audience =
  "The caller must ask for a token for the host that it calls (resource https://outlook.office365.com): realmscope decode shows the resource of its token request.";
const tenant = `The token must come from the tenant whose mailboxes are asked for. ${look}`;

/** By code, for each finding whose usual remedy is for Exchange Server and that such a service can cause. */
export const onlineRemedies: Readonly<Record<string, string>> = {
  REFUSED_SIGNATURE: `${newToken}the token was changed on its way or signed by a key that the tenant does not use. ${look}`,
  REFUSED_TOKEN: `Read the reason in the capture: realmscope decode shows the token beside it. ${look}`,
  REFUSED_ISSUER: tenant,
  TOKEN_KIND_NOT_APPLICABLE: `This kind of token is not taken there any more or not yet: the dedicated hybrid application calls with a token of Entra. ${look}`,
  REFUSED_AUDIENCE: audience,
  TLS_OFFLOADED: audience,
  REFUSED_TENANT: tenant,
  REFUSED_REALM: tenant,
  USER_NOT_FOUND: user,
  USER_AMBIGUOUS: user,
  REFUSED_USER: user,
  PARTNER_APPLICATION_UNKNOWN: `The application is not one that this tenant lets in: it must be in the tenant, enabled, with its permission and consent. ${permissions} ${look}`,
  EXCHANGE_INTERNAL_ERROR: `Try again; if it stays, ${support}`,
  LINKED_ACCOUNT_MISSING: permissions,
  PARTNER_ACCOUNT_BAD: permissions,
  OAUTH_CONFIGURATION_NOT_LOADED: `Try again; if it stays, ${support}`,
  ISSUER_NOT_IN_CHALLENGE: tenant,
  AUTH_CERTIFICATE_NOT_FOUND: `The certificate of the caller is not among the keys of its application: for the dedicated hybrid application ${updateAppCertificate}. ${look}`,
  OAUTH_NOT_AVAILABLE: `Get-OrganizationConfig | Format-List OAuth2ClientProfileEnabled and Get-AuthenticationPolicy in Exchange Online PowerShell show whether modern authentication is blocked there. ${look}`,
  REFUSED_UNKNOWN: `Read the reason in the capture. ${look}`,
  REFUSED_WITHOUT_REASON: `Check which application calls (realmscope decode shows caller and roles): as 00000002-0000-0ff1-ce00-000000000000 it is refused since October 2025 (realmscope findings SHARED_SERVICE_PRINCIPAL), as the dedicated hybrid application it needs full_access_as_app with consent. The web proxy on the way may have answered: Get-ExchangeServer | Format-List Name,InternetWebProxy. ${look}`,
  FORBIDDEN_WITHOUT_REASON: `Exchange Online, or the web proxy on the way to it, gave this answer (Get-ExchangeServer | Format-List Name,InternetWebProxy). Check the permission of the application that calls (roles in its token: realmscope decode), and in Exchange Online PowerShell the gate of EWS: ${readGate}.`,
  WEB_PAGE_ANSWERED:
    "It proves nothing about the trust. Let the servers pass the web proxy without signing in to it: Get-ExchangeServer | Format-List Name,InternetWebProxy.",
  REST_NOT_FOUND:
    "As far as public sources say, the Outlook REST interface of Exchange Online has ended and Microsoft Graph takes its place: update the program that calls it, and see in Test-NetConnection graph.microsoft.com -Port 443 whether it can reach Graph.",
  SERVERS_DISAGREE:
    "These servers are Microsoft's. After a change to the application or its permissions they may differ for a while; if it stays, realmscope ticket FILE makes the evidence for a support case.",
};

const graphLook = `${listAuthServers} on the server that calls shows its application; realmscope decode shows aud, tid, exp and roles of its token.`;
const graphUnread = `Graph gives its reason in the body of the answer, which this capture does not hold, or the web proxy on the way answered: Get-ExchangeServer | Format-List Name,InternetWebProxy. ${graphLook}`;

/** Findings whose remedy for Exchange Online names nothing of EWS, so that it fits Graph, too. */
const fitsGraph: ReadonlySet<string> = new Set([
  ...["EXCHANGE_INTERNAL_ERROR", "OAUTH_CONFIGURATION_NOT_LOADED", "WEB_PAGE_ANSWERED", "SERVERS_DISAGREE"],
]);

/** The remedy when Graph answered; undefined where the usual one fits. */
export function graphRemedy(code: string): string | undefined {
  const online = onlineRemedies[code];
  if (online === undefined || fitsGraph.has(code)) return online;
  return code.endsWith("_WITHOUT_REASON") ? graphUnread : `Read the reason in the capture. ${graphLook}`;
}

/** The remedy of a finding about `host` when it is one of Microsoft's own services, else undefined. */
export function onlineRemedy(code: string, host: unknown): string | undefined {
  if (typeof host !== "string") return undefined;
  const service = microsoftHost(host)?.service;
  if (service === undefined) return undefined;
  if (service === "graph") return graphRemedy(code);
  // The outbound test must target the cloud of this host.
  const target = service === "exchange-online" ? hostName(host) : globalHost;
  return onlineRemedies[code]?.replaceAll(`https://${globalHost}`, `https://${target}`);
}
