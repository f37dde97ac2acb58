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
  readonly manner?: Partial<ShellManner>;
  readonly lag?: number;
  readonly faults?: DirectoryState["faults"];
}

/** Writes a new organisation, as Exchange Setup and (with a tenant) the hybrid wizard leave it. */
export function makeLabDirectory(path: string, options: DirectoryOptions): void {
  const objects = Object.fromEntries(seed(options.tenant).map((object) => [object.guid, object]));
  const names = [...[...labControllers].slice(0, 1), foreignController, ...[...labControllers].slice(1)];
  writeDirectory(path, {
    domain: labDomain,
    acceptedDomains: [labDomain],
    servers: labServers,
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

function seed(tenant: string | undefined): readonly DirectoryObject[] {
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
    ...(tenant === undefined ? [] : hybrid(tenant)),
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

function hybrid(tenant: string): readonly DirectoryObject[] {
  const server = (name: string, type: string): DirectoryObject =>
    labObject("auth-server", { Name: name, Type: type, Realm: tenant, Enabled: true, DomainName: [labDomain] });
  return [
    server(`ACS - ${tenant}`, "MicrosoftACS"),
    server(`EvoSts - ${tenant}`, "AzureAD"),
    labObject("connector", {
      Name: "ExchangeHybridOnPremisesToOnline",
      Enabled: true,
      TargetAddressDomains: [`${labDomain.split(".")[0]}.mail.onmicrosoft.com`],
      DiscoveryEndpoint: "https://outlook.office365.com/autodiscover/autodiscover.svc",
      TargetSharingEpr: null,
    }),
  ];
}
