// Reads an object that a run made or changed by its Guid, for undo: whoever renamed it or moved it since has not made it vanish. With
// it comes who else uses it by now, since removing it would take that away.
import {
  isTrue,
  isWireObject,
  listProperty,
  onDomainController,
  readObjects,
  textProperty,
} from "../exchange/read-objects.ts";
import { keyFacts } from "../graph/service-principal.ts";
import type { Facts } from "../model/change.ts";
import type { WireValue } from "../model/exchange-shell.ts";
import type { KeyCredential } from "../model/graph.ts";
import { graphOf, type Observation, type Ports, type Receipt } from "../model/step.ts";
import { accountFacts, assignmentFacts, partnerFacts, roleFacts } from "./object-facts.ts";
import { readOne } from "./read-named.ts";

/** The Guid of the object of a receipt; empty when the receipt has none. */
export function guidOf(receipt: Receipt): string {
  return textProperty(receipt.after ?? undefined, "Guid");
}

/** The facts that the receipt of another step of the same run left; null when the run has no such receipt. */
export function leftBy(receipts: readonly Receipt[], stepId: string): Facts | null {
  return receipts.findLast((receipt) => receipt.stepId === stepId)?.after ?? null;
}

function observed(facts: Facts | undefined): Observation {
  return facts === undefined ? { state: "absent", notes: [] } : { state: "present", facts, notes: [] };
}

/** The account, with the roles that it has and the partner applications that act as it (`usedBy`, names). */
export async function observeMadeAccount(ports: Ports, receipt: Receipt): Promise<Observation> {
  const guid = guidOf(receipt);
  const object = await readOne(ports, "Get-MailUser", guid);
  if (object === undefined) return observed(undefined);
  const facts = accountFacts(object);
  const roles = await readObjects(
    ports,
    "Get-ManagementRoleAssignment",
    onDomainController(ports, { RoleAssignee: guid, Delegating: false }),
  );
  const partners = await readObjects(ports, "Get-PartnerApplication", onDomainController(ports, {}));
  const spellings = [facts.Guid, facts.Identity, facts.DistinguishedName].filter((one) => one !== "");
  const usedBy = [
    ...roles.filter((one) => /^direct$/i.test(textProperty(one, "AssignmentMethod"))),
    ...partners.filter(
      (one) =>
        spellings.includes(textProperty(one, "LinkedAccount")) ||
        endsIn(textProperty(one, "LinkedAccount"), facts.Name),
    ),
  ].map((one) => textProperty(one, "Name"));
  return observed({ ...facts, HiddenFromAddressListsEnabled: isTrue(object, "HiddenFromAddressListsEnabled"), usedBy });
}

function endsIn(path: string, name: string): boolean {
  return name !== "" && path.toLowerCase().endsWith(`/${name.toLowerCase()}`);
}

export async function observeMadePartner(ports: Ports, receipt: Receipt): Promise<Observation> {
  const object = await readOne(ports, "Get-PartnerApplication", guidOf(receipt));
  return observed(object === undefined ? undefined : partnerFacts(object));
}

export async function observeMadeAssignment(ports: Ports, receipt: Receipt): Promise<Observation> {
  const object = await readOne(ports, "Get-ManagementRoleAssignment", guidOf(receipt));
  return observed(object === undefined ? undefined : assignmentFacts(object));
}

/** The role, with its entries and the names of its assignments (`assigned`). */
export async function observeMadeRole(ports: Ports, receipt: Receipt): Promise<Observation> {
  const identity = guidOf(receipt) || textProperty(receipt.after ?? undefined, "Name");
  const object = await readOne(ports, "Get-ManagementRole", identity);
  if (object === undefined) return observed(undefined);
  const facts = roleFacts(object);
  const entries = await readObjects(
    ports,
    "Get-ManagementRoleEntry",
    onDomainController(ports, { Identity: `${facts.Name}\\*` }),
  );
  const assignments = await readObjects(
    ports,
    "Get-ManagementRoleAssignment",
    onDomainController(ports, { Role: facts.Name, Delegating: false }),
  );
  return observed({
    ...facts,
    entries: entries.map((entry) => textProperty(entry, "Name")).sort(),
    assigned: assignments.map((one) => textProperty(one, "Name")),
  });
}

/** The principal, with each key that the run added as the fact `key ID`. */
export async function observeMadePrincipal(ports: Ports, receipt: Receipt): Promise<Observation> {
  const { call } = receipt;
  if (call.via !== "graph") return observed(undefined);
  const found = await graphOf(ports).read(call.appId);
  if (found === null) return observed(undefined);
  const added = listProperty(receipt.after ?? undefined, "added");
  const left = madeKeys(receipt);
  const keys = found.keys
    .filter(({ keyId }) => added.includes(keyId))
    .map((key) => [keyName(key.keyId), comparableKey(key, left[keyName(key.keyId)])]);
  return observed({
    id: found.id,
    appId: found.appId,
    displayName: found.displayName,
    isEnabled: found.isEnabled,
    names: [...found.names].sort(),
    ...Object.fromEntries(keys),
  });
}

function keyName(keyId: string): string {
  return `key ${keyId}`;
}

/** The keys that a run added, as its receipt has them: each as the fact `key ID`. */
export function madeKeys({ after }: Receipt): Readonly<Record<string, Facts>> {
  const added = listProperty(after ?? undefined, "added");
  const keys: readonly WireValue[] = Array.isArray(after?.keys) ? after.keys : [];
  return Object.fromEntries(
    keys.flatMap((key) => {
      const keyId = isWireObject(key) ? textProperty(key, "keyId") : "";
      return isWireObject(key) && added.includes(keyId) ? [[keyName(keyId), key] as const] : [];
    }),
  );
}

/** A tool that writes the list back without display names may clear ours: a missing name is not a change. */
function comparableKey(key: KeyCredential, left: Facts | undefined): Facts {
  return { ...keyFacts(key), displayName: key.displayName ?? left?.displayName ?? null };
}
