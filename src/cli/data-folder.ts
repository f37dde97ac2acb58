import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ToolError } from "../core/tool-error.ts";

/** Where the program keeps its own files (the inspection CA): `$REALMSCOPE_HOME`, else the platform's place. */
function dataFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = environment.REALMSCOPE_HOME;
  if (chosen !== undefined && chosen !== "") return chosen;
  if (platform === "win32") {
    return join(environment.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "realmscope");
  }
  if (platform === "darwin") return join(homedir(), "Library", "Application Support", "realmscope");
  const shared = environment.XDG_DATA_HOME;
  return join(shared !== undefined && shared !== "" ? shared : join(homedir(), ".local", "share"), "realmscope");
}

/** Makes the data folder when it is missing, readable by its owner only, and gives its path. Throws ToolError. */
export function ensureDataFolder(): string {
  const folder = dataFolder();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new ToolError("unwritable", `The data folder ${JSON.stringify(folder)} cannot be made.`, {
      hint: "Name a folder that you may write in REALMSCOPE_HOME.",
      cause,
    });
  }
  return folder;
}

/** Where the kept inspection CA lies. */
export function authorityFolder(): string {
  return join(dataFolder(), "ca");
}

/** Where the screen puts copies that are more than a terminal takes. */
export function copiesFolder(): string {
  return join(dataFolder(), "copies");
}

/** Where the runs of `provision` lie, one folder each. */
export function provisioningFolder(): string {
  return join(dataFolder(), "provisioning");
}
