// Makes the lab's organisation, and gives the command line of the shell that serves it.
import { randomUUID, X509Certificate } from "node:crypto";
import { fileURLToPath } from "node:url";
import {
  type AuthConfig,
  changeDirectory,
  type DirectoryObject,
  type DirectoryState,
  type LabCertificate,
  type ObjectKind,
  type Properties,
  type ShellManner,
  writeDirectory,
} from "./directory-state.ts";

export const labDomain = "contoso.example";
/** Writes go to the first; calls that name no controller go to the last. `foreignController` belongs to another domain of the forest. */
export const labControllers = ["dc1.contoso.example", "dc2.contoso.example"] as const;
export const foreignController = "dc9.child.contoso.example";
export const labServers = ["ex1.contoso.example", "ex2.contoso.example"] as const;

const quietManner: ShellManner = {
  language: "en-US",
  isChatty: false,
  isRemote: false,
  hidden: [],
  languageMode: "FullLanguage",
  edition: "Desktop",
  hasOnlineModule: false,
  hasExchange: true,
  warningBytes: 0,
};

export interface DirectoryOptions {
  readonly certificates: readonly LabCertificate[];
  readonly authConfig: Partial<AuthConfig> & Pick<AuthConfig, "current">;
  /** The tenant of step 1's auth servers; without it step 1 is not done. */
  readonly tenant?: string;
  /** Names of the Exchange servers; default: two. */
  readonly servers?: readonly string[];
  /** File version of ExSetup.exe by server; default: a build that can use Microsoft Graph. */
  readonly builds?: DirectoryState["builds"];
  /** Microsoft's script has set up the dedicated hybrid application. */
  readonly hybridApp?: HybridApp;
  readonly manner?: Partial<ShellManner>;
  readonly lag?: number;
  readonly faults?: DirectoryState["faults"];
}

/** What Microsoft's script wrote for the dedicated hybrid application. */
export interface HybridApp {
  readonly appId: string;
  readonly graphUrl: string;
}

/** The file version of ExSetup.exe of the first build with Microsoft Graph, as Windows writes it. */
const labBuild = "15.02.2562.041";

/** Writes a new organisation, as Exchange Setup and (with a tenant) the hybrid wizard leave it. */
export function makeLabDirectory(path: string, options: DirectoryOptions): void {
  const seeded = seed(options.tenant, options.hybridApp);
  const objects = Object.fromEntries(seeded.map((object) => [object.guid, object]));
  const servers = options.servers ?? labServers;
  const names = [...[...labControllers].slice(0, 1), foreignController, ...[...labControllers].slice(1)];
  writeDirectory(path, {
    domain: labDomain,
    acceptedDomains: [labDomain],
    servers,
    builds: options.builds ?? Object.fromEntries(servers.map((server) => [server, labBuild])),
    domainControllers: names.map((name) => ({ name, domain: name.slice(name.indexOf(".") + 1), isDown: false })),
    lag: options.lag ?? 2,
    replicas: Object.fromEntries(names.map((name) => [name, objects])),
    pending: [],
    groups: {},
    authConfig: { previous: "", next: "", nextEffective: "", ...options.authConfig },
    certificates: options.certificates,
    faults: options.faults ?? [],
    manner: { ...quietManner, ...options.manner },
    calls: [],
  });
}

/** Changes the organisation as another administrator would: at once on every controller. */
export function changeLab(path: string, change: (state: DirectoryState) => DirectoryState): void {
  changeDirectory(path, (state) => [change(state), undefined]);
}

/** The state with an object added or replaced on every controller. */
export function withLabObject(state: DirectoryState, object: DirectoryObject): DirectoryState {
  const replicas = Object.entries(state.replicas).map(([name, held]) => [name, { ...held, [object.guid]: object }]);
  return { ...state, replicas: Object.fromEntries(replicas) };
}

export function labObject(kind: ObjectKind, properties: Properties, domain?: string): DirectoryObject {
  return { guid: randomUUID(), kind, properties, ...(domain === undefined ? {} : { domain }) };
}

/** A certificate in the stores of these servers. */
export function labCertificate(der: Buffer, servers: readonly string[] = labServers): LabCertificate {
  const certificate = new X509Certificate(der);
  return {
    thumbprint: certificate.fingerprint.replaceAll(":", ""),
    rawData: der.toString("base64"),
    notBefore: new Date(certificate.validFrom).toISOString(),
    notAfter: new Date(certificate.validTo).toISOString(),
    subject: certificate.subject,
    servers,
  };
}

/** The command that starts the shell of this organisation; PowerShell's flags follow these arguments. */
export function labShell(path: string): { readonly program: string; readonly programArguments: readonly string[] } {
  // The path is the same from src and dist, but Node runs only the compiled file.
  const main = fileURLToPath(new URL("shell-main.js", import.meta.url)).replace(/([/\\])src([/\\]lab)/, "$1dist$2");
  return { program: process.execPath, programArguments: [main, path] };
}

function seed(tenant: string | undefined, hybridApp: HybridApp | undefined): readonly DirectoryObject[] {
  const role = (name: string): DirectoryObject =>
    labObject("role", { Name: name, Parent: null, RoleType: name, IsRootRole: true });
  const entries = ["GetDelegate", "AddDelegate", "RemoveDelegate", "GetFolder", "FindItem", "GetUserConfiguration"];
  const entry = (name: string, of: string): DirectoryObject =>
    labObject("role-entry", { Name: name, Role: of, Type: "WebService", Parameters: [] });
  return [
    role("UserApplication"),
    role("ArchiveApplication"),
    ...entries.map((name) => entry(name, "UserApplication")),
    ...["CreateItem", "GetArchive"].map((name) => entry(name, "ArchiveApplication")),
    partner("Exchange Online", "00000002-0000-0ff1-ce00-000000000000", tenant !== undefined),
    ...(tenant === undefined ? [] : hybrid(tenant, hybridApp)),
    ...(hybridApp === undefined ? [] : overrides),
  ];
}

function partner(name: string, appId: string, enabled: boolean): DirectoryObject {
  return labObject("partner-application", {
    Name: name,
    ApplicationIdentifier: appId,
    Enabled: enabled,
    LinkedAccount: null,
    UseAuthServer: true,
    Realm: "",
    IssuerIdentifier: "",
    AcceptSecurityIdentifierInformation: false,
  });
}

/** As Microsoft's script creates them. */
const overrides = (
  [
    ["EnableExchangeHybrid3PAppFeature", "Global", "ExchangeOnpremAsThirdPartyAppId"],
    ["EnableRouteThroughMSGraphFeature", "SettingOverride", "RouteThroughMSGraph"],
  ] as const
).map(([Name, ComponentName, SectionName]) =>
  labObject("setting-override", {
    Name,
    ComponentName,
    SectionName,
    Parameters: ["Enabled=true"],
    Server: null,
    MinVersion: null,
    MaxVersion: null,
  }),
);

const hybridDomain = `${labDomain.split(".")[0]}.mail.onmicrosoft.com`;

function hybrid(tenant: string, hybridApp: HybridApp | undefined): readonly DirectoryObject[] {
  const server = (name: string, type: string, more: Properties): DirectoryObject =>
    labObject("auth-server", {
      Name: name,
      Type: type,
      Realm: tenant,
      Enabled: true,
      DomainName: [labDomain],
      ...more,
    });
  return [
    server(`ACS - ${tenant}`, "MicrosoftACS", {}),
    server(`EvoSts - ${tenant}`, "AzureAD", {
      ApplicationIdentifier: hybridApp?.appId ?? null,
      GraphBaseUrl: hybridApp?.graphUrl ?? null,
    }),
    labObject("organization-relationship", {
      Name: `O365 to On-premises - ${tenant}`,
      Enabled: true,
      DomainNames: [hybridDomain],
      TargetAutodiscoverEpr: "https://autodiscover-s.outlook.com/autodiscover/autodiscover.svc/WSSecurity",
      TargetSharingEpr: hybridApp === undefined ? null : "https://outlook.office365.com/EWS/Exchange.asmx",
    }),
    labObject("connector", {
      Name: "ExchangeHybridOnPremisesToOnline",
      Enabled: true,
      TargetAddressDomains: [hybridDomain],
      DiscoveryEndpoint: "https://outlook.office365.com/autodiscover/autodiscover.svc",
      TargetSharingEpr: null,
    }),
  ];
}
