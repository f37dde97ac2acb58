// The functions of a script that read a certificate and compare the keys of Graph PowerShell with it.

/** Reads a certificate, and compares keys with it. */
export const keyFunctions = `function Get-CertificateFacts($der) {
  $certificate = [Security.Cryptography.X509Certificates.X509Certificate2]::new([byte[]]$der)
  if ($certificate.HasPrivateKey) { throw 'A private key must not leave the server.' }
  @{
    Der = $der
    Encoded = [Convert]::ToBase64String($der)
    Thumbprint = $certificate.Thumbprint
    NotBefore = $certificate.NotBefore.ToUniversalTime()
    NotAfter = $certificate.NotAfter.ToUniversalTime()
  }
}

# The certificate in a key's bytes, as base64; nothing when they hold none. They hold DER, or its base64 or PEM text: the script of
# Microsoft's page sends text.
function Get-HeldCertificate($key) {
  if ($null -eq $key.Key -or $key.Key.Length -eq 0) { return }
  $bytes = [byte[]]$key.Key
  try {
    if ($bytes[0] -ne 48) {
      $text = [Text.Encoding]::ASCII.GetString($bytes).Replace([string][char]0, '')
      $bytes = [Convert]::FromBase64String(($text -replace '-----(BEGIN|END) CERTIFICATE-----', '').Trim())
    }
    [Convert]::ToBase64String([Security.Cryptography.X509Certificates.X509Certificate2]::new($bytes).RawData)
  } catch { return }
}

# Compares the certificate in the bytes, else the thumbprint. Equal dates prove nothing. The service writes a thumbprint as hex
# text, which the module reads as base64; others store its 20 bytes, or the ASCII of the hex text.
function Test-SameKey($key, $certificate) {
  $held = Get-HeldCertificate $key
  if ($null -ne $held) { return $held -eq $certificate.Encoded }
  if ($null -eq $key.CustomKeyIdentifier) { return $false }
  $identifier = [byte[]]$key.CustomKeyIdentifier
  $spellings = @(
    [BitConverter]::ToString($identifier).Replace('-', '')
    [Convert]::ToBase64String($identifier)
    [Text.Encoding]::ASCII.GetString($identifier)
  )
  $spellings -contains $certificate.Thumbprint
}

# Entra checks a key's own usage and dates, independently of the certificate.
function Test-UsableKey($key, $certificate) {
  if (-not (Test-SameKey $key $certificate) -or [string]$key.Usage -ne 'Verify') { return $false }
  $at = [datetime]::UtcNow
  if ($certificate.NotBefore -gt $at) { $at = $certificate.NotBefore }
  if ($null -ne $key.EndDateTime -and ([datetime]$key.EndDateTime).ToUniversalTime() -le $at) { return $false }
  $null -eq $key.StartDateTime -or ([datetime]$key.StartDateTime).ToUniversalTime() -le $at.AddMinutes(5)
}
`;

/** Adds the missing keys to each service principal. They need `keepingFunctions`, and the write and read of the cloud script. */
export const addFunctions = `function Get-MissingCertificates($principal) {
  foreach ($certificate in $certificates) {
    $same = @($principal.KeyCredentials | Where-Object { Test-UsableKey $_ $certificate })
    if ($same.Count -eq 0) { $certificate }
  }
}

function Invoke-Principal($id, $title, $appId) {
  $record = @{ stepId = $id; outcome = 'unknown'; facts = $null; before = $null; names = @(); error = $null; made = Get-Made $id }
  [void]$results.Add($record)
  try {
    $record.outcome = Get-PrincipalOutcome $record $appId
  } catch {
    $record.error = Get-Failure $_
    $state.Failed = $true
  }
  $texts[$id] = ConvertTo-WireText $record
  if (-not $CheckOnly -and $record.outcome -ne 'present') { Save-Running }
  Write-Step $record $title
}

# The keys that a write of ours may have added: not there before it, and with our name.
function Set-AddedKeys($record, $principal) {
  $before = @($record.made.before.keyIds)
  $added = @($principal.KeyCredentials | Where-Object {
    $before -notcontains [string]$_.KeyId -and ([string]$_.DisplayName).StartsWith('Exchange auth certificate ') } |
    ForEach-Object { [string]$_.KeyId })
  $record.names = $added
  $record.made.names = @(@($record.made.names) + $added | Where-Object { $_ })
  $record.made.isPending = $false
}

function Get-PrincipalOutcome($record, $appId) {
  $principal = Get-Principal $appId
  if ($null -eq $principal) { $state.Missing = $true; return 'absent' }
  $before = @(Get-KeyIds $principal)
  $record.before = @{ id = [string]$principal.Id; keyIds = $before }
  if ($null -ne $record.made -and $record.made.isPending) { Set-AddedKeys $record $principal }
  $missing = @(Get-MissingCertificates $principal)
  if ($missing.Count -eq 0) {
    $record.facts = $record.before
    if ($record.names.Count -gt 0) { return 'made' }
    return 'present'
  }
  if ($CheckOnly) { $state.Missing = $true; return 'missing' }
  $keys = @($principal.KeyCredentials | ForEach-Object { ConvertTo-KeptKey $_ })
  foreach ($one in $missing) {
    $keys += @{
      Type = 'AsymmetricX509Cert'
      Usage = 'Verify'
      Key = [byte[]]$one.Der
      DisplayName = 'Exchange auth certificate ' + $one.Thumbprint
      StartDateTime = $one.NotBefore
      EndDateTime = $one.NotAfter
    }
  }
  $record.outcome = 'failed'
  $names = @()
  if ($null -ne $record.made) { $names = @($record.made.names) }
  $record.made = @{ facts = $null; before = $record.before; names = $names; isPending = $true; at = [datetime]::UtcNow }
  Save-Running
  # A write that failed may have had its effect, so the keys are read again after a failure as well.
  $failure = $null
  try { Write-Keys $principal.Id $keys } catch { $failure = $_ }
  $after = Get-Principal $appId
  $now = @(Get-KeyIds $after)
  $record.facts = @{ id = [string]$after.Id; keyIds = $now }
  Set-AddedKeys $record $after
  $lost = @($before | Where-Object { $now -notcontains $_ })
  if ($lost.Count -gt 0) { throw ('Existing keys were lost: ' + ($lost -join ', ')) }
  $left = @(Get-MissingCertificates $after)
  if ($null -ne $failure) {
    if ($left.Count -gt 0) { throw $failure }
    $record.error = Get-Failure $failure
  }
  if ($left.Count -gt 0) { $state.Missing = $true; return 'unverified' }
  'made'
}
`;
