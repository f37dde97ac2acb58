// `demo --provision`: the lab starts without any set-up; the real engine plans, applies and verifies against the lab's
// Exchange shell and Microsoft Graph, and the handshake that follows works because of it.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromOpenParts, openGraph, type Provisioning } from "../../app/setup/open-provisioning.ts";
import { type Cloud, startCloud } from "../../lab/cloud/start-cloud.ts";
import { readDirectory } from "../../lab/exchange-shell/directory-state.ts";
import {
  labCertificate,
  labControllers,
  labDomain,
  labShell,
  makeLabDirectory,
} from "../../lab/exchange-shell/lab-directory.ts";
import { tenant } from "../../lab/names.ts";
import { defaultScenario } from "../../lab/scenarios.ts";
import { type LabTrust, startLab } from "../../lab/start-lab.ts";
import { createShellNotes } from "../../provisioning/engine/shell-notes.ts";
import { startExchangeShell } from "../../provisioning/exchange/start-shell.ts";
import { createSecretFilter } from "../../provisioning/model/hide-secrets.ts";
import { readSettings } from "../../provisioning/model/settings.ts";
import { fetchClientCredentialsToken } from "../../provisioning/sign-in/client-credentials.ts";
import { stepsFor } from "../../provisioning/steps/all-steps.ts";
import { planAndApply } from "../provision/provision-apply.ts";
import { provisionExit } from "../provision/provision-exit.ts";
import { labLogs, type PlayOptions, playLab } from "./play-lab.ts";

/** The application of the lab in its tenant; each run has a new secret. */
const client = { id: "5a7e11ed-0000-4000-8000-00000000c11e", secret: randomBytes(24).toString("base64url") };

/** Sets up, then plays the scenario. Gives the exit code of the set-up when it fails, else that of the capture. */
export async function runDemoProvision(options: PlayOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-demo-"));
  const directory = join(folder, "directory.json");
  const cloud = await startCloud({ tenant, clients: new Map([[client.id, { secret: client.secret }]]) });
  const scenario = options.scenario ?? defaultScenario;
  const lab = await startLab({ scenario, trust: labTrust(directory, cloud), ...labLogs(options) });
  try {
    const certificate = labCertificate(lab.authCertificate);
    makeLabDirectory(directory, {
      certificates: [certificate],
      authConfig: { current: certificate.thumbprint },
      tenant,
    });
    const provisioning = await openLabRun(folder, directory, cloud);
    try {
      const code = await planAndApply(provisioning, {
        ...{ name: [], authCert: [], color: options.color, json: options.json, quiet: options.quiet },
        ...{ yes: true, allowCreateServicePrincipal: true },
      });
      if (code !== provisionExit.done) return code;
    } finally {
      await provisioning.close();
    }
    return await playLab(lab, { ...options, scenario });
  } finally {
    await lab.stop();
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Exchange trusts the partner applications of its directory, the token service the keys of the tenant. */
function labTrust(directory: string, cloud: Cloud): LabTrust {
  return {
    partners: () => {
      const [held = {}] = Object.values(readDirectory(directory).replicas);
      const partners = Object.values(held).filter(
        ({ kind, properties }) => kind === "partner-application" && properties.Enabled === true,
      );
      return new Set(partners.map(({ properties }) => String(properties.ApplicationIdentifier)));
    },
    isKnownCertificate: (der) =>
      cloud.store.now("00000004-0000-0ff1-ce00-000000000000")?.keyCredentials.some(({ key }) => key === der) === true,
  };
}

async function openLabRun(folder: string, directory: string, cloud: Cloud): Promise<Provisioning> {
  const settings = readSettings({
    profile: "both",
    domain: labDomain,
    dc: labControllers[0],
    tenant,
    graphUrl: cloud.graphUrl,
    loginUrl: cloud.loginUrl,
  });
  const secrets = createSecretFilter();
  const login = { login: cloud.loginUrl, graph: cloud.graphUrl, tenant, fetch, hide: secrets.hide };
  const proof = { kind: "secret", secret: client.secret } as const;
  const fetchToken = (): Promise<string> =>
    fetchClientCredentialsToken({ ...login, clientId: client.id, proof, learn: secrets.learn, now: Date.now });
  const notes = createShellNotes(secrets.hide);
  return fromOpenParts({
    settings,
    steps: stepsFor(settings),
    shell: await startExchangeShell({ target: { kind: "program", ...labShell(directory) }, note: notes.add }),
    graph: openGraph({ settings, secrets, fetch, fetchToken }),
    secrets,
    notes,
    root: join(folder, "runs"),
  });
}
