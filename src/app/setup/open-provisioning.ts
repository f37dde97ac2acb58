// Opens settings, the Exchange shell, Microsoft Graph and the folder of runs for one verb of `provision`, which closes them.
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { environmentOf } from "../../programs/environment.ts";
import { createShellNotes, type ShellNotes } from "../../provisioning/engine/shell-notes.ts";
import type { ShellCommand, ShellTarget } from "../../provisioning/exchange/shell-command.ts";
import { type StartedShell, startExchangeShell } from "../../provisioning/exchange/start-shell.ts";
import { createGraph } from "../../provisioning/graph/graph.ts";
import { createGraphClient, type Fetch } from "../../provisioning/graph/graph-client.ts";
import { type CertificateFacts, readCertificate } from "../../provisioning/model/certificate.ts";
import type { Graph } from "../../provisioning/model/graph.ts";
import { createSecretFilter, type SecretFilter } from "../../provisioning/model/hide-secrets.ts";
import { readSettings, type Settings } from "../../provisioning/model/settings.ts";
import type { Ports, Step } from "../../provisioning/model/step.ts";
import { createTokenSource } from "../../provisioning/sign-in/token-source.ts";
import { stepsFor } from "../../provisioning/steps/all-steps.ts";
import { provisioningFolder } from "../data-folder.ts";
import { type Answers, type ProvisionOptions, readAnswers } from "./answers.ts";
import { readBundle } from "./bundle.ts";
import { chooseToken } from "./choose-token.ts";

export interface Provisioning {
  readonly settings: Settings;
  readonly steps: readonly Step[];
  /** The certificates of `--bundle` or `--auth-cert`. */
  readonly given: readonly CertificateFacts[];
  readonly ports: Ports;
  readonly secrets: SecretFilter;
  /** What the shell prints beside its answers. */
  readonly notes: ShellNotes;
  /** Folder of locks and runs. */
  readonly root: string;
  readonly actors: () => { readonly exchange: string; readonly cloud: string };
  /** Ends the shell at once, for a second Ctrl-C. */
  readonly cancel: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface OpenWith {
  /** The settings of a run that is resumed or undone, in place of the answers; null otherwise. */
  readonly settled: Settings | null;
  /** The program that plays the Exchange shell of `--lab FILE`. */
  readonly labShell: (file: string) => Omit<Extract<ShellTarget, { kind: "program" }>, "kind">;
}

/** Opens what a verb needs. Throws ToolError when an answer is missing or wrong. */
export async function openProvisioning(
  options: ProvisionOptions,
  { settled, labShell }: OpenWith,
): Promise<Provisioning> {
  const answers = await readAnswers(options);
  const settings = settled ?? readSettings(answers);
  const given = readGivenCertificates(answers, settings);
  // A refused folder throws before a shell is started.
  const root = provisioningFolder();
  const secrets = createSecretFilter();
  const fetch = await chooseFetch();
  for (const note of settled === null ? settings.notes : []) warn(note);
  const graph =
    settings.only === "exchange"
      ? null
      : openGraph({
          settings,
          secrets,
          fetch,
          fetchToken: chooseToken({ answers, settings, fetch, secrets, ...clock }),
        });
  const notes = createShellNotes((text) => secrets.hide(text));
  const shell =
    settings.only === "cloud"
      ? null
      : await startExchangeShell({ target: shellWay(answers, labShell), note: notes.add });
  const steps = stepsFor(settings, given);
  return { ...fromOpenParts({ settings, steps, shell, graph, secrets, notes, root }), given };
}

const clock = { now: Date.now, wait };

export interface Parts {
  readonly settings: Settings;
  readonly steps: readonly Step[];
  readonly shell: StartedShell | null;
  readonly graph: Graph | null;
  readonly secrets: SecretFilter;
  readonly notes: ShellNotes;
  readonly root: string;
}

/** Joins parts that are open already; the demo starts here. */
export function fromOpenParts({ settings, steps, shell, graph, secrets, notes, root }: Parts): Provisioning {
  return {
    settings,
    steps,
    given: [],
    ports: {
      settings,
      exchange: shell,
      graph,
      hidden: shell?.facts.hidden ?? [],
      machine: shell?.facts.machine ?? null,
      ...clock,
    },
    secrets,
    notes,
    root,
    actors: () => ({ exchange: shell?.facts.actor ?? "", cloud: graph?.actor() ?? "" }),
    cancel: async () => shell?.cancel(),
    close: async () => shell?.stop(),
  };
}

/** Prints a line for the user on standard error; never part of machine output. */
export function warn(text: string): void {
  process.stderr.write(`${safe(text)}\n`);
}

/** The names of the environment variables that a shell gets; the values are this machine's. */
export function shellVariables(kind: ShellCommand["kind"]): readonly string[] {
  return Object.keys(environmentOf(kind)).sort();
}

/** How Exchange is reached by these answers. */
export function shellWay(
  { lab, exchange = "local", exchangeHost, powershell }: Answers,
  labShell: OpenWith["labShell"],
): ShellTarget {
  if (lab !== undefined) return { kind: "program", ...labShell(lab) };
  const program = powershell === undefined ? {} : { powershell };
  if (exchange === "local") return { kind: "local", ...program };
  if (exchangeHost === undefined) {
    throw new ToolError("missing-setting", `--exchange ${exchange} needs --exchange-host.`, {
      hint: "Give the Exchange server (remote) or the SSH destination.",
    });
  }
  if (exchange === "remote") return { kind: "remote", server: exchangeHost, ...program };
  if (exchange === "ssh") return { kind: "ssh", destination: exchangeHost };
  throw new ToolError("bad-setting", `--exchange ${JSON.stringify(exchange)} is not a way to reach Exchange.`, {
    hint: "Ways: local, remote, ssh.",
  });
}

export interface GraphParts {
  readonly settings: Settings;
  readonly secrets: SecretFilter;
  readonly fetch: Fetch;
  readonly fetchToken: () => Promise<string>;
}

/** Microsoft Graph of the settings' cloud; its token is fetched and checked at the first request. */
export function openGraph({ settings, secrets, fetch, fetchToken }: GraphParts): Graph {
  const tokens = createTokenSource({
    fetchToken,
    expected: { cloud: settings.cloud, tenant: settings.tenant },
    now: Date.now,
    secrets,
    onWarning: warn,
  });
  const client = createGraphClient({
    origin: settings.cloud.graph,
    tokens,
    fetch,
    now: Date.now,
    wait,
    random: Math.random,
    hide: (text) => secrets.hide(text),
    onClockSkew: (skewMs) =>
      warn(
        `The clock here is ${Math.round(Math.abs(skewMs) / 60_000)} minutes ${skewMs > 0 ? "behind" : "ahead of"} Microsoft Graph's: certificates and tokens may be judged wrongly.`,
      ),
  });
  return createGraph({ client, actor: tokens.actor, now: Date.now, wait });
}

/** Certificates of `--bundle` or `--auth-cert`, for the cloud half. Throws ToolError. */
export function readGivenCertificates(answers: Answers, settings: Settings): readonly CertificateFacts[] {
  if (answers.bundle !== undefined) return readBundle(answers.bundle, settings.tenant);
  const given = answers.authCert.map((path) => readCertificate(readBytes(path), JSON.stringify(path)));
  if (settings.only !== "cloud" || given.length > 0) return given;
  throw new ToolError("missing-setting", "--only cloud needs the auth certificate.", {
    hint: "Give --auth-cert FILE, or --bundle FILE from the run on the Exchange side.",
  });
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ToolError("unreadable-file", `${JSON.stringify(path)} cannot be read.`, {
      hint: "Check the path and its rights.",
      cause,
    });
  }
}

/** Node.js's own fetch, or that of undici with HTTPS_PROXY, which the built-in one of Node.js 20 ignores. */
async function chooseFetch(environment: NodeJS.ProcessEnv = process.env): Promise<Fetch> {
  const names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
  if (!names.some((name) => (environment[name] ?? "") !== "")) return fetch;
  const undici = await import("undici");
  const dispatcher = new undici.EnvHttpProxyAgent();
  // undici declares the same types a second time.
  return ((url, init) => undici.fetch(url, { ...(init as object), dispatcher })) as Fetch;
}
