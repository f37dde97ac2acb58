// The Exchange half as a script that a person reads and runs in the Exchange Management Shell, where this program may not
// run. Each step checks before it acts and checks again afterwards.
import { allowedCmdlets } from "../exchange/allowed-cmdlets.ts";
import { quotePowerShell } from "../exchange/command-text.ts";
import { projectionFunctions, readJsonFunction } from "../exchange/powershell-functions.ts";
import type { ScriptItem, WireObject } from "../model/exchange-shell.ts";
import {
  absentFunctions,
  asScriptFile,
  callLines,
  collectValues,
  commentLine,
  indent,
  keepingFunctions,
  neededSteps,
  resultFunctions,
  type ScriptValues,
  textList,
} from "./script-text.ts";

export interface ExchangeScriptInput {
  /** Id of the plan that the script applies; the result file holds it. */
  readonly planId: string;
  /** What is set up, in a few words. */
  readonly title: string;
  readonly items: readonly ScriptItem[];
  /** Empty: Exchange chooses one. */
  readonly domainController: string;
}

/** The default name of the result file, beside the script. */
export const exchangeResultFile = "realmscope-exchange-result.json";

/** Renders the script. Throws ToolError for a value with control characters, TypeError for a cmdlet that is not allowed. */
export function renderExchangeScript(input: ExchangeScriptInput): string {
  const values = collectValues(input.items);
  return asScriptFile(`${commentLine(`realmscope: ${input.title} - the Exchange half`)}
# Read this script, then run it in the Exchange Management Shell of an Exchange server:
#   .\\realmscope-exchange.ps1 -CheckOnly    checks, and changes nothing
#   .\\realmscope-exchange.ps1               creates what is missing
# It is safe to run it again. It writes what it found and made to the result file before and after each change; a second run
# keeps what the first one made. realmscope-cloud.ps1, realmscope-exchange-undo.ps1 and realmscope read that file.
param([switch]$CheckOnly, [string]$ResultFile = '${exchangeResultFile}')

# ---- Settings. To change a value, create the scripts again: realmscope provision script ----
${values.block}

# ---- Functions ----
$ErrorActionPreference = 'Stop'
$startedAt = [datetime]::UtcNow
$results = [Collections.ArrayList]@()
$facts = @{}
$kept = @{}
$state = @{ Stopped = $false; Missing = $false; Conflict = $false }

${readJsonFunction}
${resultFunctions("exchange", input.planId)}
${keepingFunctions("exchange", input.planId)}
${projectionFunctions}
${absentFunctions}
${stepFunction}
# ---- Steps ----
Open-Result
${input.items.map((item) => stepText(item, values)).join("\n")}
# ---- The public auth certificate, for the cloud half ----
${certificateText(input.domainController)}
Write-Result @{ checkOnly = [bool]$CheckOnly; certificates = $certificates; certificateError = $certificateError }
if ($state.Conflict) { exit 3 }
if ($state.Stopped -or $null -ne $certificateError) { exit 1 }
if ($state.Missing) { exit 2 }
exit 0
`);
}

const stepFunction = `function Invoke-Step($id, $title, $needs, $properties, $find, $select, $conflict, $make) {
  $record = @{ stepId = $id; outcome = 'not-run'; facts = $null; before = $null; names = @(); error = $null; made = Get-Made $id }
  [void]$results.Add($record)
  $waits = @($needs | Where-Object { $null -eq $facts[$_] })
  if (-not $state.Stopped) {
    if ($waits.Count -gt 0) { $record.outcome = 'waits'; $state.Missing = $true }
    else { Invoke-Found $record $properties $find $select $conflict $make }
  }
  $texts[$id] = ConvertTo-WireText $record
  if (-not $CheckOnly -and $record.outcome -ne 'present') { Save-Running }
  Write-Line ($record.outcome.PadRight(12) + $id + '  ' + $title)
  if ($null -ne $record.error) { Write-Line ('            ' + $record.error.type + ': ' + $record.error.message) }
}

function Invoke-Found($record, $properties, $find, $select, $conflict, $make) {
  $record.outcome = 'unknown'
  try {
    $found = Find-Objects $find
    $done = @(& $select $found)
    if ($done.Count -gt 0) {
      $record.outcome = 'present'
      Set-Found $record $done[0] $properties
      return
    }
    $others = @(& $conflict $found)
    if ($others.Count -gt 0) {
      $record.outcome = 'conflict'
      $record.facts = Get-Projection $others[0] $properties
      $state.Conflict = $true
      $state.Stopped = $true
      return
    }
    $record.outcome = 'missing'
    if ($CheckOnly) { $state.Missing = $true; return }
    if ($found.Count -eq 1) { $record.before = Get-Projection $found[0] $properties }
    $record.outcome = 'failed'
    try { [void]@(& $make $found) } catch { $record.error = Get-Failure $_ }
    # A call that failed may have had its effect, so the state is read again after a failure as well.
    $done = @(& $select (Find-Objects $find))
    if ($done.Count -gt 0) {
      $record.outcome = 'made'
      Set-Found $record $done[0] $properties
      return
    }
    if ($null -eq $record.error) { $record.outcome = 'unverified' }
    elseif ($null -ne $record.made -and $record.made.names.Count -eq 0) { $record.made = $null }
    $state.Stopped = $true
  } catch {
    $record.error = Get-Failure $_
    $state.Stopped = $true
  }
}

# The object as wanted. If its creation was on record and its outcome was not, it is ours when it was not there before.
function Set-Found($record, $one, $properties) {
  $record.facts = Get-Projection $one $properties
  $facts[$record.stepId] = $record.facts
  if ($null -eq $record.made -or -not $record.made.isPending) { return }
  # Older than our attempt: somebody else's, which a domain controller shows late.
  $created = $record.facts.WhenCreatedUTC
  if ($created -and $null -eq $record.made.before -and $record.made.names.Count -eq 0) {
    if (([datetime]$created).ToUniversalTime() -lt ([datetime]$record.made.at).ToUniversalTime().AddMinutes(-10)) { $record.made = $null; return }
  }
  $record.made.isPending = $false
  $record.made.facts = $record.facts
  if ($record.outcome -eq 'present') { $record.outcome = 'made' }
}

# The change is on record before it is made.
function Save-Intent($record, $name) {
  $names = @()
  if ($null -ne $record.made) { $names = @($record.made.names) }
  if ($name) { $names += [string]$name; $record.names = @($record.names) + [string]$name }
  $record.made = @{ facts = $null; before = $record.before; names = $names; isPending = $true; at = [datetime]::UtcNow }
  Save-Running
}
`;

function stepText(item: ScriptItem, values: ScriptValues): string {
  const make = item.forEach === undefined ? makeOrAdjust(item, values) : makeEach(item, item.forEach, values);
  const find = findLines(item.check, values);
  const properties = propertiesOf(item.check.cmdlet);
  propertiesOf(item.cmdlet);
  return `${commentLine(`${item.stepId}: ${item.title}`)}
Invoke-Step ${quotePowerShell(item.stepId)} ${quotePowerShell(item.title)} ${textList(neededSteps(item))} ${textList(properties)} {
${indent(find, 2)}
} {
  param($found)
${indent(selectLines(item), 2)}
} {
  param($found)
${indent(conflictLines(item), 2)}
} {
  param($found)
${indent(make, 2)}
}
`;
}

/** The lines that find the objects of a check; with a second identity, what either finds. */
function findLines({ cmdlet, parameters, orIdentity }: ScriptItem["check"], values: ScriptValues): readonly string[] {
  const find = (asked: WireObject): readonly string[] => callLines(cmdlet, asked, values);
  if (orIdentity === undefined) return find(parameters);
  return [parameters, { ...parameters, Identity: orIdentity }].flatMap((asked) => [
    "foreach ($one in (Find-Objects {",
    indent(find(asked), 2),
    "})) { $one }",
  ]);
}

function makeOrAdjust(item: ScriptItem, values: ScriptValues): readonly string[] {
  const { adjust, check } = item;
  if (adjust === undefined) return makeOne(item, values);
  propertiesOf(adjust.cmdlet);
  const lines = callLines(adjust.cmdlet, { Identity: "", ...adjust.parameters }, values);
  // $record and $properties belong to the step that runs these lines.
  return [
    `$same = @(${matching(check.conflictWhen ?? "any")})`,
    "$record.before = $null",
    "if ($same.Count -eq 1) {",
    "  $record.before = Get-Projection $same[0] $properties",
    ...lines.slice(0, -1).map((line) => `  ${line.replace(/^( *Identity =).*/, "$1 [string]$same[0].Guid")}`),
    "  Save-Intent $record",
    `  [void](${lines.at(-1)})`,
    "} else {",
    ...makeOne(item, values).map((line) => `  ${line}`),
    "}",
  ];
}

function makeOne(item: ScriptItem, values: ScriptValues): readonly string[] {
  const lines = callLines(item.cmdlet, item.parameters, values);
  return [...lines.slice(0, -1), "Save-Intent $record", `[void](${lines.at(-1)})`];
}

/** The lines that run the cmdlet for each object; each name is on record before its call. */
function makeEach(item: ScriptItem, each: NonNullable<ScriptItem["forEach"]>, values: ScriptValues): readonly string[] {
  const lines = callLines(item.cmdlet, { ...item.parameters, Identity: "" }, values);
  const identity = `${quotePowerShell(each.prefix)} + [string]$one.Name`;
  return [
    "foreach ($one in $found) {",
    `  if (${textList(each.keep)} -contains $one.Name) { continue }`,
    ...lines.slice(0, -1).map((line) => `  ${line.replace(/^( *Identity =).*/, `$1 ${identity}`)}`),
    "  Save-Intent $record $one.Name",
    `  [void](${lines.at(-1)})`,
    "}",
  ];
}

/** The lines that select the found objects which count as done. */
function selectLines({ check, forEach }: ScriptItem): readonly string[] {
  if (forEach !== undefined) {
    const others = `@($found | Where-Object { ${textList(forEach.keep)} -notcontains $_.Name })`;
    return [`if (${others}.Count -eq 0) { $found }`];
  }
  return [matching(check.presentWhen)];
}

/** The lines that select the found objects which are in conflict. */
function conflictLines({ check: { conflictWhen }, adjust }: ScriptItem): readonly string[] {
  if (conflictWhen === undefined) return ["# No object is in conflict with this step."];
  if (adjust === undefined) return [matching(conflictWhen)];
  return [`$same = @(${matching(conflictWhen)})`, "if ($same.Count -gt 1) { $same }"];
}

function matching(when: string): string {
  const conditions = readConditions(when).map(
    ([name, wanted]) => `[string]$one.${name} -eq ${quotePowerShell(wanted)}`,
  );
  return `foreach ($one in $found) { if (${conditions.length === 0 ? "$true" : conditions.join(" -and ")}) { $one } }`;
}

/** Reads `any`, or `Name=value;Name=value`. */
function readConditions(text: string): readonly (readonly [name: string, wanted: string])[] {
  if (text === "any") return [];
  return text.split(";").map((part) => {
    const match = /^([A-Za-z]+)=(.*)$/.exec(part);
    if (match === null) throw new TypeError(`${JSON.stringify(part)} is not a condition`);
    return [match[1] ?? "", match[2] ?? ""];
  });
}

function propertiesOf(cmdlet: string): readonly string[] {
  const entry = allowedCmdlets.get(cmdlet);
  if (entry === undefined) throw new TypeError(`${cmdlet} is not an allowed cmdlet`);
  return entry.properties;
}

/** The lines that read the certificates by their full thumbprints: with none, the script of Microsoft's page takes every certificate. */
function certificateText(domainController: string): string {
  const at: WireObject = domainController === "" ? {} : { DomainController: domainController };
  const where = domainController === "" ? "" : ` -DomainController ${quotePowerShell(`${at.DomainController}`)}`;
  return `$certificates = [Collections.ArrayList]@()
$certificateError = $null
try {
  $config = Get-AuthConfig${where} -ErrorAction Stop
  $thumbprints = @{
    current = [string]$config.CurrentCertificateThumbprint
    next = [string]$config.NextCertificateThumbprint
    previous = [string]$config.PreviousCertificateThumbprint
  }
  if ($thumbprints.current -notmatch '^[0-9A-Fa-f]{40}$') { throw 'Get-AuthConfig names no current certificate.' }
  foreach ($use in @('current', 'next')) {
    $thumbprint = $thumbprints[$use]
    if ($thumbprint -notmatch '^[0-9A-Fa-f]{40}$') { continue }
    foreach ($one in @(Get-ExchangeCertificate -Thumbprint $thumbprint -ErrorAction Stop)) {
      if ([string]$one.Thumbprint -ne $thumbprint) { continue }
      [void]$certificates.Add(@{ use = $use; thumbprint = $thumbprint; der = [Convert]::ToBase64String([byte[]]$one.RawData) })
      Write-Line ('certificate ' + $use + '  ' + $thumbprint)
    }
  }
  if ($certificates.Count -eq 0) { throw 'This server does not hold the current certificate.' }
} catch {
  $certificateError = Get-Failure $_
  Write-Line ('certificate not read: ' + $certificateError.message)
}
`;
}
