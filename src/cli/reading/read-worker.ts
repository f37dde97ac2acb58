// A thread that reads captures and decodes what is in them; another judges. A place in the list comes in for each file that
// is to be read, then one credit for each batch that was taken; nothing is read far ahead of who judges.
import { parentPort } from "node:worker_threads";
import type { SourceSummary } from "../../core/capture-event.ts";
import type { Applications } from "../../core/principals.ts";
import { ToolError } from "../../core/tool-error.ts";
import { decodeTransaction } from "../../decoders/decode-transaction.ts";
import type { Progress } from "../../sources/byte-input.ts";
import { openCapture } from "../../sources/open-capture.ts";
import { wantedFields } from "./lean-events.ts";
import { startPacking } from "./pack-events.ts";
import type { WireBatch } from "./wire-form.ts";

/** Read a file, named by a number from then on, or take note that a batch of it was taken. */
export type ToReadWorker =
  | {
      readonly kind: "read";
      readonly file: number;
      readonly path: string;
      readonly applications: Applications;
    }
  | { readonly kind: "credit"; readonly file: number };

export type FromReadWorker =
  | {
      readonly kind: "batch";
      readonly file: number;
      readonly batch: WireBatch;
      readonly progress: Progress;
    }
  | { readonly kind: "end"; readonly file: number; readonly summary: SourceSummary }
  | {
      readonly kind: "failed";
      readonly file: number;
      readonly code: string;
      readonly message: string;
      readonly hint: string;
    };

type ReadOrder = Extract<ToReadWorker, { kind: "read" }>;

const batchSize = 32;
/** Batches that may be on their way or wait. */
const ahead = 16;

const port = parentPort;
if (port !== null) {
  let current = -1;
  let credits = ahead;
  let wake: () => void = () => undefined;
  port.on("message", (message: ToReadWorker) => {
    if (message.kind === "read") void read(message);
    else if (message.file === current) {
      credits += 1;
      wake();
    }
  });
  const say = (message: FromReadWorker): void => port.postMessage(message);

  // A bug in here is an unhandled rejection, which ends the thread with an error that its owner throws.
  const read = async (order: ReadOrder): Promise<void> => {
    const { file } = order;
    current = file;
    credits = ahead;
    try {
      await readFile(order);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      say({ kind: "failed", file, code: error.code, message: error.message, hint: error.hint });
    }
  };

  const readFile = async ({ file, path, applications }: ReadOrder): Promise<void> => {
    const capture = await openCapture(path, null, wantedFields);
    const packing = startPacking();
    let waiting = 0;
    const send = async (): Promise<void> => {
      say({ kind: "batch", file, batch: packing.take(), progress: capture.progress() });
      waiting = 0;
      credits -= 1;
      while (credits <= 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    for await (const event of capture.events) {
      const facts = event.kind === "transaction" ? decodeTransaction(event.transaction, { applications }) : null;
      packing.add({ event, facts });
      waiting += 1;
      if (waiting >= batchSize) await send();
    }
    if (waiting > 0) await send();
    say({ kind: "end", file, summary: capture.summary() });
  };
}
