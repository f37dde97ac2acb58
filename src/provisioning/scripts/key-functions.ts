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
