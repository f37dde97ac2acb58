// The Exchange half of `script --profile hybrid-app --check-only`: reads what the dedicated hybrid application needs and judges
// it as src/provisioning/gates does. It calls Get- cmdlets only.
import { firstSubscriptionEdition, releases } from "../../core/exchange-builds.ts";
import { quotePowerShell } from "../exchange/command-text.ts";
import { setupVersionFunction } from "../exchange/powershell-functions.ts";
import { renewal } from "../gates/application.ts";
import { refresh } from "../gates/gate.ts";
import { hybridScript } from "../model/clouds.ts";
import { appIds } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import { exchangeCheckFunctions } from "./check-exchange-functions.ts";
import { gateCall, gateExit, gateFunctions } from "./check-text.ts";
import { asScriptFile, commentLine, resultFunctions } from "./script-text.ts";

export interface CheckScriptInput {
  readonly planId: string;
  readonly settings: Settings;
  /** Gates of Microsoft Graph do not count: the cloud has no hybrid over Graph. */
  readonly isGraphGuide: boolean;
}

/** The default name of the result file, which the cloud half reads. */
export const exchangeCheckFile = "realmscope-exchange-check-result.json";

/** Renders the script. Throws ToolError for a value with control characters. */
export function renderExchangeCheck({ planId, settings, isGraphGuide }: CheckScriptInput): string {
  return asScriptFile(`${commentLine("realmscope: the dedicated hybrid application - the Exchange half, check only")}
# Read this script, then run it in the Exchange Management Shell of an Exchange server:
#   .\\realmscope-exchange-check.ps1
# It reads and changes nothing. Its result file holds what realmscope-cloud-check.ps1 and realmscope need.
param([string]$ResultFile = '${exchangeCheckFile}')

${settingsBlock(settings, isGraphGuide)}
# ---- Functions ----
$ErrorActionPreference = 'Stop'
$startedAt = [datetime]::UtcNow
$results = [Collections.ArrayList]@()
$state = @{ Failed = $false; Unknown = $false }
$at = @{}
if ($settings.DomainController -ne '') { $at.DomainController = $settings.DomainController }

${resultFunctions("exchange-check", planId)}
${gateFunctions}
${setupVersionFunction}
${releaseTable()}
${exchangeCheckFunctions}
# ---- Reads ----
$servers = Read-Once { Get-ExchangeServer @at -ErrorAction Stop }
$overrides = Read-Once { Get-SettingOverride @at -ErrorAction Stop }
$authServers = Read-Once { Get-AuthServer @at -ErrorAction Stop }
$config = Read-Once { Get-AuthConfig @at -ErrorAction Stop }
$partners = Read-Once { Get-PartnerApplication @at -ErrorAction Stop }
$connectors = Read-Once { Get-IntraOrganizationConnector @at -ErrorAction Stop }
$relationships = Read-Once { Get-OrganizationRelationship @at -ErrorAction Stop }
$builds = @(Get-ServerBuilds)
$evoSts = @(Select-AuthServers 'AzureAD' $settings.Tenant)
$certificates = [Collections.ArrayList]@()

# ---- Gates ----
${gateCalls()}
Write-Result @{ checkOnly = $true; certificates = $certificates; application = (Get-ApplicationId); nextEffective = (Get-NextDay) }
${gateExit}`);
}

function settingsBlock({ domainController, tenant, cloud }: Settings, isGraphGuide: boolean): string {
  const script = (name: string): string => quotePowerShell(hybridScript(name, cloud));
  return `# ---- Settings. To change a value, create the scripts again: realmscope provision script ----
$settings = @{
  DomainController = ${quotePowerShell(domainController)}
  Tenant = ${quotePowerShell(tenant)}
  Graph = ${quotePowerShell(cloud.graph)}
  ExchangeOnline = ${quotePowerShell(cloud.exchangeOnline)}
  GraphIsGuide = $${isGraphGuide}
  SharedApplication = ${quotePowerShell(appIds.exchange)}
  Configure = ${script("ConfigureAuthServer")}
  TargetSharing = ${script("ConfigureTargetSharingEpr")}
  Renew = ${quotePowerShell(renewal(cloud))}
  Refresh = ${quotePowerShell(refresh)}
}
`;
}

/** The cumulative updates with the first build that can use the application, and Graph; -1 for never. */
function releaseTable(): string {
  const rows = releases.map(
    ({ line, hybridApp, graph }) => `  '${line}' = @{ Application = ${hybridApp ?? -1}; Graph = ${graph ?? -1} }`,
  );
  return `$releases = @{
${rows.join("\n")}
}

# What a build can do; nothing for a text that is not a build of Exchange Server 2013 or later.
function Get-BuildFacts($version) {
  if ($version -notmatch '^0?15\\.0?([0-2])\\.([0-9]{1,5})\\.([0-9]{1,5})$') { return $null }
  $line = '15.' + [int]$Matches[1] + '.' + [int]$Matches[2]
  $last = [int]$Matches[3]
  $isLater = [int]$Matches[1] -eq 2 -and [int]$Matches[2] -ge ${firstSubscriptionEdition}
  $facts = @{ Build = $line + '.' + $last; Application = $isLater; Graph = $isLater }
  if ($releases.ContainsKey($line)) {
    $release = $releases[$line]
    $facts.Application = $release.Application -ge 0 -and $last -ge $release.Application
    $facts.Graph = $release.Graph -ge 0 -and $last -ge $release.Graph
  }
  $facts
}
`;
}

function gateCalls(): string {
  const guide = "$settings.GraphIsGuide";
  return [
    gateCall("builds", "Test-Builds 'Application'"),
    gateCall("builds-graph", "Test-Builds 'Graph'", guide),
    gateCall("identity-override", "Test-Override $identitySwitch"),
    gateCall("graph-override", "Test-RoutingOverride", guide),
    gateCall("application-id", "Test-EvoSts { param($one) Test-ApplicationId $one }"),
    gateCall("domain-names", "Test-EvoSts { param($one) Test-Domains $one }"),
    gateCall("graph-base-url", "Test-EvoSts { param($one) Test-GraphUrl $one }", guide),
    gateCall("auth-certificate", "Test-Certificate"),
    gateCall("partner-application", "Test-Partner"),
    gateCall("connector", "Test-Connector"),
    gateCall("target-sharing-epr", "Test-Relationship"),
    gateCall("ews-gate", "Test-EwsGate", "$true"),
  ].join("\n");
}
