// Remedies for a token service's refusal, which depend on the caller, the resource and the cloud.
import { isExchangeOnline, microsoftHost } from "../../core/microsoft-hosts.ts";
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import { applicationKind } from "./application-kind.ts";
import {
  addServiceName,
  cleanSharedPrincipal,
  globalHost,
  moveToDedicatedApp,
  renewCertificate,
  testOutbound,
  updateAppCertificate,
} from "./commands.ts";
import { graphPermissions } from "./graph-permissions.ts";

/** The caller and the resource of a token request; each empty when the request does not show it. */
export interface RequestParties {
  /** Application id: a whole GUID in lower case. */
  readonly callerId: string;
  /** Host of the resource, lower case. */
  readonly resourceHost: string;
}

const provision =
  "realmscope provision plan shows which of its keys is missing and apply adds the auth certificate, every other key sent back as it was";
const afterWizard =
  "As far as public sources say, the hybrid wizard can put a key back on the shared service principal: look at it after every run";

/** The general remedy when the certificate was refused. */
export const certificateRemedy = `It depends on the application that asks (realmscope decode shows it in the assertion). 00000002-0000-0ff1-ce00-000000000000: never upload to it again, deploy the dedicated hybrid application and clean it (${cleanSharedPrincipal}). The dedicated application: ${updateAppCertificate}. Teams Scheduler, Cloud Voicemail, Skype for Business Online: ${provision}. An expired certificate is renewed first: ${renewCertificate}.`;

export function certificateRemedyFor({ callerId }: RequestParties): string | undefined {
  const compare = `Compare (Get-AuthConfig).CurrentCertificateThumbprint with the keys that Get-MgServicePrincipal -Filter "appId eq '${callerId}'" -Property KeyCredentials | Select-Object -ExpandProperty KeyCredentials lists`;
  const renew = `An auth certificate that has expired, or will within 60 days, is renewed first: ${renewCertificate}`;
  switch (applicationKind(callerId)) {
    case "exchange":
      return `Upload nothing: Exchange Online refuses EWS to this shared service principal since 31 October 2025, and a key on it opens CVE-2025-53786 again. ${moveToDedicatedApp} ${afterWizard}.`;
    case "service":
      return `${renew}. ${compare}; then ${provision}.`;
    case "own":
      return `If ${callerId} is the dedicated hybrid application (Get-AuthServer | Format-List Name,Type,ApplicationIdentifier shows it; its keys are on the application object, its service principal shows none): ${updateAppCertificate}, which uploads the current and the next auth certificate. Where the upload is refused, an app management policy of the tenant limits how long a certificate may last, and Exchange's lasts five years: except this application from it. ${renew}; then -UpdateCertificate and realmscope provision apply. ${afterWizard}.`;
    default:
      return undefined;
  }
}

/** The general remedy when the resource is not known. */
export const resourceRemedy = `If the resource is a host of Exchange Server, add it to the names of the Exchange service principal (all internal and external hosts of Autodiscover and EWS): ${addServiceName("<host>")}. If it is one of Microsoft's, check that token service and resource are of the same cloud: Get-AuthServer | Format-List Name,Realm,AuthMetadataUrl,TokenIssuingEndpoint.`;

export function resourceRemedyFor({ resourceHost }: RequestParties): string | undefined {
  if (resourceHost === "") return undefined;
  if (microsoftHost(resourceHost) === null)
    return `Add the host to the names of the Exchange service principal, with all other internal and external hosts of Autodiscover and EWS: ${addServiceName(resourceHost)}.`;
  return `The resource is Microsoft's own, so nothing is to be registered for it. Check that token service and resource are of the same cloud and the tenant is yours: Get-AuthServer | Format-List Name,Type,Realm,AuthMetadataUrl,TokenIssuingEndpoint; then ${testOutbound(isExchangeOnline(resourceHost) ? resourceHost : globalHost)}.`;
}

/** The general remedy when the application is not known. */
export const clientRemedy =
  "Check that the application is in the tenant (Get-MgServicePrincipal -Filter \"appId eq '<id>'\") and that the realm is that tenant. The dedicated hybrid application must be the one that Get-AuthServer | Format-List Name,Type,Realm,ApplicationIdentifier names.";

export function clientRemedyFor({
  callerId,
  error = "",
}: RequestParties & { readonly error?: string }): string | undefined {
  const look = `Get-MgServicePrincipal -Filter "appId eq '${callerId}'" | Format-List DisplayName,AccountEnabled`;
  switch (applicationKind(callerId)) {
    case "exchange":
      return `Exchange asks as the shared service principal, which Exchange Online no longer serves. ${moveToDedicatedApp}`;
    case "service":
      return `${look} shows whether ${wellKnownApplication(callerId)?.name ?? callerId} is in the tenant; where it is not, realmscope provision plan shows the item that creates it, and apply does it with --allow-create-service-principal. The realm must be that tenant.`;
    case "own":
      if (/^AADSTS7000112$/i.test(error))
        return `${look} shows it disabled. Find out who disabled it and why (Entra, audit logs of the application), then switch it on again: Entra, Enterprise applications, the application, Properties, "Enabled for users to sign-in".`;
      if (/^AADSTS7000215$/i.test(error))
        return `Exchange Server signs in with a certificate, never with a client secret, so another program asks as ${callerId}: ${look} names the application.`;
      return `${look} shows whether the application is in the tenant and enabled. For the dedicated hybrid application compare the id with Get-AuthServer | Format-List Name,Type,Realm,ApplicationIdentifier: one that was deleted, or is of another tenant, is created again with ConfigureExchangeHybridApplication.ps1 -FullyConfigureExchangeHybridApplication.`;
    default:
      return undefined;
  }
}

const withoutConsent = /^AADSTS(?:65001|501051)$/i;

/** The remedy when the tenant's own application lacks a permission or its consent; undefined for any other refusal. */
export function consentRemedyFor({
  callerId,
  resourceHost,
  error,
}: RequestParties & { readonly error: string }): string | undefined {
  if (!withoutConsent.test(error) || applicationKind(callerId) !== "own") return undefined;
  const isGraph = microsoftHost(resourceHost)?.service === "graph";
  const [api, permissions] = isGraph
    ? ["Microsoft Graph", graphPermissions.map(({ permission }) => permission).join(", ")]
    : ["Office 365 Exchange Online", "full_access_as_app"];
  return `If ${callerId} is the dedicated hybrid application, it needs ${permissions} on ${api}, each with the consent of an administrator. Read what it has: $sp = Get-MgServicePrincipal -Filter "appId eq '${callerId}'", then Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $sp.Id -All; ConfigureExchangeHybridApplication.ps1 -FullyConfigureExchangeHybridApplication checks permissions and consent.`;
}
