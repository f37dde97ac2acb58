// The PowerShell that judges the Exchange half; the auth servers are in check-trust-functions.ts. Comparisons with -eq ignore case by the invariant culture; booleans and dates are
// compared as text or in UTC, so the administrator's language changes nothing.
import { authServerFunctions, sharingFunctions } from "./check-trust-functions.ts";

const buildFunctions = `# The part of a name before its first dot.
function Get-ShortName($name) {
  ([string]$name -split '\\.')[0]
}

# The mailbox servers, with the build of the one that this script runs on.
function Get-ServerBuilds {
  foreach ($server in $servers.Objects) {
    $roles = [string]$server.ServerRole
    if ($roles -match 'Edge' -and $roles -notmatch 'Mailbox') { continue }
    $name = [string]$server.Name
    $facts = $null
    $text = $name + ': its ExSetup.exe cannot be read from here'
    $version = Get-SetupVersion
    if ((Get-ShortName $name) -eq $env:COMPUTERNAME -and $version -ne '') {
      $facts = Get-BuildFacts $version
      $text = $name + ': ' + $version + ', by ExSetup.exe'
    }
    @{ Server = $name; Facts = $facts; Text = $text }
  }
}

function Test-Builds($need) {
  $show = 'Invoke-Command -ComputerName NAMES -ScriptBlock { (Get-Item ($env:ExchangeInstallPath + ''bin\\ExSetup.exe'')).VersionInfo.FileVersion }'
  if (-not $servers.Ok) { return New-Unread $servers.Reason $show }
  $evidence = @($builds | ForEach-Object { $_.Text })
  $old = @($builds | Where-Object { $null -ne $_.Facts -and -not $_.Facts[$need] } | ForEach-Object { $_.Server })
  if ($old.Count -gt 0) {
    return New-Gate 'wrong' ($evidence + ('too old: ' + ($old -join ', '))) ('Update ' + ($old -join ', ') + ' (docs/provisioning.md lists the builds)')
  }
  $unknown = @($builds | Where-Object { $null -eq $_.Facts } | ForEach-Object { $_.Server })
  if ($unknown.Count -gt 0 -or $builds.Count -eq 0) {
    return New-Gate 'cannot tell' $evidence ($show -replace 'NAMES', ($unknown -join ', '))
  }
  New-Gate 'ok' $evidence ''
}
`;

const overrideFunctions = `$identitySwitch = @{
  Component = 'Global'
  Section = 'ExchangeOnpremAsThirdPartyAppId'
  Name = 'EnableExchangeHybrid3PAppFeature'
}
$routingSwitch = @{
  Component = 'SettingOverride'
  Section = 'RouteThroughMSGraph'
  Name = 'EnableRouteThroughMSGraphFeature'
}

# An override may name servers, with wildcards; none means all of them.
function Test-Named($override, $server) {
  $names = @($override.Server | Where-Object { $_ })
  if ($names.Count -eq 0) { return $true }
  foreach ($name in $names) { if ((Get-ShortName $server) -like (Get-ShortName $name)) { return $true } }
  $false
}

# 'yes', 'no', or 'unknown' when the override has a bound and the build of the server is not known.
function Test-Within($override, $facts) {
  $least = [string]$override.MinVersion
  $most = [string]$override.MaxVersion
  if ($least -eq '' -and $most -eq '') { return 'yes' }
  if ($null -eq $facts) { return 'unknown' }
  $build = [version]$facts.Build
  if ($least -ne '' -and $build -lt [version]$least) { return 'no' }
  if ($most -ne '' -and $build -gt [version]$most) { return 'no' }
  'yes'
}

function Get-Coverage($found, $build) {
  $answers = @($found | ForEach-Object { if (Test-Named $_ $build.Server) { Test-Within $_ $build.Facts } else { 'no' } })
  if ($answers -contains 'yes') { return 'yes' }
  if ($answers -contains 'unknown') { return 'unknown' }
  'no'
}

function Test-ForAll($override) {
  @($override.Server | Where-Object { $_ }).Count -eq 0 -and [string]$override.MinVersion -eq '' -and [string]$override.MaxVersion -eq ''
}

function Get-OverrideText($override) {
  $where = @($override.Server | Where-Object { $_ }) -join ', '
  if ($where -eq '') { $where = 'organisation-wide' } else { $where = 'on ' + $where }
  if ([string]$override.MinVersion -ne '') { $where += ', MinVersion ' + $override.MinVersion }
  if ([string]$override.MaxVersion -ne '') { $where += ', MaxVersion ' + $override.MaxVersion }
  [string]$override.Name + ': ' + (@($override.Parameters) -join ', ') + ', ' + $where
}

# True only when the parameters say Enabled=true and nothing else of it.
function Test-Enabled($override) {
  $values = @($override.Parameters | ForEach-Object { ([string]$_ -replace '\\s', '') } | Where-Object { $_ -eq 'Enabled=true' -or $_ -eq 'Enabled=false' })
  $values.Count -gt 0 -and $values -notcontains 'Enabled=false'
}

function Test-Override($wanted) {
  $show = 'Get-SettingOverride | Where-Object { $_.SectionName -eq ''' + $wanted.Section + ''' } | Format-List Name,Parameters,Server,MinVersion,MaxVersion'
  $create = 'New-SettingOverride -Name ' + $wanted.Name + ' -Component ' + $wanted.Component + ' -Section ' + $wanted.Section + ' -Parameters @(''Enabled=true'') -Reason ''dedicated hybrid application'''
  if (-not $overrides.Ok) { return New-Unread $overrides.Reason $show }
  $found = @($overrides.Objects | Where-Object { [string]$_.ComponentName -eq $wanted.Component -and [string]$_.SectionName -eq $wanted.Section })
  if ($found.Count -eq 0) { return New-Gate 'missing' @('no such override') ($create + '; ' + $settings.Refresh) }
  $evidence = @($found | ForEach-Object { Get-OverrideText $_ })
  if (@($found | Where-Object { -not (Test-Enabled $_) }).Count -gt 0) {
    return New-Gate 'wrong' $evidence ('Set-SettingOverride -Identity NAME -Parameters @(''Enabled=true''); ' + $settings.Refresh)
  }
  if (@($found | Where-Object { Test-ForAll $_ }).Count -gt 0) { return New-Gate 'ok' $evidence '' }
  if (-not $servers.Ok) { return New-Gate 'cannot tell' $evidence $show }
  $left = @($builds | Where-Object { (Get-Coverage $found $_) -eq 'no' } | ForEach-Object { $_.Server })
  if ($left.Count -gt 0) {
    return New-Gate 'wrong' ($evidence + ('not on ' + ($left -join ', '))) ($create + ' -Server ' + ($left -join ', ') + '; ' + $settings.Refresh)
  }
  if (@($builds | Where-Object { (Get-Coverage $found $_) -ne 'yes' }).Count -gt 0) { return New-Gate 'cannot tell' $evidence $show }
  New-Gate 'ok' $evidence ''
}

# The routing switch has no effect without the identity switch.
function Test-RoutingOverride {
  $routing = Test-Override $routingSwitch
  $identity = Test-Override $identitySwitch
  if ($routing.State -ne 'ok' -or $identity.State -eq 'ok') { return $routing }
  $evidence = $routing.Evidence + 'it needs Global/ExchangeOnpremAsThirdPartyAppId, which is not in order'
  if ($identity.State -eq 'cannot tell') { return New-Gate 'cannot tell' $evidence $identity.Command }
  New-Gate 'wrong' $evidence $identity.Command
}
`;

const certificateFunctions = `# The thumbprint of the bytes, as Exchange writes it; the property of the object is not believed.
function Get-Thumbprint($raw) {
  [Security.Cryptography.X509Certificates.X509Certificate2]::new([byte[]]$raw).Thumbprint
}

# The servers that do not have the certificate; the first one that has it is kept for the cloud half.
function Find-Certificate($use, $thumbprint) {
  $isKept = $false
  foreach ($build in $builds) {
    $found = $null
    try { $found = @(Get-ExchangeCertificate -Server $build.Server -Thumbprint $thumbprint @at -ErrorAction Stop) } catch {
      $known = [string]$_.CategoryInfo.Reason + ' ' + [string]$_.FullyQualifiedErrorId
      if ($known -notmatch 'ManagementObjectNotFound|ADNoSuchObject|CouldNotFind') { throw }
    }
    $one = @($found | Where-Object { $null -ne $_ -and $null -ne $_.RawData -and (Get-Thumbprint $_.RawData) -eq $thumbprint })
    if ($one.Count -eq 0) { $build.Server; continue }
    if ($isKept) { continue }
    $isKept = $true
    [void]$certificates.Add(@{ use = $use; thumbprint = $thumbprint; der = [Convert]::ToBase64String([byte[]]$one[0].RawData) })
  }
}

function Test-Certificate {
  $show = 'Get-AuthConfig | Format-List *Certificate*'
  if (-not $config.Ok) { return New-Unread $config.Reason $show }
  if (-not $servers.Ok) { return New-Unread $servers.Reason $show }
  $current = ([string]$config.Objects[0].CurrentCertificateThumbprint).ToUpperInvariant()
  $next = ([string]$config.Objects[0].NextCertificateThumbprint).ToUpperInvariant()
  if ($current -notmatch '^[0-9A-F]{40}$') { return New-Gate 'wrong' @('no current certificate') $show }
  $missing = @(Find-Certificate 'current' $current)
  if ($missing.Count -gt 0) { return New-Gate 'wrong' @('current ' + $current + ' is missing on ' + ($missing -join ', ')) $settings.Renew }
  if ($certificates.Count -eq 0) { return New-Gate 'wrong' @('current ' + $current + ' is on no server') $settings.Renew }
  $read = [Security.Cryptography.X509Certificates.X509Certificate2]::new([Convert]::FromBase64String($certificates[0].der))
  $ends = $read.NotAfter.ToUniversalTime()
  $evidence = @('current ' + $current + ', until ' + $ends.ToString('o'))
  if ($ends -le [datetime]::UtcNow -or $read.NotBefore.ToUniversalTime() -gt [datetime]::UtcNow) {
    return New-Gate 'wrong' ($evidence + 'it is not valid now') $settings.Renew
  }
  if ($next -match '^[0-9A-F]{40}$') {
    $before = $certificates.Count
    [void]@(Find-Certificate 'next' $next)
    if ($certificates.Count -eq $before) { return New-Gate 'wrong' ($evidence + ('next ' + $next + ' is on no server')) $settings.Renew }
    $evidence += 'next ' + $next + ', from ' + (Get-NextDay)
  }
  New-Gate 'ok' $evidence ''
}

# The day on which Exchange switches to the next certificate.
function Get-NextDay {
  $value = $null
  if ($config.Objects.Count -gt 0) { $value = $config.Objects[0].NextCertificateEffectiveDate }
  if ($null -eq $value -or [string]$value -eq '') { return 'an unknown day' }
  if ($value -is [datetime]) { return $value.ToUniversalTime().ToString('o') }
  [string]$value
}
`;

/** Every function of the Exchange half. */
export const exchangeCheckFunctions = [
  buildFunctions,
  overrideFunctions,
  authServerFunctions,
  certificateFunctions,
  sharingFunctions,
].join("\n");
