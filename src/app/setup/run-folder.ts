// The folders of the runs of `provision`: one each, named by its start time, with the journal and the transcript.
import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { foreignFile } from "../../core/file-owner.ts";
import { ToolError } from "../../core/tool-error.ts";
import { codeOf } from "../../provisioning/engine/journal-file.ts";
import { provisioningFolder } from "../data-folder.ts";

/** The lock that one run holds while it changes anything. */
export function lockPath(root: string): string {
  return join(root, "lock");
}

/** More than a usual run writes. */
const probeBytes = 64 * 1024;

/**
 * Writes a probe to the folder of the runs before the user is asked for anything: a run records each change before it makes it.
 * Throws ToolError `unwritable` when the folder cannot be created or written, or is full.
 */
export function checkRunsFolder(root: string = provisioningFolder()): void {
  for (const folder of [root, join(root, "runs")]) {
    const probe = join(folder, `.try-${process.pid}`);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(probe, Buffer.alloc(probeBytes), { mode: 0o600 });
    } catch (cause) {
      throw new ToolError(
        "unwritable",
        `The data folder ${JSON.stringify(folder)} cannot be written (${codeOf(cause)}).`,
        {
          hint: "Nothing was changed. Make room there, or name a folder that you may write in REALMSCOPE_HOME.",
          cause,
        },
      );
    } finally {
      removeQuietly(probe);
    }
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The failed write has been reported already.
  }
}

/** The id of a new run: its start time in UTC and four random characters. */
export function newRunId(now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]/g, "").slice(0, 15);
  return `${stamp}-${randomBytes(2).toString("hex")}`;
}

export function runFolder(id: string, root: string = provisioningFolder()): string {
  return join(root, "runs", id);
}

export function journalPath(id: string, root: string = provisioningFolder()): string {
  return join(runFolder(id, root), "journal.ndjson");
}

/** Ids of all runs with a journal, oldest first: a run without one changed nothing. Throws ToolError `unreadable-folder`. */
export function listRunIds(): readonly string[] {
  const folder = join(provisioningFolder(), "runs");
  try {
    const ids = readdirSync(folder).sort();
    return ids.filter((id) => (statSync(journalPath(id), { throwIfNoEntry: false })?.size ?? 0) > 0);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return [];
    throw new ToolError(
      "unreadable-folder",
      `The runs in ${JSON.stringify(folder)} cannot be read (${codeOf(cause)}).`,
      {
        hint: "Check who owns that folder, or name another in REALMSCOPE_HOME.",
        cause,
      },
    );
  }
}

/** The id of the named run, else of the last one. Throws ToolError `no-run` or `foreign-run`. */
export function findRun(wanted: string | undefined): string {
  const ids = listRunIds();
  const id = wanted === undefined ? ids.at(-1) : ids.find((candidate) => candidate === wanted);
  if (id !== undefined) {
    refuseForeign(journalPath(id));
    return id;
  }
  throw new ToolError(
    "no-run",
    wanted === undefined ? "There is no run yet." : `There is no run ${JSON.stringify(wanted)}.`,
    {
      hint: "`realmscope provision status` lists the runs; `apply` starts one.",
    },
  );
}

/** A journal decides at which cloud to sign in and what to undo, so another user's is refused. */
function refuseForeign(path: string): void {
  const status = lstatSync(path);
  const why = status.isFile() ? foreignFile(status, process.geteuid?.()) : "is not a regular file";
  if (why === null) return;
  throw new ToolError("foreign-run", `The journal ${JSON.stringify(path)} ${why}.`, {
    hint: "Continue as the user who started the run.",
  });
}
