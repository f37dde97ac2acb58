// The cloud half as a script for Microsoft Graph PowerShell. An update replaces the whole list of keys, so the script reads
// the list from the single object, sends the existing entries back unchanged (without bytes and name, which the service
// refuses) and checks afterwards that none was lost.
import { quotePowerShell } from "../exchange/command-text.ts";
import { readJsonFunction } from "../exchange/powershell-functions.ts";
import { exchangeResultFile } from "./exchange-script.ts";
import { addFunctions, keyFunctions } from "./key-functions.ts";
import {
  asScriptFile,
  commentLine,
  keepingFunctions,
  readResultLines,
  resultFunctions,
  type ScriptSide,
} from "./script-text.ts";

export interface GraphSignIn {
  readonly tenant: string;
  /** Connect-MgGraph's name of the cloud: Global, USGov, USGovDoD, China; any other name needs `endpoints`. */
  readonly environment: string;
  readonly endpoints?: { readonly graph: string; readonly login: string };
}

export interface CloudScriptInput extends GraphSignIn {
  readonly planId: string;
  readonly title: string;
  readonly principals: readonly { readonly stepId: string; readonly title: string; readonly appId: string }[];
  /** DER in base64; empty: the script reads them from the Exchange script's result. */
  readonly certificates: readonly string[];
}

/** The default name of the result file. */
const cloudResultFile = "realmscope-cloud-result.json";

/** Renders the script. Throws ToolError for a value with control characters, TypeError for a bad application id. */
export function renderCloudScript(input: CloudScriptInput): string {
  return asScriptFile(`${commentLine(`realmscope: ${input.title} - the cloud half`)}
# Read this script, then run it where the module Microsoft.Graph.Applications is installed
# (Install-Module Microsoft.Graph.Applications):
#   .\\realmscope-cloud.ps1 -CheckOnly    checks, and changes nothing
#   .\\realmscope-cloud.ps1               adds the missing keys; no other key is changed
# It is safe to run it again.
param([switch]$CheckOnly, [string]$ExchangeFile = '${exchangeResultFile}', [string]$ResultFile = '${cloudResultFile}')

${settingsBlock(input)}
# ---- Functions ----
${commonText("cloud", input.planId)}
${readJsonFunction}
${keepingFunctions("cloud", input.planId)}
${keyFunctions}
${addFunctions}
# ---- The certificates ----
${certificatesText(input.certificates)}
# ---- The service principals ----
Open-Result
${connectText(input)}
${input.principals.map((one) => principalText("Invoke-Principal", one)).join("\n")}
Write-Result @{ checkOnly = [bool]$CheckOnly }
if ($state.Failed) { exit 1 }
if ($state.Missing) { exit 2 }
exit 0
`);
}

/** Renders the undo script: it removes the keys that the cloud script added, by their ids in its result. */
export function renderCloudUndoScript(input: CloudScriptInput): string {
  return asScriptFile(`${commentLine(`realmscope: undo of ${input.title} - the cloud half`)}
#   .\\realmscope-cloud-undo.ps1 -CheckOnly    checks, and changes nothing
#   .\\realmscope-cloud-undo.ps1               removes the keys that realmscope-cloud.ps1 added, and no other key
param([switch]$CheckOnly, [string]$MadeFile = '${cloudResultFile}', [string]$ResultFile = 'realmscope-cloud-undo-result.json')

${settingsBlock(input)}
# ---- Functions ----
${commonText("cloud-undo", input.planId)}
${readJsonFunction}
${removeFunctions}
${readResultLines("$earlier", "$MadeFile")}
if ($earlier.plan -ne ${quotePowerShell(input.planId)}) { throw 'The result file belongs to another plan.' }
Save-Result @{ checkOnly = [bool]$CheckOnly; state = 'running' }
${connectText(input)}
${[...input.principals]
  .reverse()
  .map((one) => principalText("Undo-Principal", one))
  .join("\n")}
Write-Result @{ checkOnly = [bool]$CheckOnly }
if ($state.Failed) { exit 1 }
exit 0
`);
}

/** The lines that connect. A cloud that the module does not know is registered first, replacing older addresses of that name. */
export function connectText({ endpoints }: GraphSignIn, scope = "Application.ReadWrite.All"): string {
  const connect = `Connect-MgGraph -TenantId $settings.Tenant -Environment $settings.Environment -Scopes '${scope}' -ErrorAction Stop`;
  if (endpoints === undefined) return connect;
  return `$addresses = @{ Name = $settings.Environment; GraphEndpoint = $settings.Graph; AzureADEndpoint = $settings.Login }
$known = @(Get-MgEnvironment -ErrorAction Stop | Where-Object { $_.Name -eq $settings.Environment })
if ($known.Count -eq 0) { [void](Add-MgEnvironment @addresses -ErrorAction Stop) }
else { [void](Set-MgEnvironment @addresses -ErrorAction Stop) }
${connect}`;
}

export function settingsBlock({ tenant, environment, endpoints }: GraphSignIn): string {
  const addresses =
    endpoints === undefined
      ? ""
      : `  Graph = ${quotePowerShell(endpoints.graph)}\n  Login = ${quotePowerShell(endpoints.login)}\n`;
  return `# ---- Settings. To change a value, create the scripts again: realmscope provision script ----
$settings = @{
  Tenant = ${quotePowerShell(tenant)}
  Environment = ${quotePowerShell(environment)}
${addresses}}
`;
}

function principalText(command: string, one: CloudScriptInput["principals"][number]): string {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(one.appId)) {
    throw new TypeError(`${JSON.stringify(one.appId)} is not an application id`);
  }
  return `${commentLine(`${one.stepId}: ${one.title}`)}
${command} ${quotePowerShell(one.stepId)} ${quotePowerShell(one.title)} ${quotePowerShell(one.appId)}
`;
}

function certificatesText(certificates: readonly string[]): string {
  const given = certificates.map((der) => {
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(der)) throw new TypeError("a certificate is not base64");
    return `  '${der}'`;
  });
  const source =
    given.length > 0
      ? `$encoded = @(\n${given.join(",\n")}\n)\n`
      : `${readResultLines("$exchange", "$ExchangeFile")}$encoded = @($exchange.certificates | ForEach-Object { $_.der })\n`;
  return `${source}$certificates = @($encoded | ForEach-Object { Get-CertificateFacts ([Convert]::FromBase64String($_)) })
if ($certificates.Count -eq 0) { throw 'No certificate was found to add.' }
`;
}

function commonText(side: ScriptSide, planId: string): string {
  return `$ErrorActionPreference = 'Stop'
$startedAt = [datetime]::UtcNow
$results = [Collections.ArrayList]@()
$kept = @{}
$state = @{ Failed = $false; Missing = $false }

${resultFunctions(side, planId)}
# The answer to a filter has no key bytes, so the object is read again by its id.
function Get-Principal($appId) {
  $listed = @(Get-MgServicePrincipal -Filter ('appId eq ''' + $appId + '''') -ErrorAction Stop)
  if ($listed.Count -eq 0) { return $null }
  Get-MgServicePrincipal -ServicePrincipalId $listed[0].Id -Property 'id,appId,displayName,keyCredentials' -ErrorAction Stop
}

# An existing entry as the service accepts it: with its bytes or its name the service reports a changed entry.
function ConvertTo-KeptKey($key) {
  @{
    KeyId = $key.KeyId
    CustomKeyIdentifier = $key.CustomKeyIdentifier
    StartDateTime = $key.StartDateTime
    EndDateTime = $key.EndDateTime
    Type = $key.Type
    Usage = $key.Usage
  }
}

function Get-KeyIds($principal) {
  @($principal.KeyCredentials | ForEach-Object { [string]$_.KeyId })
}

# Graph PowerShell itself retries a write after 429, 503 or 504 (MaxRetry, 3 by default), with a list computed from a read
# that may be outdated by then. So a write is sent once, and the session's setting is restored. Modules before 1.14 lack it.
function Write-Keys($principalId, $keys) {
  $retries = $null
  if (Get-Command Set-MgRequestContext -ErrorAction SilentlyContinue) {
    $retries = [int](Get-MgRequestContext -ErrorAction Stop).MaxRetry
    [void](Set-MgRequestContext -MaxRetry 0 -ErrorAction Stop)
  }
  try {
    Update-MgServicePrincipal -ServicePrincipalId $principalId -KeyCredentials $keys -ErrorAction Stop
  } finally {
    if ($null -ne $retries) { [void](Set-MgRequestContext -MaxRetry $retries -ErrorAction Stop) }
  }
}

function Write-Step($record, $title) {
  Write-Line ($record.outcome.PadRight(12) + $record.stepId + '  ' + $title)
  if ($null -ne $record.error) { Write-Line ('            ' + $record.error.type + ': ' + $record.error.message) }
}
`;
}

const removeFunctions = `function Undo-Principal($id, $title, $appId) {
  $record = @{ stepId = $id; outcome = 'not-ours'; facts = $null; before = $null; names = @(); error = $null }
  [void]$results.Add($record)
  try {
    $made = $null
    if ($null -ne $earlier.kept) { $made = $earlier.kept.$id }
    foreach ($item in @($earlier.items)) { if ($item.stepId -eq $id) { $made = $item.made } }
    if ($null -ne $made) { $record.outcome = Get-UndoOutcome $record $appId $made }
  } catch {
    $record.outcome = 'failed'
    $record.error = Get-Failure $_
    $state.Failed = $true
  }
  Write-Step $record $title
}

function Get-UndoOutcome($record, $appId, $made) {
  $principal = Get-Principal $appId
  if ($null -eq $principal) { return 'gone' }
  $added = @($made.names | Where-Object { $_ })
  # The run ended before it could read what its write had added.
  if ($made.isPending) {
    $known = @($made.before.keyIds)
    $added += @($principal.KeyCredentials | Where-Object {
      $known -notcontains [string]$_.KeyId -and ([string]$_.DisplayName).StartsWith('Exchange auth certificate ') } |
      ForEach-Object { [string]$_.KeyId })
  }
  $record.before = @{ id = [string]$principal.Id; keyIds = @(Get-KeyIds $principal) }
  $kept = @($principal.KeyCredentials | Where-Object { $added -notcontains [string]$_.KeyId })
  if ($kept.Count -eq @($principal.KeyCredentials).Count) { return 'gone' }
  if ($CheckOnly) { return 'would-undo' }
  $keys = @($kept | ForEach-Object { ConvertTo-KeptKey $_ })
  Write-Keys $principal.Id $keys
  $record.facts = @{ id = [string]$principal.Id; keyIds = @(Get-KeyIds (Get-Principal $appId)) }
  'undone'
}
`;
