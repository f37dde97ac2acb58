// The cloud half of `script --profile hybrid-app --check-only`, for Microsoft Graph PowerShell: the application object's keys, the
// consents, and the keys of the shared application. It signs in to read and calls Get- cmdlets only.
import { quotePowerShell } from "../exchange/command-text.ts";
import { readJsonFunction } from "../exchange/powershell-functions.ts";
import { fullAccessAsApp, graphAppId, graphPermissions } from "../gates/application.ts";
import { hybridScript } from "../model/clouds.ts";
import { appIds } from "../model/profiles.ts";
import { type CheckScriptInput, exchangeCheckFile } from "./check-exchange-script.ts";
import { gateCall, gateExit, gateFunctions } from "./check-text.ts";
import { connectText, type GraphSignIn, settingsBlock } from "./cloud-script.ts";
import { keyFunctions } from "./key-functions.ts";
import { asScriptFile, commentLine, readResultLines, resultFunctions } from "./script-text.ts";

export interface CloudCheckInput extends CheckScriptInput {
  readonly signIn: GraphSignIn;
}

/** Renders the script. Throws ToolError for a value with control characters. */
export function renderCloudCheck({ planId, settings, isGraphGuide, signIn }: CloudCheckInput): string {
  const script = (name: string): string => quotePowerShell(hybridScript(name, settings.cloud));
  const permissions = graphPermissions.map(
    ([value, feature]) => `  @(${quotePowerShell(value)}, ${quotePowerShell(feature)})`,
  );
  const guide = isGraphGuide ? "$true" : "$false";
  return asScriptFile(`${commentLine("realmscope: the dedicated hybrid application - the cloud half, check only")}
# Read this script, then run it where the module Microsoft.Graph.Applications is installed, beside the result file of
# realmscope-exchange-check.ps1:
#   .\\realmscope-cloud-check.ps1
# It reads and changes nothing.
param([string]$ExchangeFile = '${exchangeCheckFile}', [string]$ResultFile = 'realmscope-cloud-check-result.json')

${settingsBlock(signIn)}
$commands = @{
  Create = ${script("FullyConfigureExchangeHybridApplication")}
  Update = ${script("UpdateCertificate")}
  Permissions = ${script("CreateApplication")}
  Reset = ${script("ResetFirstPartyServicePrincipalKeyCredentials")}
}
$permissions = @(
${permissions.join(",\n")}
)

# ---- Functions ----
$ErrorActionPreference = 'Stop'
$startedAt = [datetime]::UtcNow
$results = [Collections.ArrayList]@()
$state = @{ Failed = $false; Unknown = $false }

${resultFunctions("cloud-check", planId)}
${readJsonFunction}
${keyFunctions}
${gateFunctions}
${checkFunctions}
# ---- What the Exchange half found ----
${readResultLines("$exchange", "$ExchangeFile")}$appId = [string]$exchange.application
$certificates = @($exchange.certificates | Where-Object { $_ } | ForEach-Object {
  $facts = Get-CertificateFacts ([Convert]::FromBase64String($_.der))
  $facts.Use = [string]$_.use
  $facts
})

# ---- Reads ----
${connectText(signIn, "Application.Read.All")}
$application = Read-Once { if ($appId -ne '') { Get-Application $appId } }
$principal = Read-Once { if ($appId -ne '') { Get-Resource $appId } }
$consents = Read-Once { if ($principal.Objects.Count -gt 0) { Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Objects[0].Id -All -ErrorAction Stop } }
$online = Read-Once { Get-Resource '${appIds.exchange}' }
$graph = Read-Once { Get-Resource '${graphAppId}' }

# ---- Gates ----
${gateCall("application-keys", "Test-ApplicationKeys")}
${gateCall("consent-ews", `Test-Consents $online @(,@('${fullAccessAsApp}', 'full_access_as_app', 'EWS calls to Exchange Online'))`)}
${gateCall("consent-graph", "Test-Consents $graph (Get-GraphRoles)", guide)}
${gateCall("shared-principal-keys", "Test-SharedKeys")}
Write-Result @{ checkOnly = $true }
${gateExit}`);
}

const checkFunctions = `# The application object holds the keys; its service principal shows none of them.
function Get-Application($id) {
  $listed = @(Get-MgApplication -Filter ('appId eq ''' + $id + '''') -ErrorAction Stop)
  if ($listed.Count -gt 0) { Get-MgApplication -ApplicationId $listed[0].Id -Property 'id,appId,displayName,keyCredentials' -ErrorAction Stop }
}

function Get-Resource($id) {
  $listed = @(Get-MgServicePrincipal -Filter ('appId eq ''' + $id + '''') -ErrorAction Stop)
  if ($listed.Count -gt 0) {
    Get-MgServicePrincipal -ServicePrincipalId $listed[0].Id -Property 'id,appId,displayName,keyCredentials,appRoles' -ErrorAction Stop
  }
}

function Get-KeyText($key) {
  $text = 'key ' + [string]$key.KeyId
  foreach ($certificate in $certificates) {
    if (-not (Test-SameKey $key $certificate)) { continue }
    $text += ' (Exchange''s ' + $certificate.Use + ' certificate)'
    if ($null -ne $key.EndDateTime -and ([datetime]$key.EndDateTime).ToUniversalTime() -lt $certificate.NotAfter.AddDays(-1)) {
      $text += ', ends before its certificate'
    }
  }
  if ($null -eq $key.EndDateTime) { return $text + ', ends on an unknown day' }
  $text + ', ends ' + ([datetime]$key.EndDateTime).ToUniversalTime().ToString('o')
}

$noApplication = New-Gate 'cannot tell' @('EvoSTS names no single dedicated application, so there is none to read') ''

function Test-ApplicationKeys {
  if ($appId -eq '') { return $noApplication }
  if (-not $application.Ok) { return New-Unread $application.Reason '' }
  if ($application.Objects.Count -eq 0) {
    return New-Gate 'missing' @('the tenant has no application ' + $appId + ', which EvoSTS names') $commands.Create
  }
  $found = $application.Objects[0]
  $keys = @($found.KeyCredentials | Where-Object { $null -ne $_ })
  $evidence = @([string]$found.DisplayName + ' (' + $appId + '): ' + $keys.Count + ' keys') + @($keys | ForEach-Object { Get-KeyText $_ })
  if ($certificates.Count -eq 0) { return New-Gate 'cannot tell' ($evidence + 'the result file holds no certificate of Exchange') '' }
  $missing = @($certificates | Where-Object { $one = $_; @($keys | Where-Object { Test-UsableKey $_ $one }).Count -eq 0 })
  if ($missing.Count -eq 0) { return New-Gate 'ok' $evidence '' }
  $isThere = $false
  foreach ($certificate in $missing) {
    $same = @($keys | Where-Object { Test-SameKey $_ $certificate })
    if ($same.Count -gt 0) { $isThere = $true }
    $day = ''
    if ($certificate.Use -eq 'next') { $day = '; outbound calls break when Exchange switches to it (' + [string]$exchange.nextEffective + ')' }
    $evidence += 'no usable key for the ' + $certificate.Use + ' certificate ' + $certificate.Thumbprint + $day
  }
  if ($isThere) { return New-Gate 'wrong' $evidence $commands.Update }
  New-Gate 'missing' $evidence $commands.Update
}

# The ids of the roles come from Graph's own service principal; a role that it does not offer has none.
function Get-GraphRoles {
  foreach ($permission in $permissions) {
    $role = @()
    if ($graph.Objects.Count -gt 0) { $role = @($graph.Objects[0].AppRoles | Where-Object { [string]$_.Value -eq $permission[0] }) }
    $id = ''
    if ($role.Count -gt 0) { $id = [string]$role[0].Id }
    , @($id, $permission[0], $permission[1])
  }
}

function Test-Consents($resource, $roles) {
  if ($appId -eq '') { return $noApplication }
  foreach ($read in @($principal, $consents, $resource)) { if (-not $read.Ok) { return New-Unread $read.Reason '' } }
  if ($principal.Objects.Count -eq 0) {
    return New-Gate 'missing' @('the tenant has no service principal of ' + $appId + ', so it has no consent') $commands.Permissions
  }
  if ($resource.Objects.Count -eq 0) { return New-Gate 'cannot tell' @('the tenant has no service principal of the resource') '' }
  $evidence = @()
  $worst = 'ok'
  foreach ($role in $roles) {
    if ($role[0] -eq '') {
      $evidence += $role[1] + ': not offered in this cloud'
      if ($worst -eq 'ok') { $worst = 'cannot tell' }
      continue
    }
    $has = @($consents.Objects | Where-Object { [string]$_.AppRoleId -eq $role[0] -and [string]$_.ResourceId -eq [string]$resource.Objects[0].Id })
    if ($has.Count -gt 0) { $evidence += $role[1] + ': consented'; continue }
    $evidence += $role[1] + ': no consent; lost: ' + $role[2]
    $worst = 'missing'
  }
  $command = ''
  if ($worst -eq 'missing') { $command = $commands.Permissions }
  New-Gate $worst $evidence $command
}

function Test-SharedKeys {
  if (-not $online.Ok) { return New-Unread $online.Reason '' }
  if ($online.Objects.Count -eq 0) { return New-Gate 'cannot tell' @('the tenant has no service principal of Exchange Online') '' }
  $keys = @($online.Objects[0].KeyCredentials | Where-Object { $null -ne $_ })
  if ($keys.Count -eq 0) { return New-Gate 'ok' @('no keys') '' }
  $evidence = @($keys | ForEach-Object { Get-KeyText $_ }) + 'Clean up when the other gates are in order: every key here is removed'
  New-Gate 'wrong' $evidence $commands.Reset
}
`;
