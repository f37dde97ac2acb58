import { randomBytes } from "node:crypto";
import { link, rename, rm, writeFile } from "node:fs/promises";
import { ToolError } from "../../core/tool-error.ts";

/** Writes a file whole or not at all: a run that is ended leaves none that is cut. `new` refuses one that is there. Throws ToolError. */
export async function writeWhole(path: string, text: string, mode: "new" | "replace"): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await writeFile(temporary, text, { flag: "wx" });
    // A link fails where the name is taken; a rename would replace it.
    if (mode === "new") await link(temporary, path);
    else await rename(temporary, path);
  } catch (cause) {
    const code: unknown = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const why =
      code === "EEXIST" ? "is there already" : `cannot be written (${typeof code === "string" ? code : "error"})`;
    throw new ToolError("unwritable", `${JSON.stringify(path)} ${why}.`, {
      hint: code === "EEXIST" ? "Name another file, or remove it first." : "Check the folder and its permissions.",
      cause,
    });
  } finally {
    await rm(temporary, { force: true });
  }
}
