// One log as a capture, for standard input and for commands that read one file.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { ByteInput } from "../input/byte-input.ts";
import type { Capture } from "../input/capture.ts";
import { inputBytes } from "./log-bytes.ts";
import { everyRow, type LogFile } from "./log-file.ts";
import { readLogs } from "./read-logs.ts";

/** Opens a log whose first bytes are read. */
export function openLogCapture(file: LogFile, input: ByteInput): Promise<Capture> {
  const reading = readLogs([file], everyRow, () => Promise.resolve(inputBytes(input)));
  return Promise.resolve({
    events: eachOf(reading.batches),
    provenanceOf: () => ({ isNamed: true, isTimed: true }),
    progress: input.progress,
    summary: () =>
      reading.summaries()[0] ?? {
        path: file.path,
        format: file.format,
        transactions: 0,
        truncated: false,
        problems: [],
      },
  });
}

async function* eachOf(batches: AsyncIterable<readonly CaptureEvent[]>): AsyncGenerator<CaptureEvent> {
  for await (const batch of batches) yield* batch;
}
