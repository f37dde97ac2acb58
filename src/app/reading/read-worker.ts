// A thread that reads and decodes captures for the judging thread. It receives an order for each group, then one credit for each
// batch that was judged, so that it does not read far ahead.
import { parentPort } from "node:worker_threads";
// Loaded while the thread waits for its first order; `openCapture` needs them at once.
import "../../sources/json/har-file.ts";
import "../../sources/json/lean-entry.ts";
import type { SourceSummary } from "../../core/capture-event.ts";
import type { Applications } from "../../core/principals.ts";
import { ToolError } from "../../core/tool-error.ts";
import { decodeTransaction } from "../../decoders/messages/decode-transaction.ts";
import type { Progress } from "../../sources/input/byte-input.ts";
import { restartMarker } from "../../sources/time/read-in-time-order.ts";
import { type CaptureGroup, readGroup } from "./capture-group.ts";
import { wantedFields } from "./judged-fields.ts";
import { startPacking } from "./pack-events.ts";
import type { WireBatch } from "./thread-messages.ts";

/** An order to read a group, or the credit for one batch of it. */
export type ToReadWorker =
  | {
      readonly kind: "read";
      readonly number: number;
      readonly group: CaptureGroup;
      readonly applications: Applications;
    }
  | { readonly kind: "credit"; readonly number: number };

export type FromReadWorker =
  | {
      readonly kind: "batch";
      readonly number: number;
      readonly batch: WireBatch;
      readonly progress: Progress;
    }
  /** The batches before it are void; only their shared texts stay valid. */
  | { readonly kind: "again"; readonly number: number }
  | { readonly kind: "end"; readonly number: number; readonly summaries: readonly SourceSummary[] }
  | {
      readonly kind: "failed";
      readonly number: number;
      readonly code: string;
      readonly message: string;
      readonly hint: string;
    };

type ReadOrder = Extract<ToReadWorker, { kind: "read" }>;

const batchSize = 32;
/** About the memory of a decoded request without bodies. */
const bytesOfEvent = 4096;
/** Batches that may be unjudged at a time. */
const ahead = 16;

const port = parentPort;
if (port !== null) {
  let current = -1;
  let credits = ahead;
  let wake: () => void = () => undefined;
  port.on("message", (message: ToReadWorker) => {
    if (message.kind === "read") void read(message);
    else if (message.number === current) {
      credits += 1;
      wake();
    }
  });
  const send = (message: FromReadWorker): void => port.postMessage(message);

  // A bug is an unhandled rejection: it ends the thread with an error that the judging thread throws.
  const read = async (order: ReadOrder): Promise<void> => {
    const { number } = order;
    current = number;
    credits = ahead;
    try {
      await readEvents(order);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      send({ kind: "failed", number, code: error.code, message: error.message, hint: error.hint });
    }
  };

  const readEvents = async ({ number, group, applications }: ReadOrder): Promise<void> => {
    const reading = readGroup(group, {
      wanted: wantedFields,
      take: (event) => (event.kind === "transaction" ? decodeTransaction(event.transaction, { applications }) : null),
      weigh: () => bytesOfEvent,
    });
    const packing = startPacking();
    let waiting = 0;
    const sendBatch = async (): Promise<void> => {
      send({ kind: "batch", number, batch: packing.take(), progress: reading.progress() });
      waiting = 0;
      credits -= 1;
      while (credits <= 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    for await (const batch of reading.batches) {
      if (batch === restartMarker) {
        if (waiting > 0) await sendBatch();
        send({ kind: "again", number });
        continue;
      }
      for (const { event, extra } of batch) {
        packing.add({ event, facts: extra });
        waiting += 1;
        if (waiting >= batchSize) await sendBatch();
      }
    }
    if (waiting > 0) await sendBatch();
    send({ kind: "end", number, summaries: reading.summaries() });
  };
}
