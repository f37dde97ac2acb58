// The gates of the dedicated hybrid application, each ok, missing, wrong and unreadable: the program and the emitted scripts must
// judge them alike.
import { expect } from "vitest";
import { changeLab, labServers } from "../../src/lab/exchange-shell/lab-directory.ts";
import { tenant } from "../../src/lab/names.ts";
import type { GateState } from "../../src/provisioning/gates/gate.ts";
import type { GateId } from "../../src/provisioning/gates/titles.ts";
import { authCertificate } from "./auth-certificate.ts";
import { changeObjects, changePrincipal, graphAppId, graphRoles, hybridAppId } from "./hybrid-lab.ts";
import { appIds, type ProvisioningLab, storedKey } from "./provisioning-lab.ts";

type Change = (lab: ProvisioningLab) => void;

export const identity = { SectionName: "ExchangeOnpremAsThirdPartyAppId" };
export const routing = { SectionName: "RouteThroughMSGraph" };
export const evoSts = { Type: "AzureAD" };

/** Each gate in each state: what is changed in a lab where everything is in order, and a part of evidence or command. */
export const gateCases: readonly (readonly [
  name: string,
  gate: GateId,
  state: GateState,
  says: RegExp,
  change: Change,
])[] = [
  [
    "a build before the dedicated application",
    "builds",
    "wrong",
    /15\.2\.1748\.10 .*by ExSetup\.exe/,
    (lab) => changeLab(lab.directory, (state) => ({ ...state, builds: { [labServers[0]]: "15.02.1748.010" } })),
  ],
  [
    "a build without Graph",
    "builds-graph",
    "wrong",
    /SE 15\.2\.2562\.41/,
    (lab) => changeLab(lab.directory, (state) => ({ ...state, builds: { [labServers[0]]: "15.02.2562.037" } })),
  ],
  [
    "a shell on a machine without Exchange",
    "builds",
    "cannot tell",
    /Invoke-Command -ComputerName EX1/i,
    (lab) => changeLab(lab.directory, (state) => ({ ...state, builds: {} })),
  ],
  [
    "no identity override",
    "identity-override",
    "missing",
    /New-SettingOverride .*-Component Global -Section ExchangeOnpremAsThirdPartyAppId/,
    (lab) => changeObjects(lab, "setting-override", identity, null),
  ],
  [
    "an identity override that switches it off",
    "identity-override",
    "wrong",
    /Set-SettingOverride -Identity 'EnableExchangeHybrid3PAppFeature'/,
    (lab) => changeObjects(lab, "setting-override", identity, { Parameters: ["Enabled=false"] }),
  ],
  [
    "an identity override of another server",
    "identity-override",
    "wrong",
    /not on ex1/i,
    (lab) => changeObjects(lab, "setting-override", identity, { Server: ["ex7"] }),
  ],
  [
    "an identity override of its servers by a wildcard",
    "identity-override",
    "ok",
    /on EX\*/,
    (lab) => changeObjects(lab, "setting-override", identity, { Server: ["EX*"] }),
  ],
  [
    "an identity override for later versions only",
    "identity-override",
    "wrong",
    /MinVersion 15\.2\.3000\.0/,
    (lab) => changeObjects(lab, "setting-override", identity, { MinVersion: "15.2.3000.0" }),
  ],
  [
    "no routing override",
    "graph-override",
    "missing",
    /-Component SettingOverride -Section RouteThroughMSGraph/,
    (lab) => changeObjects(lab, "setting-override", routing, null),
  ],
  [
    "no routing override, and no build that could use it",
    "graph-override",
    "missing",
    /no server has a build that can use Microsoft Graph\nUpdate to Exchange Server SE first/,
    (lab) => {
      changeObjects(lab, "setting-override", routing, null);
      changeLab(lab.directory, (state) => ({ ...state, builds: { [labServers[0]]: "15.02.1748.024" } }));
    },
  ],
  [
    "the routing override without the identity override",
    "graph-override",
    "wrong",
    /it needs Global\/ExchangeOnpremAsThirdPartyAppId/,
    (lab) => changeObjects(lab, "setting-override", identity, null),
  ],
  [
    "EvoSTS without an application",
    "application-id",
    "missing",
    /-ConfigureAuthServer/,
    (lab) => changeObjects(lab, "auth-server", evoSts, { ApplicationIdentifier: null }),
  ],
  [
    "EvoSTS with the shared application",
    "application-id",
    "wrong",
    /the shared application/,
    (lab) => changeObjects(lab, "auth-server", evoSts, { ApplicationIdentifier: appIds.exchange.toUpperCase() }),
  ],
  [
    "EvoSTS that is disabled",
    "application-id",
    "wrong",
    /Set-AuthServer -Identity 'EvoSts - .*' -Enabled \$true/,
    (lab) => changeObjects(lab, "auth-server", evoSts, { Enabled: false }),
  ],
  [
    "no EvoSTS",
    "application-id",
    "missing",
    /Hybrid Configuration Wizard/,
    (lab) => changeObjects(lab, "auth-server", evoSts, null),
  ],
  [
    "EvoSTS without domains",
    "domain-names",
    "missing",
    /-DomainName @\{ Add = 'contoso\.example' \}/,
    (lab) => changeObjects(lab, "auth-server", evoSts, { DomainName: [] }),
  ],
  [
    "EvoSTS without one of the domains of ACS",
    "domain-names",
    "wrong",
    /not on EvoSTS: fabrikam\.example/,
    (lab) =>
      changeObjects(
        lab,
        "auth-server",
        { Type: "MicrosoftACS" },
        { DomainName: ["Contoso.example", "fabrikam.example"] },
      ),
  ],
  [
    "no ACS to compare with",
    "domain-names",
    "cannot tell",
    /no enabled ACS auth server/,
    (lab) => changeObjects(lab, "auth-server", { Type: "MicrosoftACS" }, null),
  ],
  [
    "EvoSTS without Graph's address",
    "graph-base-url",
    "missing",
    /-GraphBaseUrl http:/,
    (lab) => changeObjects(lab, "auth-server", evoSts, { GraphBaseUrl: null }),
  ],
  [
    "EvoSTS with the Graph of another cloud",
    "graph-base-url",
    "wrong",
    /graph\.microsoft\.us/,
    (lab) => changeObjects(lab, "auth-server", evoSts, { GraphBaseUrl: "https://graph.microsoft.us" }),
  ],
  [
    "the application with the certificate before the rollover",
    "application-keys",
    "missing",
    /-UpdateCertificate/,
    (lab) => putKeys(lab, [storedKey(authCertificate())]),
  ],
  [
    "the application with an expired key of the right certificate",
    "application-keys",
    "wrong",
    /its key expired on 2020/,
    (lab) => putKeys(lab, [storedKey(lab.certificate, { endDateTime: "2020-01-01T00:00:00Z" })]),
  ],
  [
    "another application than the tenant has",
    "application-keys",
    "missing",
    /the tenant has no application/,
    (lab) =>
      changeObjects(lab, "auth-server", evoSts, { ApplicationIdentifier: "cccccccc-1111-4222-8333-0123456789ab" }),
  ],
  [
    "the application without consent for EWS",
    "consent-ews",
    "missing",
    /-CreateApplication/,
    (lab) => withoutConsent(lab, "dc890d15-9560-4a4c-9b7f-a736ec74ec40"),
  ],
  [
    "the application without consent for photos",
    "consent-graph",
    "missing",
    /ProfilePhoto\.Read\.All: no consent; photos are lost/,
    (lab) => withoutConsent(lab, graphRoles[3].id),
  ],
  [
    "a consent for the same role id at another resource",
    "consent-ews",
    "missing",
    /no consent/,
    (lab) => {
      const held = lab.cloud.store.now(hybridAppId)?.appRoleAssignments ?? [];
      const moved = held.map((one, place) => (place === 0 ? { ...one, resourceId: "elsewhere" } : one));
      changePrincipal(lab, hybridAppId, { appRoleAssignments: moved });
    },
  ],
  [
    "a cloud whose Graph does not offer MailTips",
    "consent-graph",
    "cannot tell",
    /MailTips\.ReadBasic\.All: not offered/,
    (lab) => changePrincipal(lab, graphAppId, { appRoles: graphRoles.filter((_, place) => place !== 2) }),
  ],
  [
    "a key on the shared application",
    "shared-principal-keys",
    "wrong",
    /-ResetFirstPartyServicePrincipalKeyCredentials/,
    (lab) => changePrincipal(lab, appIds.exchange, { keyCredentials: [storedKey(lab.certificate)] }),
  ],
  [
    "no partner application of Exchange Online",
    "partner-application",
    "missing",
    /without a realm/,
    (lab) => changeObjects(lab, "partner-application", {}, null),
  ],
  [
    "a partner application with a realm",
    "partner-application",
    "missing",
    /enabled, realm /,
    (lab) => changeObjects(lab, "partner-application", {}, { Realm: tenant }),
  ],
  [
    "a disabled partner application",
    "partner-application",
    "wrong",
    /Set-PartnerApplication -Enabled \$true/,
    (lab) => changeObjects(lab, "partner-application", {}, { Enabled: false }),
  ],
  [
    "no connector",
    "connector",
    "missing",
    /Hybrid Configuration Wizard/,
    (lab) => changeObjects(lab, "connector", {}, null),
  ],
  [
    "a disabled connector",
    "connector",
    "wrong",
    /Set-IntraOrganizationConnector -Identity 'ExchangeHybridOnPremisesToOnline' -Enabled \$true/,
    (lab) => changeObjects(lab, "connector", {}, { Enabled: false }),
  ],
  [
    "no TargetSharingEpr",
    "target-sharing-epr",
    "missing",
    /-ConfigureTargetSharingEpr/,
    (lab) => changeObjects(lab, "organization-relationship", {}, { TargetSharingEpr: null }),
  ],
  [
    "a TargetSharingEpr at another host",
    "target-sharing-epr",
    "wrong",
    /not a host of Exchange Online/,
    (lab) =>
      changeObjects(lab, "organization-relationship", {}, { TargetSharingEpr: "https://mail.fabrikam.example/EWS" }),
  ],
  [
    "a relationship with another organization, without TargetSharingEpr",
    "target-sharing-epr",
    "ok",
    /no enabled organization relationship/,
    (lab) =>
      changeObjects(
        lab,
        "organization-relationship",
        {},
        { TargetSharingEpr: null, TargetAutodiscoverEpr: "https://autodiscover.fabrikam.example/x" },
      ),
  ],
];

export function putKeys(lab: ProvisioningLab, keyCredentials: readonly ReturnType<typeof storedKey>[]): void {
  const held = lab.cloud.store.application(hybridAppId);
  if (held === undefined) throw new Error("the lab has the application");
  lab.cloud.store.putApplication({ ...held, keyCredentials });
}

function withoutConsent(lab: ProvisioningLab, role: string): void {
  const held = lab.cloud.store.now(hybridAppId)?.appRoleAssignments ?? [];
  const left = held.filter(({ appRoleId }) => appRoleId !== role);
  expect(left).toHaveLength(held.length - 1);
  changePrincipal(lab, hybridAppId, { appRoleAssignments: left });
}
