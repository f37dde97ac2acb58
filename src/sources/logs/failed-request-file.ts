// Reads a trace of a failed request (`FailedReqLogFiles\W3SVC1\fr000001.xml`): a file is one transaction. Its events are read one at
// a time, so that a cut file gives what is before the cut.
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { LogFileReport } from "../../core/log-row.ts";
import { addTraceEvent, readTraceRoot, startTraceFacts } from "../../server-logs/records/trace-facts.ts";
import { XmlCutter } from "../../server-logs/records/xml-cutter.ts";
import { traceTransaction } from "./failed-request.ts";
import type { LogBytes } from "./log-bytes.ts";
import { isInScope, type LogEvent, type LogScope, type OpenedLog } from "./log-file.ts";

/** Largest trace, in bytes: IIS limits a trace to 512 KiB by default (maxLogFileSizeKB). */
const fileLimit = 64 * 1024 * 1024;
const mostEvents = 100_000;
/** An event with a body is as long as the body. */
const longestEvent = 8 * 1024 * 1024;

/** Reads the transaction of a trace, which has the id `t1`. Its report keeps one transaction. */
export function readFailedRequest(bytes: LogBytes, { path, scope }: { path: string; scope: LogScope }): OpenedLog {
  const reader = new TraceReader();
  let report: LogFileReport | null = null;
  let isEnded = false;
  return {
    async next() {
      if (isEnded) return null;
      for (let chunk = await bytes.next(); chunk !== null && reader.push(chunk); chunk = await bytes.next());
      isEnded = true;
      const transaction = reader.end();
      const event: LogEvent | null = transaction === null ? null : { kind: "transaction", transaction };
      const isWanted = event !== null && isInScope(event, scope);
      report = reader.report(path, { kept: Number(isWanted), dropped: Number(event !== null && !isWanted) });
      return event !== null && isWanted ? [event] : [];
    },
    report: () => report,
    problems: () => reader.problems,
    isCut: () => bytes.isCut(),
    done: () => bytes.done(),
    close: () => bytes.close(),
  };
}

class TraceReader {
  readonly problems: string[] = [];
  #isCut = false;
  readonly #cutter = new XmlCutter("Event", longestEvent);
  readonly #decoder = new TextDecoder();
  readonly #facts = startTraceFacts();
  #start = "";
  #end = "";
  #bytes = 0;
  #events = 0;
  #unreadable = 0;
  #isRead = false;

  /** False when the trace is too large to be read on. */
  push(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > fileLimit) return false;
    const text = this.#decoder.decode(chunk, { stream: true });
    if (this.#start.length < longestStart) this.#start += text.slice(0, longestStart - this.#start.length);
    this.#end = (this.#end + text).slice(-endLength);
    this.#take(this.#cutter.push(text));
    return true;
  }

  /** The transaction; null for a trace without a request that can be read. */
  end(): HttpTransaction | null {
    this.#take(this.#cutter.end());
    this.#isCut = !/<\/failedRequest\s{0,8}>\s{0,64}$/.test(this.#end);
    if (this.#isCut) this.problems.push("ends too early: what is before its end was read");
    if (this.#unreadable > 0 && !this.#isCut)
      this.problems.push(`holds ${this.#unreadable} events that cannot be read`);
    if (this.#events > mostEvents) this.problems.push(`holds more than ${mostEvents} events: the others were not read`);
    const root = readTraceRoot(this.#start);
    const read = root === null ? "its <failedRequest> cannot be read" : traceTransaction(root, this.#facts);
    if (typeof read === "string") {
      this.problems.push(`was skipped: ${read}`);
      return null;
    }
    this.#isRead = true;
    return read;
  }

  report(file: string, counts: Pick<LogFileReport, "kept" | "dropped">): LogFileReport {
    const { startedAt, server } = this.#facts;
    const times = { firstAt: startedAt, lastAt: startedAt };
    const unreadable = this.#isRead ? 0 : 1;
    return {
      ...{ file, log: "failed-request", at: startedAt ?? 0, server, unreadable, missingColumns: [] },
      ...{ ...counts, ...times },
    };
  }

  #take(records: Iterable<{ readonly text: string | null }>): void {
    for (const { text } of records) {
      this.#events += 1;
      if (this.#events > mostEvents) continue;
      if (text === null || !addTraceEvent(this.#facts, text)) this.#unreadable += 1;
    }
  }
}

const longestStart = 256 * 1024;
const endLength = 128;
