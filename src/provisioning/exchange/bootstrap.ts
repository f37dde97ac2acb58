// The script that runs inside PowerShell. Its text is the same for every run: what differs (nonce, connection, calls) is
// data on stdin. It uses only the language and the commands of a bare engine, so that the tests can run it on the engine
// itself (test/support/powershell-host/).
import { createHash } from "node:crypto";
import { allowedCmdlets } from "./allowed-cmdlets.ts";
import {
  projectionFunctions,
  readJsonFunction,
  setupVersionFunction,
  writeJsonFunction,
} from "./powershell-functions.ts";

/** Ends the bootstrap on stdin; the frames follow. */
const endOfScript = "# realmscope: end of script";

/**
 * The command that PowerShell is started with. It reads the bootstrap as plain text from stdin, compares its SHA-256 with the one
 * written here, and runs it: the command line names exactly one script, and script block logging and AMSI see its text. It must be
 * short (cmd.exe takes 8191 characters), one line, and free of double quotes and %. A constrained language mode allows
 * neither [Console] nor [BitConverter]: then it writes the mode and ends.
 */
export function loaderScript(): string {
  const statements = [
    "$mode = $ExecutionContext.SessionState.LanguageMode",
    `if ($mode -ne 'FullLanguage') { '${languageModeMark}' + $mode; return }`,
    "$script = ''",
    `while (($line = [Console]::In.ReadLine()) -cne '${endOfScript}') { if ($null -eq $line) { throw 'The script was cut off.' }; $script += $line + [char]10 }`,
    "$bytes = [Text.Encoding]::UTF8.GetBytes($script)",
    "$hash = [BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($bytes)) -replace '-', ''",
    `if ($hash -ne '${bootstrapHash()}') { throw 'The bootstrap is not the one that was sent.' }`,
    "& ([scriptblock]::Create($script))",
  ];
  return statements.join("; ");
}

/** The start of the line that a constrained shell writes instead of a frame. */
export const languageModeMark = "@@realmscope-language-mode:";

/** What is written to stdin first: the bootstrap, ASCII, and the line that ends it. */
export function bootstrapInput(): string {
  return `${bootstrapScript()}${endOfScript}\n`;
}

/** SHA-256 of the bootstrap in hex, capital letters. */
export function bootstrapHash(): string {
  return createHash("sha256").update(bootstrapScript(), "utf8").digest("hex").toUpperCase();
}

/** Cmdlet, parameters and properties, one cmdlet a line: the only calls that the bootstrap makes. */
function allowedLines(): string {
  const rows = [...allowedCmdlets].map(([name, { parameters, properties }]) =>
    [name, parameters.join(" "), properties.join(" ")].join("|"),
  );
  return rows.join("\n");
}

export function bootstrapScript(): string {
  return `$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'Continue'
try { [Console]::OutputEncoding = [Text.UTF8Encoding]$false } catch { $encodingKept = $true }

$allowed = @{}
foreach ($row in ('${allowedLines()}' -split "\\n")) {
  $name, $parameterNames, $propertyNames = $row.Trim() -split '\\|'
  $allowed[$name] = @{ Parameters = -split $parameterNames; Properties = -split $propertyNames }
}

# Names of Exchange 2013 for cmdlets that have another name since 2016; the older cmdlet reads the same object.
$olderNames = @{ 'Get-ClientAccessService' = 'Get-ClientAccessServer' }
function Find-Cmdlet($name) {
  foreach ($one in @($name, $olderNames[$name])) {
    if ($null -ne $one -and $null -ne ($found = Get-Command -Name $one -ErrorAction SilentlyContinue)) { return $found }
  }
}

${readJsonFunction}
function ConvertFrom-Base64($text) {
  [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text))
}

# Strings arrive as { s: base64 } and tables as { o: ... }: see wire-json.ts.
function ConvertFrom-WireValue($value) {
  if ($value -is [array]) {
    $list = [Collections.ArrayList]@()
    foreach ($one in $value) { [void]$list.Add((ConvertFrom-WireValue $one)) }
    return , $list.ToArray()
  }
  if ($value -isnot [Management.Automation.PSCustomObject]) { return $value }
  if ($null -ne $value.PSObject.Properties['s']) { return ConvertFrom-Base64 $value.s }
  ConvertFrom-WireTable $value.o
}

function ConvertFrom-WireTable($value) {
  $table = @{}
  if ($null -ne $value) {
    foreach ($property in $value.PSObject.Properties) { $table[$property.Name] = ConvertFrom-WireValue $property.Value }
  }
  $table
}

${writeJsonFunction}
function Write-Frame($id, $value) {
  $bytes = [Text.Encoding]::ASCII.GetBytes((ConvertTo-WireText $value))
  [Console]::Out.WriteLine('@@' + $nonce + ':' + $id + ':' + [Convert]::ToBase64String($bytes))
  [Console]::Out.Flush()
}

function Write-Failure($id, $type, $reason, $record) {
  $failure = @{ type = $type; reason = $reason; id = ''; category = ''; message = $type }
  if ($null -ne $record) {
    $failure.id = [string]$record.FullyQualifiedErrorId
    $failure.category = [string]$record.CategoryInfo.Category
    $failure.message = [string]$record.Exception.Message
  }
  Write-Frame $id @{ ok = $false; error = $failure }
}

${projectionFunctions}
# Connects to Exchange. Server names are data: they are used as arguments only.
function Connect-Exchange($connect) {
  if ($connect.way -eq 'auto') {
    if (-not $env:ExchangeInstallPath) { return 'no-exchange' }
    # Microsoft's script is written for Continue: an error that it goes on after must not end the connection.
    $ErrorActionPreference = 'Continue'
    try {
      . "$($env:ExchangeInstallPath)bin\\RemoteExchange.ps1"
      Connect-ExchangeServer -auto -ClientApplication:ManagementShell
    } finally { $ErrorActionPreference = 'Stop' }
    if (@($allowed.Keys | ForEach-Object { Find-Cmdlet $_ }).Count -eq 0) {
      throw 'RemoteExchange.ps1 and Connect-ExchangeServer left no Exchange cmdlet.'
    }
  }
  if ($connect.way -eq 'session') {
    $options = @{ ConfigurationName = 'Microsoft.Exchange'; ConnectionUri = $connect.uri; Authentication = 'Kerberos' }
    $script:session = New-PSSession @options
    [void](Import-PSSession -Session $script:session -CommandName (@($allowed.Keys) + @($olderNames.Values)) -DisableNameChecking -AllowClobber)
  }
  'connected'
}

# Role based access hides cmdlets and single parameters: what is missing here cannot be called by this account.
function Get-Hidden {
  foreach ($cmdlet in $allowed.Keys) {
    $command = Find-Cmdlet $cmdlet
    if ($null -eq $command) { $cmdlet; continue }
    foreach ($name in $allowed[$cmdlet].Parameters) {
      if (-not $command.Parameters.ContainsKey($name)) { "$cmdlet -$name" }
    }
  }
}

function Get-Elevated {
  try {
    $principal = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
    $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
  } catch { $null }
}

${setupVersionFunction}
function Get-ShellFacts($connection) {
  $modules = @(Get-Module | ForEach-Object { $_.Name })
  @{
    ok = $true
    connection = $connection
    version = [string]$PSVersionTable.PSVersion
    edition = [string]$PSVersionTable.PSEdition
    is64Bit = [IntPtr]::Size -eq 8
    isElevated = Get-Elevated
    actor = [Environment]::UserDomainName + '\\' + [Environment]::UserName
    hasOnlineModule = @($modules | Where-Object { $_ -like 'ExchangeOnlineManagement*' -or $_ -like 'tmpEXO_*' }).Count -gt 0
    hidden = @(Get-Hidden)
    machine = [Environment]::MachineName
    setupVersion = [string](Get-SetupVersion)
  }
}

function Invoke-Allowed($id, $command, $parameters) {
  $entry = $allowed[$command]
  if ($null -eq $entry) { return Write-Failure $id 'CmdletNotAllowed' '' $null }
  foreach ($name in $parameters.Keys) {
    if ($entry.Parameters -notcontains $name) { return Write-Failure $id 'ParameterNotAllowed' '' $null }
  }
  $found = Find-Cmdlet $command
  if ($null -ne $found) { $command = $found.Name }
  $objects = [Collections.ArrayList]@()
  $warnings = [Collections.ArrayList]@()
  try {
    & $command @parameters -ErrorAction Stop 3>&1 | ForEach-Object {
      if ($_ -is [Management.Automation.WarningRecord]) { [void]$warnings.Add([string]$_.Message) }
      elseif ($null -ne $_) { [void]$objects.Add((Get-Projection $_ $entry.Properties)) }
    }
  } catch {
    return Write-Failure $id ($_.Exception.GetType().Name) ([string]$_.CategoryInfo.Reason) $_
  }
  Write-Frame $id @{ ok = $true; objects = $objects; warnings = $warnings }
}

$nonce = ''
$framePattern = '^@>([0-9a-f]{32}):([0-9]{1,9}):([A-Za-z0-9+/=]*)$'
$script:session = $null
try {
  while ($null -ne ($line = [Console]::In.ReadLine())) {
    if ($line -cnotmatch $framePattern) { continue }
    $id = $Matches[2]
    $body = $Matches[3]
    if ($nonce -eq '') { $nonce = $Matches[1] } elseif ($nonce -ne $Matches[1]) { continue }
    try {
      $request = ConvertFrom-WireTable (ConvertFrom-WireJson (ConvertFrom-Base64 $body))
      if ($request.op -eq 'stop') { break }
      # Dot-sourced: RemoteExchange.ps1 defines its functions in the scope that runs it. It may also write objects.
      if ($request.op -eq 'connect') { Write-Frame $id (Get-ShellFacts (@(. Connect-Exchange $request)[-1])) }
      if ($request.op -eq 'call') { Invoke-Allowed $id $request.cmdlet $request.parameters }
    } catch {
      Write-Failure $id ($_.Exception.GetType().Name) ([string]$_.CategoryInfo.Reason) $_
    }
  }
} finally {
  if ($null -ne $script:session) { Remove-PSSession -Session $script:session }
}
`;
}
