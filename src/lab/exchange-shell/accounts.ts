// The cmdlets for recipients and accounts, which the domain partition holds.
import { randomBytes, randomUUID } from "node:crypto";
import { alreadyExists, CmdletFailure, notFound } from "./cmdlet-error.ts";
import type { DirectoryObject, ObjectKind, Properties, Value } from "./directory-state.ts";
import { isSame, objectsOf, putObject, type View } from "./replicas.ts";

const accountKinds: readonly ObjectKind[] = ["mail-user", "mailbox", "user"];
const kindsOf: Readonly<Record<string, readonly ObjectKind[]>> = {
  "Get-MailUser": ["mail-user"],
  "Get-Recipient": ["mail-user", "mailbox", "mail-contact"],
  "Get-User": accountKinds,
};

export function getAccounts(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const kinds = kindsOf[cmdlet] ?? [];
  if (parameters.Identity === undefined) return objectsOf(view, ...kinds).map(displayedProperties);
  const found = objectsOf(view, ...kinds).filter((one) => answersTo(view, one, parameters.Identity));
  if (found.length === 0) throw notFound(cmdlet, `${parameters.Identity}`);
  return found.map(displayedProperties);
}

/** Finds an account by name, GUID, address, SID or canonical name, as -Identity, -User and -LinkedAccount accept it. */
export function findAccount(view: View, cmdlet: string, identity: Value | undefined): DirectoryObject {
  const found = objectsOf(view, ...accountKinds).find((one) => answersTo(view, one, identity));
  if (found === undefined) throw notFound(cmdlet, `${identity}`);
  return found;
}

export function canonicalName(view: View, object: DirectoryObject): string {
  return `${object.domain ?? view.state.domain}/Users/${object.properties.Name}`;
}

export function newMailUser(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const name = `${parameters.Name ?? ""}`;
  const address = `${parameters.ExternalEmailAddress ?? ""}`.replace(/^smtp:/i, "");
  if (name === "" || name.length > 64) throw invalid(cmdlet, "Name");
  if (!/^[^@\s]+@[^@\s]+$/.test(address)) throw invalid(cmdlet, "ExternalEmailAddress");
  const others = objectsOf(view, "mail-user", "mailbox", "mail-contact", "user");
  if (others.some((one) => isSame(one.properties.Name, name))) throw alreadyExists(cmdlet, name);
  if (others.some((one) => addressesOf(one).some((taken) => isSame(taken, address)))) {
    throw new CmdletFailure({
      type: "ProxyAddressExistsException",
      id: `B0BA1A31,Microsoft.Exchange.Management.${cmdlet.replace("-", "")}`,
      category: "NotSpecified",
      about: address,
    });
  }
  const object = mailUser(view, name, address);
  putObject(view, object.guid, object);
  return [displayedProperties(object)];
}

export function setMailUser(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const found = objectsOf(view, "mail-user").find((one) => answersTo(view, one, parameters.Identity));
  if (found === undefined) throw notFound(cmdlet, `${parameters.Identity}`);
  const { HiddenFromAddressListsEnabled: hidden, ExternalEmailAddress: address } = parameters;
  const properties = {
    ...found.properties,
    ...(hidden === undefined ? {} : { HiddenFromAddressListsEnabled: hidden === true }),
    ...(address === undefined ? {} : { ExternalEmailAddress: `SMTP:${`${address}`.replace(/^smtp:/i, "")}` }),
  };
  putObject(view, found.guid, { ...found, properties });
  return [];
}

/** Remove-MailUser deletes the account; Disable-MailUser keeps it as a plain account. */
export function removeMailUser(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const found = objectsOf(view, "mail-user").find((one) => answersTo(view, one, parameters.Identity));
  if (found === undefined) throw notFound(cmdlet, `${parameters.Identity}`);
  const { Name, SamAccountName, Sid } = found.properties;
  const plain: Properties = { Name: Name ?? null, SamAccountName: SamAccountName ?? null, Sid: Sid ?? null };
  putObject(
    view,
    found.guid,
    cmdlet === "Remove-MailUser"
      ? null
      : { ...found, kind: "user", properties: { ...plain, RecipientType: "User", RecipientTypeDetails: "User" } },
  );
  return [];
}

/** The properties that a cmdlet outputs for an object of any kind. */
export function displayedProperties(object: DirectoryObject): Properties {
  return { Guid: object.guid, Identity: object.properties.Name ?? null, ...object.properties };
}

function mailUser(view: View, name: string, address: string): DirectoryObject {
  const domain = view.state.domainControllers.find((one) => one.name === view.controller)?.domain ?? view.state.domain;
  const guid = randomUUID();
  const alias = name.replace(/[^\w.-]/g, "").slice(0, 64) || "account";
  return {
    guid,
    kind: "mail-user",
    domain,
    properties: {
      Name: name,
      Alias: alias,
      RecipientType: "MailUser",
      RecipientTypeDetails: "MailUser",
      ExternalEmailAddress: `SMTP:${address}`,
      // The e-mail address policy adds one to the requested address.
      EmailAddresses: [`SMTP:${address}`, `smtp:${alias}@${view.state.acceptedDomains[0] ?? domain}`],
      PrimarySmtpAddress: address,
      HiddenFromAddressListsEnabled: false,
      DistinguishedName: `CN=${name},CN=Users,${domain
        .split(".")
        .map((part) => `DC=${part}`)
        .join(",")}`,
      // sAMAccountName has at most 20 characters: for a longer name Exchange generates one.
      SamAccountName: name.length > 20 ? `$G31000-${randomBytes(6).toString("hex").toUpperCase()}` : name,
      UserPrincipalName: `${alias}@${domain}`,
      Sid: `S-1-5-21-1004336348-1177238915-682003330-${1000 + randomBytes(2).readUInt16BE()}`,
      WhenCreatedUTC: new Date().toISOString(),
    },
  };
}

function answersTo(view: View, object: DirectoryObject, identity: Value | undefined): boolean {
  const { Name, Alias, DistinguishedName, SamAccountName, UserPrincipalName, Sid } = object.properties;
  const names = [object.guid, Name, Alias, DistinguishedName, SamAccountName, UserPrincipalName, Sid].filter(
    (one) => one !== undefined && one !== null,
  );
  return [...names, canonicalName(view, object), ...addressesOf(object)].some((one) => isSame(one, identity));
}

function addressesOf(object: DirectoryObject): readonly string[] {
  const { EmailAddresses, PrimarySmtpAddress, ExternalEmailAddress } = object.properties;
  const all = [EmailAddresses, PrimarySmtpAddress, ExternalEmailAddress].flat();
  return all.filter((one) => typeof one === "string").map((one) => one.replace(/^smtp:/i, ""));
}

function invalid(cmdlet: string, parameter: string): CmdletFailure {
  return new CmdletFailure({
    type: "ParameterBindingValidationException",
    id: `ParameterArgumentValidationError,Microsoft.Exchange.Management.${cmdlet.replace("-", "")}`,
    category: "InvalidData",
    about: parameter,
  });
}
