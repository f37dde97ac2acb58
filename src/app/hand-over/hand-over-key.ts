// The key of the pseudonyms stays with the customer, beside the original, and finds the people behind the names in a ticket.
// One case has one key: all exports and tickets from one folder have the same pseudonyms for the same people.
import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { foreignFile } from "../../core/file-owner.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { Pseudonymise } from "../../sanitising/sanitise.ts";
import { dataFolder, ensureDataFolder } from "../data-folder.ts";
import { pseudonymsFromKey } from "../pseudonyms.ts";
import { findCaseKey, keyLine } from "./case-key.ts";

export interface HandOverKey {
  readonly pseudonymise: Pseudonymise;
  /** Sixteen hexadecimal digits of the key's SHA-256, to find the key that belongs to a ticket. */
  readonly fingerprint: string;
  /**
   * Writes the key, mode 0600, when it made a pseudonym and is in no file yet. Returns its path; null when it is not needed or
   * was named by the user. Throws ToolError `unwritable-key`.
   */
  keep(): string | null;
}

export interface KeyOptions {
  /** The file of `--key`: read when it exists, else written. */
  readonly file: string | undefined;
  /** The captures as the user named them: files, folders, `-`. */
  readonly originals: readonly string[];
  readonly output: string;
}

/** The key of `--key`, else the existing one of the case, else a new one. Throws ToolError when a key file is refused. */
export function openHandOverKey(options: KeyOptions): HandOverKey {
  const { file } = options;
  const isThere = file !== undefined && existsSync(file);
  const known = file === undefined ? findKey(options) : null;
  const used = isThere ? file : known;
  const key = used === null ? randomBytes(32) : readKey(used);
  const made = pseudonymsFromKey(key);
  let isUsed = false;
  return {
    fingerprint: createHash("sha256").update(key).digest("hex").slice(0, 16),
    pseudonymise(kind, value) {
      isUsed = true;
      return made(kind, value);
    },
    keep() {
      if (isThere || !isUsed) return null;
      if (known !== null) return known;
      if (file !== undefined) return write(file, key);
      return writeBeside(options, key);
    },
  };
}

/** The 32 bytes of a key file. Throws ToolError `no-key`, `foreign-key`, `open-key` or `not-a-key`. */
export function readKey(file: string): Buffer {
  let descriptor: number;
  try {
    // Non-blocking: a pipe in its place would block the open.
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    throw new ToolError("no-key", `${JSON.stringify(file)} cannot be read.`, {
      hint: "Name the key file that was written beside the original capture.",
      cause,
    });
  }
  try {
    const status = fstatSync(descriptor);
    const why = status.isFile() ? foreignFile(status, process.geteuid?.()) : "is not a regular file";
    if (why !== null) {
      throw new ToolError("foreign-key", `The key ${JSON.stringify(file)} ${why}.`, {
        hint: "Whoever else has it can find the person behind a pseudonym: name a key of your own, or a file that does not exist yet.",
      });
    }
    if (process.platform !== "win32" && (status.mode & 0o077) !== 0) {
      throw new ToolError("open-key", `${JSON.stringify(file)} can be read by others.`, {
        hint: `Run chmod 600 on it: whoever has it can find the person behind a pseudonym.`,
      });
    }
    const text = keyLine.exec(readFileSync(descriptor, "latin1").slice(0, 200))?.[1];
    if (text === undefined) {
      throw new ToolError("not-a-key", `${JSON.stringify(file)} is not a key of realmscope.`, {
        hint: "Name a key file that export or ticket wrote, or a file that does not exist yet.",
      });
    }
    return Buffer.from(text, "base64");
  } finally {
    closeSync(descriptor);
  }
}

/** The folder of an original is its case; standard input belongs to the working folder. */
function caseFolder(original: string): string {
  if (original === "-") return process.cwd();
  const isFolder = statSync(original, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? original : dirname(original);
}

/** Finds a key beside the originals, else in the data folder, which has the keys that could not be written there. */
function findKey({ originals }: KeyOptions): string | null {
  const folders = [...new Set(originals.map(caseFolder))];
  const isPiped = originals.every((original) => original === "-");
  for (const folder of folders) {
    const beside = isPiped ? null : findCaseKey(folder, "");
    const found = beside ?? findCaseKey(dataFolder(), `${caseNumber(folder)}-`);
    if (found !== null) return found;
  }
  return null;
}

/** Twelve digits for a folder that do not reveal its path. */
function caseNumber(folder: string): string {
  const path = existsSync(folder) ? realpathSync(folder) : resolve(folder);
  const digest = createHash("sha256").update(path).digest();
  return String(digest.readUIntBE(0, 6) % 1e12).padStart(12, "0");
}

/** `<output>.key` in the folder of the first original; in the data folder when nothing can be written there. */
function writeBeside({ originals, output }: KeyOptions, key: Uint8Array): string {
  const name = `${basename(output)}.key`;
  const [first = "-"] = originals;
  const folder = caseFolder(first);
  if (first !== "-") {
    try {
      return write(join(folder, name), key);
    } catch {
      // The folder may be read-only, or the name may be taken by a file that is not a key.
    }
  }
  return write(join(ensureDataFolder(), `${caseNumber(folder)}-${name}`), key);
}

function write(path: string, key: Uint8Array): string {
  try {
    writeFileSync(path, `realmscope-key-1 ${Buffer.from(key).toString("base64")}\n`, { mode: 0o600, flag: "wx" });
    return path;
  } catch (cause) {
    throw new ToolError("unwritable-key", `The key ${JSON.stringify(path)} cannot be written.`, {
      hint: "Name a file for it with --key, in a folder that exists and that you may write to.",
      cause,
    });
  }
}
