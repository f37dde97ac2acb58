// Checks every answer that the procedure needs. From here on values stay data: none is pasted into a script.
import { domainToASCII, domainToUnicode } from "node:url";
import { isGuid } from "../../core/principals.ts";
import { ToolError } from "../../core/tool-error.ts";
import { type Cloud, clouds, customCloud } from "./clouds.ts";
import {
  defaultProfile,
  namedKinds,
  type ProfileName,
  principalWords,
  profileNames,
  wholeProfile,
} from "./profiles.ts";

/** Answers from flags, the configuration file or the wizard. All optional: `readSettings` reports what is missing. */
export interface SettingsInput {
  readonly profile?: string | undefined;
  readonly domain?: string | undefined;
  readonly dc?: string | undefined;
  readonly server?: string | undefined;
  readonly mailbox?: string | undefined;
  readonly tenant?: string | undefined;
  readonly cloud?: string | undefined;
  readonly graphUrl?: string | undefined;
  readonly loginUrl?: string | undefined;
  readonly names?: Readonly<Record<string, string>> | undefined;
  /** Words or application ids, joined by commas. */
  readonly without?: string | undefined;
  readonly only?: string | undefined;
  readonly step1?: boolean | undefined;
  readonly skipStep1Check?: boolean | undefined;
  readonly allowPartial?: boolean | undefined;
  readonly directRoles?: boolean | undefined;
  readonly removeLegacy?: boolean | undefined;
  readonly removeDuplicateKeys?: boolean | undefined;
}

export interface Settings {
  readonly profile: ProfileName;
  /** The verified domain as DNS has it: lower case, ASCII, no trailing dot. Empty when not given with `hybrid-app`. */
  readonly domain: string;
  readonly domainController: string;
  /** The one Exchange server whose certificate is checked; null for all mailbox servers. */
  readonly server: string | null;
  /** On-premises mailbox for Test-OAuthConnectivity, null to leave that test out. */
  readonly mailbox: string | null;
  readonly tenant: string;
  readonly cloud: Cloud;
  /** Own names by default name, or by `kind:default name`. */
  readonly names: Readonly<Record<string, string>>;
  /** Application ids whose service principal is left out; missing in plans of earlier versions. */
  readonly without?: readonly string[];
  readonly only: "exchange" | "cloud" | null;
  readonly options: {
    /** Also apply the two safe parts of step 1. */
    readonly step1: boolean;
    readonly skipStep1Check: boolean;
    readonly allowPartial: boolean;
    readonly directRoles: boolean;
    readonly removeLegacy: boolean;
    readonly removeDuplicateKeys: boolean;
  };
  /** How answers were normalised, for display: a Unicode domain, a trailing dot. */
  readonly notes: readonly string[];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression finds the characters that are refused
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const hostName = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/** Checks and normalises all answers. Throws ToolError naming the flag that is missing or wrong. */
export function readSettings(input: SettingsInput): Settings {
  const notes: string[] = [];
  const profile = profileNames.find((name) => name === (input.profile ?? defaultProfile));
  if (profile === undefined) throw wrong("--profile", `must be one of ${profileNames.join(", ")}`);
  if (input.profile === undefined) notes.push(`No --profile given: ${defaultProfile}, today's page, is planned.`);
  const only = input.only === undefined ? null : input.only;
  if (only !== null && only !== "exchange" && only !== "cloud") throw wrong("--only", "must be exchange or cloud");
  const isChecked = profile === "hybrid-app";
  const domain =
    isChecked && input.domain === undefined
      ? ""
      : readDomain(required(input.domain, "--domain", "the verified domain"), "--domain", notes);
  return {
    profile,
    domain,
    domainController: readController(input.dc, only === "cloud" || (isChecked && input.dc === undefined), notes),
    server: input.server === undefined ? null : plainText(input.server, "--server"),
    mailbox: input.mailbox === undefined ? null : plainText(input.mailbox, "--mailbox"),
    tenant: readTenant(input.tenant, only),
    cloud: readCloud(input),
    names: readNames(input.names ?? {}),
    without: readWithout(input.without, profile),
    only,
    options: {
      step1: input.step1 === true,
      skipStep1Check: input.skipStep1Check === true,
      allowPartial: input.allowPartial === true,
      directRoles: input.directRoles === true,
      removeLegacy: input.removeLegacy === true,
      removeDuplicateKeys: input.removeDuplicateKeys === true,
    },
    notes,
  };
}

/** The domain controller; Exchange chooses one where none is needed and none is given. Throws ToolError. */
function readController(dc: string | undefined, isOptional: boolean, notes: string[]): string {
  return isOptional ? (dc ?? "") : readHost(required(dc, "--dc", "a domain controller"), "--dc", notes);
}

/** Reads the verified domain into DNS form; the wizard uses the same check. Throws ToolError. */
export function readDomain(value: string, flag: string, notes: string[] = []): string {
  const domain = readHost(value, flag, notes);
  if (!domain.includes(".")) throw wrong(flag, "needs a domain with at least one dot, such as contoso.com");
  return domain;
}

/** Reads a host name into DNS form: IDN as ASCII, lower case, no trailing dot. Throws ToolError. */
export function readHost(value: string, flag: string, notes: string[] = []): string {
  const text = plainText(value, flag).trim();
  const bare = text.endsWith(".") ? text.slice(0, -1) : text;
  const ascii = domainToASCII(bare).toLowerCase();
  if (ascii === "" || !hostName.test(ascii))
    throw wrong(flag, `cannot use ${JSON.stringify(text.slice(0, 80))} as a host name`);
  if (ascii !== text) {
    const shown = domainToUnicode(ascii);
    notes.push(`${flag} ${JSON.stringify(text)} is used as ${ascii}${shown === ascii ? "" : ` (${shown})`}.`);
  }
  return ascii;
}

/** Reads the tenant id, lower case; empty for `--only exchange` without one. Throws ToolError. */
export function readTenant(value: string | undefined, only: Settings["only"]): string {
  if (value === undefined && only === "exchange") return "";
  const tenant = required(value, "--tenant", "the tenant id").trim();
  if (!isGuid(tenant)) throw wrong("--tenant", "needs the tenant's id, a GUID; the portal shows it as Tenant ID");
  return tenant.toLowerCase();
}

function readCloud(input: SettingsInput): Cloud {
  const name = input.cloud ?? (input.graphUrl === undefined ? "global" : "custom");
  if (name === "custom") {
    const graph = readOrigin(
      required(input.graphUrl, "--graph-url", "Graph's address in a custom cloud"),
      "--graph-url",
    );
    const login = readOrigin(required(input.loginUrl, "--login-url", "the token issuer's address"), "--login-url");
    return customCloud(graph, login);
  }
  const cloud = clouds.find((candidate) => candidate.name === name);
  if (cloud === undefined)
    throw wrong("--cloud", `must be one of ${clouds.map((each) => each.name).join(", ")}, custom`);
  if (input.graphUrl !== undefined || input.loginUrl !== undefined) throw wrong("--graph-url", "needs --cloud custom");
  return cloud;
}

function readOrigin(value: string, flag: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || url.username !== "" || url.password !== "") throw wrong(flag, "needs a plain https:// address");
  // A token is never sent unencrypted over a network; loopback is allowed for the lab.
  const isLoopback = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback))
    throw wrong(flag, "needs https://; http:// is for loopback alone");
  return url.origin;
}

function readNames(names: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [from, to] of Object.entries(names)) {
    plainText(from, "--name");
    const kind = /^([a-z]+):/.exec(from)?.[1];
    if (kind !== undefined && !namedKinds.some((known) => known === kind))
      throw wrong("--name", `has ${JSON.stringify(kind)} before the colon; it must be one of ${namedKinds.join(", ")}`);
    if (plainText(to, "--name").length > 64)
      throw wrong("--name", "names of Exchange objects have at most 64 characters");
    if (to.trim() === "") throw wrong("--name", "needs DEFAULT=OWN with a name after the equals sign");
  }
  return names;
}

/** The application ids of `--without`, in the order of the profile. Throws ToolError for one that the profile does not have. */
function readWithout(value: string | undefined, profile: ProfileName): readonly string[] {
  const { servicePrincipals } = wholeProfile(profile);
  const words = Object.entries(principalWords).filter(([, appId]) => servicePrincipals.includes(appId));
  const left = (value ?? "").split(",").flatMap((part) => {
    const word = plainText(part, "--without").trim().toLowerCase();
    if (word === "") return [];
    const found = words.find(([name, appId]) => name === word || appId === word);
    if (found === undefined)
      throw wrong(
        "--without",
        `${JSON.stringify(word)} is not an application of --profile ${profile}, which has ${words.map(([name]) => name).join(", ") || "none"}`,
      );
    return [found[1]];
  });
  return servicePrincipals.filter((appId) => left.includes(appId));
}

/** Text without control characters and line breaks. Throws ToolError. */
function plainText(value: string, flag: string): string {
  if (control.test(value)) throw wrong(flag, "holds a line break or another control character");
  return value;
}

function required(value: string | undefined, flag: string, what: string): string {
  if (value !== undefined && value.trim() !== "") return value;
  throw new ToolError("missing-setting", `${flag} is missing: ${what}.`, {
    hint: `Give ${flag}, or the key in "provisioning" of the file that --config names.`,
  });
}

function wrong(flag: string, what: string): ToolError {
  return new ToolError("bad-setting", `${flag} ${what}.`, {
    hint: "Run `realmscope provision --help` to see all answers.",
  });
}
