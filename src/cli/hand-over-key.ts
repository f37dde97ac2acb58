// The key of the pseudonyms: it stays with the customer, beside the original, and maps names in a ticket back to people.
import { createHash, randomBytes } from "node:crypto";
import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { foreignFile } from "../core/file-owner.ts";
import { ToolError } from "../core/tool-error.ts";
import type { Pseudonymise } from "../sanitising/sanitise.ts";
import { pseudonymsOf } from "../sinks/pseudonyms.ts";
import { ensureDataFolder } from "./data-folder.ts";

export interface HandOverKey {
  readonly pseudonymise: Pseudonymise;
  /** Names the key without telling it: to find the key that belongs to a ticket. */
  readonly fingerprint: string;
  /** Keeps the key, mode 0600, when it made any pseudonym and is not kept yet; gives where, or null. Throws ToolError. */
  keep(): string | null;
}

export interface KeyOptions {
  /** Given with `--key`: used when it is there, made when it is not. */
  readonly file: string | undefined;
  readonly originals: readonly string[];
  readonly output: string;
}

const keyLine = /^realmscope-key-1 ([A-Za-z0-9+/]{43}=)\s*$/;

/** The key of one hand-over: a new one each time, or that of `--key` for several captures of one ticket. Throws ToolError. */
export function openHandOverKey(options: KeyOptions): HandOverKey {
  const { file } = options;
  const isThere = file !== undefined && existsSync(file);
  const key = isThere ? readKey(file) : randomBytes(32);
  const made = pseudonymsOf(key);
  let isUsed = false;
  return {
    fingerprint: createHash("sha256").update(key).digest("hex").slice(0, 16),
    pseudonymise(kind, value) {
      isUsed = true;
      return made(kind, value);
    },
    keep() {
      if (isThere || !isUsed) return null;
      if (file !== undefined) return write(file, key);
      return writeBeside(options, key);
    },
  };
}

/** The key in a file that `openHandOverKey` wrote. Throws ToolError. */
export function readKey(file: string): Buffer {
  let descriptor: number;
  try {
    // Without waiting: somebody may have put a pipe there.
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
        hint: "Whoever else has it can tell who is behind a pseudonym: name a key of your own, or a file that does not exist yet.",
      });
    }
    if (process.platform !== "win32" && (status.mode & 0o077) !== 0) {
      throw new ToolError("open-key", `${JSON.stringify(file)} can be read by others.`, {
        hint: `Run chmod 600 on it: whoever has it can guess who is behind a pseudonym.`,
      });
    }
    const text = keyLine.exec(readFileSync(descriptor, "latin1").slice(0, 200))?.[1];
    if (text === undefined) {
      throw new ToolError("not-a-key", `${JSON.stringify(file)} is no key of realmscope.`, {
        hint: "Name a key file that export or ticket wrote, or a file that does not exist yet.",
      });
    }
    return Buffer.from(text, "base64");
  } finally {
    closeSync(descriptor);
  }
}

/** `<output>.key` in the folder of the first original; in the data folder when nothing can be written there. */
function writeBeside({ originals, output }: KeyOptions, key: Uint8Array): string {
  const name = `${basename(output)}.key`;
  const [first = "-"] = originals;
  if (first !== "-") {
    try {
      return write(join(dirname(first), name), key);
    } catch {
      // The original may lie where nothing can be written, or another hand-over's key has this name.
    }
  }
  return write(join(ensureDataFolder(), `${Date.now()}-${name}`), key);
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
