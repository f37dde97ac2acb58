// Step 3 (and 4 of today's page): the partner application, found by its application id, never by its name: Exchange itself
// creates some, under other names.

import { commandText } from "../exchange/command-text.ts";
import { isSameText, isTrue, onDomainController, readObjects, textProperty } from "../exchange/read-objects.ts";
import type { ExchangeCall, Facts } from "../model/change.ts";
import type { WireObject, WireValue } from "../model/exchange-shell.ts";
import type { WantedPartner } from "../model/profiles.ts";
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
import { accountStepId } from "./account.ts";
import { guidOf, observeMadePartner } from "./made-object.ts";
import { partnerFacts } from "./object-facts.ts";
import { readNamed } from "./read-named.ts";

function partnerStepId(key: string): string {
  return `s3.partner.${key}`;
}

/** The step for one partner application. */
export function partnerStep(settings: Settings, partner: WantedPartner): Step {
  const id = partnerStepId(partner.key);
  const accountId = partner.account === null ? null : accountStepId(partner.account);
  const context: PartnerContext = { id, accountId, partner, settings };
  // The same filter as in readPartners.
  const same = `ApplicationIdentifier=${partner.appId};Realm=;IssuerIdentifier=`;
  const create = createCall(context, accountId === null ? null : { ref: `${accountId}.Guid` });
  return {
    id,
    title: `partner application ${partner.name} (${partner.appId})`,
    page: { ...partner.page, step: partner.section, text: "Create and enable a partner application." },
    side: "exchange",
    needs: accountId === null ? [] : [accountId],
    kind: "change",
    observe: (ports, observations) => observePartner(ports, observations, context),
    plan: (observation, observations) => planPartner(observation, observations, context),
    undo: (receipt) => undoPartner(context, receipt),
    observeMade: observeMadePartner,
    script: () => [
      {
        stepId: id,
        title: `Create the partner application ${partner.name}.`,
        cmdlet: create.cmdlet,
        parameters: create.parameters,
        check: {
          cmdlet: "Get-PartnerApplication",
          parameters: { DomainController: settings.domainController },
          presentWhen: `${same};Enabled=True`,
          // It exists but is disabled: it is set as wanted, since a second one would break both.
          conflictWhen: same,
        },
        adjust: {
          cmdlet: "Set-PartnerApplication",
          parameters: {
            Enabled: true,
            ...(accountId === null ? {} : { LinkedAccount: { ref: `${accountId}.Guid` } }),
            DomainController: settings.domainController,
          },
        },
      },
    ],
  };
}

interface PartnerContext {
  readonly id: string;
  readonly accountId: string | null;
  readonly partner: WantedPartner;
  readonly settings: Settings;
}

function createCall({ partner, settings }: PartnerContext, account: WireObject[string]): ExchangeCall {
  return {
    via: "exchange",
    cmdlet: "New-PartnerApplication",
    parameters: {
      Name: partner.name,
      ApplicationIdentifier: partner.appId,
      Enabled: true,
      ...(account === null ? {} : { LinkedAccount: account }),
      // The page leaves it out here, but the account was just created on this domain controller.
      DomainController: settings.domainController,
    },
  };
}

/** Reads all partner applications, and those for an id that use the auth server (the filter of Exchange Setup). */
export async function readPartners(
  ports: Ports,
  appId: string,
): Promise<{ readonly matching: readonly WireObject[]; readonly all: readonly WireObject[] }> {
  const all = await readObjects(ports, "Get-PartnerApplication", onDomainController(ports, {}));
  const matching = all.filter(
    (object) =>
      isSameText(textProperty(object, "ApplicationIdentifier"), appId) &&
      textProperty(object, "UseAuthServer").toLowerCase() !== "false" &&
      textProperty(object, "Realm") === "" &&
      textProperty(object, "IssuerIdentifier") === "",
  );
  return { matching, all };
}

async function observePartner(ports: Ports, observations: Observations, context: PartnerContext): Promise<Observation> {
  const { partner, accountId } = context;
  const { matching, all } = await readPartners(ports, partner.appId);
  const [only, second] = matching;
  if (second !== undefined) {
    const names = matching.map((object) => textProperty(object, "Name"));
    return {
      state: "conflict",
      facts: { names },
      message: `There are ${matching.length} partner applications for ${partner.appId}: ${names.join(", ")}.`,
      hint: "Remove the one that is not wanted, and make a new plan.",
    };
  }
  if (only !== undefined) return judgePartner(ports, observations, { object: only, accountId });
  const namesake = all.find((object) => isSameText(textProperty(object, "Name"), partner.name));
  if (namesake === undefined) return { state: "absent", notes: [] };
  return {
    state: "conflict",
    facts: {
      Name: textProperty(namesake, "Name"),
      ApplicationIdentifier: textProperty(namesake, "ApplicationIdentifier"),
    },
    message: `The name ${partner.name} belongs to a partner application for ${textProperty(namesake, "ApplicationIdentifier")}.`,
    hint: "Choose another name (--name partner:DEFAULT=OWN), and make a new plan.",
  };
}

async function judgePartner(
  ports: Ports,
  observations: Observations,
  { object, accountId }: { readonly object: WireObject; readonly accountId: string | null },
): Promise<Observation> {
  const facts = partnerFacts(object);
  const differences: Difference[] = [];
  if (!facts.Enabled) differences.push({ what: "Enabled", wanted: "true", found: "false" });
  if (accountId !== null && !(await isLinked(ports, factsOf(observations.get(accountId)), facts.LinkedAccount))) {
    const account = factsOf(observations.get(accountId));
    const wanted = account === null ? "the account of step 2" : textProperty(account, "Name");
    differences.push({ what: "LinkedAccount", wanted, found: facts.LinkedAccount || "none" });
  }
  if (differences.length > 0) return { state: "drift", facts, differences, notes: [] };
  return { state: "present", facts, notes: [] };
}

/** True when `linked` is the account. Exchange writes it as a path, a distinguished name, a GUID, or as a bare SID after the account was deleted. */
async function isLinked(ports: Ports, account: Facts | null, linked: string): Promise<boolean> {
  if (account === null || linked === "") return false;
  const spellings = ["Guid", "Identity", "DistinguishedName"]
    .map((name) => textProperty(account, name))
    .filter((one) => one !== "");
  if (spellings.some((spelling) => isSameText(spelling, linked))) return true;
  if (/^S-1-/.test(linked)) return false;
  const [object] = await readNamed(ports, "Get-MailUser", linked);
  return object !== undefined && isSameText(textProperty(object, "Guid"), textProperty(account, "Guid"));
}

function planPartner(
  observation: Observation,
  observations: Observations,
  context: PartnerContext,
): readonly PlanItem[] {
  const { id, accountId, partner } = context;
  const account = accountId === null ? null : valueOrReference(observations, accountId, "Guid");
  if (observation.state === "absent") {
    const call = createCall(context, account);
    return [
      {
        id: `${id}.create`,
        stepId: id,
        change: "create",
        consent: null,
        title: `create the partner application ${partner.name} for ${partner.appId}`,
        why: "Exchange refuses a caller without a partner application (x-ms-diagnostics 2000006).",
        before: null,
        after: { Name: partner.name, ApplicationIdentifier: partner.appId, Enabled: true },
        call,
        byHand: commandText(call),
        takenBackBy: "Remove-PartnerApplication",
      },
    ];
  }
  if (observation.state !== "drift") return [];
  const isUnlinked = observation.differences.some((difference) => difference.what === "LinkedAccount");
  const call = setCall(context, observation.facts.Guid ?? "", true, isUnlinked ? { account } : null);
  return [
    {
      id: `${id}.set`,
      stepId: id,
      change: "modify",
      consent: null,
      title: `set the partner application ${textProperty(observation.facts, "Name")}: ${observation.differences.map((each) => `${each.what} ${each.found} → ${each.wanted}`).join(", ")}`,
      why: "It exists under another name, which it keeps.",
      before: observation.facts,
      after: { Enabled: true },
      call,
      byHand: commandText(call),
      takenBackBy: "Set-PartnerApplication with the values it had",
    },
  ];
}

function setCall(
  { settings }: PartnerContext,
  identity: WireObject[string],
  enabled: boolean,
  link: { readonly account: WireValue } | null,
): ExchangeCall {
  return {
    via: "exchange",
    cmdlet: "Set-PartnerApplication",
    parameters: {
      Identity: identity,
      Enabled: enabled,
      ...(link === null ? {} : { LinkedAccount: link.account }),
      DomainController: settings.domainController,
    },
  };
}

function undoPartner(context: PartnerContext, receipt: Receipt): UndoItem | null {
  const { id, partner, settings } = context;
  const guid = guidOf(receipt);
  if (guid === "") return null;
  const before = receipt.before ?? undefined;
  const linked = textProperty(before, "LinkedAccount");
  // A bare SID of a deleted account cannot be linked again; the account of this run must not stay linked either.
  const account = linked === "" || /^S-1-/.test(linked) ? null : linked;
  const wasLinked = textProperty(receipt.after ?? undefined, "LinkedAccount") !== linked;
  const call: ExchangeCall =
    receipt.change === "create"
      ? {
          via: "exchange",
          cmdlet: "Remove-PartnerApplication",
          parameters: { Identity: guid, Confirm: false, DomainController: settings.domainController },
        }
      : setCall(context, guid, isTrue(before, "Enabled"), wasLinked ? { account } : null);
  return {
    id: `${id}.take-back`,
    stepId: id,
    title:
      receipt.change === "create"
        ? `remove the partner application ${partner.name}`
        : `set the partner application ${textProperty(before, "Name")} back`,
    call,
    consent: null,
    expected: receipt.after,
    byHand: commandText(call),
  };
}
