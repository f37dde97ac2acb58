// The parameter sets of the cmdlets that the profile `hybrid-app` calls or names in a command, as the public reference documents them:
// MicrosoftDocs/office-docs-powershell, exchange/exchange-ps/ExchangePowerShell/CMDLET.md, section "Syntax", read on 2026-11-30.

const common = "Confirm DomainController WhatIf";
const authServer = `Identity DomainName Enabled Name ${common}`;
const partner = `Identity AcceptSecurityIdentifierInformation AccountType ActAsPermissions AppOnlyPermissions Enabled IssuerIdentifier LinkedAccount Name ${common}`;

const sets: Readonly<Record<string, readonly string[]>> = {
  "Get-AuthConfig": ["DomainController"],
  "Get-AuthServer": ["Identity DomainController"],
  "Get-ExchangeServer": ["Domain DomainController Status", "Identity DomainController Status"],
  "Get-ExchangeCertificate": [
    "Identity DomainController DomainName",
    "Instance DomainController DomainName Server",
    "Thumbprint DomainController DomainName Server",
  ],
  "Get-IntraOrganizationConnector": ["Identity DomainController"],
  "Get-OrganizationRelationship": ["Identity DomainController"],
  "Get-PartnerApplication": ["Identity DomainController Organization"],
  "Get-SettingOverride": ["Identity DomainController"],
  "Get-ExchangeDiagnosticInfo": ["Argument Component Process Server Unlimited"],
  "New-SettingOverride": [`Name Component Parameters Reason Section Force MaxVersion MinVersion Server ${common}`],
  "Set-SettingOverride": [`Identity Force MaxVersion MinVersion Parameters Reason Server ${common}`],
  "Set-AuthServer": [
    `ApplicationIdentifier ${authServer}`,
    `AuthMetadataUrl GraphBaseUrl TrustAnySSLCertificate ${authServer}`,
    `AuthMetadataUrl IsDefaultAuthorizationEndpoint TrustAnySSLCertificate ${authServer}`,
    `RefreshAuthMetadata ${authServer}`,
  ],
  "Set-PartnerApplication": [
    `ApplicationIdentifier Realm ${partner}`,
    `AuthMetadataUrl TrustAnySSLCertificate ${partner}`,
    `RefreshAuthMetadata ${partner}`,
  ],
  // -TargetSharingEpr exists in Exchange Online alone.
  "Set-IntraOrganizationConnector": [`Identity DiscoveryEndpoint Enabled TargetAddressDomains ${common}`],
  "Set-OrganizationRelationship": [
    `Identity DomainNames Enabled TargetApplicationUri TargetAutodiscoverEpr TargetOwaURL TargetSharingEpr ${common}`,
  ],
};

/** The documented parameter sets by cmdlet. */
export const documentedSets: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(
  Object.entries(sets).map(([name, lists]) => [name, lists.map((list) => list.split(" "))]),
);

/** True when one documented set of the cmdlet has all these parameters. */
export function isDocumented(cmdlet: string, parameters: readonly string[]): boolean {
  return documentedSets.get(cmdlet)?.some((set) => parameters.every((name) => set.includes(name))) === true;
}
