// The parts that all emitted scripts share: head comment, settings block, and the functions that write the result file.
import { optionalParameters } from "../exchange/allowed-cmdlets.ts";
import { quotePowerShell, readReference, valueText } from "../exchange/command-text.ts";
import { writeJsonFunction } from "../exchange/powershell-functions.ts";
import type { ScriptItem, WireObject, WireValue } from "../model/exchange-shell.ts";

export const scriptSides = [
  ...(["exchange", "cloud", "exchange-undo", "cloud-undo"] as const),
  ...(["exchange-check", "cloud-check"] as const),
];
export type ScriptSide = (typeof scriptSides)[number];

/** A comment line; line breaks and control characters of the text become spaces. */
export function commentLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break would end the comment
  return `# ${text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")}`;
}

/** The strings of all items, each once, under the name of its parameter: the block that a person reads first. */
export interface ScriptValues {
  /** `$settings = @{ … }` */
  readonly block: string;
  /** A value as an expression: a reference to the block if it is there, else a literal. */
  readonly expression: (value: WireValue) => string;
}

/** Collects the strings of the items into the settings block. */
export function collectValues(items: readonly Pick<ScriptItem, "parameters" | "check">[]): ScriptValues {
  // A value is named after the first parameter that has it.
  const owners = new Map<string, string>();
  for (const { parameters, check } of items) {
    for (const [name, value] of [...Object.entries(parameters), ...Object.entries(check.parameters)]) {
      if (typeof value === "string" && !owners.has(value)) owners.set(value, name);
    }
  }
  const names = new Map<string, string>();
  for (const [value, owner] of owners) {
    const alike = [...owners.values()].filter((one) => one === owner).length;
    const before = [...names.keys()].filter((one) => owners.get(one) === owner).length;
    names.set(value, alike === 1 ? owner : `${owner}${before + 1}`);
  }
  const lines = [...names].map(([value, name]) => `  ${name} = ${quotePowerShell(value)}`);
  return {
    block: `$settings = @{\n${lines.join("\n")}\n}`,
    expression: (value) => {
      const name = typeof value === "string" ? names.get(value) : undefined;
      return name === undefined ? valueText(value) : `$settings.${name}`;
    },
  };
}

/** The lines of a call: `$call = @{ … }` with one parameter a line, then the cmdlet. */
export function callLines(cmdlet: string, parameters: WireObject, values: ScriptValues): readonly string[] {
  const lines = Object.entries(parameters).map(([name, value]) => `${name} = ${values.expression(value)}`);
  const leaves = Object.keys(parameters)
    .filter((name) => optionalParameters.includes(`${cmdlet} -${name}`))
    .flatMap((name) => [
      `# Microsoft's page uses -${name}; the reference of the cmdlet does not list it.`,
      `if (-not (Get-Command -Name ${cmdlet} -ErrorAction Stop).Parameters.ContainsKey('${name}')) {`,
      `  $call.Remove('${name}')`,
      `  Write-Line '            ${cmdlet} does not have -${name} here, so it is left out.'`,
      "}",
    ]);
  return ["$call = @{", ...lines.map((line) => `  ${line}`), "}", ...leaves, `${cmdlet} @call -ErrorAction Stop`];
}

/** The ids of the steps that the item refers to. */
export function neededSteps(item: Pick<ScriptItem, "parameters" | "check">): readonly string[] {
  const values = [...Object.values(item.parameters), ...Object.values(item.check.parameters)];
  const steps = values.flatMap((value) => readReference(value)?.stepId ?? []);
  return [...new Set(steps)];
}

export function indent(lines: readonly string[], depth: number): string {
  return lines.map((line) => `${" ".repeat(depth)}${line}`).join("\n");
}

/** A list of strings as an expression; lists of one and of none stay lists. */
export function textList(texts: readonly string[]): string {
  return `@(${texts.map(quotePowerShell).join(", ")})`;
}

/** The functions that print progress and write the result file as JSON. */
export function resultFunctions(side: ScriptSide, planId: string): string {
  return `# A result file may lack a member, which is null here whatever the session has set.
Set-StrictMode -Off

${writeJsonFunction}
function Write-Line($text) {
  [Console]::Out.WriteLine($text)
}

function Get-Failure($record) {
  @{
    type = [string]$record.CategoryInfo.Reason
    id = [string]$record.FullyQualifiedErrorId
    category = [string]$record.CategoryInfo.Category
    message = [string]$record.Exception.Message
  }
}

# The whole path of the result file; a place outside the file system has none.
function Get-FilePath($file) {
  $path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($file)
  if (-not [IO.Path]::IsPathRooted($path)) { throw ($file + ' is not in the file system. Change to a folder, or give a full path.') }
  $path
}

# The text of each step that has ended: it is made once, and not for every write.
$texts = @{}

# Writes the result file whole: a new file takes the place of the old one. It names the steps, when, where and by whom they were
# run, and holds no secrets.
function Save-Result($more) {
  $result = @{
    format = 'realmscope-script-result'
    version = 1
    side = '${side}'
    plan = ${quotePowerShell(planId)}
    startedAt = $startedAt
    endedAt = [datetime]::UtcNow
    host = [Environment]::MachineName
    actor = [Environment]::UserDomainName + '\\' + [Environment]::UserName
  }
  foreach ($key in $more.Keys) { $result[$key] = $more[$key] }
  $items = foreach ($one in $results) {
    $known = $texts[[string]$one.stepId]
    if ($null -eq $known) { ConvertTo-WireText $one } else { $known }
  }
  $head = ConvertTo-WireText $result
  $text = $head.Substring(0, $head.Length - 1) + ',"items":[' + (@($items) -join ',') + ']}'
  $path = Get-FilePath $ResultFile
  [IO.File]::WriteAllText($path + '.new', $text)
  if ([IO.File]::Exists($path)) { [IO.File]::Replace($path + '.new', $path, [NullString]::Value) }
  else { [IO.File]::Move($path + '.new', $path) }
}

function Write-Result($more) {
  Save-Result $more
  Write-Line ('Written: ' + (Get-FilePath $ResultFile))
}
`;
}

/** The functions of a script that makes changes: it keeps what earlier runs of the same plan made. They need `readJsonFunction`. */
export function keepingFunctions(side: ScriptSide, planId: string): string {
  return `# A value read from JSON as this script's own: tables, lists, and plain values.
function ConvertTo-Table($value) {
  if ($null -eq $value -or $value -is [string] -or $value -is [bool] -or $value -is [int] -or $value -is [long] -or $value -is [datetime]) { return $value }
  if ($value -is [array]) { return , @($value | ForEach-Object { ConvertTo-Table $_ }) }
  $table = @{}
  foreach ($property in $value.PSObject.Properties) { $table[$property.Name] = ConvertTo-Table $property.Value }
  $table
}

# Reads the result of earlier runs of this plan. -CheckOnly never replaces a run's file, and no run replaces another plan's.
function Open-Result {
  $path = Get-FilePath $ResultFile
  $old = $null
  if ([IO.File]::Exists($path)) {
    $text = [IO.File]::ReadAllText($path)
    if ($text -ne '') {
      $old = ConvertFrom-WireJson $text
      if ($old.format -ne 'realmscope-script-result') { throw ($path + ' is not the result of a realmscope script. Give another -ResultFile.') }
      if ($old.checkOnly) { $old = $null }
    }
  }
  if ($CheckOnly) {
    if ($null -ne $old) { $script:ResultFile = $(if ($path -like '*.json') { $path.Substring(0, $path.Length - 5) } else { $path }) + '-check.json' }
  } elseif ($null -ne $old) {
    if ($old.side -ne '${side}' -or $old.plan -ne ${quotePowerShell(planId)}) { throw ($path + ' holds the result of another plan, which its undo needs. Move it away, or give another -ResultFile.') }
    foreach ($property in @($old.kept.PSObject.Properties)) { if ($null -ne $property) { $kept[$property.Name] = ConvertTo-Table $property.Value } }
    foreach ($item in @($old.items)) {
      if ($null -ne $item.made) { $kept[$item.stepId] = ConvertTo-Table $item.made } else { $kept.Remove([string]$item.stepId) }
    }
  }
  Save-Running
}

# Written before the first change and around each one: a run that ends in the middle leaves what it made on record.
function Save-Running {
  if ($CheckOnly) { Save-Result @{ checkOnly = $true; state = 'running' } } else { Save-Result @{ checkOnly = $false; state = 'running'; kept = $kept } }
}

# What earlier runs of this plan made at this step; null for nothing.
function Get-Made($id) {
  $old = $kept[$id]
  if ($null -eq $old) { return $null }
  @{ facts = $old.facts; before = $old.before; names = @($old.names); isPending = [bool]$old.isPending; at = $old.at }
}
`;
}

/** The text as a file, with a byte order mark: without it Windows PowerShell 5.1 reads the system's legacy code page. */
export function asScriptFile(text: string): string {
  return `\ufeff${text.replace(/\r?\n/g, "\r\n")}`;
}

/** The lines that read the result file of an earlier script into a variable. */
export function readResultLines(variable: string, fileVariable: string): string {
  return `$path = Get-FilePath ${fileVariable}
${variable} = ConvertFrom-WireJson ([IO.File]::ReadAllText($path))
if (${variable}.format -ne 'realmscope-script-result') { throw ($path + ' is not the result of a realmscope script.') }
`;
}

/** Shared by the Exchange script and its undo. Errors are recognised by type and id: the message is in the administrator's language. */
export const absentFunctions = `function Test-Absent($record) {
  $known = [string]$record.CategoryInfo.Reason + ' ' + [string]$record.FullyQualifiedErrorId
  $known -match 'ManagementObjectNotFound|ADNoSuchObject|CouldNotFind'
}

# Returns the objects found; none when Exchange reports that they do not exist. Any other error ends the run.
function Find-Objects($find, $given) {
  try { return , @(& $find $given) } catch {
    if (Test-Absent $_) { return , @() }
    throw
  }
}
`;
