// Commands that several remedies end with. What Graph or Exchange replaces as a whole is read and merged first, in the same line:
// a test takes every remedy apart and holds it to that.

/** Finds out who sent a request that nobody should send. */
export const findSender =
  "Find the sender by its address: Select-String -Path C:\\inetpub\\logs\\LogFiles\\W3SVC1\\*.log -Pattern '<address>'.";

/** The same probe straight to the server, past everything in front of it. */
export const probeDirectly =
  'Compare with a probe sent straight to the server: curl.exe -k -i -H "Authorization: Bearer" https://<server>/EWS/Exchange.asmx.';

/** Shows whether a server has a build that is still mended: AdminDisplayVersion leaves updates out. */
export const listBuilds =
  "On each server (Get-Command ExSetup.exe).FileVersionInfo.FileVersion shows its build, updates included.";

/** Shows which account a partner application runs as. */
export const listPartners = "Get-PartnerApplication | Format-List Name,ApplicationIdentifier,Enabled,Realm";

/** Where the dedicated hybrid application is named: never among the partner applications. */
export const listAuthServers = "Get-AuthServer | Format-List Name,Type,Realm,ApplicationIdentifier,Enabled";

/** Exchange Server's own test of its way to Exchange Online, whose host depends on the cloud. */
export function testOutbound(host: string): string {
  return `Test-OAuthConnectivity -Service EWS -TargetUri https://${hostName(host)}/ews/exchange.asmx -Mailbox <mailbox> | Format-List`;
}

/** The host of Exchange Online in the global cloud. */
export const globalHost = "outlook.office365.com";

/** Which applications Exchange Online lets use EWS: Exchange Online PowerShell, not to be read without the switch. */
export const readGate =
  "Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy | Format-List EwsEnabled,EwsAllowedAppIDs";

/** Renews the auth certificate; without the last switch the script stops in a hybrid organisation and renews nothing. */
export const renewCertificate =
  "MonitorExchangeAuthCertificate.ps1 -ValidateAndRenewAuthCertificate $true -IgnoreHybridConfig $true";

/** Puts the current and the next auth certificate on the dedicated application. */
export const updateAppCertificate = "ConfigureExchangeHybridApplication.ps1 -UpdateCertificate";

/** Takes every key off the shared service principal of Exchange Online. */
export const cleanSharedPrincipal =
  "ConfigureExchangeHybridApplication.ps1 -ResetFirstPartyServicePrincipalKeyCredentials";

/** The switch of identity, which the hybrid wizard does not make. */
export const switchIdentity = "ConfigureExchangeHybridApplication.ps1 -EnableExchangeHybridApplicationOverride";

/** From the shared service principal to the dedicated application. */
export const moveToDedicatedApp = `Deploy the dedicated hybrid application (ConfigureExchangeHybridApplication.ps1 -FullyConfigureExchangeHybridApplication, on a build of April 2025 or later on every server), then take the old keys off the shared service principal: ${cleanSharedPrincipal}.`;

/** Adds a host to the names of the Exchange service principal and keeps all others. `host` is captured text. */
export function addServiceName(host: string): string {
  return `realmscope provision plan --step1 shows it and apply adds it, every other name kept; by hand $sp = Get-MgServicePrincipal -Filter "appId eq '00000002-0000-0ff1-ce00-000000000000'", then Update-MgServicePrincipal -ServicePrincipalId $sp.Id -ServicePrincipalNames ($sp.ServicePrincipalNames + 'https://${hostName(host)}')`;
}

/** A host to stand in a command: captured text that is not a plain name becomes a placeholder. */
export function hostName(host: string): string {
  return /^[A-Za-z0-9.-]{1,253}(?::\d{1,5})?$/.test(host) && host.includes(".") ? host : "<host>";
}
