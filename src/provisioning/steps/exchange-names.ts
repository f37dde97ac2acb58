// Step 1f: registers the host names of Exchange as names of Exchange Online's service principal.

import { quotePowerShell } from "../exchange/command-text.ts";
import { isSameText, listProperty, onDomainController, readObjects, textProperty } from "../exchange/read-objects.ts";
import { namesDigest } from "../graph/service-principal.ts";
import type { GraphCall } from "../model/change.ts";
import { appIds } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import type { Observation, PlanItem, Ports, Receipt, Step, UndoItem } from "../model/step.ts";
import { graphOf } from "../model/step.ts";
import { guideStep } from "./guide-step.ts";

/** The step for the names; changes them only with --step1. */
export function principalNamesStep(settings: Settings): Step {
  const id = "s1.f";
  const step = guideStep(
    {
      id,
      title: "Exchange's host names on the service principal of Exchange Online",
      about: "Register all hostname authorities for your internal and external on-premises Exchange HTTP endpoints.",
      side: "cloud",
    },
    async (ports) => {
      const wanted = await readAuthorities(ports);
      const found = await graphOf(ports).read(appIds.exchange);
      if (found === null)
        return { state: "absent", notes: ["The tenant has no service principal for Exchange Online."] };
      const missing = wanted.filter((name) => !found.names.some((given) => isSameText(given.replace(/\/$/, ""), name)));
      const facts = { id: found.id, wanted, missing, arrayDigest: namesDigest(found.names) };
      if (missing.length === 0) return { state: "present", facts, notes: [] };
      const differences = missing.map((name) => ({ what: name, wanted: "there", found: "missing" }));
      return {
        state: "drift",
        facts,
        differences,
        notes: settings.options.step1 ? [] : ["--step1 plans to add them."],
      };
    },
  );
  return {
    ...step,
    plan: (observation) => planNames(settings, id, observation),
    undo: (receipt) => undoNames(id, receipt),
  };
}

/** Reads `https://host` of every internal and external address that Exchange publishes. */
async function readAuthorities(ports: Ports): Promise<readonly string[]> {
  const names = new Set<string>();
  const add = (address: string): void => {
    if (URL.canParse(address)) names.add(`https://${new URL(address).hostname.toLowerCase()}`);
  };
  for (const cmdlet of ["Get-WebServicesVirtualDirectory", "Get-MapiVirtualDirectory", "Get-OabVirtualDirectory"]) {
    for (const object of await readObjects(ports, cmdlet, onDomainController(ports, { ADPropertiesOnly: true }))) {
      add(textProperty(object, "InternalUrl"));
      add(textProperty(object, "ExternalUrl"));
    }
  }
  for (const object of await readObjects(ports, "Get-ClientAccessService", onDomainController(ports, {}))) {
    add(textProperty(object, "AutoDiscoverServiceInternalUri"));
  }
  return [...names].sort();
}

function planNames(settings: Settings, id: string, observation: Observation): readonly PlanItem[] {
  if (!settings.options.step1 || observation.state !== "drift") return [];
  const names = listProperty(observation.facts, "missing");
  return [
    {
      id: `${id}.add`,
      stepId: id,
      change: "modify",
      consent: null,
      title: `add ${names.join(", ")} to the names of Exchange Online's service principal`,
      why: "Requested with --step1: tokens are issued only for registered names.",
      before: observation.facts,
      after: { names },
      call: {
        via: "graph",
        operation: "add-names",
        appId: appIds.exchange,
        names,
        arrayDigest: textProperty(observation.facts, "arrayDigest"),
      },
      byHand: namesByHand(`+ @(${names.map(quotePowerShell).join(", ")})`),
      takenBackBy: "PATCH with all names except these",
    },
  ];
}

/** The command for a person; Graph replaces the whole list, so the same line reads it first. */
function namesByHand(change: string): string {
  return `$sp = Get-MgServicePrincipal -Filter "appId eq '${appIds.exchange}'"; Update-MgServicePrincipal -ServicePrincipalId $sp.Id -ServicePrincipalNames @($sp.ServicePrincipalNames ${change})`;
}

function undoNames(id: string, receipt: Receipt): UndoItem | null {
  if (receipt.call.via !== "graph" || receipt.call.operation !== "add-names") return null;
  const call: GraphCall = { ...receipt.call, operation: "remove-names", arrayDigest: null };
  const title = `remove ${call.names.join(", ")} from the names of Exchange Online's service principal`;
  const byHand = namesByHand(`| Where-Object { $_ -notin @(${call.names.map(quotePowerShell).join(", ")}) }`);
  return {
    id: `${id}.remove`,
    stepId: id,
    title,
    call,
    consent: null,
    expected: { id: receipt.after?.id ?? null },
    byHand,
  };
}
