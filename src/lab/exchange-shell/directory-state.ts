// The lab's Active Directory and Exchange organisation in one JSON file, so that the shells of several runs share it.
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

export type Value = string | number | boolean | null | readonly Value[];
export type Properties = Readonly<Record<string, Value>>;

export type ObjectKind =
  | "mail-user"
  | "mailbox"
  | "mail-contact"
  | "user"
  | "role"
  | "role-entry"
  | "role-assignment"
  | "partner-application"
  | "auth-server"
  | "connector"
  | "setting-override"
  | "organization-relationship";

export interface DirectoryObject {
  readonly guid: string;
  readonly kind: ObjectKind;
  /** For an account: the domain whose controllers hold it. Everything else is in the configuration partition, which all hold. */
  readonly domain?: string;
  readonly properties: Properties;
}

export interface LabCertificate {
  readonly thumbprint: string;
  /** Base64 of the DER. */
  readonly rawData: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly subject: string;
  /** Names of the servers whose store holds it. */
  readonly servers: readonly string[];
}

export interface AuthConfig {
  readonly current: string;
  readonly previous: string;
  readonly next: string;
  /** ISO 8601; the next certificate becomes the current one at this time. */
  readonly nextEffective: string;
}

/** A failure of one call of `cmdlet`, after `skip` calls of it have succeeded. */
export interface Fault {
  readonly cmdlet: string;
  readonly skip?: number;
  /** "…-after": the change is made and saved first. `flip`: the next certificate becomes the current one first. */
  readonly kind: "die-before" | "die-after" | "hang-before" | "hang-after" | "error-before" | "error-after" | "flip";
  readonly error?: { readonly type: string; readonly id: string; readonly category: string };
}

/** How the shell behaves, independent of the calls. */
export interface ShellManner {
  readonly language: "en-US" | "zh-TW";
  /** Host text and banners on stdout between the frames, frames in small pieces, CLIXML on stderr. */
  readonly isChatty: boolean;
  /** As through remoting: strings for every value, lists of one as the single value, errors with the server's prefix. */
  readonly isRemote: boolean;
  /** Hidden from this account: `New-PartnerApplication`, or `New-MailUser -DomainController`. */
  readonly hidden: readonly string[];
  readonly languageMode: "FullLanguage" | "ConstrainedLanguage";
  readonly edition: "Desktop" | "Core";
  readonly hasOnlineModule: boolean;
  readonly hasExchange: boolean;
  /** Bytes of warning text with each answer. */
  readonly warningBytes: number;
}

export interface DirectoryState {
  readonly domain: string;
  readonly acceptedDomains: readonly string[];
  readonly servers: readonly string[];
  /** File version of ExSetup.exe by server; the shell runs on the first server and reports only its own. */
  readonly builds?: Readonly<Record<string, string>>;
  readonly domainControllers: readonly { readonly name: string; readonly domain: string; readonly isDown: boolean }[];
  /** How many reads on another controller miss a change. */
  readonly lag: number;
  /** The objects of each controller, by GUID. */
  readonly replicas: Readonly<Record<string, Readonly<Record<string, DirectoryObject>>>>;
  readonly pending: readonly {
    readonly to: string;
    readonly misses: number;
    readonly guid: string;
    readonly object: DirectoryObject | null;
  }[];
  /** Role group → GUIDs of the accounts in it. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly authConfig: AuthConfig;
  readonly certificates: readonly LabCertificate[];
  readonly faults: readonly Fault[];
  readonly manner: ShellManner;
  /** Every call that the shells received, in order: cmdlet and parameters. */
  readonly calls: readonly { readonly cmdlet: string; readonly parameters: Properties }[];
}

export function readDirectory(path: string): DirectoryState {
  return JSON.parse(readFileSync(path, "utf8")) as DirectoryState;
}

export function writeDirectory(path: string, state: DirectoryState): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(state));
  renameSync(draft, path);
}

/** Changes the directory under a lock, so that two shells do not overwrite each other. Returns the result of `change`. */
export function changeDirectory<T>(path: string, change: (state: DirectoryState) => readonly [DirectoryState, T]): T {
  const release = lock(`${path}.lock`);
  try {
    const [state, outcome] = change(readDirectory(path));
    writeDirectory(path, state);
    return outcome;
  } finally {
    release();
  }
}

function lock(path: string): () => void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; ; tries++) {
    try {
      closeSync(openSync(path, "wx"));
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (tries > 2000) throw error;
      Atomics.wait(pause, 0, 0, 5);
    }
  }
}
