// The gates by their stable ids, in the order of the table; the program and the emitted scripts use the same titles.

export const gateTitles = {
  builds: "builds that can use the dedicated application",
  "builds-graph": "builds that can use Microsoft Graph",
  "identity-override": "setting override Global/ExchangeOnpremAsThirdPartyAppId",
  "graph-override": "setting override SettingOverride/RouteThroughMSGraph",
  "application-id": "EvoSTS: ApplicationIdentifier",
  "domain-names": "EvoSTS: DomainName",
  "graph-base-url": "EvoSTS: GraphBaseUrl",
  "auth-certificate": "auth certificate of Exchange, current and next",
  "application-keys": "keys of the application object",
  "consent-ews": "consent: full_access_as_app of Exchange Online",
  "consent-graph": "consents of Microsoft Graph",
  "shared-principal-keys": "keys of Exchange Online's shared application",
  "partner-application": "partner application of Exchange Online, enabled, without realm",
  connector: "IntraOrganizationConnector, enabled",
  "target-sharing-epr": "TargetSharingEpr of the organization relationship",
  "ews-gate": "EWS gate of Exchange Online",
} as const;

export type GateId = keyof typeof gateTitles;
