// Chooses the logs of the wanted time and server, and says how many are left out.
import { basename, resolve } from "node:path";
import { ToolError } from "../../core/tool-error.ts";
import { readPart } from "../input/capture-kind.ts";
import { type GivenLog, isServer, type LogFile, type LogScope } from "./log-file.ts";
import { readLogName } from "./log-name.ts";
import { type LogPeek, peekLength, peekLog } from "./peek-log.ts";
import type { Package } from "./zip-package.ts";

export interface ChosenLogs {
  readonly logs: readonly ChosenLog[];
  /** What is left out, one line each. */
  readonly notes: readonly string[];
}

export interface ChosenLog {
  readonly file: LogFile;
  /** Time of its first row; -Infinity when it is not known. */
  readonly firstAt: number;
}

/** A row may be written an hour after its file was named: a call counts by its end. */
const marginMs = 3_600_000;

/** Chooses logs, each once, those in ZIP files too. Rejects with ToolError when none is left. */
export async function chooseLogs(given: readonly GivenLog[], scope: LogScope): Promise<ChosenLogs> {
  const { logs: files, problems } = await openPackages(given);
  const once = [...new Map(files.map((file) => [resolve(file.path), file])).values()];
  const timely = once.filter((file) => isTimely(file, scope));
  const peeked: (LogPeek & { readonly file: LogFile })[] = [];
  for (const file of timely) peeked.push({ file, ...(await peekOf(file)) });
  const wanted = peeked.filter(({ server }) => scope.server === null || isServer(server, scope.server));
  if (once.length > 0 && wanted.length === 0) throw noneLeft({ once, timely, peeked }, scope);
  return {
    logs: wanted.map(({ file, firstAt }) => ({ file, firstAt: firstAt ?? Number.NEGATIVE_INFINITY })),
    notes: [
      ...problems,
      ...leftOut(once.length, once.length - timely.length, "their names have a time outside --since and --until"),
      ...leftOut(once.length, timely.length - wanted.length, `they are of other servers than ${scope.server ?? ""}`),
    ],
  };
}

function leftOut(all: number, count: number, why: string): readonly string[] {
  return count === 0 ? [] : [`${count} of ${all} log files were not read: ${why}`];
}

/** Only Exchange and IIS name a log after its time: the number of a trace or of an export may look like a day. */
function isTimely({ path, format }: LogFile, { since, until }: LogScope): boolean {
  if (format !== "exchange-log" && format !== "iis-log") return true;
  const { startsAt, endsAt } = readLogName(basename(path));
  if (startsAt === null || endsAt === null) return true;
  return (since === null || endsAt + marginMs >= since) && (until === null || startsAt - marginMs <= until);
}

async function peekOf({ path, format, packed }: LogFile): Promise<LogPeek> {
  if (format !== "exchange-log" && format !== "iis-log") return { firstAt: null, server: "" };
  if (packed === undefined) return peekLog(readPart(path, 0, peekLength));
  const { startOfPacked } = await import("./zip-package.ts");
  return peekLog(await startOfPacked(packed));
}

async function openPackages(given: readonly GivenLog[]): Promise<Package> {
  const logs: LogFile[] = [];
  const problems: string[] = [];
  for (const { path, format } of given) {
    if (format !== "log-package") {
      logs.push({ path, format });
      continue;
    }
    // The ZIP library is loaded for those who have such a file.
    const { listPackage } = await import("./zip-package.ts");
    const found = await listPackage(path);
    logs.push(...found.logs);
    problems.push(...found.problems);
    if (found.logs.length + found.problems.length === 0) problems.push(`${JSON.stringify(path)} ${emptyPackage}`);
  }
  if (logs.length > 0) return { logs, problems };
  throw new ToolError("no-logs", problems.length === 0 ? "No log is given." : `${problems.join(". ")}.`, {
    hint: "Give folders of logs, or a ZIP file of them.",
  });
}

const emptyPackage = "is a ZIP file without Fiddler sessions and without logs that are read";

interface Left {
  readonly once: readonly LogFile[];
  readonly timely: readonly LogFile[];
  readonly peeked: readonly { readonly server: string }[];
}

function noneLeft({ once, timely, peeked }: Left, { server }: LogScope): ToolError {
  if (timely.length === 0) {
    const names = once.map(({ path }) => readLogName(basename(path)));
    const first = Math.min(...names.map(({ startsAt }) => startsAt ?? Number.POSITIVE_INFINITY));
    const last = Math.max(...names.map(({ endsAt }) => endsAt ?? Number.NEGATIVE_INFINITY));
    return new ToolError("no-logs", `None of the ${once.length} log files is of the time of --since and --until.`, {
      hint: `By their names they are of ${new Date(first).toISOString().slice(0, 16)}Z to ${new Date(last).toISOString().slice(0, 16)}Z.`,
    });
  }
  const servers = [...new Set(peeked.map((one) => one.server))].sort().slice(0, 8).join(", ");
  return new ToolError("no-logs", `None of the log files is of the server ${JSON.stringify(server)}.`, {
    hint: `They are of ${servers}. Name one of them with --server.`,
  });
}
