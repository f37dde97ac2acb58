// Compares the answers with Exchange before anything is made: --domain with its accepted domains, --dc with its domain controllers. A
// failed read proves nothing about an answer, and is reported as such.
import { domainToASCII } from "node:url";
import { isSameText, onDomainController, readObjects, textProperty } from "../exchange/read-objects.ts";
import { pagesOf } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import type { Observation, Ports, Step } from "../model/step.ts";
import { Stop } from "../model/stop.ts";
import { guideStep } from "./guide-step.ts";

/** The steps for the answers of these settings. */
export function answerSteps(settings: Settings): readonly Step[] {
  return [
    ...(settings.domain === "" ? [] : [domainStep(settings)]),
    ...(settings.domainController === "" ? [] : [controllerStep(settings)]),
  ];
}

function domainStep(settings: Settings): Step {
  return answerStep(
    settings,
    { id: "s0.domain", title: `${settings.domain} among Exchange's accepted domains` },
    async (ports) => {
      const found = await readObjects(ports, "Get-AcceptedDomain", onDomainController(ports, {}));
      const domains = found.map((each) => textProperty(each, "DomainName")).filter((name) => name !== "");
      if (domains.length === 0)
        return {
          state: "unchecked",
          message: `Get-AcceptedDomain gives no domain, so --domain ${settings.domain} is not checked.`,
        };
      const facts = { domain: settings.domain, accepted: [...domains].sort() };
      if (domains.some((accepted) => covers(accepted, settings.domain))) return { state: "present", facts, notes: [] };
      return {
        state: "conflict",
        blocks: true,
        facts,
        message: `--domain ${settings.domain} is not an accepted domain of this Exchange organization, which accepts ${shortList(domains)}.`,
        hint: "Correct --domain, or add the domain with New-AcceptedDomain first, and make a new plan.",
      };
    },
  );
}

/** True when an accepted domain, which may be `*` or `*.contoso.com`, covers a domain. */
function covers(accepted: string, domain: string): boolean {
  const plain = accepted.trim().toLowerCase().replace(/\.$/, "");
  if (plain === "*") return true;
  if (plain.startsWith("*.")) return domain.endsWith(`.${domainToASCII(plain.slice(2))}`);
  return domainToASCII(plain) === domain;
}

function controllerStep(settings: Settings): Step {
  const { domainController } = settings;
  return answerStep(
    settings,
    { id: "s0.controller", title: `${domainController} among the domain controllers` },
    async (ports) => {
      const own = await readControllers(ports, null);
      if (own.some((name) => isController(name, domainController))) return there(domainController);
      // Without a domain the cmdlet lists the domain of the shell alone.
      const domain = domainController.split(".").slice(1).join(".");
      const others = domain === "" ? [] : await readControllers(ports, domain);
      if (others.some((name) => isController(name, domainController))) return there(domainController);
      const all = [...new Set([...own, ...others])];
      if (all.length === 0)
        return {
          state: "unchecked",
          message: `Get-DomainController gives no domain controller, so --dc ${domainController} is not checked.`,
        };
      return {
        state: "conflict",
        blocks: true,
        code: "exchange-unreachable",
        facts: { domainController, found: [...all].sort() },
        message: `--dc ${domainController} is not a domain controller that Get-DomainController lists: ${shortList(all)}.`,
        hint: "Correct --dc, and make a new plan.",
      };
    },
  );
}

async function readControllers(ports: Ports, domain: string | null): Promise<readonly string[]> {
  const found = await readObjects(ports, "Get-DomainController", domain === null ? {} : { DomainName: domain });
  return found.map((each) => textProperty(each, "DnsHostName")).filter((name) => name !== "");
}

/** True for the same full name; an answer without a domain is compared with the host part. */
function isController(name: string, wanted: string): boolean {
  const plain = name.replace(/\.$/, "");
  return isSameText(plain, wanted) || (!wanted.includes(".") && isSameText(plain.split(".")[0] ?? "", wanted));
}

function there(domainController: string): Observation {
  return { state: "present", facts: { domainController }, notes: [] };
}

function shortList(names: readonly string[]): string {
  return `${names.slice(0, 10).join(", ")}${names.length > 10 ? ` and ${names.length - 10} more` : ""}`;
}

/** A guide whose conflict blocks, and whose failed read is told without blocking. */
function answerStep(
  settings: Settings,
  { id, title }: { readonly id: string; readonly title: string },
  observe: Step["observe"],
): Step {
  const step = guideStep(
    { id, title, about: "The verified domain and the domain controller of the commands." },
    async (ports, observations) => {
      try {
        return await observe(ports, observations);
      } catch (error) {
        if (!(error instanceof Stop)) throw error;
        return {
          state: "unchecked",
          message: `The answer is not checked, since Exchange could not be asked: ${error.reason.message}`,
        };
      }
    },
  );
  const [page] = pagesOf(settings.profile);
  return page === undefined ? step : { ...step, page: { ...step.page, step: "2", ...page } };
}
