// The cmdlets for management roles, their entries and their assignments, in the configuration partition.
import { randomUUID } from "node:crypto";
import { displayedProperties, findAccount } from "./accounts.ts";
import { alreadyExists, CmdletFailure, notFound } from "./cmdlet-error.ts";
import type { DirectoryObject, Properties, Value } from "./directory-state.ts";
import { isSame, objectsOf, putObject, type View } from "./replicas.ts";

export function getRoles(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  if (parameters.Identity === undefined) return objectsOf(view, "role").map(displayedProperties);
  return [displayedProperties(findByName(view, "role", cmdlet, parameters.Identity))];
}

/** A child role starts with the entries of its parent. */
export function newRole(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const parent = findByName(view, "role", cmdlet, parameters.Parent);
  const name = `${parameters.Name ?? ""}`;
  refuseTaken(view, "role", cmdlet, name);
  const role: DirectoryObject = {
    guid: randomUUID(),
    kind: "role",
    properties: {
      Name: name,
      Parent: parent.properties.Name ?? null,
      RoleType: parent.properties.RoleType ?? null,
      IsRootRole: false,
      WhenCreatedUTC: new Date().toISOString(),
    },
  };
  putObject(view, role.guid, role);
  for (const entry of entriesOf(view, `${parent.properties.Name}`)) {
    const guid = randomUUID();
    putObject(view, guid, { guid, kind: "role-entry", properties: { ...entry.properties, Role: name } });
  }
  return [displayedProperties(role)];
}

export function removeRole(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const role = findByName(view, "role", cmdlet, parameters.Identity);
  const name = `${role.properties.Name}`;
  if (objectsOf(view, "role-assignment").some((one) => isSame(one.properties.Role, name))) {
    throw new CmdletFailure({
      type: "InvalidOperationException",
      id: `E5B8DC21,Microsoft.Exchange.Management.${cmdlet.replace("-", "")}`,
      category: "InvalidOperation",
      about: name,
    });
  }
  for (const entry of entriesOf(view, name)) putObject(view, entry.guid, null);
  putObject(view, role.guid, null);
  return [];
}

/** Reads `Role\Entry`, where the entry may be `*`; a `*` without a match is not an error. */
export function getRoleEntries(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const [role = "", name = "*"] = `${parameters.Identity ?? ""}`.split("\\");
  const found = entriesOf(view, role).filter((one) => name === "*" || isSame(one.properties.Name, name));
  if (found.length === 0 && name !== "*") throw notFound(cmdlet, `${parameters.Identity}`);
  return found.map((one) => ({
    ...displayedProperties(one),
    Identity: `${one.properties.Role}\\${one.properties.Name}`,
  }));
}

export function removeRoleEntry(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const [role = "", name = ""] = `${parameters.Identity ?? ""}`.split("\\");
  const entry = entriesOf(view, role).find((one) => isSame(one.properties.Name, name));
  if (entry === undefined) throw notFound(cmdlet, `${parameters.Identity}`);
  putObject(view, entry.guid, null);
  return [];
}

/** Adds an entry; the parent must have it. */
export function addRoleEntry(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const [name = "", entryName = ""] = `${parameters.Identity ?? ""}`.split("\\");
  const role = findByName(view, "role", cmdlet, name);
  const ofParent = entriesOf(view, `${role.properties.Parent}`).find((one) => isSame(one.properties.Name, entryName));
  if (ofParent === undefined) throw notFound(cmdlet, `${parameters.Identity}`);
  if (entriesOf(view, name).some((one) => isSame(one.properties.Name, entryName)))
    throw alreadyExists(cmdlet, entryName);
  const guid = randomUUID();
  putObject(view, guid, {
    guid,
    kind: "role-entry",
    properties: { ...ofParent.properties, Role: role.properties.Name ?? null },
  });
  return [];
}

/** Reads assignments; for an account, its direct ones and those through its role groups. */
export function getAssignments(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const { Identity, RoleAssignee, Role, Delegating } = parameters;
  const all = objectsOf(view, "role-assignment").filter(
    (one) =>
      (Role === undefined || isSame(one.properties.Role, Role)) &&
      (Delegating === undefined || (one.properties.RoleAssignmentDelegationType !== "Regular") === Delegating),
  );
  if (Identity !== undefined) {
    const found = all.filter((one) => isSame(one.guid, Identity) || isSame(one.properties.Name, Identity));
    if (found.length === 0) throw notFound(cmdlet, `${Identity}`);
    return found.map((one) => shownAssignment(one, "Direct"));
  }
  if (RoleAssignee === undefined) return all.map((one) => shownAssignment(one, "Direct"));
  const account = findAccount(view, cmdlet, RoleAssignee);
  const groups = Object.entries(view.state.groups).filter(([, members]) => members.includes(account.guid));
  return all.flatMap((one) => {
    if (one.properties.AssigneeGuid === account.guid) return [shownAssignment(one, "Direct")];
    return groups.some(([group]) => isSame(one.properties.RoleAssigneeName, group))
      ? [shownAssignment(one, "RoleGroup")]
      : [];
  });
}

export function newAssignment(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const role = findByName(view, "role", cmdlet, parameters.Role);
  const account = findAccount(view, cmdlet, parameters.User);
  const name = `${parameters.Name ?? `${role.properties.Name}-${account.properties.Name}`}`.slice(0, 64);
  refuseTaken(view, "role-assignment", cmdlet, name);
  const object: DirectoryObject = {
    guid: randomUUID(),
    kind: "role-assignment",
    properties: {
      Name: name,
      Role: role.properties.Name ?? null,
      RoleAssignee: `${account.domain}/Users/${account.properties.Name}`,
      RoleAssigneeName: account.properties.Name ?? null,
      RoleAssigneeType: "User",
      AssigneeGuid: account.guid,
      Enabled: true,
      RoleAssignmentDelegationType: "Regular",
      RecipientReadScope: "Organization",
      ConfigReadScope: "OrganizationConfig",
      RecipientWriteScope: "Organization",
      ConfigWriteScope: "OrganizationConfig",
      CustomRecipientWriteScope: null,
      CustomConfigWriteScope: null,
      WhenCreatedUTC: new Date().toISOString(),
    },
  };
  putObject(view, object.guid, object);
  return [shownAssignment(object, "Direct")];
}

export function removeAssignment(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  putObject(view, findByName(view, "role-assignment", cmdlet, parameters.Identity).guid, null);
  return [];
}

export function setAssignment(view: View, cmdlet: string, parameters: Properties): readonly Properties[] {
  const found = findByName(view, "role-assignment", cmdlet, parameters.Identity);
  const { Enabled } = parameters;
  const properties = { ...found.properties, ...(Enabled === undefined ? {} : { Enabled: Enabled === true }) };
  putObject(view, found.guid, { ...found, properties });
  return [];
}

function shownAssignment(object: DirectoryObject, method: string): Properties {
  const { AssigneeGuid, ...properties } = object.properties;
  return { Guid: object.guid, Identity: properties.Name ?? null, ...properties, AssignmentMethod: method };
}

function entriesOf(view: View, role: string): readonly DirectoryObject[] {
  return objectsOf(view, "role-entry").filter((one) => isSame(one.properties.Role, role));
}

function findByName(
  view: View,
  kind: "role" | "role-assignment",
  cmdlet: string,
  identity: Value | undefined,
): DirectoryObject {
  const found = objectsOf(view, kind).find(
    (one) => isSame(one.guid, identity) || isSame(one.properties.Name, identity),
  );
  if (found === undefined) throw notFound(cmdlet, `${identity}`);
  return found;
}

function refuseTaken(view: View, kind: "role" | "role-assignment", cmdlet: string, name: string): void {
  if (objectsOf(view, kind).some((one) => isSame(one.properties.Name, name))) throw alreadyExists(cmdlet, name);
}
