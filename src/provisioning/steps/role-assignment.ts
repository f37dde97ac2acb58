// Step 2: the management roles of the account.

import { commandText } from "../exchange/command-text.ts";
import { isSameText, isTrue, onDomainController, readObjects, textProperty } from "../exchange/read-objects.ts";
import type { ExchangeCall } from "../model/change.ts";
import type { WireObject } from "../model/exchange-shell.ts";
import type { WantedAccount } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import {
  type Difference,
  factsOf,
  type Observation,
  type Observations,
  type PlanItem,
  type Ports,
  type Receipt,
  type Step,
  type UndoItem,
  valueOrReference,
} from "../model/step.ts";
import { Stop } from "../model/stop.ts";
import { accountStepId } from "./account.ts";
import { guidOf, observeMadeAssignment } from "./made-object.ts";
import { assignmentFacts } from "./object-facts.ts";
import { otherAnswer } from "./read-named.ts";

/** The step for one role: assigned directly, enabled, with default scopes. An assignment through a group only is left as it is by default. */
export function roleAssignmentStep(
  settings: Settings,
  account: WantedAccount,
  role: string,
  needs: readonly string[],
): Step {
  const id = `s2.role.${account.key}.${role.replace(/[^\w-]/g, "-")}`;
  const accountId = accountStepId(account.key);
  return {
    id,
    title: `role ${role} of ${account.name}`,
    page: { ...account.page, step: "2", text: "Assign the management role to this new account." },
    side: "exchange",
    needs: [accountId, ...needs],
    kind: "change",
    observe: (ports, observations) => observeRole(ports, observations, { accountId, role }),
    plan: (observation, observations) =>
      planRole(observation, observations, { id, accountId, role, account, settings }),
    undo: (receipt) => undoRole(id, { role, account, settings }, receipt),
    observeMade: observeMadeAssignment,
    script: () => [
      {
        stepId: id,
        title: `Assign ${role} to ${account.name}.`,
        ...assignment(settings, account, role, { ref: `${accountId}.Guid` }),
        check: {
          cmdlet: "Get-ManagementRoleAssignment",
          parameters: {
            RoleAssignee: { ref: `${accountId}.Guid` },
            Role: role,
            Delegating: false,
            DomainController: settings.domainController,
          },
          presentWhen: "Enabled=True;AssignmentMethod=Direct",
        },
      },
    ],
  };
}

interface RoleContext {
  readonly id: string;
  readonly accountId: string;
  readonly role: string;
  readonly account: WantedAccount;
  readonly settings: Settings;
}

function assignment(
  settings: Settings,
  account: WantedAccount,
  role: string,
  user: WireObject[string],
): Pick<ExchangeCall, "cmdlet" | "parameters"> {
  // A fixed name: a second run then fails visibly instead of creating a second assignment.
  const name = `${role}-${account.name}`.slice(0, 64);
  return {
    cmdlet: "New-ManagementRoleAssignment",
    parameters: { Name: name, Role: role, User: user, DomainController: settings.domainController },
  };
}

async function observeRole(
  ports: Ports,
  observations: Observations,
  { accountId, role }: Pick<RoleContext, "accountId" | "role">,
): Promise<Observation> {
  const account = factsOf(observations.get(accountId)) ?? undefined;
  const guid = textProperty(account, "Guid");
  if (account === undefined || guid === "") return { state: "absent", notes: [] };
  const found = await readObjects(
    ports,
    "Get-ManagementRoleAssignment",
    onDomainController(ports, { RoleAssignee: guid, Role: role, Delegating: false }),
  );
  const others = found.filter(
    (object) => !isAssignmentOf(object, role) || (isDirect(object) && !isAssignedTo(object, account)),
  );
  if (others.length > 0) throw new Stop(otherAnswer("Get-ManagementRoleAssignment", role, others));
  const direct = found.filter(isDirect);
  const best = direct.find((object) => differencesOf(object).length === 0) ?? direct[0];
  if (best !== undefined) return judgeRole(best);
  const [indirect] = found;
  if (indirect === undefined) return { state: "absent", notes: [] };
  const facts = { ...assignmentFacts(indirect), isIndirect: true };
  const through = textProperty(indirect, "RoleAssigneeName") || textProperty(indirect, "RoleAssignee") || "a group";
  return {
    state: "drift",
    facts,
    differences: [{ what: "assignment", wanted: "direct", found: `indirect, through ${through}` }],
    notes: ["It works through the group; --direct-roles plans a direct assignment as well."],
  };
}

/** False for an assignment of another role; `Role` is a name, or a path that ends in one. */
function isAssignmentOf(object: WireObject, role: string): boolean {
  return isSameText(textProperty(object, "Role").split(/[\\/]/).at(-1) ?? "", role);
}

function isDirect(object: WireObject): boolean {
  return /^direct$/i.test(textProperty(object, "AssignmentMethod"));
}

/** False when the assignment names an assignee that is not the account; Exchange writes it as a name or as a path. */
function isAssignedTo(object: WireObject, account: WireObject): boolean {
  const named = ["RoleAssignee", "RoleAssigneeName", "User"]
    .map((name) => textProperty(object, name))
    .filter((value) => value !== "");
  const own = ["Guid", "Name", "Identity", "DistinguishedName"]
    .map((name) => textProperty(account, name))
    .filter((value) => value !== "");
  return (
    named.length === 0 ||
    named.some((value) => own.some((one) => isSameText(one, value) || isSameText(one, value.split("/").at(-1) ?? "")))
  );
}

function judgeRole(object: WireObject): Observation {
  const differences = differencesOf(object);
  const facts = assignmentFacts(object);
  if (differences.length === 0) return { state: "present", facts, notes: [] };
  const isScoped = differences.some((difference) => difference.what !== "Enabled");
  const notes = isScoped ? ["Somebody set its scope; it is left as it is."] : [];
  return { state: "drift", facts, differences, notes };
}

function differencesOf(object: WireObject): readonly Difference[] {
  const differences: Difference[] = [];
  if (!isTrue(object, "Enabled")) differences.push({ what: "Enabled", wanted: "true", found: "false" });
  const scope = textProperty(object, "CustomRecipientWriteScope");
  if (scope !== "") differences.push({ what: "CustomRecipientWriteScope", wanted: "none", found: scope });
  return differences;
}

function planRole(observation: Observation, observations: Observations, context: RoleContext): readonly PlanItem[] {
  const { id, accountId, role, account, settings } = context;
  const isIndirect = observation.state === "drift" && observation.facts.isIndirect === true;
  if (observation.state === "absent" || (isIndirect && settings.options.directRoles)) {
    const call: ExchangeCall = {
      via: "exchange",
      ...assignment(settings, account, role, valueOrReference(observations, accountId, "Guid")),
    };
    return [
      {
        id: `${id}.assign`,
        stepId: id,
        change: "create",
        consent: null,
        title: `assign ${role} to ${account.name}`,
        why: "Without it Exchange refuses the requests of the partner application.",
        before: null,
        after: { Role: role, Enabled: true },
        call,
        byHand: commandText(call),
        takenBackBy: "Remove-ManagementRoleAssignment",
      },
    ];
  }
  if (observation.state !== "drift" || isIndirect || observation.facts.Enabled === true) return [];
  const call = setEnabled(settings, observation.facts.Guid ?? "", true);
  return [
    {
      id: `${id}.enable`,
      stepId: id,
      change: "modify",
      consent: null,
      title: `enable the assignment of ${role} to ${account.name}`,
      why: "The assignment exists but is disabled.",
      before: observation.facts,
      after: { Enabled: true },
      call,
      byHand: commandText(call),
      takenBackBy: "Set-ManagementRoleAssignment with the value it had",
    },
  ];
}

function setEnabled(settings: Settings, identity: WireObject[string], enabled: boolean): ExchangeCall {
  return {
    via: "exchange",
    cmdlet: "Set-ManagementRoleAssignment",
    parameters: { Identity: identity, Enabled: enabled, DomainController: settings.domainController },
  };
}

function undoRole(
  id: string,
  { role, account, settings }: Pick<RoleContext, "role" | "account" | "settings">,
  receipt: Receipt,
): UndoItem | null {
  const guid = guidOf(receipt);
  if (guid === "") return null;
  const call: ExchangeCall =
    receipt.change === "create"
      ? {
          via: "exchange",
          cmdlet: "Remove-ManagementRoleAssignment",
          parameters: { Identity: guid, Confirm: false, DomainController: settings.domainController },
        }
      : setEnabled(settings, guid, isTrue(receipt.before ?? undefined, "Enabled"));
  return {
    id: `${id}.take-back`,
    stepId: id,
    title: receipt.change === "create" ? `remove ${role} from ${account.name}` : `set ${role} of ${account.name} back`,
    call,
    consent: null,
    expected: receipt.after,
    byHand: commandText(call),
  };
}
