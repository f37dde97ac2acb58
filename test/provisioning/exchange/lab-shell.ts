// A shell of the lab for one test, with its directory in a folder of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type DirectoryOptions, labShell, makeLabDirectory } from "../../../src/lab/exchange-shell/lab-directory.ts";
import type { ShellLimits } from "../../../src/provisioning/exchange/start-shell.ts";
import { type StartedShell, startExchangeShell } from "../../../src/provisioning/exchange/start-shell.ts";

export interface LabShell {
  readonly shell: StartedShell;
  readonly directory: string;
  readonly notes: readonly string[];
}

export function labFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-lab-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function makeDirectory(wish: Partial<DirectoryOptions> = {}): string {
  const directory = join(labFolder(), "directory.json");
  makeLabDirectory(directory, { certificates: [], authConfig: { current: "" }, ...wish });
  return directory;
}

export async function openLabShell(directory: string, limits: Partial<ShellLimits> = {}): Promise<LabShell> {
  const notes: string[] = [];
  const target = { kind: "program", ...labShell(directory) } as const;
  const shell = await startExchangeShell({ target, limits, note: (line) => notes.push(line) });
  onTestFinished(() => shell.cancel());
  return { shell, directory, notes };
}
