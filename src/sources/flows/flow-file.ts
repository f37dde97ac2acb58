// Reads mitmproxy's flow files: one dictionary a flow. Versions 7 (mitmproxy 4) to 21 are supported; few of the
// differences between them affect the members read here.
import type { CaptureEvent, SourceSummary } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { ByteInput } from "../input/byte-input.ts";
import type { FileReading, Provenance } from "../input/capture.ts";
import { collectProblems, type Problems } from "../input/problems.ts";
import { hasTime, lostOf, readFlow } from "./flow-transaction.ts";
import { type Frame, frameAt, readTyped, type TypedValue } from "./tnetstring.ts";

/** Longest flow, in bytes. */
const flowLimit = 64 * 1024 * 1024;
const oldest = 7;
const newest = 21;

/** Reads a flow file of any length. Of a cut file the whole flows are read, and the cut is reported. */
export function readFlows(path: string, input: ByteInput): FileReading {
  const progress: Progress = {
    path,
    summary: { transactions: 0, truncated: false },
    problems: collectProblems(),
    number: 0,
    others: 0,
    before: 0,
    said: { isNamed: false, isTimed: true },
  };
  return {
    provenanceOf: () => progress.said,
    events: readAll(input, progress),
    summary: (): SourceSummary => ({
      path,
      format: "mitmproxy",
      ...progress.summary,
      problems: [...progress.problems.lines(), ...othersLine(progress.others)],
    }),
  };
}

interface Progress {
  readonly path: string;
  readonly summary: { transactions: number; truncated: boolean };
  readonly problems: Problems;
  number: number;
  /** Flows that are not HTTP: TCP, UDP, DNS. */
  others: number;
  before: number;
  said: Provenance;
}

function othersLine(others: number): readonly string[] {
  return others === 0 ? [] : [`${others} flows that are not HTTP were skipped`];
}

async function* readAll(input: ByteInput, progress: Progress): AsyncGenerator<CaptureEvent> {
  for await (const [bytes, frame] of flowFrames(input, progress)) {
    progress.number += 1;
    const flow = readTyped(bytes, frame);
    const event = typeof flow === "string" ? leaveOut(progress, flow) : await readOne(flow, progress);
    if (event !== null) yield event;
  }
  if (!input.isDamaged() || progress.summary.truncated) return;
  lose(progress, "the packed file is damaged; what comes before the damage was read");
}

async function readOne(flow: TypedValue, progress: Progress): Promise<CaptureEvent | null> {
  if (!(flow instanceof Map)) return leaveOut(progress, "it is not a dictionary");
  checkVersion(flow.get("version"), progress.path);
  const type = flow.get("type");
  if (!Buffer.isBuffer(type) || type.toString("latin1") !== "http") {
    progress.others += 1;
    return null;
  }
  const transaction = await readFlow(flow, { number: progress.number, before: progress.before });
  if (typeof transaction === "string") return leaveOut(progress, transaction);
  if (transaction === null) return null;
  for (const lost of lostOf(flow, transaction)) progress.problems.add(`flow ${progress.number}: ${lost}`);
  progress.said = { isNamed: false, isTimed: hasTime(flow) };
  progress.before = transaction.startedAt;
  progress.summary.transactions += 1;
  return { kind: "transaction", transaction };
}

function checkVersion(version: TypedValue | undefined, path: string): void {
  if (typeof version === "number" && version >= oldest && version <= newest) return;
  const isNewer = typeof version === "number" && version > newest;
  throw new ToolError(
    "flow-version",
    `${JSON.stringify(path)} is a flow file of a${isNewer ? " newer" : "n older"} mitmproxy.`,
    {
      hint: isNewer
        ? `Versions ${oldest} to ${newest} of the format are read; save the flows as HAR with that mitmproxy.`
        : "Convert it with a newer mitmproxy: mitmdump -nr OLD -w NEW.",
    },
  );
}

type WholeFlow = readonly [bytes: Buffer, frame: Frame];

/** The whole flows, one at a time. */
async function* flowFrames(input: ByteInput, progress: Progress): AsyncGenerator<WholeFlow> {
  const cutter = new FlowCutter(progress);
  for await (const chunk of input.chunks) {
    yield* cutter.push(chunk);
    if (progress.summary.truncated) return;
  }
  if (cutter.isInside) lose(progress, `the file ends inside a flow; ${progress.number} whole flows were read`);
}

/** Cuts the bytes into flows, however the chunks are cut. A flow over the limit is skipped and not kept. */
class FlowCutter {
  readonly #progress: Progress;
  #waiting = Buffer.alloc(0);
  #skipping = 0;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  get isInside(): boolean {
    return this.#waiting.length > 0 || this.#skipping > 0;
  }

  *push(chunk: Buffer): Generator<WholeFlow> {
    const passed = Math.min(this.#skipping, chunk.length);
    this.#skipping -= passed;
    const fresh = chunk.subarray(passed);
    const bytes = this.#waiting.length === 0 ? fresh : Buffer.concat([this.#waiting, fresh]);
    let at = 0;
    for (let frame = this.#next(bytes, at); frame !== null; frame = this.#next(bytes, at)) {
      at = frame.end + 1;
      if (frame.end < bytes.length) yield [bytes, frame];
    }
    this.#skipping += Math.max(0, at - bytes.length);
    this.#waiting = Buffer.from(bytes.subarray(at));
  }

  /**
   * The next frame that is whole, or over the limit; null when more bytes are needed or the bytes cannot be followed.
   */
  #next(bytes: Buffer, at: number): Frame | null {
    const frame = at < bytes.length ? frameAt(bytes, at) : null;
    if (typeof frame === "string") {
      lose(this.#progress, `after flow ${this.#progress.number} the file holds ${frame}`);
      return null;
    }
    if (frame === null) return null;
    if (frame.end < bytes.length) return frame;
    if (frame.end - frame.start <= flowLimit) return null;
    this.#progress.number += 1;
    leaveOut(this.#progress, "it is longer than 64 MiB");
    return frame;
  }
}

function leaveOut({ problems, number }: Progress, why: string): null {
  problems.add(`flow ${number} was skipped: ${why}`);
  return null;
}

function lose({ summary, problems }: Progress, problem: string): void {
  summary.truncated = true;
  problems.add(problem);
}
