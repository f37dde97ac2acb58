// One file holds the certificate of the CA, its hosts and its key, so that a CA exists whole or not at all.
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

/**
 * Creates the file, readable by its owner only. Throws ToolError `ca-exists` when there is one, also for one of two
 * simultaneous calls.
 */
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
      throw new ToolError("ca-exists", "An inspection CA already exists.", {
        hint: "Remove it first: realmscope ca remove.",
        cause,
      });
    }
    throw new ToolError("ca-unwritable", "The inspection CA cannot be written to its folder.", {
      hint: "Check that the data folder is writable, or set REALMSCOPE_HOME to one that is.",
      cause,
    });
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Null when there is none. Throws ToolError `ca-not-private` for a file that others can read or change, `ca-unreadable`
 * for a damaged one.
 */
export function readAuthorityFile(folder: string): StoredAuthority | null {
  const text = readPrivately(folder);
  if (text === null) return null;
  const stored = parseStored(text);
  if (stored === null) {
    throw new ToolError(
      "ca-unreadable",
      "The file of the inspection CA is damaged or was written by another version.",
      {
        hint: "Remove it with realmscope ca remove and create a new one.",
      },
    );
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
    // Unlike writeSync, this writes until all bytes are on the disk.
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
      hint: "It must be a regular file owned by this user.",
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

// Windows has no mode bits; there the access list of the folder protects the file, by default for this user alone.
function isOpenToOthers(stats: Stats, forbidden: number): boolean {
  if (process.platform === "win32" || process.geteuid === undefined) return false;
  return (stats.mode & forbidden) !== 0 || stats.uid !== process.geteuid();
}

function notPrivate(what: string): ToolError {
  return new ToolError("ca-not-private", `${what} is accessible to other users; they may know its key.`, {
    hint: "Remove it with realmscope ca remove, remove its certificate from the clients, and create a new one.",
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
