import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ToolError } from "../core/tool-error.ts";
import type { Severity } from "../diagnosis/catalogue/finding.ts";
import { severities } from "../diagnosis/catalogue/finding-text.ts";
import { themeNames } from "../tui/lines/theme.ts";
import type { CopyWay } from "../tui/model/messages.ts";
import { limitNames, limitProblem } from "./limit-options.ts";

/** `realmscope.config.json`: options that would otherwise be typed for each command. Data only, never code. */
export interface Configuration {
  /** Names of further applications (a dedicated hybrid application) by application id. */
  readonly applications: ReadonlyMap<string, string>;
  /** The tenant's dedicated hybrid application: its id in lower case. */
  readonly hybridApp: string | null;
  readonly realm: string | null;
  readonly hosts: readonly string[];
  readonly failOn: Severity | null;
  /** Answers of `provision`; that command checks their values. */
  readonly provisioning: Readonly<Record<string, unknown>>;
  /** As for --limit: the name and its value. */
  readonly limits: Readonly<Record<string, number>>;
  /** Keys of the screen by command name. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly theme: string | null;
  readonly isAscii: boolean | null;
  readonly copy: CopyWay | null;
  readonly hasBell: boolean | null;
  /** A screen without a clock and rates. */
  readonly isQuiet: boolean | null;
}

const known =
  "applications hybridApp realm hosts failOn provisioning limits keys theme ascii copy bell quietClock".split(" ");
const fileName = "realmscope.config.json";
const nothingConfigured: Configuration = {
  applications: new Map(),
  hybridApp: null,
  realm: null,
  hosts: [],
  failOn: null,
  provisioning: {},
  limits: {},
  keys: {},
  theme: null,
  isAscii: null,
  copy: null,
  hasBell: null,
  isQuiet: null,
};
const guid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/**
 * Reads the named file, whoever owns it, else the nearest `realmscope.config.json` upward, which may hold data alone; an
 * empty configuration when there is none. Throws ToolError `bad-configuration` or `foreign-configuration`.
 */
export async function readConfiguration(named: string | undefined, folder = process.cwd()): Promise<Configuration> {
  const path = named ?? findConfiguration(folder);
  if (path === null) return nothingConfigured;
  const found = named === undefined ? await import("./found-configuration.ts") : null;
  const parsed = parseFile(path, found === null ? (file) => readFileSync(file, "utf8") : found.readFound);
  const unknown = Object.keys(parsed).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw wrong(path, `has an unknown key ${JSON.stringify(unknown)}`, `Known keys: ${known.join(", ")}.`);
  found?.refuseDecisions(path, parsed);
  return {
    applications: readApplications(path, parsed.applications),
    hybridApp: await readHybridApp(path, parsed.hybridApp),
    realm: readRealm(path, parsed.realm),
    hosts: readHosts(path, parsed.hosts),
    failOn: readFailOn(path, parsed.failOn),
    provisioning: await readProvisioning(path, parsed.provisioning),
    limits: readNumbers(path, parsed.limits),
    keys: await readKeys(path, parsed.keys),
    theme: readTheme(path, parsed.theme),
    isAscii: readFlag(path, "ascii", parsed.ascii),
    copy: await readCopy(path, parsed.copy),
    hasBell: readFlag(path, "bell", parsed.bell),
    isQuiet: readFlag(path, "quietClock", parsed.quietClock),
  };
}

/** The nearest file of that name, from the folder upward; null when there is none. */
function findConfiguration(folder: string): string | null {
  for (let here = resolve(folder); ; here = dirname(here)) {
    const path = join(here, fileName);
    if (existsSync(path)) return path;
    if (dirname(here) === here) return null;
  }
}

function parseFile(path: string, read: (path: string) => string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(read(path).replace(/^\uFEFF/, ""));
  } catch (cause) {
    if (cause instanceof ToolError) throw cause;
    const reason = cause instanceof SyntaxError ? "is not JSON" : "cannot be read";
    throw new ToolError("bad-configuration", `The configuration file ${JSON.stringify(path)} ${reason}.`, {
      hint: "Name a readable JSON file with --config.",
      cause,
    });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw wrong(path, "is not a JSON object", `It holds keys such as ${known.join(", ")}.`);
  }
  return { ...parsed };
}

function readApplications(path: string, value: unknown): ReadonlyMap<string, string> {
  if (value === undefined) return new Map();
  const hint = 'Write "applications": { "<application id>": "<name>" }.';
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong(path, "has no object in applications", hint);
  const entries = Object.entries(value).map(([id, name]) => [id.toLowerCase(), name] as const);
  for (const [id, name] of entries) {
    if (!guid.test(id))
      throw wrong(path, `has ${JSON.stringify(id)} in applications, which is not an application id`, hint);
    if (typeof name !== "string") throw wrong(path, `has no name for ${JSON.stringify(id)} in applications`, hint);
  }
  return new Map(entries.map(([id, name]) => [id, String(name)]));
}

async function readHybridApp(path: string, value: unknown): Promise<string | null> {
  if (value === undefined) return null;
  const { hybridAppHint, hybridAppProblem } = await import("./hybrid-app.ts");
  const problem = hybridAppProblem(value);
  if (typeof value !== "string" || problem !== null)
    throw wrong(path, `has ${JSON.stringify(value)} in hybridApp, which ${problem ?? "is not text"}`, hybridAppHint);
  return value.toLowerCase();
}

function readRealm(path: string, value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value !== "string") throw wrong(path, "has no text in realm", 'Write "realm": "<tenant id or domain>".');
  return value;
}

function readHosts(path: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  const hint = 'Write "hosts": ["mail.contoso.com", "*.contoso.com"].';
  if (!Array.isArray(value)) throw wrong(path, "has no list in hosts", hint);
  return value.map((host: unknown) => {
    if (typeof host !== "string") throw wrong(path, "has an entry in hosts that is not text", hint);
    return host;
  });
}

function readNumbers(path: string, value: unknown): Readonly<Record<string, number>> {
  if (value === undefined) return {};
  const hint = 'Write "limits": { "connections": 2000 }.';
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong(path, "has no object in limits", hint);
  const entries = Object.entries(value).map(([name, number]): [string, number] => {
    if (typeof number !== "number") throw wrong(path, `has no number for ${JSON.stringify(name)} in limits`, hint);
    const problem = limitProblem(name, number);
    if (problem !== null)
      throw wrong(path, `cannot be used for limits: ${problem}`, `Limits: ${limitNames.join(", ")}.`);
    return [name, number];
  });
  return Object.fromEntries(entries);
}

function readFailOn(path: string, value: unknown): Severity | null {
  if (value === undefined) return null;
  const severity = severities.find((candidate) => candidate === value);
  if (severity === undefined) throw wrong(path, "has no severity in failOn", `Severities: ${severities.join(", ")}.`);
  return severity;
}

async function readProvisioning(path: string, value: unknown): Promise<Configuration["provisioning"]> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong(path, "has no object in provisioning", 'Write "provisioning": { "domain": "contoso.com" }.');
  const answers = { ...value };
  const { answersProblem } = await import("./provisioning-keys.ts");
  const problem = answersProblem(answers);
  if (problem !== null) throw wrong(path, `has ${problem.what} in provisioning`, problem.hint);
  return answers;
}

async function readKeys(path: string, value: unknown): Promise<Configuration["keys"]> {
  if (value === undefined) return {};
  const hint = 'Write "keys": { "<command>": "<key>" } or a list of keys; docs/screen.md names the commands.';
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong(path, "has no object in keys", hint);
  const entries = Object.entries(value).map(([name, keys]): [string, readonly string[]] => {
    const list: readonly unknown[] = Array.isArray(keys) ? keys : [keys];
    const texts = list.filter((key) => typeof key === "string");
    if (texts.length !== list.length) throw wrong(path, `has a key of ${JSON.stringify(name)} that is not text`, hint);
    return [name, texts];
  });
  const keys = Object.fromEntries(entries);
  // The commands of the screen are many files; a configuration without keys loads none of them.
  const { findKeyProblem } = await import("../tui/update/key-bindings.ts");
  const problem = findKeyProblem(keys);
  if (problem !== null) throw wrong(path, `cannot be used for keys: ${problem}`, hint);
  return keys;
}

function readTheme(path: string, value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value === "string" && themeNames.includes(value)) return value;
  throw wrong(path, "has no theme in theme", `Themes: ${themeNames.join(", ")}.`);
}

function readFlag(path: string, name: string, value: unknown): boolean | null {
  if (value === undefined) return null;
  if (typeof value === "boolean") return value;
  throw wrong(path, `has neither true nor false in ${name}`, `Write "${name}": true.`);
}

async function readCopy(path: string, value: unknown): Promise<CopyWay | null> {
  if (value === undefined) return null;
  const { copyWays } = await import("../tui/model/messages.ts");
  const way = copyWays.find((candidate) => candidate === value);
  if (way === undefined) throw wrong(path, "has no way to copy in copy", `Ways: ${copyWays.join(", ")}.`);
  return way;
}

function wrong(path: string, what: string, hint: string): ToolError {
  return new ToolError("bad-configuration", `The configuration file ${JSON.stringify(path)} ${what}.`, { hint });
}
