// Says of each file in a folder what it is read as, or why it is left out.
import { safe } from "../../core/safe-text.ts";
import { type CaptureKind, captureKind, type FileKind, isOfLogs, readPart } from "../../sources/input/capture-kind.ts";
import { describeFile } from "../../sources/input/foreign-file.ts";
import { logStart, logType } from "../../sources/input/log-mark.ts";
import { breakWords, jsonBreak } from "../../sources/values/json-break.ts";
import { type FolderLog, logLines } from "./report-logs.ts";

/** A file in a named folder. */
export interface FolderFile {
  readonly path: string;
  /** Null for a file that is not a capture. */
  readonly kind: FileKind | null;
}

/** A folder may hold a hundred thousand files. */
const mostLines = 200;
/** Bytes of a file in which the place is searched where it is not JSON. */
const searchedLength = 256 * 1024;

interface FolderCapture {
  readonly path: string;
  readonly kind: CaptureKind | null;
}

const kindNames: Readonly<Record<CaptureKind, string>> = {
  journal: "a journal of realmscope",
  har: "a HAR",
  saz: "a SAZ or a ticket of realmscope",
  mitmproxy: "flows of mitmproxy",
  pcap: "a packet capture",
  burp: "items of Burp Suite",
  postman: "a collection of Postman",
};

/**
 * One line for each kind of log. Then, where a file is left out, one line a capture and other file, at most 200 and then one with the
 * number of the others.
 */
export function folderReport(files: readonly FolderFile[]): string {
  const { logs, others } = partOf(files);
  const listed = others.some(({ kind }) => kind === null) ? others : [];
  const lines = [...logLines(logs), ...listed.slice(0, mostLines).map(lineOf)];
  const more = listed.slice(mostLines);
  if (more.length > 0) {
    const leftOut = more.filter(({ kind }) => kind === null).length;
    lines.push(`${more.length} more files: ${more.length - leftOut} read, ${leftOut} left out.`);
  }
  return lines.map((line) => `${safe(line)}\n`).join("");
}

function partOf(files: readonly FolderFile[]): { readonly logs: FolderLog[]; readonly others: FolderCapture[] } {
  const logs: FolderLog[] = [];
  const others: FolderCapture[] = [];
  for (const { path, kind } of files) {
    if (isOfLogs(kind)) logs.push({ path, format: kind });
    else if (kind === null && logType(logStart(readPart(path, 0, 4096))) !== null) logs.push({ path, format: null });
    else others.push({ path, kind });
  }
  return { logs, others };
}

function lineOf({ path, kind }: FolderCapture): string {
  const name = JSON.stringify(path);
  return kind === null ? `${name} is left out: it ${reasonOf(path)}` : `${name} is read as ${kindNames[kind]}.`;
}

function jsonWords(path: string): string {
  const bytes = readPart(path, 0, searchedLength);
  const place = bytes.length < searchedLength ? jsonBreak(bytes.toString("utf8")) : null;
  return place === null ? "is JSON but not a HAR." : `is not JSON (${breakWords(place)}) and so not a HAR.`;
}

/** Why a file that is not a capture is left out, and what to do where that is known. */
function reasonOf(path: string): string {
  const start = readPart(path, 0, 4096);
  switch (captureKind(start)) {
    case "empty":
      return "is empty or cannot be read.";
    case "har":
      return jsonWords(path);
    case "saz":
      return "is a ZIP file without Fiddler sessions. Unpack it if captures are in it.";
    default: {
      const foreign = describeFile(start, path);
      return foreign === null ? "is not a capture that realmscope can read." : `${foreign.what}. ${foreign.hint}`;
    }
  }
}
