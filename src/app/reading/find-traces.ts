import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { segmentNumber } from "../../core/journal-name.ts";
import { ToolError } from "../../core/tool-error.ts";
import { isOfLogs, kindOfFile, readPart } from "../../sources/input/capture-kind.ts";
import { logStart, logType, readLogTypes } from "../../sources/input/log-mark.ts";
import type { FolderFile } from "./report-folder.ts";

const mostTraces = 100_000;

/**
 * The traces of the named paths, as `findTraces` gives them. Where a folder holds other files as well, passes to `write` a
 * line for each of its files: what it is read as, or why it is left out.
 */
export async function findAndReportTraces(
  named: readonly string[],
  write: ((text: string) => void) | null,
): Promise<readonly string[]> {
  const files: FolderFile[] = [];
  try {
    return await findTraces(named, (file) => files.push(file));
  } finally {
    if (write !== null && files.some(({ kind }) => kind === null || isOfLogs(kind)))
      write((await import("./report-folder.ts")).folderReport(files));
  }
}

/**
 * The traces of the named paths: a file is one itself, a folder stands for all files in it that are captures by their content,
 * sorted. The parts of a rotated journal are one trace. `onFile` is called for each file of a folder. Throws ToolError.
 */
async function findTraces(
  named: readonly string[],
  onFile: (file: FolderFile) => void = () => undefined,
): Promise<readonly string[]> {
  refuseRepeatedInput(named);
  const traces: string[] = [];
  for (const path of wholeJournals(named, named)) {
    const isFolder = path !== "-" && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    if (isFolder) traces.push(...(await tracesIn(path, onFile)));
    else traces.push(path);
  }
  return traces;
}

async function tracesIn(folder: string, onFile: (file: FolderFile) => void): Promise<readonly string[]> {
  const all = filesIn(folder).filter(isFile);
  const files: string[] = [];
  for (const file of all) {
    const kind = kindOfFile(file);
    const isRead = kind === "log-package" ? await holdsLogs(file) : kind !== null;
    onFile({ path: file, kind: isRead ? kind : null });
    if (isRead) files.push(file);
  }
  const found = wholeJournals(files, null);
  if (found.length > 0) return found;
  throw new ToolError(
    "no-traces",
    `The folder ${JSON.stringify(folder)} holds neither a capture nor a log that realmscope reads.`,
    {
      hint: `${otherLogs(all)}Captures are journals, HAR, SAZ, tickets, mitmproxy flow files, exports of Burp or Postman, and packet captures; logs are ${readLogTypes}, of IIS, failed-request traces, events of Windows and sign-ins of Entra; whatever their names.`,
    },
  );
}

/** Other ZIP files are common in folders: only one with a log is read. */
async function holdsLogs(file: string): Promise<boolean> {
  const { listPackage } = await import("../../sources/logs/zip-package.ts");
  return (await listPackage(file)).logs.length > 0;
}

/** The types of the logs of Exchange among some files; empty without one. */
function otherLogs(files: readonly string[]): string {
  const types = new Set(files.slice(0, mostSniffed).map((file) => logType(logStart(readPart(file, 0, 4096)))));
  types.delete(null);
  return types.size === 0 ? "" : `It holds logs of the type ${[...types].sort().slice(0, 8).join(", ")}. `;
}

const mostSniffed = 1_000;

/** Throws ToolError `read-once` when standard input is named more than once. */
export function refuseRepeatedInput(named: readonly string[]): void {
  if (named.filter((path) => path === "-").length < 2) return;
  throw new ToolError("read-once", "Standard input (-) can be named only once.", {
    hint: "Save it to a file first and name that.",
  });
}

function filesIn(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  if (names.length > mostTraces) {
    throw new ToolError("too-many-traces", `${JSON.stringify(folder)} holds more than ${mostTraces} files.`, {
      hint: "Name a folder with fewer.",
    });
  }
  return names
    .filter((name) => !basename(name).endsWith(".torn"))
    .sort()
    .map((name) => join(folder, name));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * Replaces parts of a rotated journal by the journal, which is read with its parts. Among files that were `named` one by one
 * (a shell does that for `capture.ndjson*`) only when several of one journal are named: a single part may be named on purpose.
 */
function wholeJournals(files: readonly string[], named: readonly string[] | null): readonly string[] {
  const journals = files.map((file) => journalOf(file) ?? file);
  const count = new Map<string, number>();
  for (const journal of journals) count.set(journal, (count.get(journal) ?? 0) + 1);
  const isWhole = (journal: string): boolean => named === null || (count.get(journal) ?? 0) > 1;
  const found = files.map((file, index) => {
    const journal = journals[index] ?? file;
    return isWhole(journal) && journal !== file ? journal : file;
  });
  // A file that was named twice is read twice; only parts are merged.
  const wholes = new Set(journals.filter((journal, index) => journal !== files[index] && isWhole(journal)));
  return found.filter((path, index) => !wholes.has(path) || found.indexOf(path) === index);
}

/** The journal of an older part, by its name; null for other files. */
function journalOf(file: string): string | null {
  const name = /^(.+)\.\d+$/.exec(basename(file))?.[1];
  return name !== undefined && segmentNumber(name, basename(file)) !== null ? join(dirname(file), name) : null;
}
