// Step 1: OAuth between Exchange and Exchange Online. The Hybrid Configuration Wizard sets it up, so each part is checked and
// explained; only the partner application (1c) and the names of the service principal (1f) can be changed, with --step1.

import { commandText } from "../exchange/command-text.ts";
import { isTrue, textProperty } from "../exchange/read-objects.ts";
import { isKeyOf } from "../graph/service-principal.ts";
import type { ExchangeCall } from "../model/change.ts";
import { hybridScript } from "../model/clouds.ts";
import type { WireObject } from "../model/exchange-shell.ts";
import { appIds } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import type { Observations, Ports, Step } from "../model/step.ts";
import { graphOf } from "../model/step.ts";
import { authCertificateStepId, certificatesOf } from "./auth-certificate.ts";
import { authServerStep } from "./auth-server.ts";
import { dedicatedApplicationStep } from "./dedicated-application.ts";
import { availabilityStep, cloudConnectorStep, connectorStep } from "./exchange-connectors.ts";
import { principalNamesStep } from "./exchange-names.ts";
import { guideStep } from "./guide-step.ts";
import { readPartners } from "./partner-application.ts";

/** The parts of step 1, in the order of Microsoft's page. */
export function exchangeOnlineSteps(settings: Settings): readonly Step[] {
  return [
    authServerStep(settings, "MicrosoftACS"),
    authServerStep(settings, "AzureAD"),
    onlinePartner(settings),
    dedicatedApplicationStep(),
    exchangeKey(settings),
    principalNamesStep(settings),
    connectorStep(settings),
    cloudConnectorStep(settings),
    availabilityStep(),
  ];
}

function onlinePartner(settings: Settings): Step {
  const id = "s1.c";
  const set = (identity: WireObject[string], enabled: boolean): ExchangeCall => ({
    via: "exchange",
    cmdlet: "Set-PartnerApplication",
    parameters: { Identity: identity, Enabled: enabled, DomainController: settings.domainController },
  });
  const step = guideStep(
    {
      id,
      title: "partner application of Exchange Online",
      about: "Enable the partner application for the Exchange Online organization.",
    },
    async (ports) => {
      const { matching } = await readPartners(ports, appIds.exchange);
      const [only] = matching;
      if (only === undefined) return { state: "absent", notes: ["Exchange Setup creates it; check the log of Setup."] };
      const facts = {
        Guid: textProperty(only, "Guid") || textProperty(only, "Identity"),
        Name: textProperty(only, "Name"),
        Enabled: isTrue(only, "Enabled"),
      };
      if (facts.Enabled) return { state: "present", facts, notes: [] };
      const notes = settings.options.step1 ? [] : ["--step1 plans to enable it."];
      return { state: "drift", facts, differences: [{ what: "Enabled", wanted: "true", found: "false" }], notes };
    },
  );
  return {
    ...step,
    plan: (observation) => {
      if (!settings.options.step1 || observation.state !== "drift") return [];
      const call = set(observation.facts.Guid ?? "", true);
      return [
        {
          id: `${id}.enable`,
          stepId: id,
          change: "modify",
          consent: null,
          title: "enable the partner application of Exchange Online",
          why: "Requested with --step1.",
          before: observation.facts,
          after: { Enabled: true },
          call,
          byHand: commandText(call),
          takenBackBy: "Set-PartnerApplication with the value it had",
        },
      ];
    },
    undo: (receipt) => {
      const guid = textProperty(receipt.before ?? undefined, "Guid");
      const call = set(guid, isTrue(receipt.before ?? undefined, "Enabled"));
      const title = "set the partner application of Exchange Online back";
      const expected = receipt.after ?? { Guid: guid, Enabled: true };
      return { id: `${id}.restore`, stepId: id, title, call, consent: null, expected, byHand: commandText(call) };
    },
  };
}

export const exchangeKeyStepId = "s1.d";

function exchangeKey(settings: Settings): Step {
  const step = guideStep(
    {
      id: exchangeKeyStepId,
      title: "auth certificate on the service principal of Exchange Online (legacy)",
      about: "Export and upload the certificate to the shared Exchange Online application.",
      side: "cloud",
    },
    async (ports, observations) => {
      const found = await graphOf(ports).read(appIds.exchange);
      if (found === null || found.keys.length === 0)
        return { state: "absent", notes: [blockedSince, "Nothing to do: it has no keys."] };
      const certificates = certificatesOf(observations.get(authCertificateStepId));
      const ours = found.keys.filter((key) => certificates.some((certificate) => isKeyOf(key, certificate)));
      const facts = { id: found.id, keys: found.keys.length, ours: ours.map((key) => key.keyId) };
      const notes = [
        blockedSince,
        `Every key here lets its holder act as Exchange Online. When the dedicated application works, remove all of them: ${hybridScript("ResetFirstPartyServicePrincipalKeyCredentials", settings.cloud)}`,
        ...(ours.length > 0 ? [await wrongPrincipal(ports, observations)] : []),
      ];
      const differences = [
        { what: "keys", wanted: "none", found: `${found.keys.length}, of them ${ours.length} ours` },
      ];
      return { state: "drift", facts, differences, notes };
    },
  );
  return { ...step, needs: [authCertificateStepId] };
}

const blockedSince =
  "Since October 2025 Exchange Online blocks access through this shared application; Microsoft asks to remove its keys and to use a dedicated hybrid application. This program neither adds nor removes keys here.";

/** A note on a certificate that is here: until February 2019 the page uploaded it to the wrong application. */
async function wrongPrincipal(ports: Ports, observations: Observations): Promise<string> {
  const skype = await graphOf(ports).read(appIds.skypeForBusiness);
  const certificates = certificatesOf(observations.get(authCertificateStepId));
  const isOnSkype = skype?.keys.some((key) => certificates.some((certificate) => isKeyOf(key, certificate))) === true;
  if (isOnSkype) return "The certificate is on Skype for Business Online as well, where this procedure needs it.";
  return "The certificate is here but not on Skype for Business Online: until February 2019 Microsoft's page named the wrong application id. Step 5 adds it there; this key is not deleted.";
}
