import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "../../core/tool-error.ts";

const isTrace = /\.(?:ndjson|har|zhar|saz)(?:\.gz)?$/i;
const mostTraces = 100_000;

/** The traces that were named: a file as it is, a folder with everything in it that has a capture's name, sorted. Throws ToolError. */
export function findTraces(named: readonly string[]): readonly string[] {
  return named.flatMap((path) => {
    if (path === "-" || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
    const found = readdirSync(path, { recursive: true, encoding: "utf8" })
      .filter((name) => isTrace.test(name))
      .sort()
      .map((name) => join(path, name))
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
    if (found.length === 0) {
      throw new ToolError("no-traces", `There is no capture in the folder ${JSON.stringify(path)}.`, {
        hint: "Captures are files named .ndjson, .har or .saz, also with .gz.",
      });
    }
    if (found.length > mostTraces) {
      throw new ToolError("too-many-traces", `${JSON.stringify(path)} holds more than ${mostTraces} captures.`, {
        hint: "Name a folder with fewer.",
      });
    }
    return found;
  });
}
