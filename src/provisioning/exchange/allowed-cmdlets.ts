// The cmdlets that this program may call, with the allowed parameters and the properties that are read back. The bootstrap
// holds the same table and refuses everything else; every emitted script is checked against it.

interface AllowedCmdlet {
  readonly parameters: readonly string[];
  /** The properties read from each object: objects of Exchange hold hundreds of them, and cycles. */
  readonly properties: readonly string[];
}

const recipient =
  "Guid Identity Name Alias RecipientType RecipientTypeDetails ExternalEmailAddress EmailAddresses PrimarySmtpAddress " +
  "HiddenFromAddressListsEnabled DistinguishedName SamAccountName UserPrincipalName WhenCreatedUTC";
const assignment =
  "Guid Identity Name Role RoleAssignee RoleAssigneeName RoleAssigneeType User AssignmentMethod Enabled " +
  "RoleAssignmentDelegationType RecipientReadScope ConfigReadScope RecipientWriteScope ConfigWriteScope " +
  "CustomRecipientWriteScope CustomConfigWriteScope WhenCreatedUTC";
const partner =
  "Guid Identity Name ApplicationIdentifier Enabled LinkedAccount UseAuthServer Realm IssuerIdentifier " +
  "AcceptSecurityIdentifierInformation AuthMetadataUrl WhenCreatedUTC";
const role = "Guid Identity Name Parent RoleType IsRootRole WhenCreatedUTC";
const directory = "Guid Identity Name Server InternalUrl ExternalUrl OAuthAuthentication";

const table: Readonly<Record<string, readonly [parameters: string, properties: string]>> = {
  "Get-Recipient": ["Identity DomainController", recipient],
  "Get-User": ["Identity DomainController", recipient],
  "Get-MailUser": ["Identity DomainController", recipient],
  "New-MailUser": ["Name ExternalEmailAddress ApplicationAccount DomainController", recipient],
  "Set-MailUser": ["Identity ExternalEmailAddress HiddenFromAddressListsEnabled DomainController Confirm", ""],
  "Remove-MailUser": ["Identity DomainController Confirm", ""],
  "Disable-MailUser": ["Identity DomainController Confirm", ""],
  "Get-ManagementRoleAssignment": ["Identity RoleAssignee Role Delegating DomainController", assignment],
  "New-ManagementRoleAssignment": ["Name Role User DomainController", assignment],
  "Set-ManagementRoleAssignment": ["Identity Enabled DomainController Confirm", ""],
  "Remove-ManagementRoleAssignment": ["Identity DomainController Confirm", ""],
  "Get-ManagementRole": ["Identity DomainController", role],
  "New-ManagementRole": ["Name Parent DomainController", role],
  "Remove-ManagementRole": ["Identity DomainController Confirm", ""],
  "Get-ManagementRoleEntry": ["Identity DomainController", "Identity Name Role Type Parameters"],
  "Add-ManagementRoleEntry": ["Identity DomainController Confirm", ""],
  "Remove-ManagementRoleEntry": ["Identity DomainController Confirm", ""],
  "Get-PartnerApplication": ["Identity DomainController", partner],
  "New-PartnerApplication": ["Name ApplicationIdentifier Enabled LinkedAccount DomainController", partner],
  "Set-PartnerApplication": ["Identity Enabled LinkedAccount DomainController Confirm", ""],
  "Remove-PartnerApplication": ["Identity DomainController Confirm", ""],
  "Get-AuthConfig": [
    "DomainController",
    "CurrentCertificateThumbprint PreviousCertificateThumbprint NextCertificateThumbprint " +
      "NextCertificateEffectiveDate ServiceName Realm",
  ],
  "Get-AuthServer": [
    "Identity DomainController",
    "Guid Identity Name Type Realm Enabled DomainName IssuerIdentifier ApplicationIdentifier TokenIssuingEndpoint " +
      "AuthMetadataUrl IsDefaultAuthorizationEndpoint GraphBaseUrl",
  ],
  "Get-ExchangeCertificate": [
    "Server Thumbprint DomainController",
    "Thumbprint Subject NotBefore NotAfter RawData HasPrivateKey PublicKeySize Status",
  ],
  "Get-IntraOrganizationConnector": [
    "Identity DomainController",
    "Guid Identity Name Enabled TargetAddressDomains DiscoveryEndpoint TargetSharingEpr",
  ],
  // Without -Identity: for a name that does not exist both return every object.
  "Get-SettingOverride": [
    "DomainController",
    "Guid Identity Name ComponentName SectionName Parameters Server MinVersion MaxVersion",
  ],
  "Get-OrganizationRelationship": [
    "DomainController",
    "Guid Identity Name Enabled DomainNames TargetAutodiscoverEpr TargetSharingEpr",
  ],
  "Test-OAuthConnectivity": [
    "Service TargetUri Mailbox ReloadConfig UseCachedToken AppOnly",
    "Identity Task ResultType Detail IsValid",
  ],
  "Get-ExchangeServer": ["Identity DomainController", "Guid Identity Name Fqdn ServerRole AdminDisplayVersion Edition"],
  "Get-AcceptedDomain": ["Identity DomainController", "Guid Identity Name DomainName DomainType Default"],
  "Get-DomainController": ["DomainName", "DnsHostName ADSite"],
  "Get-WebServicesVirtualDirectory": ["Identity Server ADPropertiesOnly DomainController", directory],
  "Get-MapiVirtualDirectory": ["Identity Server ADPropertiesOnly DomainController", directory],
  "Get-OabVirtualDirectory": ["Identity Server ADPropertiesOnly DomainController", directory],
  "Get-ClientAccessService": ["Identity DomainController", "Guid Identity Name Fqdn AutoDiscoverServiceInternalUri"],
};

export const allowedCmdlets: ReadonlyMap<string, AllowedCmdlet> = new Map(
  Object.entries(table).map(([name, [parameters, properties]]) => [
    name,
    { parameters: words(parameters), properties: words(properties) },
  ]),
);

/**
 * Parameters of our calls that the reference of the cmdlet does not list in any parameter set: whoever lacks one lacks no right, so
 * it is left out with a note when the shell does not have it. Microsoft's page of 2025 creates its account with -ApplicationAccount.
 */
export const optionalParameters: readonly string[] = ["New-MailUser -ApplicationAccount"];

/** True for a cmdlet that changes nothing: a lost call of it had no effect. */
export function isReading(cmdlet: string): boolean {
  return /^(?:Get|Test)-/.test(cmdlet);
}

function words(text: string): readonly string[] {
  return text === "" ? [] : text.split(" ");
}
