// The cmdlets for partner applications, auth servers, certificates and the rest of the configuration partition.
import { randomUUID } from "node:crypto";
import { canonicalName, displayedProperties, findAccount } from "./accounts.ts";
import { alreadyExists, notFound } from "./cmdlet-error.ts";
import type { DirectoryObject, DirectoryState, ObjectKind, Properties, Value } from "./directory-state.ts";
import { isSame, objectsOf, putObject, type View } from "./replicas.ts";

const kindsOf: Readonly<Record<string, ObjectKind>> = {
  "Get-PartnerApplication": "partner-application",
  "Get-AuthServer": "auth-server",
  "Get-IntraOrganizationConnector": "connector",
  "Get-OrganizationRelationship": "organization-relationship",
  "Get-SettingOverride": "setting-override",
};

export function getConfigured(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const kind = kindsOf[cmdlet] ?? "partner-application";
  if (parameters.Identity === undefined) return objectsOf(view, kind).map((one) => shownLinked(view, one));
  return [shownLinked(view, find(view, kind, cmdlet, parameters.Identity))];
}

export function newPartner(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const name = `${parameters.Name ?? ""}`;
  if (objectsOf(view, "partner-application").some((one) => isSame(one.properties.Name, name))) {
    throw alreadyExists(cmdlet, name);
  }
  const { LinkedAccount: account } = parameters;
  const linked = account === undefined || account === null ? null : findAccount(view, cmdlet, account).guid;
  const object: DirectoryObject = {
    guid: randomUUID(),
    kind: "partner-application",
    properties: {
      Name: name,
      ApplicationIdentifier: parameters.ApplicationIdentifier ?? null,
      Enabled: parameters.Enabled !== false,
      LinkedAccount: linked,
      UseAuthServer: true,
      Realm: "",
      IssuerIdentifier: "",
      AcceptSecurityIdentifierInformation: false,
      AuthMetadataUrl: null,
      WhenCreatedUTC: new Date().toISOString(),
    },
  };
  putObject(view, object.guid, object);
  return [shownLinked(view, object)];
}

export function setPartner(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const found = find(view, "partner-application", cmdlet, parameters.Identity);
  const { Enabled, LinkedAccount } = parameters;
  const account =
    LinkedAccount === undefined || LinkedAccount === null
      ? LinkedAccount
      : findAccount(view, cmdlet, LinkedAccount).guid;
  const properties = {
    ...found.properties,
    ...(Enabled === undefined ? {} : { Enabled: Enabled === true }),
    ...(account === undefined ? {} : { LinkedAccount: account }),
  };
  putObject(view, found.guid, { ...found, properties });
  return [];
}

export function removePartner(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  putObject(view, find(view, "partner-application", cmdlet, parameters.Identity).guid, null);
  return [];
}

/** Reads the auth configuration; from its effective date on the next certificate is the current one, as a servlet of Exchange does. */
export function getAuthConfig(view: View): readonly Properties[] {
  const { next, nextEffective } = view.state.authConfig;
  if (next !== "" && nextEffective !== "" && Date.parse(nextEffective) <= Date.now()) {
    view.state = flipCertificate(view.state);
  }
  const { current, previous, next: staged, nextEffective: effective } = view.state.authConfig;
  return [
    {
      CurrentCertificateThumbprint: current,
      PreviousCertificateThumbprint: previous === "" ? null : previous,
      NextCertificateThumbprint: staged === "" ? null : staged,
      NextCertificateEffectiveDate: effective === "" ? null : effective,
      ServiceName: "00000002-0000-0ff1-ce00-000000000000",
      Realm: null,
    },
  ];
}

export function flipCertificate(state: DirectoryState): DirectoryState {
  const { current, next } = state.authConfig;
  return next === ""
    ? state
    : { ...state, authConfig: { current: next, previous: current, next: "", nextEffective: "" } };
}

export function getCertificates(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const { Server: server = view.state.servers[0], Thumbprint: thumbprint } = parameters;
  const short = (name: Value | undefined): string => `${name}`.split(".")[0] ?? "";
  if (!view.state.servers.some((one) => isSame(short(one), short(server)))) throw notFound(cmdlet, `${server}`);
  const found = view.state.certificates.filter(
    (one) =>
      one.servers.some((name) => isSame(short(name), short(server))) &&
      (thumbprint === undefined || isSame(one.thumbprint, thumbprint)),
  );
  if (found.length === 0 && thumbprint !== undefined) throw notFound(cmdlet, `${thumbprint}`);
  return found.map((one) => ({
    Thumbprint: one.thumbprint,
    Subject: one.subject,
    NotBefore: one.notBefore,
    NotAfter: one.notAfter,
    RawData: one.rawData,
    HasPrivateKey: true,
    PublicKeySize: 2048,
    Status: "Valid",
  }));
}

/** Succeeds on the conditions of the real test: an enabled AzureAD auth server, and the partner application of Exchange Online. */
export function testConnectivity(view: View, _cmdlet: string, parameters: Properties): readonly Properties[] {
  const isReady =
    objectsOf(view, "auth-server").some(
      (one) => one.properties.Type === "AzureAD" && one.properties.Enabled === true,
    ) &&
    objectsOf(view, "partner-application").some(
      (one) =>
        isSame(one.properties.ApplicationIdentifier, "00000002-0000-0ff1-ce00-000000000000") &&
        one.properties.Enabled === true,
    );
  // The real cmdlet prints the token that it used.
  const token = `eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJsYWIifQ.${"c2lnbmF0dXJl".repeat(4)}`;
  return [
    {
      Identity: "Microsoft.Exchange.Security.OAuth.ValidationResultNodeId",
      Task: `Checking ${parameters.Service ?? "EWS"} API Call Under OAuth`,
      ResultType: isReady ? "Success" : "Error",
      Detail: `The configuration was last successfully loaded. Token: ${token}`,
      IsValid: true,
    },
  ];
}

export function getServers(view: View): readonly Properties[] {
  return view.state.servers.map((fqdn) => ({
    Name: fqdn.split(".")[0] ?? fqdn,
    Identity: fqdn.split(".")[0] ?? fqdn,
    Fqdn: fqdn,
    ServerRole: "Mailbox",
    AdminDisplayVersion: "Version 15.2 (Build 2562.17)",
    Edition: "Enterprise",
  }));
}

export function getAcceptedDomains(view: View): readonly Properties[] {
  return view.state.acceptedDomains.map((name, index) => ({
    Name: name,
    DomainName: name,
    DomainType: "Authoritative",
    Default: index === 0,
  }));
}

export function getDomainControllers(view: View): readonly Properties[] {
  return view.state.domainControllers.map((one) => ({ DnsHostName: one.name, ADSite: `${one.domain}/Site` }));
}

/** Virtual directories of each server, with the addresses that clients and the cloud use. */
export function getDirectories(view: View, cmdlet: string): readonly Properties[] {
  const path =
    cmdlet === "Get-MapiVirtualDirectory" ? "mapi" : cmdlet === "Get-OabVirtualDirectory" ? "OAB" : "EWS/Exchange.asmx";
  return view.state.servers.map((fqdn) => ({
    Name: path,
    Server: fqdn.split(".")[0] ?? fqdn,
    InternalUrl: `https://${fqdn}/${path}`,
    ExternalUrl: `https://mail.${view.state.acceptedDomains[0]}/${path}`,
    OAuthAuthentication: true,
  }));
}

export function getClientAccess(view: View): readonly Properties[] {
  return view.state.servers.map((fqdn) => ({
    Name: fqdn.split(".")[0] ?? fqdn,
    Fqdn: fqdn,
    AutoDiscoverServiceInternalUri: `https://autodiscover.${view.state.acceptedDomains[0]}/Autodiscover/Autodiscover.xml`,
  }));
}

/** The linked account as Exchange writes it: as a path, or as a bare SID after the account was deleted. */
function shownLinked(view: View, object: DirectoryObject): Properties {
  const { LinkedAccount: linked } = object.properties;
  if (object.kind !== "partner-application" || linked === null || linked === undefined)
    return displayedProperties(object);
  const account = objectsOf(view, "mail-user", "mailbox", "user").find((one) => one.guid === linked);
  const path =
    account === undefined
      ? `${linked}`.startsWith("S-1-")
        ? linked
        : lostSid(`${linked}`)
      : canonicalName(view, account);
  return { ...displayedProperties(object), LinkedAccount: path };
}

function lostSid(guid: string): string {
  return `S-1-5-21-1004336348-1177238915-682003330-${1000 + (Number.parseInt(guid.slice(0, 4), 16) || 0)}`;
}

function find(view: View, kind: ObjectKind, cmdlet: string, identity: Value | undefined): DirectoryObject {
  const found = objectsOf(view, kind).find(
    (one) => isSame(one.guid, identity) || isSame(one.properties.Name, identity),
  );
  if (found === undefined) throw notFound(cmdlet, `${identity}`);
  return found;
}
