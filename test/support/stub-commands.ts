// PowerShell functions in place of the cmdlets of Exchange and of Microsoft Graph PowerShell. Those of Exchange have the
// parameters, parameter sets and mandatory parameters of the public reference, never of our own allow-list. They keep objects
// as the real ones would in the ways that the scripts rely on, and record what they were called with.
import { readFileSync } from "node:fs";
import { type ParameterSet, parameterSets } from "./exchange-reference/parameter-sets.ts";

const otherCommands: Readonly<Record<string, readonly string[]>> = {
  "New-PSSession": ["ConfigurationName", "ConnectionUri", "Authentication"],
  "Import-PSSession": ["Session", "CommandName", "[switch]$DisableNameChecking", "[switch]$AllowClobber"],
  "Remove-PSSession": ["Session"],
  "Connect-MgGraph": ["TenantId", "Environment", "Scopes"],
  "Get-MgEnvironment": [],
  "Add-MgEnvironment": ["Name", "GraphEndpoint", "AzureADEndpoint"],
  "Set-MgEnvironment": ["Name", "GraphEndpoint", "AzureADEndpoint"],
  "Get-MgServicePrincipal": ["Filter", "ServicePrincipalId", "Property"],
  "Get-MgApplication": ["Filter", "ApplicationId", "Property"],
  "Get-MgServicePrincipalAppRoleAssignment": ["ServicePrincipalId", "[switch]$All"],
  // Of Microsoft.Graph.Authentication 1.14 and later: MaxRetry is 3 until it is set, 0 to 10.
  "Get-MgRequestContext": [],
  "Set-MgRequestContext": ["[ValidateRange(0, 10)][int]$MaxRetry"],
  "Update-MgServicePrincipal": ["ServicePrincipalId", "KeyCredentials"],
};

export interface StubCall {
  readonly cmdlet: string;
  /** Texts as they arrived; true, false and lists as JSON writes them. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface StubWish {
  /** Cmdlets that role based access hides. */
  readonly left?: readonly string[];
}

/** The text of a script that defines them; calls are appended to `record`. */
export function stubScript(record: string, seed: string, { left = [] }: StubWish = {}): string {
  const functions = [
    ...[...parameterSets].filter(([name]) => !left.includes(name)).map(([name, sets]) => exchangeFunction(name, sets)),
    ...Object.entries(otherCommands).map(
      ([name, parameters]) =>
        `function global:${name} { [CmdletBinding()] param(${parameters.map((one) => (one.startsWith("[") ? one : `$${one}`)).join(", ")}) Invoke-Stub '${name}' $PSBoundParameters }`,
    ),
  ];
  const literal = `'${record.replaceAll("'", "''")}'`;
  return `$global:stubRecord = ${literal}\n${stubBody}\n${functions.join("\n")}\n${seed}\n`;
}

/** Exchange asks before it removes; the other changes have the usual impact. */
const isConfirmed = /^(?:Remove|Disable)-/;

function exchangeFunction(name: string, sets: readonly ParameterSet[]): string {
  const own = (one: string): boolean => one !== "Confirm" && one !== "WhatIf";
  const isChange = sets.some(({ parameters }) => parameters.some((one) => !own(one.name)));
  const names = [...new Set(sets.flatMap(({ parameters }) => parameters.map((one) => one.name)))].filter(own);
  const declared = names.map((parameter) => {
    const inSets = sets.flatMap((set) => {
      const found = set.parameters.find((one) => one.name === parameter);
      return found === undefined ? [] : [{ ...found, set: set.name }];
    });
    // One attribute for all sets where they agree: the engine reads hundreds of them otherwise.
    const [first] = inSets;
    const isAlike = inSets.every((one) => one.isMandatory === first?.isMandatory && one.position === first.position);
    const attributes = (isAlike && inSets.length === sets.length ? inSets.slice(0, 1) : inSets).map(
      ({ set, isMandatory, position }, _, { length }) => {
        const facts = [
          ...(length === 1 && sets.length === inSets.length ? [] : [`ParameterSetName='${set}'`]),
          ...(isMandatory ? ["Mandatory=$true"] : []),
          ...(position === null ? [] : [`Position=${position}`]),
        ];
        return facts.length === 0 ? "" : `[Parameter(${facts.join(", ")})]`;
      },
    );
    return `${attributes.join("")}${typeOf(inSets[0]?.type ?? "")}$${parameter}`;
  });
  const binding = [
    `DefaultParameterSetName='${defaultSet(sets)}'`,
    ...(isChange ? ["SupportsShouldProcess=$true"] : []),
    ...(isConfirmed.test(name) ? ["ConfirmImpact='High'"] : []),
  ];
  const asking = isChange ? "if (-not $PSCmdlet.ShouldProcess('it')) { return } " : "";
  return `function global:${name} { [CmdletBinding(${binding.join(", ")})] param(${declared.join(", ")}) ${asking}Invoke-Stub '${name}' $PSBoundParameters }`;
}

/** The reference marks a default in one cmdlet only; elsewhere it is the one that finds by identity, or that demands least. */
function defaultSet(sets: readonly ParameterSet[]): string {
  const named = sets.find(({ name }) => name.includes("(Default)")) ?? sets.find(({ name }) => name === "Identity");
  const demands = (set: ParameterSet): number => set.parameters.filter((one) => one.isMandatory).length;
  return (named ?? sets.toSorted((a, b) => demands(a) - demands(b))[0])?.name ?? "";
}

/** Identities, addresses and enumerations of Exchange are made from text; the binder converts the other types as here. */
function typeOf(type: string): string {
  const types: Readonly<Record<string, string>> = {
    Switch: "[switch]",
    Boolean: "[bool]",
    String: "[string]",
    Fqdn: "[string]",
    "String[]": "[string[]]",
  };
  return types[type] ?? "";
}

/** What was written down, in order. */
export function readStubCalls(record: string): readonly StubCall[] {
  return readFileSync(record, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [cmdlet = "", ...pairs] = line.split(" ");
      const parameters = pairs.map((pair) => {
        const [name = "", value = ""] = pair.split("=");
        return [name, readValue(value)] as const;
      });
      return { cmdlet, parameters: Object.fromEntries(parameters) };
    });
}

/** `t:` and base64 is a text, `l:` a list, everything else stands for itself. */
function readValue(value: string): unknown {
  if (value.startsWith("t:")) return Buffer.from(value.slice(2).replaceAll("_", "="), "base64").toString("utf8");
  if (value.startsWith("l:")) return value === "l:" ? [] : value.slice(2).split(",").map(readValue);
  return value === "True" ? true : value === "False" ? false : value;
}

const stubBody = `
$global:stubObjects = [Collections.ArrayList]@()
$global:stubMaxRetry = 3
$global:stubThrottled = 0
$global:stubMeanwhile = { }

function global:Format-Stub($value) {
  if ($null -eq $value) { return 'null' }
  if ($value -is [array]) { return 'l:' + (@($value | ForEach-Object { Format-Stub $_ }) -join ',') }
  if ($value -is [string]) {
    return 't:' + ([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($value)) -replace '=', '_')
  }
  if ($value -is [Collections.IDictionary]) { return 'table' }
  [string]$value
}

# Exchange's messages are in the administrator's language.
$global:stubMessages = @{ de = 'Das Objekt wurde nicht gefunden: '; tr = 'Nesne bulunamad\u0131: '; ja = '\u30aa\u30d6\u30b8\u30a7\u30af\u30c8\u304c\u898b\u3064\u304b\u308a\u307e\u305b\u3093: '; ar = '\u062a\u0639\u0630\u0631 \u0627\u0644\u0639\u062b\u0648\u0631: '; th = '\u0e44\u0e21\u0e48\u0e1e\u0e1a: ' }
function global:Stop-Stub($type, $cmdlet, $about) {
  $message = $global:stubMessages[[Threading.Thread]::CurrentThread.CurrentUICulture.TwoLetterISOLanguageName]
  if ($null -eq $message) { $message = 'The operation could not be performed because the object could not be found: ' }
  $exception = [InvalidOperationException]($message + $about)
  throw [Management.Automation.ErrorRecord]::new($exception, $type, 'NotSpecified', $about)
}

# As the reference warns: a null identity returns all objects.
function global:Find-Stub($noun, $identity) {
  if ($noun -eq 'Recipient' -or $noun -eq 'User') { $noun = 'MailUser' }
  foreach ($one in $global:stubObjects) {
    if ($one.Noun -ne $noun) { continue }
    $own = if ($noun -eq 'ManagementRoleEntry') { $one.Role + '\\' + $one.Name } else { $one.Name }
    $pattern = [string]$identity
    if ($null -eq $identity -or [string]$one.Guid -eq $pattern -or $own -eq $pattern) { $one; continue }
    if ($noun -eq 'MailUser' -and [string]$one.ExternalEmailAddress -eq ('SMTP:' + $pattern)) { $one; continue }
    if ($pattern.EndsWith('\\*') -and $one.Role -eq $pattern.Substring(0, $pattern.Length - 2)) { $one }
  }
}

function global:Add-Stub($noun, $values) {
  $one = [pscustomobject]@{ Noun = $noun; Guid = [guid]::NewGuid() }
  foreach ($key in $values.Keys) {
    $one.PSObject.Properties.Add([Management.Automation.PSNoteProperty]::new($key, $values[$key]))
  }
  [void]$global:stubObjects.Add($one)
  $one
}

# The n-th call from the start of a run fails or ends the script, before or after its effect. No catch block sees an exit.
$global:stubCalls = 0
$global:stubFault = $null
function global:Test-StubFault($when) {
  $fault = $global:stubFault
  if ($null -eq $fault -or $fault.At -ne $global:stubCalls -or $fault.When -ne $when) { return }
  if ($fault.How -eq 'kill') { exit 99 }
  Stop-Stub 'ADTransientException' 'any' 'dc1'
}

function global:Invoke-Stub($cmdlet, $bound) {
  $words = @($cmdlet)
  foreach ($key in $bound.Keys) { if ($key -ne 'ErrorAction') { $words += $key + '=' + (Format-Stub $bound[$key]) } }
  [IO.File]::AppendAllText($global:stubRecord, ($words -join ' ') + "\`n")
  $global:stubCalls += 1
  Test-StubFault 'before'
  Invoke-StubEffect $cmdlet $bound
  Test-StubFault 'after'
}

function global:Invoke-StubEffect($cmdlet, $bound) {
  $verb, $noun = $cmdlet -split '-', 2
  if ($noun -eq 'PSSession') { return 'session ' + $verb }
  if ($noun -like 'Mg*') { return Invoke-GraphStub $cmdlet $verb $bound }
  if ($verb -eq 'New') { return New-Stub $noun $cmdlet $bound }
  $identity = $bound['Identity']
  if ($cmdlet -eq 'Get-ExchangeCertificate') { $identity = $bound['Thumbprint'] }
  $found = @(Find-Stub $noun $identity)
  if ($verb -eq 'Add') { [void](Add-Stub $noun @{ Role = ($identity -split '\\\\')[0]; Name = ($identity -split '\\\\')[1] }); return }
  if ($bound.ContainsKey('RoleAssignee')) { $found = @($found | Where-Object { [string]$_.User -eq [string]$bound['RoleAssignee'] -and $_.Role -eq $bound['Role'] }) }
  if ($found.Count -eq 0 -and $null -ne $identity -and -not ([string]$identity).EndsWith('*')) { Stop-Stub 'ManagementObjectNotFoundException' $cmdlet $identity }
  if ($verb -eq 'Get') { return $found }
  foreach ($one in $found) {
    if ($cmdlet -eq 'Remove-ManagementRole') {
      foreach ($used in @(Find-Stub 'ManagementRoleAssignment' $null)) { if ($used.Role -eq $one.Name) { Stop-Stub 'CannotRemoveRoleException' $cmdlet $one.Name } }
      foreach ($entry in @(Find-Stub 'ManagementRoleEntry' ($one.Name + '\\*'))) { $global:stubObjects.Remove($entry) }
    }
    if ($verb -eq 'Remove') { $global:stubObjects.Remove($one) }
    if ($verb -eq 'Set') { foreach ($key in $bound.Keys) { if ($null -ne $one.PSObject.Properties[$key]) { $one.$key = $bound[$key] } } }
  }
}

function global:New-Stub($noun, $cmdlet, $bound) {
  if (@(Find-Stub $noun $bound['Name']).Count -gt 0) { Stop-Stub 'ADObjectAlreadyExistsException' $cmdlet $bound['Name'] }
  $values = @{}
  foreach ($key in $bound.Keys) { $values[$key] = $bound[$key] }
  if ($noun -eq 'MailUser') {
    $values['HiddenFromAddressListsEnabled'] = $false
    $values['ExternalEmailAddress'] = 'SMTP:' + $values['ExternalEmailAddress']
  }
  if ($noun -eq 'ManagementRoleAssignment') { $values['Enabled'] = $true; $values['AssignmentMethod'] = 'Direct' }
  if ($noun -eq 'ManagementRole') {
    foreach ($entry in @(Find-Stub 'ManagementRoleEntry' ($bound['Parent'] + '\\*'))) {
      [void](Add-Stub 'ManagementRoleEntry' @{ Role = $bound['Name']; Name = $entry.Name })
    }
  }
  Add-Stub $noun $values
}

# An update replaces all keys; an old one may come back only as it is read, without bytes and name.
function global:Invoke-GraphStub($cmdlet, $verb, $bound) {
  if ($verb -eq 'Connect') { return }
  if ($cmdlet -like '*-MgRequestContext') {
    if ($bound.ContainsKey('MaxRetry')) { $global:stubMaxRetry = $bound['MaxRetry'] }
    return [pscustomobject]@{ MaxRetry = $global:stubMaxRetry }
  }
  if ($cmdlet -like '*-MgEnvironment') {
    if ($verb -eq 'Get') { return @(Find-Stub 'MgEnvironment' $null) }
    if (@(Find-Stub 'MgEnvironment' $bound['Name']).Count -ne [int]($verb -eq 'Set')) { throw 'The environment is not as expected.' }
    if ($verb -eq 'Add') { [void](Add-Stub 'MgEnvironment' $bound) }
    return
  }
  $noun = 'ServicePrincipal'
  if ($cmdlet -eq 'Get-MgApplication') { $noun = 'Application' }
  if ($cmdlet -eq 'Get-MgServicePrincipalAppRoleAssignment') {
    return @(Find-Stub 'AppRoleAssignment' $null | Where-Object { $_.PrincipalId -eq $bound['ServicePrincipalId'] })
  }
  if ($bound.ContainsKey('Filter')) {
    foreach ($one in @(Find-Stub $noun $null)) {
      if ($bound['Filter'] -eq ('appId eq ''' + $one.AppId + '''')) { [pscustomobject]@{ Id = $one.Id; KeyCredentials = $null } }
    }
    return
  }
  if ($noun -eq 'Application') { return @(Find-Stub $noun $null | Where-Object { $_.Id -eq $bound['ApplicationId'] })[0] }
  $principal = @(Find-Stub 'ServicePrincipal' $null | Where-Object { $_.Id -eq $bound['ServicePrincipalId'] })[0]
  if ($verb -eq 'Get') { return $principal }
  # The module answers a 429 by sending the same body again, MaxRetry times.
  while ($global:stubThrottled -gt 0) {
    $global:stubThrottled -= 1
    [void](& $global:stubMeanwhile)
    if ($global:stubMaxRetry -eq 0) { throw 'Too Many Requests' }
  }
  $keys = [Collections.ArrayList]@()
  foreach ($sent in $bound['KeyCredentials']) {
    if ($sent.ContainsKey('KeyId')) {
      if ($sent.ContainsKey('Key') -or $sent.ContainsKey('DisplayName')) { throw 'Update to existing credential with KeyId is not allowed.' }
      foreach ($old in $principal.KeyCredentials) { if ([string]$old.KeyId -eq [string]$sent.KeyId) { [void]$keys.Add($old) } }
    } else {
      $new = [pscustomobject]@{ KeyId = [guid]::NewGuid(); CustomKeyIdentifier = $null; Key = $sent.Key; DisplayName = $sent.DisplayName; StartDateTime = $sent.StartDateTime; EndDateTime = $sent.EndDateTime; Type = $sent.Type; Usage = $sent.Usage }
      [void]$keys.Add($new)
    }
  }
  $principal.KeyCredentials = $keys.ToArray()
}
`;
