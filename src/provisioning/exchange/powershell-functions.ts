// PowerShell functions that the bootstrap and the emitted scripts share. They use the language only, and one command for JSON.

/** The only function that needs a command which a bare engine does not have. */
export const readJsonFunction = `function ConvertFrom-WireJson($text) {
  ConvertFrom-Json -InputObject $text
}
`;

export const writeJsonFunction = `# Writes a cmdlet's result as ASCII JSON: strings, numbers, true and false; any other object as its display text.
function ConvertTo-WireText($value) {
  if ($null -eq $value) { return 'null' }
  if ($value -is [bool]) { if ($value) { return 'true' } else { return 'false' } }
  if ($value -is [int] -or $value -is [long]) { return [string]$value }
  if ($value -is [byte[]]) { return '"' + [Convert]::ToBase64String($value) + '"' }
  if ($value -is [datetime]) { return '"' + $value.ToUniversalTime().ToString('o') + '"' }
  if ($value -is [Collections.IDictionary]) {
    $parts = foreach ($key in $value.Keys) { (ConvertTo-WireText ([string]$key)) + ':' + (ConvertTo-WireText $value[$key]) }
    return '{' + ($parts -join ',') + '}'
  }
  if ($value -is [Collections.IEnumerable] -and $value -isnot [string]) {
    $parts = foreach ($one in $value) { ConvertTo-WireText $one }
    return '[' + ($parts -join ',') + ']'
  }
  $escape = { param($match) '\\u{0:x4}' -f [int][char]$match.Value }
  '"' + [regex]::Replace([string]$value, '[^\\x20-\\x7e]|["\\\\]', $escape) + '"'
}
`;

export const projectionFunctions = `# Leaves out a property that cannot be read, or that this version of Exchange does not have.
function Get-Projection($item, $names) {
  $projection = @{}
  foreach ($name in $names) {
    try {
      $property = $item.PSObject.Properties[$name]
      if ($null -ne $property) { $projection[$name] = ConvertTo-Plain $property.Value }
    } catch { $unreadable = $name }
  }
  $projection
}

# Keeps dates, bytes and lists; every other value of Exchange (ids, addresses, enumerations) becomes its display text.
function ConvertTo-Plain($value) {
  if ($null -eq $value -or $value -is [bool] -or $value -is [int] -or $value -is [long]) { return $value }
  if ($value -is [datetime]) { return $value }
  if ($value -is [byte[]]) { return , $value }
  if ($value -is [Collections.IList] -and $value.Count -gt 0 -and $value[0] -is [byte]) { return , [byte[]]$value }
  if ($value -is [Collections.IEnumerable] -and $value -isnot [string]) {
    $list = [Collections.ArrayList]@()
    foreach ($one in $value) { [void]$list.Add((ConvertTo-Plain $one)) }
    return , $list.ToArray()
  }
  if ($null -ne $value.PSObject.Methods['ToUniversalTime']) { return $value.ToUniversalTime().ToString('o') }
  [string]$value
}
`;

export const setupVersionFunction = `# The build of this machine's Exchange with its updates, which no cmdlet reports: AdminDisplayVersion leaves them out.
function Get-SetupVersion {
  if (-not $env:ExchangeInstallPath) { return '' }
  try {
    $version = [Diagnostics.FileVersionInfo]::GetVersionInfo($env:ExchangeInstallPath + 'bin\\ExSetup.exe')
    '{0}.{1}.{2}.{3}' -f $version.FileMajorPart, $version.FileMinorPart, $version.FileBuildPart, $version.FilePrivatePart
  } catch { '' }
}
`;
