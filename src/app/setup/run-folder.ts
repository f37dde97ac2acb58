// Where runs lie: one folder each, named by its beginning, with the journal and the transcript.
import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { foreignFile } from "../../core/file-owner.ts";
import { ToolError } from "../../core/tool-error.ts";
import { codeOf } from "../../provisioning/engine/journal-file.ts";
import { provisioningFolder } from "../data-folder.ts";

/** The lock that lets one run at a time change anything. */
export function lockPath(root: string): string {
  return join(root, "lock");
}

/** More than an ordinary run writes. */
const probeBytes = 64 * 1024;

/**
 * Tries the folder of the runs before a person is asked for anything: a run writes down each change before it makes it. Throws
 * ToolError when the folder cannot be made, cannot be written or is full.
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
    // Where nothing can be written, nothing can be removed.
  }
}

/** A new run's id: its beginning in UTC and four random characters. */
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

/** Ids of all runs that began, oldest first: one that was killed before its first line did nothing. Throws ToolError. */
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

/** The named run, else the last one. Throws ToolError when there is none. */
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
      hint: "`realmscope provision status` lists the runs; `apply` begins one.",
    },
  );
}

/** A run's journal says which cloud is signed in at and what is taken back: another user's is not gone on with. */
function refuseForeign(path: string): void {
  const status = lstatSync(path);
  const why = status.isFile() ? foreignFile(status, process.geteuid?.()) : "is not a regular file";
  if (why === null) return;
  throw new ToolError("foreign-run", `The journal ${JSON.stringify(path)} ${why}.`, {
    hint: "Go on with it as the user who began the run.",
  });
}
