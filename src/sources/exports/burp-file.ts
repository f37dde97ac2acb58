// Reads the items that Burp Suite saves as XML ("Save items"): a list of requests with their answers.
import type { CaptureEvent, SourceSummary } from "../../core/capture-event.ts";
import type { ByteInput } from "../input/byte-input.ts";
import type { FileReading, Provenance } from "../input/capture.ts";
import { collectProblems, type Problems } from "../input/problems.ts";
import { readBurpItem } from "./burp-item.ts";
import { BurpItems } from "./burp-items.ts";

/** Reads a file of any length. Of a cut file the whole items are read, and the cut is reported. */
export function readBurp(path: string, input: ByteInput): FileReading {
  const progress: Progress = {
    summary: { transactions: 0, truncated: false },
    problems: collectProblems(),
    number: 0,
    before: 0,
    said: { isNamed: false, isTimed: true },
  };
  return {
    events: readAll(input, progress),
    provenanceOf: () => progress.said,
    summary: (): SourceSummary => ({ path, format: "burp", ...progress.summary, problems: progress.problems.lines() }),
  };
}

interface Progress {
  readonly summary: { transactions: number; truncated: boolean };
  readonly problems: Problems;
  /** Number of the item read last. */
  number: number;
  before: number;
  said: Provenance;
}

async function* readAll(input: ByteInput, progress: Progress): AsyncGenerator<CaptureEvent> {
  const { summary, problems } = progress;
  const items = new BurpItems();
  for await (const chunk of input.chunks) {
    for (const item of items.push(chunk)) {
      const event = await readOne(item, progress);
      if (event !== null) yield event;
    }
  }
  if (!items.isInside && !input.isDamaged()) return;
  summary.truncated = true;
  problems.add(`the file ends too early; ${summary.transactions} whole items were read`);
}

async function readOne(item: Buffer | null, progress: Progress): Promise<CaptureEvent | null> {
  progress.number += 1;
  const { number, before } = progress;
  const read = item === null ? "it is longer than 64 MiB" : await readBurpItem(item, { number, before });
  if (typeof read === "string") {
    progress.problems.add(`item ${number} was skipped: ${read}`);
    return null;
  }
  progress.said = read.said;
  progress.before = read.transaction.startedAt;
  progress.summary.transactions += 1;
  return { kind: "transaction", transaction: read.transaction };
}
