// What both check-only scripts of `hybrid-app` share: the functions that judge and print a gate, and how the script ends.

import { quotePowerShell } from "../exchange/command-text.ts";
import type { GateId } from "../gates/titles.ts";
import { gateTitles } from "../gates/titles.ts";

/** The functions of a gate: New-Gate and New-Unread make one, Write-Gate prints it and keeps it for the result file. */
export const gateFunctions = `# A gate is ok, missing, wrong, or 'cannot tell'. A read that failed is never taken for missing.
function New-Gate($state, $evidence, $command) {
  @{ State = $state; Evidence = @($evidence); Command = [string]$command; Error = $null }
}

function New-Unread($reason, $command) {
  @{ State = 'cannot tell'; Evidence = @($reason.type + ': ' + $reason.message); Command = [string]$command; Error = $reason }
}

# Runs a read once; a failure keeps its reason.
function Read-Once($find) {
  try { return @{ Ok = $true; Objects = @(& $find); Reason = $null } } catch {
    return @{ Ok = $false; Objects = @(); Reason = (Get-Failure $_) }
  }
}

# Runs the judgement of a gate. An error in it is a gate that cannot be told.
function Write-Gate($id, $title, $isGuide, $judge) {
  try { $gate = & $judge } catch { $gate = New-Unread (Get-Failure $_) '' }
  [void]$results.Add(@{
    stepId = $id
    outcome = $gate.State
    isGuide = [bool]$isGuide
    evidence = @($gate.Evidence)
    command = $gate.Command
    facts = $null
    before = $null
    names = @()
    error = $gate.Error
  })
  if (-not $isGuide) {
    if ($gate.State -eq 'missing' -or $gate.State -eq 'wrong') { $state.Failed = $true }
    if ($gate.State -eq 'cannot tell') { $state.Unknown = $true }
  }
  $note = ''
  if ($isGuide) { $note = ' (does not count)' }
  Write-Line ($gate.State.PadRight(13) + $title + $note)
  foreach ($fact in $gate.Evidence) { Write-Line ('                 ' + $fact) }
  if ($gate.Command -eq '') { return }
  $word = 'mend: '
  if ($gate.State -eq 'cannot tell') { $word = 'look: ' }
  Write-Line ('                 ' + $word + $gate.Command)
}

# The gate that is judged is the worst of several.
function Get-Worst($gates) {
  foreach ($wanted in @('wrong', 'missing', 'cannot tell', 'ok')) {
    foreach ($one in $gates) {
      if ($one.State -ne $wanted) { continue }
      $evidence = @($gates | ForEach-Object { $_.Evidence })
      return New-Gate $one.State $evidence $one.Command
    }
  }
}
`;

/** The end of a script: 0 every gate is ok, 1 one is missing or wrong, 4 one could not be told. */
export const gateExit = `if ($state.Failed) { exit 1 }
if ($state.Unknown) { exit 4 }
exit 0
`;

/** The call that judges and prints a gate. `isGuide` and `judgement` are PowerShell. */
export function gateCall(id: GateId, judgement: string, isGuide = "$false"): string {
  return `Write-Gate ${quotePowerShell(id)} ${quotePowerShell(gateTitles[id])} ${isGuide} { ${judgement} }`;
}
