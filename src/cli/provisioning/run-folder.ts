// Where runs lie: one folder each, named by its beginning, with the journal and the transcript.
import { randomBytes } from "node:crypto";
import { existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { foreignFile } from "../../core/file-owner.ts";
import { ToolError } from "../../core/tool-error.ts";
import { provisioningFolder } from "../data-folder.ts";

/** The lock that lets one run at a time change anything. */
export function lockPath(root: string): string {
  return join(root, "lock");
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

/** Ids of all runs that began, oldest first: one that was killed before its first line did nothing. */
export function runIds(): readonly string[] {
  const folder = join(provisioningFolder(), "runs");
  const ids = existsSync(folder) ? readdirSync(folder).sort() : [];
  return ids.filter((id) => (statSync(journalPath(id), { throwIfNoEntry: false })?.size ?? 0) > 0);
}

/** The named run, else the last one. Throws ToolError when there is none. */
export function findRun(wanted: string | undefined): string {
  const ids = runIds();
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
