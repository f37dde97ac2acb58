// Step 8 of today's page: the legacy partner application of Skype for Business Online. Planned only with --remove-legacy.

import { commandText } from "../exchange/command-text.ts";
import { isTrue, textProperty } from "../exchange/read-objects.ts";
import type { ExchangeCall } from "../model/change.ts";
import { appIds, pages } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import type { Observation, PlanItem, Ports, Receipt, Step, UndoItem } from "../model/step.ts";
import { readPartners } from "./partner-application.ts";

const id = "s8.legacy";

/** The step that removes it. Microsoft's page itself warns not to do this yet. */
export function legacyStep(settings: Settings): Step {
  const isWanted = settings.options.removeLegacy;
  return {
    id,
    title: "the legacy partner application of Skype for Business Online",
    page: { ...pages.teams, step: "8", text: "Don't delete the legacy partner application yet." },
    side: "exchange",
    needs: [],
    kind: isWanted ? "change" : "guide",
    observe: (ports) => observeLegacy(ports, isWanted),
    plan: (observation) => (isWanted && observation.state === "present" ? [removal(settings, observation.facts)] : []),
    undo: (receipt) => remake(settings, receipt),
    script: () => [],
  };
}

async function observeLegacy(ports: Ports, isWanted: boolean): Promise<Observation> {
  const { matching } = await readPartners(ports, appIds.skypeForBusiness);
  const [only, second] = matching.filter((object) => isTrue(object, "Enabled"));
  if (only === undefined) return { state: "absent", notes: ["There is none."] };
  const facts = {
    Guid: textProperty(only, "Guid") || textProperty(only, "Identity"),
    Name: textProperty(only, "Name"),
    LinkedAccount: textProperty(only, "LinkedAccount"),
  };
  if (second !== undefined && isWanted)
    return {
      state: "conflict",
      facts,
      message: "There are several legacy partner applications.",
      hint: "Remove them by hand.",
    };
  const notes = isWanted ? [] : ["It stays: out-of-office voicemail greetings still use it (--remove-legacy)."];
  return { state: "present", facts, notes };
}

function removal(settings: Settings, facts: PlanItem["after"]): PlanItem {
  const call: ExchangeCall = {
    via: "exchange",
    cmdlet: "Remove-PartnerApplication",
    parameters: { Identity: facts.Guid ?? "", Confirm: false, DomainController: settings.domainController },
  };
  return {
    id: `${id}.remove`,
    stepId: id,
    change: "delete",
    consent: "remove-legacy",
    title: `DELETE the legacy partner application ${textProperty(facts, "Name")}`,
    why: "Requested with --remove-legacy. Microsoft's page warns not to do this yet: out-of-office voicemail greetings stop working.",
    before: facts,
    after: {},
    call,
    byHand: commandText(call),
    takenBackBy: "New-PartnerApplication with the values it had",
  };
}

function remake(settings: Settings, receipt: Receipt): UndoItem {
  const before = receipt.before ?? undefined;
  const linked = textProperty(before, "LinkedAccount");
  const call: ExchangeCall = {
    via: "exchange",
    cmdlet: "New-PartnerApplication",
    parameters: {
      Name: textProperty(before, "Name"),
      ApplicationIdentifier: appIds.skypeForBusiness,
      Enabled: true,
      ...(linked === "" || /^S-1-/.test(linked) ? {} : { LinkedAccount: linked }),
      DomainController: settings.domainController,
    },
  };
  const title = `create the partner application ${textProperty(before, "Name")} again`;
  return { id: `${id}.remake`, stepId: id, title, call, consent: null, expected: null, byHand: commandText(call) };
}
