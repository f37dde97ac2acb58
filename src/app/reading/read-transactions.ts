import type { HttpTransaction } from "../../core/http-transaction.ts";
import { ToolError } from "../../core/tool-error.ts";
import { readInto, singleFile } from "./capture-group.ts";

const byteLimit = 512 * 1024 * 1024;

/** All transactions of one trace with their bodies, in the order of their start. Throws ToolError `empty-capture` or `trace-too-large`. */
export async function readTransactions(path: string): Promise<readonly HttpTransaction[]> {
  let transactions: HttpTransaction[] = [];
  await readInto(singleFile(path), () => {
    let bytes = 0;
    transactions = [];
    return ({ event }) => {
      if (event.kind !== "transaction") return;
      const { request, response } = event.transaction;
      bytes += request.body.bytes.length + (response?.body.bytes.length ?? 0);
      if (bytes > byteLimit) {
        throw new ToolError("trace-too-large", `${JSON.stringify(path)} holds more than 512 MiB of bodies.`, {
          hint: "Play back a smaller trace.",
        });
      }
      transactions.push(event.transaction);
    };
  });
  if (transactions.length > 0) return transactions.sort((one, other) => one.startedAt - other.startedAt);
  throw new ToolError("empty-capture", `There is no HTTP transaction in ${JSON.stringify(path)}.`, {
    hint: "Name a capture that holds requests and answers.",
  });
}
