// The answers of `provision`: flags first, then the configuration file. Secrets are in neither: they come from the environment or a file of their own.
import { ToolError } from "../../core/tool-error.ts";
import { readConfiguration } from "../configuration.ts";
import { textKeys, truthKeys } from "../provisioning-keys.ts";

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
  without?: string | undefined;
  step1?: true | undefined;
  skipStep1Check?: true | undefined;
  allowPartial?: true | undefined;
  directRoles?: true | undefined;
  removeLegacy?: true | undefined;
  removeDuplicateKeys?: true | undefined;
  exchange?: "local" | "remote" | "ssh" | undefined;
  exchangeHost?: string | undefined;
  powershell?: string | undefined;
  printLoader?: true | undefined;
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

type TextKey = (typeof textKeys)[number];
type TruthKey = (typeof truthKeys)[number];

/** The merged answers of flags and configuration file. */
export type Answers = { readonly [key in TextKey]?: string | undefined } & {
  readonly [key in TruthKey]?: boolean | undefined;
} & {
  readonly names: Readonly<Record<string, string>>;
  readonly authCert: readonly string[];
  readonly bundle: string | undefined;
};

/** Merges flags with "provisioning" of the configuration file; a flag wins. Throws ToolError. */
export async function readAnswers(options: ProvisionOptions): Promise<Answers> {
  const configured = (await readConfiguration(options.config)).provisioning;
  const texts = textKeys.flatMap((key) => {
    const value = options[key] ?? textIn(configured, key);
    return value === undefined ? [] : [[key, value] as const];
  });
  const truths = truthKeys.map((key) => [key, options[key] === true || configured[key] === true] as const);
  const names = { ...namesIn(configured), ...readPairs(options.name) };
  return { ...Object.fromEntries([...texts, ...truths]), names, authCert: options.authCert, bundle: options.bundle };
}

function textIn(configured: Readonly<Record<string, unknown>>, key: TextKey): string | undefined {
  const value = configured[key];
  return typeof value === "string" ? value : undefined;
}

function namesIn({ names }: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  if (typeof names !== "object" || names === null) return {};
  return Object.fromEntries(Object.entries(names).map(([from, to]) => [from, String(to)]));
}

function readPairs(pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [from = "", ...rest] = pair.split("=");
      if (rest.length > 0 && from !== "") return [from, rest.join("=")];
      throw new ToolError("bad-setting", `--name ${JSON.stringify(pair)} is not DEFAULT=OWN.`, {
        hint: "For example --name partner:SfBOnline=SfB-Partner.",
      });
    }),
  );
}
