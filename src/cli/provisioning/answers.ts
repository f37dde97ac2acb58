// Flags first, then the configuration file. Secrets come from the environment or a file, never from either.
import { ToolError } from "../../core/tool-error.ts";
import { readConfiguration } from "../configuration.ts";

/** The options that every verb of `provision` takes. */
export type ProvisionOptions = {
  profile?: string | undefined;
  domain?: string | undefined;
  dc?: string | undefined;
  server?: string | undefined;
  mailbox?: string | undefined;
  tenant?: string | undefined;
  cloud?: string | undefined;
  graphUrl?: string | undefined;
  loginUrl?: string | undefined;
  name: readonly string[];
  only?: "exchange" | "cloud" | undefined;
  step1?: true | undefined;
  skipStep1Check?: true | undefined;
  allowPartial?: true | undefined;
  directRoles?: true | undefined;
  removeLegacy?: true | undefined;
  removeDuplicateKeys?: true | undefined;
  exchange?: "local" | "remote" | "ssh" | undefined;
  exchangeHost?: string | undefined;
  powershell?: string | undefined;
  lab?: string | undefined;
  signIn?: "env" | "stdin" | "az" | "device-code" | "client-credentials" | undefined;
  clientId?: string | undefined;
  clientCertificate?: string | undefined;
  authCert: readonly string[];
  bundle?: string | undefined;
  json?: true | undefined;
  plain?: true | undefined;
  color: boolean;
  quiet?: true | undefined;
  config?: string | undefined;
};

const textKeys = [
  "profile",
  "domain",
  "dc",
  "server",
  "mailbox",
  "tenant",
  "cloud",
  "graphUrl",
  "loginUrl",
  "only",
  "exchange",
  "exchangeHost",
  "powershell",
  "lab",
  "signIn",
  "clientId",
  "clientCertificate",
] as const;
const truthKeys = [
  "step1",
  "skipStep1Check",
  "allowPartial",
  "directRoles",
  "removeLegacy",
  "removeDuplicateKeys",
] as const;

type TextKey = (typeof textKeys)[number];
type TruthKey = (typeof truthKeys)[number];

/** What flags and configuration file answer together. */
export type Answers = { readonly [key in TextKey]?: string | undefined } & {
  readonly [key in TruthKey]?: boolean | undefined;
} & {
  readonly names: Readonly<Record<string, string>>;
  readonly authCert: readonly string[];
  readonly bundle: string | undefined;
};

/** Merges flags with "provisioning" of the configuration file; a flag wins. Throws ToolError for an unknown key. */
export function readAnswers(options: ProvisionOptions): Answers {
  const configured = readConfiguration(options.config).provisioning;
  refuseUnknown(configured);
  const texts = textKeys.flatMap((key) => {
    const value = options[key] ?? textIn(configured, key);
    return value === undefined ? [] : [[key, value] as const];
  });
  const truths = truthKeys.map((key) => [key, options[key] === true || truthIn(configured, key)] as const);
  const names = { ...namesIn(configured), ...readPairs(options.name) };
  return { ...Object.fromEntries([...texts, ...truths]), names, authCert: options.authCert, bundle: options.bundle };
}

function refuseUnknown(configured: Readonly<Record<string, unknown>>): void {
  const known: readonly string[] = [...textKeys, ...truthKeys, "names"];
  const unknown = Object.keys(configured).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw wrong(`has an unknown key ${JSON.stringify(unknown)}`, `Known keys: ${known.join(", ")}.`);
}

function textIn(configured: Readonly<Record<string, unknown>>, key: TextKey): string | undefined {
  const value = configured[key];
  if (value === undefined || typeof value === "string") return value;
  throw wrong(`has no text in ${key}`, `Write "${key}": "…".`);
}

function truthIn(configured: Readonly<Record<string, unknown>>, key: TruthKey): boolean {
  const value = configured[key];
  if (value === undefined || typeof value === "boolean") return value === true;
  throw wrong(`has neither true nor false in ${key}`, `Write "${key}": true.`);
}

function namesIn(configured: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const value = configured.names;
  if (value === undefined) return {};
  const hint = 'Write "names": { "SfBOnline": "our own name" }.';
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong("has no object in names", hint);
  return Object.fromEntries(
    Object.entries(value).map(([from, to]) => {
      if (typeof to !== "string") throw wrong(`has no text for ${JSON.stringify(from)} in names`, hint);
      return [from, to];
    }),
  );
}

function readPairs(pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [from = "", ...rest] = pair.split("=");
      if (rest.length > 0 && from !== "") return [from, rest.join("=")];
      throw new ToolError("bad-setting", `--name ${JSON.stringify(pair)} is not DEFAULT=OWN.`, {
        hint: "For example --name SfBOnline=SfB-Partner.",
      });
    }),
  );
}

function wrong(what: string, hint: string): ToolError {
  return new ToolError("bad-configuration", `"provisioning" of the configuration file ${what}.`, { hint });
}
