// Traces of failed requests that appear while logs are followed: each is one transaction, read when its file has ended.
import { open } from "node:fs/promises";
import type { CaptureEvent } from "../../../core/capture-event.ts";
import { logFormat } from "../../input/log-mark.ts";
import { readFailedRequest } from "../failed-request-file.ts";
import { openLogBytes } from "../log-bytes.ts";
import { codeOf } from "./read-growth.ts";

/** A trace that does not end in this time is read as far as it goes. */
const unfinishedMs = 60_000;
/** Traces that are read in one turn. */
const tracesOfTurn = 16;
const markLength = 4096;
const endLength = 128;

interface WaitingTrace {
  readonly path: string;
  readonly seenAt: number;
}

export class TraceFiles {
  #waiting: WaitingTrace[] = [];
  #transactions = 0;
  readonly #since: number | null;
  readonly #notice: (text: string) => void;

  /** `since`: requests that ended before are not given, epoch milliseconds; null without a bound. */
  constructor(since: number | null, notice: (text: string) => void) {
    this.#since = since;
    this.#notice = notice;
  }

  /** Takes a new file that is not a log of lines; one that is not a trace is left alone. */
  add(path: string, now: number): void {
    this.#waiting.push({ path, seenAt: now });
  }

  /** The transactions of the traces that have ended. Never rejects. */
  async read(now: number): Promise<readonly CaptureEvent[]> {
    const events: CaptureEvent[] = [];
    const some = this.#waiting.splice(0, tracesOfTurn);
    for (const waiting of some) {
      try {
        const state = await stateOf(waiting.path);
        if (state === "foreign") continue;
        if (state === "growing" && now - waiting.seenAt < unfinishedMs) this.#waiting.push(waiting);
        else events.push(...(await this.#readTrace(waiting.path)));
      } catch (error) {
        // IIS deletes the oldest traces when there are too many.
        if (codeOf(error) !== "ENOENT")
          this.#notice(`${JSON.stringify(waiting.path)} cannot be read (${codeOf(error)}).`);
      }
    }
    return events;
  }

  async #readTrace(path: string): Promise<readonly CaptureEvent[]> {
    const bytes = await openLogBytes({ path, format: "failed-request" });
    const scope = { since: this.#since, until: null, server: null };
    const log = readFailedRequest(bytes, { path, scope });
    try {
      const events: CaptureEvent[] = [];
      for (let read = await log.next(); read !== null; read = await log.next()) {
        for (const event of read) events.push(event.kind === "transaction" ? this.#named(event) : event);
      }
      for (const problem of log.problems()) this.#notice(`${JSON.stringify(path)} ${problem}.`);
      const report = log.report();
      return report === null ? events : [...events, { kind: "log-file", report }];
    } finally {
      log.close();
    }
  }

  #named(event: Extract<CaptureEvent, { kind: "transaction" }>): CaptureEvent {
    this.#transactions += 1;
    return { kind: "transaction", transaction: { ...event.transaction, id: `t${this.#transactions}` } };
  }
}

/** Whether a file is a trace that has ended, one that is still written, or none. */
async function stateOf(path: string): Promise<"ended" | "growing" | "foreign"> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(markLength);
    const { bytesRead } = await file.read(head, 0, markLength, 0);
    if (logFormat(head.subarray(0, bytesRead)) !== "failed-request") return "foreign";
    const end = Buffer.alloc(endLength);
    const tail = await file.read(end, 0, endLength, Math.max(0, size - endLength));
    const text = end.subarray(0, tail.bytesRead).toString("latin1").replaceAll("\0", "");
    return /<\/failedRequest\s{0,8}>\s{0,64}$/.test(text) ? "ended" : "growing";
  } finally {
    await file.close();
  }
}
