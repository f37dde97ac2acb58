import { randomBytes } from "node:crypto";
import { rename, stat, writeFile } from "node:fs/promises";
import { ToolError } from "../../core/tool-error.ts";
import { placeNewFile, removeLeftover, unwritable } from "../place-file.ts";

/** Writes a file whole or not at all, also when the run is ended meanwhile. `new` refuses an existing file. Throws ToolError. */
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  { mode, fileMode }: { readonly mode: "new" | "replace"; readonly fileMode?: number },
): Promise<void> {
  if (mode === "replace") await refuseOthers(path);
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await writeFile(temporary, content, { flag: "wx", ...(fileMode === undefined ? {} : { mode: fileMode }) });
    if (mode === "new") placeNewFile(temporary, path);
    else await rename(temporary, path);
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code !== "exists") throw unwritable(path, cause);
    throw new ToolError("exists", `${JSON.stringify(path)} exists already.`, {
      hint: "Name another file, or remove it first.",
      cause,
    });
  } finally {
    removeLeftover(temporary);
  }
}

/** Throws ToolError for a folder, a device or a pipe: only regular files are replaced. */
async function refuseOthers(path: string): Promise<void> {
  const status = await stat(path).catch(() => null);
  if (status === null || status.isFile()) return;
  throw new ToolError("unwritable", `${JSON.stringify(path)} is ${status.isDirectory() ? "a folder" : "not a file"}.`, {
    hint: "Name a regular file, or one that does not exist yet.",
  });
}
