import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { StoredKey, StoredPrincipal } from "../../src/lab/cloud/principal-store.ts";
import { type Cloud, type CloudOptions, startCloud } from "../../src/lab/cloud/start-cloud.ts";
import {
  type DirectoryOptions,
  labCertificate,
  labControllers,
  labDomain,
  labShell,
  makeLabDirectory,
} from "../../src/lab/exchange-shell/lab-directory.ts";
import { tenant } from "../../src/lab/names.ts";
import { applyPlan, resumeRun } from "../../src/provisioning/engine/apply-plan.ts";
import { makePlan, observeSteps, type Plan } from "../../src/provisioning/engine/plan.ts";
import type { Run, RunEvent, RunResult } from "../../src/provisioning/engine/run.ts";
import { openRunJournal, readRunJournal } from "../../src/provisioning/engine/run-journal.ts";
import { planUndo, undoRun } from "../../src/provisioning/engine/undo-run.ts";
import { type Verification, verify } from "../../src/provisioning/engine/verify.ts";
import { type StartedShell, startExchangeShell } from "../../src/provisioning/exchange/start-shell.ts";
import { createGraph } from "../../src/provisioning/graph/graph.ts";
import { createGraphClient } from "../../src/provisioning/graph/graph-client.ts";
import { readCertificate } from "../../src/provisioning/model/certificate.ts";
import type { ExchangeShell } from "../../src/provisioning/model/exchange-shell.ts";
import type { Graph } from "../../src/provisioning/model/graph.ts";
import { createSecretFilter } from "../../src/provisioning/model/hide-secrets.ts";
import { readSettings, type Settings, type SettingsInput } from "../../src/provisioning/model/settings.ts";
import type { Consent, Ports } from "../../src/provisioning/model/step.ts";
import { createTokenSource } from "../../src/provisioning/sign-in/token-source.ts";
import { stepsFor } from "../../src/provisioning/steps/all-steps.ts";
import { authCertificate } from "./auth-certificate.ts";

export const appIds = {
  exchange: "00000002-0000-0ff1-ce00-000000000000",
  skype: "00000004-0000-0ff1-ce00-000000000000",
  scheduler: "7557eb47-c689-4224-abcf-aef9bd7573df",
  voicemail: "db7de2b5-2149-435e-8043-e080dd50afae",
} as const;

/** A clock that only `wait` moves on: two minutes of polling pass at once. */
export interface TestClock {
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly waited: number[];
}

export function testClock(): TestClock {
  let ahead = 0;
  const waited: number[] = [];
  return {
    now: () => Date.now() + ahead,
    wait: (ms) => {
      ahead += ms;
      waited.push(ms);
      return Promise.resolve();
    },
    waited,
  };
}

export interface LabWish {
  readonly directory?: Partial<DirectoryOptions>;
  readonly cloud?: Partial<CloudOptions>;
  readonly certificate?: Buffer;
  /** Application ids that the tenant has a service principal for; default: all of both profiles. */
  readonly principals?: readonly string[];
  /** Keys on the Skype for Business principal to begin with. */
  readonly keys?: readonly StoredKey[];
}

export interface ProvisioningLab {
  readonly folder: string;
  readonly directory: string;
  readonly cloud: Cloud;
  readonly certificate: Buffer;
  readonly clock: TestClock;
  settings(input?: SettingsInput): Settings;
}

/** Exchange's organisation in a file and the cloud on loopback, made anew for one test. */
export async function startProvisioningLab(wish: LabWish = {}): Promise<ProvisioningLab> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-provisioning-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const certificate = wish.certificate ?? authCertificate();
  const stored = labCertificate(certificate);
  const directory = join(folder, "directory.json");
  makeLabDirectory(directory, {
    certificates: [stored],
    authConfig: { current: stored.thumbprint },
    tenant,
    ...wish.directory,
  });
  const clock = testClock();
  const principals = (wish.principals ?? Object.values(appIds)).map((appId) =>
    principal(appId, appId === appIds.skype ? (wish.keys ?? []) : []),
  );
  const cloud = await startCloud({
    tenant,
    ...wish.cloud,
    store: { now: clock.now, principals, ...wish.cloud?.store },
  });
  onTestFinished(() => cloud.stop());
  return {
    folder,
    directory,
    cloud,
    certificate,
    clock,
    settings: (input = {}) =>
      readSettings({
        profile: "skype-online",
        domain: labDomain,
        dc: labControllers[0],
        tenant,
        graphUrl: cloud.graphUrl,
        loginUrl: cloud.loginUrl,
        ...input,
      }),
  };
}

export function principal(appId: string, keyCredentials: readonly StoredKey[] = []): StoredPrincipal {
  return {
    id: `00000000-aaaa-bbbb-cccc-${appId.slice(0, 8)}0000`,
    appId,
    displayName: `Principal of ${appId.slice(0, 8)}`,
    accountEnabled: true,
    servicePrincipalNames: [appId, "https://mail.contoso.example"],
    keyCredentials,
  };
}

let nextKey = 1;

/** A key as somebody else put it there, or (with our certificate) as an earlier run did. */
export function storedKey(der: Buffer, change: Partial<StoredKey> = {}): StoredKey {
  const read = readCertificate(der, "test");
  const number = String(nextKey++).padStart(12, "0");
  return {
    keyId: `11111111-2222-3333-4444-${number}`,
    customKeyIdentifier: read.thumbprint,
    displayName: null,
    type: "AsymmetricX509Cert",
    usage: "Verify",
    startDateTime: read.notBefore,
    endDateTime: read.notAfter,
    key: read.der,
    ...change,
  };
}

export interface OpenWish {
  readonly settings?: Settings;
  readonly shell?: Parameters<typeof startExchangeShell>[0]["limits"];
  readonly token?: () => Promise<string>;
  /** Instead of a shell process. */
  readonly direct?: ExchangeShell;
}

export interface OpenedLab {
  readonly ports: Ports;
  readonly shell: StartedShell | null;
  readonly events: RunEvent[];
  plan(): Promise<Plan>;
  apply(plan?: Plan, how?: Partial<Run>): Promise<RunResult>;
  resume(how?: Partial<Run>): Promise<RunResult>;
  undo(consents?: readonly Consent[]): Promise<RunResult>;
  verify(): Promise<Verification>;
  readonly journalPath: string;
  close(): Promise<void>;
}

/** A real shell process and a real connection to the cloud, with the engine on top. */
export async function openLab(lab: ProvisioningLab, wish: OpenWish = {}): Promise<OpenedLab> {
  const settings = wish.settings ?? lab.settings();
  const shell =
    settings.only === "cloud" || wish.direct !== undefined
      ? null
      : await startExchangeShell({
          target: { kind: "program", ...labShell(lab.directory) },
          ...(wish.shell === undefined ? {} : { limits: wish.shell }),
        });
  const { now, wait } = lab.clock;
  const ports: Ports = {
    settings,
    exchange: wish.direct ?? shell,
    graph: settings.only === "exchange" ? null : openGraph(lab, settings, wish),
    hidden: shell?.facts.hidden ?? [],
    machine: shell?.facts.machine ?? null,
    now,
    wait,
  };
  const steps = stepsFor(settings);
  const journalPath = join(lab.folder, "journal.ndjson");
  const events: RunEvent[] = [];
  const withJournal = async (how: Partial<Run>, act: (run: Run) => Promise<RunResult>): Promise<RunResult> => {
    const journal = openRunJournal(journalPath, { now, hide: createSecretFilter().hide });
    const run: Run = {
      tool: "0.1.0",
      steps,
      ports,
      journal,
      consents: new Set(),
      actors: { exchange: "CONTOSO\\exadmin", cloud: "admin@contoso.example" },
      onEvent: (event) => void events.push(event),
      isInterrupted: () => false,
      ...how,
    };
    try {
      return await act(run);
    } finally {
      journal.close();
    }
  };
  const plan = async (): Promise<Plan> =>
    makePlan(settings, steps, await observeSteps(steps, ports), { tool: "0.1.0", now: now(), hidden: ports.hidden });
  let last: Plan | null = null;
  const close = async (): Promise<void> => shell?.stop();
  onTestFinished(close);
  return {
    ports,
    shell,
    events,
    journalPath,
    plan,
    close,
    apply: async (given, how = {}) => {
      last = given ?? (await plan());
      const planned = last;
      return withJournal(how, (run) => applyPlan(planned, run));
    },
    resume: async (how = {}) => {
      const begin = readRunJournal(journalPath).find((entry) => entry.kind === "begin");
      if (begin?.kind !== "begin") throw new Error("there is no run to go on with");
      return withJournal(how, (run) => resumeRun(begin.plan, run));
    },
    undo: async (consents = []) => {
      const undoSteps = planUndo(readRunJournal(journalPath), steps);
      return withJournal({ consents: new Set(consents) }, (run) => undoRun(undoSteps, run));
    },
    verify: () => verify(steps, ports, { tool: "0.1.0" }),
  };
}

function openGraph(lab: ProvisioningLab, settings: Settings, wish: OpenWish): Graph {
  const secrets = createSecretFilter();
  const { now, wait } = lab.clock;
  const tokens = createTokenSource({
    fetchToken: wish.token ?? (() => lab.cloud.token()),
    expected: { cloud: settings.cloud, tenant: settings.tenant },
    now: Date.now,
    secrets,
    onWarning: () => undefined,
  });
  const client = createGraphClient({
    origin: settings.cloud.graph,
    tokens,
    fetch,
    now,
    wait,
    random: () => 0.5,
    hide: (text) => secrets.hide(text),
  });
  return createGraph({ client, actor: tokens.actor, now, wait });
}
