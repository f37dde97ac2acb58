// Step 2 of today's page: a custom role, a child of UserApplication that keeps only the needed entries.

import { commandText, quotePowerShell } from "../exchange/command-text.ts";
import { isSameText, readObjects, textProperty } from "../exchange/read-objects.ts";
import type { ExchangeCall, ExchangeEachCall } from "../model/change.ts";
import type { WireObject } from "../model/exchange-shell.ts";
import type { WantedRole } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import {
  factsOf,
  type Observation,
  type Observations,
  type Ports,
  type Receipt,
  type Step,
  type UndoItem,
} from "../model/step.ts";
import { Stop } from "../model/stop.ts";
import { leftBy, observeMadeRole } from "./made-object.ts";
import { roleFacts } from "./object-facts.ts";
import { otherAnswer, readOne } from "./read-named.ts";

export function roleDefinitionStepId(key: string): string {
  return `s2.role-definition.${key}`;
}

export function roleEntriesStepId(key: string): string {
  return `s2.role-entries.${key}`;
}

/** The step for the role. A role of that name with another parent is a conflict. */
export function roleDefinitionStep(settings: Settings, role: WantedRole): Step {
  const id = roleDefinitionStepId(role.key);
  const { domainController } = settings;
  const call: ExchangeCall = {
    via: "exchange",
    cmdlet: "New-ManagementRole",
    parameters: { Name: role.name, Parent: role.parent, DomainController: domainController },
  };
  return {
    id,
    title: `role ${role.name}`,
    page: { ...role.page, step: "2", text: `Create a new role based on the ${role.parent} role.` },
    side: "exchange",
    needs: [],
    kind: "change",
    observe: (ports) => observeRole(ports, role),
    plan: (observation) => {
      if (observation.state !== "absent") return [];
      return [
        {
          id: `${id}.create`,
          stepId: id,
          change: "create",
          consent: null,
          title: `create the role ${role.name} as a child of ${role.parent}`,
          why: "The scheduler needs less than the parent allows.",
          before: null,
          after: { Name: role.name, Parent: role.parent },
          call,
          byHand: commandText(call),
          takenBackBy: "Remove-ManagementRole",
        },
      ];
    },
    observeMade: observeMadeRole,
    undo: (receipt, receipts) => undoRole(settings, role, receipt, receipts),
    script: () => [
      {
        stepId: id,
        title: `Create the role ${role.name}.`,
        cmdlet: call.cmdlet,
        parameters: call.parameters,
        check: {
          cmdlet: "Get-ManagementRole",
          parameters: { Identity: role.name, DomainController: domainController },
          presentWhen: `Parent=${role.parent}`,
          // A role of that name under another parent is not ours to cut down.
          conflictWhen: "any",
        },
      },
    ],
  };
}

/** Removes the role that the run created, when nobody changed or assigned it since. */
function undoRole(
  { domainController }: Settings,
  role: WantedRole,
  receipt: Receipt,
  receipts: Parameters<Step["undo"]>[1],
): UndoItem | null {
  if (receipt.change !== "create") return null;
  const cut = leftBy(receipts, roleEntriesStepId(role.key));
  const call: ExchangeCall = {
    via: "exchange",
    cmdlet: "Remove-ManagementRole",
    parameters: { Identity: role.name, Confirm: false, DomainController: domainController },
  };
  return {
    id: `${roleDefinitionStepId(role.key)}.remove`,
    stepId: roleDefinitionStepId(role.key),
    title: `remove the role ${role.name}`,
    call,
    consent: null,
    // Whoever gave it an entry back, or assigned it to somebody, needs it.
    expected: {
      ...(receipt.after ?? { Name: role.name, Parent: role.parent }),
      ...(cut?.entries === undefined ? {} : { entries: cut.entries }),
      assigned: [],
    },
    byHand: commandText(call),
  };
}

async function observeRole(ports: Ports, role: WantedRole): Promise<Observation> {
  const object = await readOne(ports, "Get-ManagementRole", role.name);
  if (object === undefined) return { state: "absent", notes: [] };
  const facts = roleFacts(object);
  const parent = facts.Parent;
  if (isSameText(parent, role.parent)) return { state: "present", facts, notes: [] };
  return {
    state: "conflict",
    facts,
    message: `The role ${role.name} is a child of ${parent || "nothing"}, not of ${role.parent}.`,
    hint: "Choose another name (--name role:DEFAULT=OWN), or remove that role, and make a new plan.",
  };
}

/** The step for the entries of the role: exactly the wanted ones. */
export function roleEntriesStep(settings: Settings, role: WantedRole): Step {
  const id = roleEntriesStepId(role.key);
  const { domainController } = settings;
  const list = {
    cmdlet: "Get-ManagementRoleEntry",
    parameters: { Identity: `${role.name}\\*`, DomainController: domainController },
  };
  const each = (cmdlet: string, names: readonly string[] | null): ExchangeEachCall => ({
    via: "exchange-each",
    cmdlet,
    parameters: { Confirm: false, DomainController: domainController },
    prefix: `${role.name}\\`,
    names,
    list,
    keep: role.entries,
  });
  const byHand = `${commandText(list)} | Where-Object { @(${role.entries.map(quotePowerShell).join(", ")}) -notcontains $_.Name } | ${commandText({ cmdlet: "Remove-ManagementRoleEntry", parameters: { Confirm: false, DomainController: domainController } })}`;
  return {
    id,
    title: `entries of ${role.name}: only ${role.entries.join(", ")}`,
    page: { ...role.page, step: "2", text: `Remove all cmdlets from the new role except ${role.entries.join(", ")}.` },
    side: "exchange",
    needs: [roleDefinitionStepId(role.key)],
    kind: "change",
    observe: (ports, observations) => observeEntries(ports, observations, role, list),
    plan: (observation) => {
      if (observation.state !== "absent" && observation.state !== "drift") return [];
      return [
        {
          id: `${id}.cut`,
          stepId: id,
          change: "modify",
          consent: null,
          title: `remove every entry of ${role.name} except ${role.entries.join(", ")}`,
          why: "Least privilege: the scheduler needs nothing else.",
          before: observation.state === "drift" ? observation.facts : null,
          after: { entries: role.entries },
          call: each("Remove-ManagementRoleEntry", null),
          byHand,
          takenBackBy: "Add-ManagementRoleEntry for each, unless the role itself is removed",
        },
      ];
    },
    undo: (receipt) => undoEntries(id, role, each, receipt),
    script: () => [
      {
        stepId: id,
        title: `Remove every entry of ${role.name} except ${role.entries.join(", ")}.`,
        cmdlet: "Remove-ManagementRoleEntry",
        parameters: { Confirm: false, DomainController: domainController },
        check: { ...list, presentWhen: "any" },
        forEach: { prefix: `${role.name}\\`, keep: role.entries },
      },
    ],
  };
}

async function observeEntries(
  ports: Ports,
  observations: Observations,
  role: WantedRole,
  list: { readonly cmdlet: string; readonly parameters: ExchangeCall["parameters"] },
): Promise<Observation> {
  if (factsOf(observations.get(roleDefinitionStepId(role.key))) === null) return { state: "absent", notes: [] };
  const answer = await readObjects(ports, list.cmdlet, list.parameters);
  const others = answer.filter((object) => !isEntryOf(object, role.name));
  if (others.length > 0) throw new Stop(otherAnswer(list.cmdlet, `${role.name}\\*`, others));
  const entries = answer.map((object) => textProperty(object, "Name")).sort();
  const facts = { entries };
  const missing = role.entries.filter((name) => !entries.some((entry) => isSameText(entry, name)));
  if (missing.length > 0) {
    return {
      state: "conflict",
      facts,
      message: `The role ${role.name} has no entry ${missing.join(", ")}.`,
      hint: "Remove the role and make a new plan: the role is then created again from its parent.",
    };
  }
  if (entries.length === role.entries.length) return { state: "present", facts, notes: [] };
  const found = `${entries.length} entries`;
  return {
    state: "drift",
    facts,
    differences: [{ what: "entries", wanted: role.entries.join(", "), found }],
    notes: [],
  };
}

/** False for an entry of another role; `Role` is a name, or a path that ends in one. */
function isEntryOf(object: WireObject, role: string): boolean {
  const of = textProperty(object, "Role") || textProperty(object, "Identity").split("\\").slice(0, -1).join("\\");
  return of === "" || isSameText(of.split("\\").at(-1) ?? "", role);
}

function undoEntries(
  id: string,
  role: WantedRole,
  each: (cmdlet: string, names: readonly string[]) => ExchangeEachCall,
  receipt: Receipt,
): UndoItem | null {
  const before = receipt.before?.entries;
  // Null: the same run created the role, and removing the role removes its entries.
  if (!Array.isArray(before)) return null;
  const names = before.filter((name): name is string => typeof name === "string" && !role.entries.includes(name));
  return {
    id: `${id}.put-back`,
    stepId: id,
    title: `put ${names.length} entries back into ${role.name}`,
    call: each("Add-ManagementRoleEntry", names),
    consent: null,
    expected: { entries: role.entries },
    byHand: names
      .map((name) =>
        commandText({ cmdlet: "Add-ManagementRoleEntry", parameters: { Identity: `${role.name}\\${name}` } }),
      )
      .join("; "),
  };
}
