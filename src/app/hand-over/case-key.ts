// Finds the pseudonym key that all exports and tickets of one case share.
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The content of a key file: 32 bytes in base64. */
export const keyLine = /^realmscope-key-1 ([A-Za-z0-9+/]{43}=)\s*$/;
const longestKey = 200;

/**
 * The path of the oldest key file of this user in a folder, known by its content; null when there is none. Links and files of
 * other users are never taken: whoever knows the key can find the person behind a pseudonym.
 */
export function findCaseKey(folder: string, prefix: string): string | null {
  const found = namesIn(folder)
    .filter((name) => name.endsWith(".key") && name.startsWith(prefix))
    .map((name) => join(folder, name))
    .flatMap((path) => {
      const madeAt = timeOfKey(path);
      return madeAt === null ? [] : [{ path, madeAt }];
    });
  found.sort((one, other) => one.madeAt - other.madeAt || (one.path < other.path ? -1 : 1));
  return found[0]?.path ?? null;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function timeOfKey(path: string): number | null {
  try {
    const status = lstatSync(path);
    const isOwn = process.platform === "win32" || status.uid === process.geteuid?.();
    if (!status.isFile() || !isOwn || status.nlink > 1 || status.size > longestKey) return null;
    return keyLine.test(readFileSync(path, "latin1")) ? status.mtimeMs : null;
  } catch {
    return null;
  }
}
