// Renders the files of `provision script`: both halves, each with its undo, for places where this program may not run.
import { applicationName } from "../../core/principals.ts";
import { isGraphCovered } from "../gates/check-gates.ts";
import { asWire, digestOf } from "../model/canonical-json.ts";
import type { CertificateFacts } from "../model/certificate.ts";
import { profileOf } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import { stepsFor } from "../steps/all-steps.ts";
import { renderCloudCheck } from "./check-cloud-script.ts";
import { renderExchangeCheck } from "./check-exchange-script.ts";
import { type GraphSignIn, renderCloudScript, renderCloudUndoScript } from "./cloud-script.ts";
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
    const cloud = {
      planId,
      title,
      ...signInOf(settings),
      principals: principals(settings),
      certificates: given.map((one) => one.der),
    };
    files.push({ name: "realmscope-cloud.ps1", text: renderCloudScript(cloud) });
    files.push({ name: "realmscope-cloud-undo.ps1", text: renderCloudUndoScript(cloud) });
  }
  return files;
}

/** Renders the check-only scripts of the profile `hybrid-app`. */
export function renderCheckScripts(settings: Settings): readonly ScriptFile[] {
  const planId = digestOf(asWire({ settings })).slice(0, 16);
  const input = { planId, settings, isGraphGuide: !isGraphCovered(settings) };
  return [
    ...(settings.only === "cloud" ? [] : [{ name: "realmscope-exchange-check.ps1", text: renderExchangeCheck(input) }]),
    ...(settings.only === "exchange"
      ? []
      : [{ name: "realmscope-cloud-check.ps1", text: renderCloudCheck({ ...input, signIn: signInOf(settings) }) }]),
  ];
}

function signInOf({ tenant, cloud }: Settings): GraphSignIn {
  const environment = environments[cloud.name];
  if (environment !== undefined) return { tenant, environment };
  return { tenant, environment: `realmscope-${cloud.name}`, endpoints: { graph: cloud.graph, login: cloud.login } };
}

function principals(settings: Settings) {
  return profileOf(settings).servicePrincipals.map((appId) => ({
    stepId: `s5.key.${appId}`,
    title: `auth certificate on the service principal of ${applicationName(appId) ?? appId}`,
    appId,
  }));
}
