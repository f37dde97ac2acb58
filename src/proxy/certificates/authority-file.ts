// One file holds the CA's certificate, its hosts and its key, so that it is there whole or not at all.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ToolError } from "../../core/tool-error.ts";
import type { KeyEnvelope } from "./key-envelope.ts";

export interface StoredAuthority {
  readonly version: 1;
  readonly hosts: readonly string[];
  readonly certificatePem: string;
  readonly key: KeyEnvelope;
}

const fileName = "inspection-ca.json";

/** Creates the file, readable by its owner only. Of two that try at once exactly one succeeds; the other gets a ToolError. */
export function writeAuthorityFile(folder: string, stored: StoredAuthority): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  checkFolder(folder);
  const temporary = join(folder, `.${fileName}.${randomBytes(6).toString("hex")}`);
  try {
    writePrivately(temporary, `${JSON.stringify(stored, null, 2)}\n`);
    // Unlike rename, link fails when the name is taken.
    linkSync(temporary, join(folder, fileName));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") {
      throw new ToolError("ca-exists", "There is an inspection CA already.", {
        hint: "Remove it first: realmscope ca remove.",
        cause,
      });
    }
    throw new ToolError("ca-unwritable", "The inspection CA cannot be written to its folder.", {
      hint: "Check that the data folder may be written, or set REALMSCOPE_HOME to one that may.",
      cause,
    });
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Null when there is none. Refuses a file that others could have read or changed. */
export function readAuthorityFile(folder: string): StoredAuthority | null {
  const text = readPrivately(folder);
  if (text === null) return null;
  const stored = parseStored(text);
  if (stored === null) {
    throw new ToolError("ca-unreadable", "The file of the inspection CA is damaged or from another version.", {
      hint: "Remove it with realmscope ca remove and make a new one.",
    });
  }
  return stored;
}

/** Deletes the CA with its key; false when there was none. */
export function removeAuthorityFile(folder: string): boolean {
  try {
    rmSync(join(folder, fileName));
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw new ToolError("ca-unremovable", "The file of the inspection CA cannot be deleted.", {
      hint: "Check who owns the data folder.",
      cause,
    });
  }
}

function writePrivately(path: string, text: string): void {
  const file = openSync(path, "wx", 0o600);
  try {
    // Until all is written, unlike writeSync: half a key would be a CA that cannot be read.
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function readPrivately(folder: string): string | null {
  let file: number;
  try {
    file = openSync(join(folder, fileName), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new ToolError("ca-unreadable", "The file of the inspection CA cannot be opened.", {
      hint: "It must be a plain file that this user owns.",
      cause,
    });
  }
  try {
    checkFolder(folder);
    if (isOpenToOthers(fstatSync(file), 0o077)) throw notPrivate("The key file of the inspection CA");
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function checkFolder(folder: string): void {
  const stats = lstatSync(folder);
  if (!stats.isDirectory() || isOpenToOthers(stats, 0o022)) throw notPrivate("The folder of the inspection CA");
}

// Windows has no mode bits; there the folder's access list, which is the user's own by default, protects the file.
function isOpenToOthers(stats: Stats, forbidden: number): boolean {
  if (process.platform === "win32" || process.geteuid === undefined) return false;
  return (stats.mode & forbidden) !== 0 || stats.uid !== process.geteuid();
}

function notPrivate(what: string): ToolError {
  return new ToolError("ca-not-private", `${what} is not this user's alone; its key may be known to others.`, {
    hint: "Remove it with realmscope ca remove, have the clients forget its certificate, and make a new one.",
  });
}

function parseStored(text: string): StoredAuthority | null {
  let stored: Partial<StoredAuthority>;
  try {
    stored = JSON.parse(text) as Partial<StoredAuthority>;
  } catch {
    return null;
  }
  const isWhole =
    stored?.version === 1 &&
    Array.isArray(stored.hosts) &&
    stored.hosts.every((host) => typeof host === "string") &&
    typeof stored.certificatePem === "string" &&
    isEnvelope(stored.key);
  return isWhole ? (stored as StoredAuthority) : null;
}

function isEnvelope(key: Partial<Record<string, unknown>> | undefined): boolean {
  if (key?.kind === "plain") return typeof key.pem === "string";
  return (
    key?.kind === "scrypt-aes-256-gcm" &&
    [key.salt, key.nonce, key.tag, key.data].every((part) => typeof part === "string")
  );
}
