import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readRunJournal, type StampedEntry } from "../../src/provisioning/engine/run-journal.ts";

/** The entries of every run below the folder of runs, oldest first. */
export function listRunsOf(root: string): readonly (readonly StampedEntry[])[] {
  const runs = join(root, "runs");
  return readdirSync(runs)
    .sort()
    .map((id) => readRunJournal(join(runs, id, "journal.ndjson")));
}
