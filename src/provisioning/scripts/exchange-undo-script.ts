// The undo of the Exchange script, from its result file: takes back only what that script made, and only if nobody has
// changed it since.
import { allowedCmdlets } from "../exchange/allowed-cmdlets.ts";
import { quotePowerShell } from "../exchange/command-text.ts";
import { projectionFunctions, readJsonFunction } from "../exchange/powershell-functions.ts";
import type { ScriptItem } from "../model/exchange-shell.ts";
import { type ExchangeScriptInput, exchangeResultFile } from "./exchange-script.ts";
import {
  absentFunctions,
  asScriptFile,
  commentLine,
  indent,
  readResultLines,
  resultFunctions,
  textList,
} from "./script-text.ts";

/** Renders the undo of `renderExchangeScript` for the same input. Throws the same errors. */
export function renderExchangeUndoScript(input: ExchangeScriptInput): string {
  const items = [...input.items].reverse();
  return asScriptFile(`${commentLine(`realmscope: undo of ${input.title} - the Exchange half`)}
# Read this script, then run it in the Exchange Management Shell, beside the result file of realmscope-exchange.ps1:
#   .\\realmscope-exchange-undo.ps1 -CheckOnly           checks, and changes nothing
#   .\\realmscope-exchange-undo.ps1                      takes back what that script made, but keeps the accounts
#   .\\realmscope-exchange-undo.ps1 -DeleteAccounts      also DELETES THE ACCOUNTS FROM ACTIVE DIRECTORY
# It does not change what existed before, or what somebody has changed since.
param(
  [switch]$CheckOnly,
  [switch]$DeleteAccounts,
  [string]$MadeFile = '${exchangeResultFile}',
  [string]$ResultFile = 'realmscope-exchange-undo-result.json'
)

# ---- Settings. To change a value, create the scripts again: realmscope provision script ----
$settings = @{
  DomainController = ${quotePowerShell(input.domainController)}
}

# ---- Functions ----
$ErrorActionPreference = 'Stop'
$startedAt = [datetime]::UtcNow
$results = [Collections.ArrayList]@()
$state = @{ Failed = $false }
$at = @{}
if ($settings.DomainController -ne '') { $at.DomainController = $settings.DomainController }

${readJsonFunction}
${resultFunctions("exchange-undo", input.planId)}
${projectionFunctions}
${absentFunctions}
${undoFunction}
${readResultLines("$earlier", "$MadeFile")}
if ($earlier.plan -ne ${quotePowerShell(input.planId)}) { throw 'The result file belongs to another plan.' }

# ---- Steps, last first ----
Save-Result @{ checkOnly = [bool]$CheckOnly; state = 'running' }
${items.map(undoText).join("\n")}
Write-Result @{ checkOnly = [bool]$CheckOnly }
if ($state.Failed) { exit 1 }
exit 0
`);
}

/** `$find` and `$undo` receive what was made at the step (facts, before, names), `$undo` also the objects found. */
const undoFunction = `function Invoke-Undo($id, $title, $compared, $properties, $isDestructive, $find, $undo) {
  $record = @{ stepId = $id; outcome = 'not-ours'; facts = $null; before = $null; names = @(); error = $null }
  [void]$results.Add($record)
  $item = Get-Taken $id
  if ($null -ne $item) {
    if ($null -eq $item.facts -and @($item.names).Count -eq 0) {
      $record.outcome = 'unclear'
      $state.Failed = $true
      Write-Line ('            It is not known whether this was made. Run realmscope-exchange.ps1 again, then this script.')
    } else { $record.outcome = Get-UndoOutcome $record $item $compared $properties $isDestructive $find $undo }
  }
  Write-Line ($record.outcome.PadRight(12) + $id + '  ' + $title)
  if ($null -ne $record.error) { Write-Line ('            ' + $record.error.type + ': ' + $record.error.message) }
}

# What all runs made at this step. A step that the last run did not reach has it from the runs before.
function Get-Taken($id) {
  foreach ($one in @($earlier.items)) { if ($one.stepId -eq $id) { return $one.made } }
  if ($null -ne $earlier.kept) { $earlier.kept.$id }
}

function Get-UndoOutcome($record, $item, $compared, $properties, $isDestructive, $find, $undo) {
  try {
    $found = Find-Objects $find $item
    if ($found.Count -eq 0) { return 'gone' }
    $now = Get-Projection $found[0] $properties
    foreach ($name in $compared) {
      if ([string]$now[$name] -ne [string]$item.facts.$name) { return 'changed' }
    }
    if ($isDestructive -and -not $DeleteAccounts) { return 'kept' }
    if ($CheckOnly) { return 'would-undo' }
    [void]@(& $undo $item $found)
    'undone'
  } catch {
    $record.error = Get-Failure $_
    $state.Failed = $true
    'failed'
  }
}
`;

function undoText(item: ScriptItem): string {
  const [verb = "", noun = ""] = item.cmdlet.split("-");
  const shown = allowedCmdlets.get(`Get-${noun}`)?.properties ?? [];
  const compared = Object.keys(item.parameters).filter((name) => shown.includes(name) && name !== "Identity");
  const [find, undo] = undoCalls(item, verb, noun, compared);
  return `${commentLine(`${item.stepId}: ${item.title}`)}
Invoke-Undo ${quotePowerShell(item.stepId)} ${quotePowerShell(item.title)} ${textList(compared)} ${textList(shown)} ${item.cmdlet === "New-MailUser" ? "$true" : "$false"} {
  param($item)
${indent(find, 2)}
} {
  param($item, $found)
${indent(undo, 2)}
}
`;
}

/** The lines that find the object again, and those that take the change back. */
function undoCalls(
  item: ScriptItem,
  verb: string,
  noun: string,
  compared: readonly string[],
): readonly [find: readonly string[], undo: readonly string[]] {
  const get = [`Get-${noun} -Identity $item.facts.Guid @at -ErrorAction Stop`];
  if (item.forEach !== undefined) {
    // Removed entries are added one by one; a role that the same script created is removed next.
    const prefix = quotePowerShell(item.forEach.prefix);
    const role = quotePowerShell(item.forEach.prefix.replace(/\\$/, ""));
    return [
      // The role: it is there even when it has no entry left.
      [`Get-ManagementRole -Identity ${role} @at -ErrorAction Stop`],
      [
        `$found = @(Get-${noun} -Identity (${prefix} + '*') @at -ErrorAction Stop)`,
        "foreach ($name in @($item.names)) {",
        "  if (@($found | ForEach-Object { $_.Name }) -contains $name) { continue }",
        `  Add-${noun} -Identity (${prefix} + $name) @at -Confirm:$false -ErrorAction Stop`,
        "}",
      ],
    ];
  }
  const remove = `Remove-${noun} -Identity $item.facts.Guid @at -Confirm:$false -ErrorAction Stop`;
  if (item.adjust !== undefined) return [get, setBackOrRemove(item.adjust.cmdlet, remove)];
  if (verb === "New") return [get, [remove]];
  const restored = compared.map((name) => `-${name}:$item.before.${name}`).join(" ");
  return [get, [`Set-${noun} -Identity $item.facts.Guid ${restored} @at -ErrorAction Stop`]];
}

/** The lines that restore an adjusted object's values, or remove a new one. The bare SID of a deleted account cannot be linked again. */
function setBackOrRemove(cmdlet: string, remove: string): readonly string[] {
  return [
    "if ($null -eq $item.before) {",
    `  ${remove}`,
    "} else {",
    "  $call = @{ Identity = $item.facts.Guid; Enabled = [bool]$item.before.Enabled }",
    "  $linked = [string]$item.before.LinkedAccount",
    "  if ($linked -ne '' -and $linked -notmatch '^S-1-') { $call.LinkedAccount = $linked }",
    `  ${cmdlet} @call @at -ErrorAction Stop`,
    "}",
  ];
}
