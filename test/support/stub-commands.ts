// PowerShell functions in place of the cmdlets of Exchange and of Microsoft Graph PowerShell. They keep objects as the
// real ones would in the few ways that the scripts rely on, and write down what they were called with.
import { readFileSync } from "node:fs";
import { allowedCmdlets } from "../../src/provisioning/exchange/allowed-cmdlets.ts";

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

/** The text of a script that defines them, but for those left out; calls are appended to `record`. */
export function stubScript(record: string, seed: string, left: readonly string[] = []): string {
  const all = [
    ...[...allowedCmdlets].map(([name, { parameters }]) => [name, parameters] as const),
    ...Object.entries(otherCommands),
  ];
  const functions = all
    .filter(([name]) => !left.includes(name))
    .map(
      ([name, parameters]) =>
        `function global:${name} { [CmdletBinding()] param(${parameters.map((one) => (one.startsWith("[") ? one : `$${one}`)).join(", ")}) Invoke-Stub '${name}' $PSBoundParameters }`,
    );
  const literal = `'${record.replaceAll("'", "''")}'`;
  return `$global:stubRecord = ${literal}\n${stubBody}\n${functions.join("\n")}\n${seed}\n`;
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

function global:Stop-Stub($type, $cmdlet, $about) {
  $exception = [InvalidOperationException]('object ' + $about)
  throw [Management.Automation.ErrorRecord]::new($exception, $type, 'NotSpecified', $about)
}

function global:Find-Stub($noun, $identity) {
  foreach ($one in $global:stubObjects) {
    if ($one.Noun -ne $noun) { continue }
    $own = if ($noun -eq 'ManagementRoleEntry') { $one.Role + '\\' + $one.Name } else { $one.Name }
    $pattern = [string]$identity
    if ($null -eq $identity -or [string]$one.Guid -eq $pattern -or $own -eq $pattern) { $one; continue }
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

function global:Invoke-Stub($cmdlet, $bound) {
  $words = @($cmdlet)
  foreach ($key in $bound.Keys) { if ($key -ne 'ErrorAction') { $words += $key + '=' + (Format-Stub $bound[$key]) } }
  [IO.File]::AppendAllText($global:stubRecord, ($words -join ' ') + "\`n")
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
    if ($cmdlet -eq 'Remove-ManagementRole') { foreach ($entry in @(Find-Stub 'ManagementRoleEntry' ($one.Name + '\\*'))) { $global:stubObjects.Remove($entry) } }
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
