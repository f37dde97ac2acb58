// Renders the files of `provision script`: both halves, each with its undo, for places where this program may not run.
import { applicationName } from "../../core/principals.ts";
import { asWire, digestOf } from "../model/canonical-json.ts";
import type { CertificateFacts } from "../model/certificate.ts";
import { profileOf } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import { stepsFor } from "../steps/all-steps.ts";
import { renderCloudScript, renderCloudUndoScript } from "./cloud-script.ts";
import { renderExchangeScript } from "./exchange-script.ts";
import { renderExchangeUndoScript } from "./exchange-undo-script.ts";

export interface ScriptFile {
  readonly name: string;
  readonly text: string;
}

/** Connect-MgGraph's names for the clouds that it knows; the others are registered with their addresses. */
const environments: Readonly<Record<string, string>> = {
  global: "Global",
  "usgov-l4": "USGov",
  "usgov-l5": "USGovDoD",
  china: "China",
};

/**
 * Renders the scripts for these settings. `given` are certificates that are already known; without them the cloud script
 * reads them from the result of the Exchange script.
 */
export function renderScripts(settings: Settings, given: readonly CertificateFacts[]): readonly ScriptFile[] {
  const items = stepsFor(settings).flatMap((step) => step.script());
  const title = `profile ${settings.profile} for ${settings.domain}`;
  const planId = digestOf(asWire({ settings, items })).slice(0, 16);
  const exchange = { planId, title, items, domainController: settings.domainController };
  const files: ScriptFile[] = [];
  if (settings.only !== "cloud") {
    files.push({ name: "realmscope-exchange.ps1", text: renderExchangeScript(exchange) });
    files.push({ name: "realmscope-exchange-undo.ps1", text: renderExchangeUndoScript(exchange) });
  }
  if (settings.only !== "exchange") {
    const { tenant, cloud: at } = settings;
    const environment = environments[at.name];
    const cloud = {
      planId,
      title,
      tenant,
      ...(environment === undefined
        ? { environment: `realmscope-${at.name}`, endpoints: { graph: at.graph, login: at.login } }
        : { environment }),
      principals: principals(settings),
      certificates: given.map((one) => one.der),
    };
    files.push({ name: "realmscope-cloud.ps1", text: renderCloudScript(cloud) });
    files.push({ name: "realmscope-cloud-undo.ps1", text: renderCloudUndoScript(cloud) });
  }
  return files;
}

function principals(settings: Settings) {
  return profileOf(settings.profile, settings.names).servicePrincipals.map((appId) => ({
    stepId: `s5.key.${appId}`,
    title: `auth certificate on the service principal of ${applicationName(appId) ?? appId}`,
    appId,
  }));
}
