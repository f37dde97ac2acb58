import { readFileSync } from "node:fs";
import { ToolError } from "../../core/tool-error.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { CheckResult } from "../../expectations/check-entries.ts";
import type { LineChange } from "../../expectations/line-diff.ts";
import { diffSnapshots, formOf, renderSnapshot } from "../../expectations/snapshot.ts";
import { writeWhole } from "./write-whole.ts";

export interface ComparedSnapshot {
  readonly check: CheckResult;
  readonly difference: readonly LineChange[];
}

/** Compares a trace with its snapshot, or writes it. Throws ToolError `no-snapshot` when there is no such file. */
export async function checkSnapshot(path: string, analysis: Analysis, isUpdated: boolean): Promise<ComparedSnapshot> {
  if (isUpdated) await writeWhole(path, renderSnapshot(analysis), { mode: "replace" });
  const saved = readSnapshot(path);
  const form = formOf(saved);
  const difference = diffSnapshots(saved, renderSnapshot(analysis, form));
  const count = difference.filter(({ kind }) => kind === "added" || kind === "removed").length;
  const same = form.hasDirections
    ? "it is the same"
    : "it is the same, without directions: --update-snapshot adds them";
  const message = count === 0 ? same : `${count} lines differ; --update-snapshot accepts them`;
  const check: CheckResult = {
    name: `snapshot ${path}`,
    outcome: count === 0 ? "passed" : "failed",
    message,
    line: 1,
    entries: [],
  };
  return { check, difference };
}

const longest = 64 * 1024 * 1024;

function readSnapshot(path: string): string {
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new ToolError("no-snapshot", `The snapshot ${JSON.stringify(path)} cannot be read.`, {
      hint: "Write it with --update-snapshot, from a trace that is known to be good.",
      cause,
    });
  }
  if (text.length <= longest && text.includes('"realmscope.snapshot/1"')) return text;
  throw new ToolError("no-snapshot", `${JSON.stringify(path)} is not a snapshot of realmscope.`, {
    hint: "Name a snapshot, or write one with --update-snapshot.",
  });
}
