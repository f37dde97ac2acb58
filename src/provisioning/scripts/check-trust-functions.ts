// The PowerShell that judges the auth servers, Microsoft's pre-check and the organization relationships.
import { microsoftDomains } from "../gates/sharing.ts";
import { textList } from "./script-text.ts";

export const authServerFunctions = `$guid = '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$'
$showServers = 'Get-AuthServer | Format-List Name,Type,Realm,Enabled,ApplicationIdentifier,DomainName,GraphBaseUrl'

# The tenant of an auth server: its realm, else the id in the path of its issuer or metadata address.
function Get-Realm($server) {
  if ([string]$server.Realm -ne '') { return [string]$server.Realm }
  foreach ($address in @([string]$server.IssuerIdentifier, [string]$server.AuthMetadataUrl)) {
    foreach ($part in @($address -split '/' | Where-Object { $_ -match $guid })) { return $part }
  }
  ''
}

function Select-AuthServers($type, $tenant) {
  foreach ($server in $authServers.Objects) {
    if ([string]$server.Type -ne $type -or [string]$server.Enabled -ne 'True') { continue }
    if ($tenant -eq '' -or (Get-Realm $server) -eq $tenant) { $server }
  }
}

# The dedicated application; nothing when EvoSTS names none, or several do.
function Get-ApplicationId {
  if ($evoSts.Count -ne 1) { return $null }
  $id = ([string]$evoSts[0].ApplicationIdentifier).Trim().ToLowerInvariant()
  if ($id -match $guid -and $id -ne $settings.SharedApplication) { return $id }
}

function Test-EvoSts($judge) {
  if (-not $authServers.Ok) { return New-Unread $authServers.Reason $showServers }
  if ($evoSts.Count -eq 0) {
    $off = @($authServers.Objects | Where-Object { [string]$_.Type -eq 'AzureAD' -and ($settings.Tenant -eq '' -or (Get-Realm $_) -eq $settings.Tenant) })
    if ($off.Count -gt 0) { return New-Gate 'wrong' @([string]$off[0].Name + ': disabled') 'Set-AuthServer -Identity NAME -Enabled $true' }
    return New-Gate 'missing' @('no EvoSTS auth server of this tenant') 'Run the Hybrid Configuration Wizard for this tenant'
  }
  $realms = @($evoSts | ForEach-Object { (Get-Realm $_).ToLowerInvariant() })
  foreach ($realm in $realms) {
    if (@($realms | Where-Object { $_ -eq $realm }).Count -gt 1) {
      return New-Gate 'wrong' @('two enabled EvoSTS auth servers of one tenant') $showServers
    }
  }
  Get-Worst @($evoSts | ForEach-Object { & $judge $_ })
}

# This version of Exchange may not have the property: that is not the same as an empty one.
function Test-Lacks($server, $property) {
  if ($null -ne $server.PSObject.Properties[$property]) { return $null }
  New-Gate 'cannot tell' @([string]$server.Name + ': ' + $property + ' cannot be read') $showServers
}

function Test-ApplicationId($server) {
  $lacks = Test-Lacks $server 'ApplicationIdentifier'
  if ($null -ne $lacks) { return $lacks }
  $id = ([string]$server.ApplicationIdentifier).Trim()
  $evidence = @([string]$server.Name + ' (realm ' + (Get-Realm $server) + '): ' + $id)
  if ($id -eq '') { return New-Gate 'missing' $evidence $settings.Configure }
  if ($id -eq $settings.SharedApplication) { return New-Gate 'wrong' ($evidence + 'the shared application') $settings.Configure }
  if ($id -notmatch $guid) { return New-Gate 'wrong' ($evidence + 'not an application id') $settings.Configure }
  New-Gate 'ok' $evidence ''
}

function Get-Domains($server) {
  @($server.DomainName | Where-Object { $_ } | ForEach-Object { ([string]$_).Trim().ToLowerInvariant() })
}

function Test-Domains($server) {
  $lacks = Test-Lacks $server 'DomainName'
  if ($null -ne $lacks) { return $lacks }
  $own = @(Get-Domains $server)
  $evidence = @([string]$server.Name + ': ' + ($own -join ', '))
  $acs = @(Select-AuthServers 'MicrosoftACS' (Get-Realm $server) | Where-Object { @(Get-Domains $_).Count -gt 0 })
  if ($acs.Count -ne 1) {
    $evidence += [string]$acs.Count + ' enabled ACS auth servers of this tenant to compare with'
    if ($own.Count -eq 0) { return New-Gate 'missing' $evidence $settings.Configure }
    return New-Gate 'cannot tell' $evidence $showServers
  }
  $wanted = @(Get-Domains $acs[0])
  $lacking = @($wanted | Where-Object { $own -notcontains $_ })
  $evidence += [string]$acs[0].Name + ': ' + ($wanted -join ', ')
  if ($lacking.Count -eq 0) { return New-Gate 'ok' $evidence '' }
  $command = 'Set-AuthServer -Identity NAME -DomainName @{ Add = ''' + ($lacking -join ''', ''') + ''' }'
  $evidence += 'not on EvoSTS: ' + ($lacking -join ', ')
  if ($own.Count -eq 0) { return New-Gate 'missing' $evidence $command }
  New-Gate 'wrong' $evidence $command
}

function Test-GraphUrl($server) {
  $lacks = Test-Lacks $server 'GraphBaseUrl'
  if ($null -ne $lacks) { return $lacks }
  $url = ([string]$server.GraphBaseUrl).Trim()
  $evidence = @([string]$server.Name + ': ' + $url + '; this cloud has ' + $settings.Graph)
  $command = 'Set-AuthServer -Identity NAME -GraphBaseUrl ' + $settings.Graph
  if ($url -eq '') { return New-Gate 'missing' $evidence $command }
  if ($url -eq $settings.Graph -or $url -eq ($settings.Graph + '/')) { return New-Gate 'ok' $evidence '' }
  New-Gate 'wrong' $evidence $command
}
`;

export const sharingFunctions = `function Get-Enabled($one) {
  if ([string]$one.Enabled -eq 'True') { 'enabled' } else { 'disabled' }
}

function Test-Partner {
  $find = 'Get-PartnerApplication | Where-Object { $_.ApplicationIdentifier -eq ''' + $settings.SharedApplication + ''' -and -not $_.Realm }'
  if (-not $partners.Ok) { return New-Unread $partners.Reason $find }
  $all = @($partners.Objects | Where-Object { [string]$_.ApplicationIdentifier -eq $settings.SharedApplication })
  $evidence = @($all | ForEach-Object { [string]$_.Name + ': ' + (Get-Enabled $_) + ', realm ' + [string]$_.Realm })
  $fitting = @($all | Where-Object { [string]$_.Realm -eq '' })
  if (@($fitting | Where-Object { [string]$_.Enabled -eq 'True' }).Count -gt 0) { return New-Gate 'ok' $evidence '' }
  if ($fitting.Count -gt 0) { return New-Gate 'wrong' $evidence ($find + ' | Set-PartnerApplication -Enabled $true') }
  New-Gate 'missing' ($evidence + 'no partner application of Exchange Online without a realm') 'Run the Hybrid Configuration Wizard; Exchange Setup creates it'
}

function Test-Connector {
  if (-not $connectors.Ok) { return New-Unread $connectors.Reason 'Get-IntraOrganizationConnector' }
  $evidence = @($connectors.Objects | ForEach-Object { [string]$_.Name + ': ' + (Get-Enabled $_) })
  if (@($connectors.Objects | Where-Object { [string]$_.Enabled -eq 'True' }).Count -gt 0) { return New-Gate 'ok' $evidence '' }
  if ($connectors.Objects.Count -eq 0) { return New-Gate 'missing' @('there is none') 'Run the Hybrid Configuration Wizard' }
  New-Gate 'wrong' $evidence 'Set-IntraOrganizationConnector -Identity NAME -Enabled $true'
}

$microsoftDomains = ${textList(microsoftDomains)}

# True for an address of Microsoft's cloud.
function Test-Microsoft($address) {
  if ([string]$address -notmatch '^https?://([^/:?#]+)') { return $false }
  $name = $Matches[1]
  foreach ($domain in $microsoftDomains) { if ($name -eq $domain -or $name -like ('*.' + $domain)) { return $true } }
  $false
}

# Other relationships are with other organizations.
function Test-Relationship {
  if (-not $relationships.Ok) { return New-Unread $relationships.Reason 'Get-OrganizationRelationship | Format-List Name,Enabled,TargetAutodiscoverEpr,TargetSharingEpr' }
  $online = @($relationships.Objects | Where-Object { [string]$_.Enabled -eq 'True' -and (Test-Microsoft $_.TargetAutodiscoverEpr) })
  if ($online.Count -eq 0) { return New-Gate 'ok' @('no enabled organization relationship names Exchange Online''s Autodiscover') '' }
  $evidence = @($online | ForEach-Object { [string]$_.Name + ': ' + [string]$_.TargetSharingEpr })
  if (@($online | Where-Object { [string]$_.TargetSharingEpr -ne '' -and -not (Test-Microsoft $_.TargetSharingEpr) }).Count -gt 0) {
    $command = 'Set-OrganizationRelationship -Identity NAME -TargetSharingEpr https://' + $settings.ExchangeOnline + '/EWS/Exchange.asmx'
    return New-Gate 'wrong' ($evidence + 'not a host of Exchange Online') $command
  }
  if (@($online | Where-Object { [string]$_.TargetSharingEpr -eq '' }).Count -gt 0) { return New-Gate 'missing' $evidence $settings.TargetSharing }
  New-Gate 'ok' $evidence ''
}

function Test-EwsGate {
  $id = Get-ApplicationId
  if ($null -eq $id) { $id = 'the dedicated application' }
  $evidence = @(('EwsEnabled must be True and EwsAllowedAppIDs must hold ' + $id), 'as far as public sources say, EWS in Exchange Online ends on 1 April 2027')
  New-Gate 'cannot tell' $evidence 'in Exchange Online PowerShell: Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy | Format-List EwsEnabled,EwsAllowedAppIDs'
}
`;
