// Step 2: the mail user that the partner application acts as, and its hiding from address lists.

import { commandText } from "../exchange/command-text.ts";
import { isSameText, isTrue, textProperty } from "../exchange/read-objects.ts";
import type { ExchangeCall } from "../model/change.ts";
import type { WireObject } from "../model/exchange-shell.ts";
import type { WantedAccount } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import {
  factsOf,
  type Observation,
  type Observations,
  type Ports,
  type Receipt,
  type Step,
  type UndoItem,
  valueOrReference,
} from "../model/step.ts";
import { guidOf, leftBy, observeMadeAccount } from "./made-object.ts";
import { accountFacts, withoutPrefix } from "./object-facts.ts";
import { readNamed, readOne } from "./read-named.ts";

export function accountStepId(key: string): string {
  return `s2.account.${key}`;
}

/** The step for the account. A mailbox, contact or user under its name or address is a conflict and is never adopted. */
export function accountStep(settings: Settings, account: WantedAccount): Step {
  const id = accountStepId(account.key);
  const address = `${account.addressName}@${settings.domain}`;
  const parameters: WireObject = {
    Name: account.name,
    ...(account.isApplicationAccount ? { ApplicationAccount: true } : {}),
    ExternalEmailAddress: address,
    DomainController: settings.domainController,
  };
  const call: ExchangeCall = { via: "exchange", cmdlet: "New-MailUser", parameters };
  return {
    id,
    title: `mail user ${account.name}`,
    page: { ...account.page, step: "2", text: "Create a new mail user account for the partner application." },
    side: "exchange",
    needs: [],
    kind: "change",
    observe: (ports) => observeAccount(ports, account.name, address),
    plan: (observation) => {
      if (observation.state !== "absent") return [];
      return [
        {
          id: `${id}.create`,
          stepId: id,
          change: "create",
          consent: null,
          title: `create the mail user ${account.name} <${address}>`,
          why: "The partner application acts as this account; it has no password and no mailbox.",
          before: null,
          after: { Name: account.name, ExternalEmailAddress: address },
          call,
          byHand: commandText(call),
          takenBackBy: "Remove-MailUser, which deletes the account of the directory; only with --allow-destructive",
        },
      ];
    },
    undo: (receipt, receipts) => undoAccount(id, account, settings, { receipt, receipts }),
    observeMade: observeMadeAccount,
    script: () => [
      {
        stepId: id,
        title: `Create the mail user ${account.name}.`,
        cmdlet: call.cmdlet,
        parameters,
        check: {
          cmdlet: "Get-MailUser",
          parameters: { Identity: account.name, DomainController: settings.domainController },
          // Whoever follows the page by hand may give the account either of its two names.
          orIdentity: address,
          presentWhen: `ExternalEmailAddress=SMTP:${address}`,
          // A mail user of that name with another address is neither duplicated nor adopted.
          conflictWhen: "any",
        },
      },
    ],
  };
}

/** Finds the account by its name, then by its address: whoever follows the page by hand may give it either of its two names. */
async function observeAccount(ports: Ports, name: string, address: string): Promise<Observation> {
  const byName = await readNamed(ports, "Get-MailUser", name);
  const [byNameOnly] = byName.filter((object) => hasAddress(object, address));
  if (byName.length === 1 && byNameOnly !== undefined) return accountFound(byNameOnly, name);
  const byAddress = await readNamed(ports, "Get-MailUser", address);
  const [account, second] = byAddress.filter((object) => hasAddress(object, address));
  if (second !== undefined)
    return conflict({ address, count: byAddress.length }, `${address} is the address of several mail users.`);
  if (account !== undefined) return accountFound(account, name);
  if (byName.length > 1)
    return conflict({ Name: name, count: byName.length }, `There are ${byName.length} mail users named ${name}.`);
  const [namesake] = byName;
  if (namesake !== undefined) return otherAddress(namesake, address);
  return observePlace(ports, name, address);
}

/** Whether another kind of object has the name or the address. */
async function observePlace(ports: Ports, name: string, address: string): Promise<Observation> {
  for (const identity of [name, address]) {
    const [other] = await readNamed(ports, "Get-Recipient", identity);
    if (other !== undefined) return occupied(other, identity);
  }
  const [user] = await readNamed(ports, "Get-User", name);
  return user === undefined ? { state: "absent", notes: [] } : occupied(user, name);
}

function hasAddress(object: WireObject, address: string): boolean {
  return isSameText(withoutPrefix(textProperty(object, "ExternalEmailAddress")), address);
}

function accountFound(object: WireObject, name: string): Observation {
  const facts = accountFacts(object);
  const named = isSameText(facts.Name, name)
    ? []
    : [`The mail user ${facts.Name} has the wanted address, so it is the account; it keeps its name.`];
  return { state: "present", facts, notes: [...named, ...accountNotes] };
}

function otherAddress(object: WireObject, address: string): Observation {
  const facts = accountFacts(object);
  return conflict(facts, `The mail user ${facts.Name} has the address ${facts.ExternalEmailAddress}, not ${address}.`);
}

const accountNotes = ["If Entra Connect runs, it may copy this account to the tenant; that is harmless."];

function occupied(object: WireObject, wanted: string): Observation {
  const kind = textProperty(object, "RecipientTypeDetails") || textProperty(object, "RecipientType") || "object";
  const facts = { Guid: textProperty(object, "Guid"), Name: textProperty(object, "Name"), RecipientTypeDetails: kind };
  return conflict(facts, `${wanted} belongs to the ${kind} ${facts.Name}, which is not a mail user of this procedure.`);
}

function conflict(facts: WireObject, message: string): Observation {
  const hint =
    "Rename or remove that object, or choose another name (--name account:DEFAULT=OWN), and make a new plan. It is never taken over silently.";
  return { state: "conflict", facts, message, hint };
}

function undoAccount(
  id: string,
  { key, name }: WantedAccount,
  settings: Settings,
  { receipt, receipts }: { readonly receipt: Receipt; readonly receipts: readonly Receipt[] },
): UndoItem | null {
  const guid = guidOf(receipt);
  if (receipt.change !== "create" || guid === "") return null;
  const hidden = leftBy(receipts, hiddenStepId(key));
  const call: ExchangeCall = {
    via: "exchange",
    cmdlet: "Remove-MailUser",
    parameters: { Identity: guid, Confirm: false, DomainController: settings.domainController },
  };
  return {
    id: `${id}.remove`,
    stepId: id,
    title: `remove the mail user ${name}: THIS DELETES THE ACCOUNT FROM ACTIVE DIRECTORY`,
    call,
    consent: "destructive",
    // Whoever gave it a role, linked a partner application to it, or showed it in address lists needs it.
    expected: {
      ...receipt.after,
      ...(hidden === null ? {} : { HiddenFromAddressListsEnabled: true }),
      usedBy: [],
    },
    byHand: commandText(call),
  };
}

function hiddenStepId(key: string): string {
  return `s2.hidden.${key}`;
}

/** The step that hides the account from address lists. */
export function hiddenStep(settings: Settings, account: WantedAccount): Step {
  const id = hiddenStepId(account.key);
  const accountId = accountStepId(account.key);
  const setTo = (identity: WireObject[string], hidden: boolean): ExchangeCall => ({
    via: "exchange",
    cmdlet: "Set-MailUser",
    parameters: {
      Identity: identity,
      HiddenFromAddressListsEnabled: hidden,
      DomainController: settings.domainController,
    },
  });
  return {
    id,
    title: `${account.name} hidden from address lists`,
    page: { ...account.page, step: "2", text: "This command will hide the new mail user from address lists." },
    side: "exchange",
    needs: [accountId],
    kind: "change",
    observe: (ports, observations) => observeHidden(ports, observations, accountId),
    plan: (observation, observations) => {
      if (observation.state !== "absent" && observation.state !== "drift") return [];
      const call = setTo(valueOrReference(observations, accountId, "Guid"), true);
      return [
        {
          id: `${id}.hide`,
          stepId: id,
          change: "modify",
          consent: null,
          title: `hide ${account.name} from address lists`,
          why: "Nobody should send mail to it.",
          before: observation.state === "drift" ? observation.facts : null,
          after: { HiddenFromAddressListsEnabled: true },
          call,
          byHand: commandText(call),
          takenBackBy: "Set-MailUser with the value it had",
        },
      ];
    },
    undo: (receipt) => {
      const guid = guidOf(receipt);
      // When the same run created the account, removing the account takes this back as well.
      if (guid === "" || receipt.before === null) return null;
      const call = setTo(guid, isTrue(receipt.before, "HiddenFromAddressListsEnabled"));
      return {
        id: `${id}.restore`,
        stepId: id,
        title: `show ${account.name} in address lists as before`,
        call,
        consent: null,
        expected: { Guid: guid, HiddenFromAddressListsEnabled: true },
        byHand: commandText(call),
      };
    },
    script: () => [
      {
        stepId: id,
        title: `Hide ${account.name} from address lists.`,
        ...scriptCall(setTo({ ref: `${accountId}.Guid` }, true)),
        check: {
          cmdlet: "Get-MailUser",
          parameters: { Identity: { ref: `${accountId}.Guid` }, DomainController: settings.domainController },
          presentWhen: "HiddenFromAddressListsEnabled=True",
        },
      },
    ],
  };
}

async function observeHidden(ports: Ports, observations: Observations, accountId: string): Promise<Observation> {
  const guid = textProperty(factsOf(observations.get(accountId)) ?? undefined, "Guid");
  if (guid === "") return { state: "absent", notes: [] };
  const object = await readOne(ports, "Get-MailUser", guid);
  if (object === undefined) return { state: "absent", notes: [] };
  const hidden = isTrue(object, "HiddenFromAddressListsEnabled");
  const facts = { Guid: guid, HiddenFromAddressListsEnabled: hidden };
  if (hidden) return { state: "present", facts, notes: [] };
  const differences = [{ what: "HiddenFromAddressListsEnabled", wanted: "true", found: "false" }];
  return { state: "drift", facts, differences, notes: [] };
}

function scriptCall({ cmdlet, parameters }: ExchangeCall): Pick<ExchangeCall, "cmdlet" | "parameters"> {
  return { cmdlet, parameters };
}
