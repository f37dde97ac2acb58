// Commands that several remedies share. Lists that Graph or Exchange replace as a whole are read and merged in the same line;
// test/diagnosis/advice.test.ts checks that of every remedy.

/** Finds the sender of a request that should not exist. */
export const findSender =
  "Find the sender by its address: Select-String -Path C:\\inetpub\\logs\\LogFiles\\W3SVC1\\*.log -Pattern '<address>'.";

/** Sends the same probe directly to the server, past every device in front of it. */
export const probeDirectly =
  'Compare with a probe sent straight to the server: curl.exe -k -i -H "Authorization: Bearer" https://<server>/EWS/Exchange.asmx.';

/** Shows the build of each server; AdminDisplayVersion does not include updates. */
export const listBuilds =
  "On each server (Get-Command ExSetup.exe).FileVersionInfo.FileVersion shows its build, updates included.";

/** Lists the partner applications. */
export const listPartners = "Get-PartnerApplication | Format-List Name,ApplicationIdentifier,Enabled,Realm";

/** Lists the authorization servers, which also name the dedicated hybrid application; the partner applications do not. */
export const listAuthServers = "Get-AuthServer | Format-List Name,Type,Realm,ApplicationIdentifier,Enabled";

/** Exchange Server's own test of its connection to Exchange Online, whose host depends on the cloud. */
export function testOutbound(host: string): string {
  return `Test-OAuthConnectivity -Service EWS -TargetUri https://${hostName(host)}/ews/exchange.asmx -Mailbox <mailbox> | Format-List`;
}

/** The host of Exchange Online in the global cloud. */
export const globalHost = "outlook.office365.com";

/** Shows which applications Exchange Online allows to use EWS (Exchange Online PowerShell), readable only with the switch. */
export const readGate =
  "Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy | Format-List EwsEnabled,EwsAllowedAppIDs";

/** Renews the auth certificate; without the last switch the script stops in a hybrid organisation and renews nothing. */
export const renewCertificate =
  "MonitorExchangeAuthCertificate.ps1 -ValidateAndRenewAuthCertificate $true -IgnoreHybridConfig $true";

/** Uploads the current and the next auth certificate to the dedicated application. */
export const updateAppCertificate = "ConfigureExchangeHybridApplication.ps1 -UpdateCertificate";

/** Removes every key from the shared service principal of Exchange Online. */
export const cleanSharedPrincipal =
  "ConfigureExchangeHybridApplication.ps1 -ResetFirstPartyServicePrincipalKeyCredentials";

/** Makes Exchange Server use the dedicated application, which the hybrid wizard does not do. */
export const switchIdentity = "ConfigureExchangeHybridApplication.ps1 -EnableExchangeHybridApplicationOverride";

/** Moves Exchange Server from the shared service principal to the dedicated application. */
export const moveToDedicatedApp = `Deploy the dedicated hybrid application (ConfigureExchangeHybridApplication.ps1 -FullyConfigureExchangeHybridApplication, on a build of April 2025 or later on every server), then take the old keys off the shared service principal: ${cleanSharedPrincipal}.`;

/** Adds a host to the names of the Exchange service principal and keeps the others. `host` is captured text. */
export function addServiceName(host: string): string {
  return `realmscope provision plan --step1 shows it and apply adds it, every other name kept; by hand $sp = Get-MgServicePrincipal -Filter "appId eq '00000002-0000-0ff1-ce00-000000000000'", then Update-MgServicePrincipal -ServicePrincipalId $sp.Id -ServicePrincipalNames ($sp.ServicePrincipalNames + 'https://${hostName(host)}')`;
}

/** A host for a command: captured text that is not a plain host name becomes `<host>`. */
export function hostName(host: string): string {
  return /^[A-Za-z0-9.-]{1,253}(?::\d{1,5})?$/.test(host) && host.includes(".") ? host : "<host>";
}
