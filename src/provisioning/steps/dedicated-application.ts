// The application as which Exchange calls Exchange Online: `Get-AuthServer` names it, Microsoft's script creates it and
// writes its keys. Checked, never changed: after a rollover of the certificate, outdated keys there break outbound calls.
import { textProperty } from "../exchange/read-objects.ts";
import type { KeyHolder } from "../model/graph.ts";
import { appIds, pages } from "../model/profiles.ts";
import { factsOf, graphOf, type Observation, type Step } from "../model/step.ts";
import type { Reason } from "../model/stop.ts";
import { authCertificateStepId, certificatesOf } from "./auth-certificate.ts";
import { entraServerStepId } from "./auth-server.ts";
import { guideStep } from "./guide-step.ts";
import { differencesOf } from "./key-credential.ts";
import { judgeRotation, type RotationWarning } from "./rotation.ts";

export const applicationStepId = "dedicated-application";

const remedy = "Run Microsoft's ConfigureExchangeHybridApplication.ps1 -UpdateCertificate";

/** The guide step for the dedicated application. */
export function dedicatedApplicationStep(): Step {
  const step = guideStep(
    {
      id: applicationStepId,
      title: "auth certificate on the dedicated hybrid application",
      about: "Today Exchange calls Exchange Online as an application of the tenant itself.",
      side: "cloud",
    },
    async (ports, observations) => {
      const server = observations.get(entraServerStepId);
      if (server === undefined) return { state: "unknown", reason: notRead };
      if (server.state === "unknown") return server;
      const appId = textProperty(factsOf(server) ?? undefined, "ApplicationIdentifier");
      if (appId === "" || appId === appIds.exchange) return { state: "absent", notes: [noApplication] };
      const found = await graphOf(ports).readApplication(appId);
      return judgeApplication(appId, found, observations.get(authCertificateStepId), ports.now());
    },
  );
  return { ...step, page: { ...step.page, ...pages.hybridApp, step: "1d" }, needs: [authCertificateStepId] };
}

const notRead: Reason = {
  code: "side-left-out",
  message: "Get-AuthServer, which names the application, belongs to the Exchange half, which is left out of this run.",
  hint: "Run `realmscope provision verify` without --only cloud where Exchange can be reached.",
};

const noApplication =
  "Get-AuthServer names no dedicated application. Since October 2025 Exchange Online blocks EWS through the shared application; Microsoft's ConfigureExchangeHybridApplication.ps1 sets up a dedicated one.";

/** Compares the application's keys with the certificates that Exchange signs with. Pure. */
export function judgeApplication(
  appId: string,
  found: KeyHolder | null,
  certificate: Observation | undefined,
  now: number,
): Observation {
  if (found === null) {
    return {
      state: "conflict",
      facts: { appId },
      message: `Get-AuthServer names the application ${appId}, which the tenant does not have.`,
      hint: "Compare it with the application that ConfigureExchangeHybridApplication.ps1 created.",
    };
  }
  const facts = { appId, displayName: found.displayName, keys: found.keys.map(({ keyId }) => keyId) };
  const differences = certificatesOf(certificate).flatMap((each) => differencesOf(found, each, now));
  if (differences.length === 0) return { state: "present", facts, notes: [] };
  return { state: "drift", facts, differences, notes: [`${remedy}.`] };
}

/** The id of the application that the step found; null when there is none, or when it could not be read. */
export function applicationOf(observation: Observation | undefined): string | null {
  const appId = textProperty(factsOf(observation) ?? undefined, "appId");
  return appId === "" ? null : appId;
}

/** The step's title, with name and id of the application that it found. */
export function applicationTitle(title: string, observation: Observation | undefined): string {
  const facts = factsOf(observation) ?? undefined;
  const name = [textProperty(facts, "displayName"), textProperty(facts, "appId")]
    .filter((part) => part !== "")
    .join(", ");
  return name === "" ? title : `${title} (${name})`;
}

/** As `judgeRotation` for a service principal, with another remedy: this program does not write these keys. */
export function judgeApplicationRotation(
  certificate: Observation | undefined,
  found: KeyHolder,
  now: number,
): readonly RotationWarning[] {
  return judgeRotation(certificate, found, now, `${remedy} before that day`);
}
