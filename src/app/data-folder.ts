import { mkdirSync, type Stats, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { writableByOthers } from "../core/file-owner.ts";
import { ToolError } from "../core/tool-error.ts";

/** The folder of the program's own files: `$REALMSCOPE_HOME`, else the platform's usual place. */
export function dataFolder(
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

/**
 * Creates the data folder, or the named folder in it, when it is missing, readable by its owner only; returns its path. Throws
 * ToolError `unwritable`, or `shared-folder` for a folder that others may write: its certificate, sockets and keys could be theirs.
 */
export function ensureDataFolder(name: string | null = null): string {
  const folder = dataFolder();
  const wanted = name === null ? folder : join(folder, name);
  try {
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new ToolError("unwritable", `The data folder ${JSON.stringify(wanted)} cannot be created.`, {
      hint: "Name a folder that you may write in REALMSCOPE_HOME.",
      cause,
    });
  }
  refuseShared(folder);
  if (wanted !== folder) refuseShared(wanted);
  return wanted;
}

/** The path of a folder in the data folder, which need not exist. Throws ToolError `shared-folder` when others may write it. */
function ownFolder(...names: readonly string[]): string {
  let path = dataFolder();
  refuseShared(path);
  for (const name of names) {
    path = join(path, name);
    refuseShared(path);
  }
  return path;
}

function refuseShared(folder: string): void {
  const status = statusOf(folder);
  const why = status === undefined ? null : writableByOthers(status, process.geteuid?.());
  if (why === null) return;
  throw new ToolError("shared-folder", `The data folder ${JSON.stringify(folder)} ${why}.`, {
    hint: "Close it to others (chmod go-w), or name a folder of your own in REALMSCOPE_HOME.",
  });
}

/** Undefined also for a folder whose status cannot be read; the read or write that follows reports it. */
function statusOf(folder: string): Stats | undefined {
  try {
    return statSync(folder, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Folder of the kept inspection CA. */
export function authorityFolder(): string {
  return ownFolder("ca");
}

/** Folder for copies from the screen that are too long for a terminal's clipboard. */
export function copiesFolder(): string {
  return ownFolder("copies");
}

/** Folder of the runs of `provision`, which have one folder each in `runs`. */
export function provisioningFolder(): string {
  return dirname(ownFolder("provisioning", "runs"));
}
