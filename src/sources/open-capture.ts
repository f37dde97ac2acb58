// The face of this folder: opens a saved capture of any format.
import { ToolError } from "../core/tool-error.ts";
import { openInput } from "./input/byte-input.ts";
import type { Capture } from "./input/capture.ts";
import { captureKind } from "./input/capture-kind.ts";
import type { Spool } from "./input/spool.ts";
import type { WantedFields } from "./json/header-names.ts";
import { readJournal } from "./json/journal-file.ts";

/**
 * Opens a saved capture, recognised by its content: journal, HAR (plain or packed), SAZ, ticket of this program,
 * mitmproxy flows, items of Burp, collection of Postman or packets. `-` is standard input, read from `spool` if given. With `wanted`, transactions have at least those header fields and
 * all fields with long values, and a body must be read before the next event is requested. Rejects with ToolError.
 */
export async function openCapture(
  path: string,
  spool: Spool | null = null,
  wanted: WantedFields | null = null,
): Promise<Capture> {
  const input = await openInput(path, spool);
  const lean = wanted === null ? null : (await import("./json/lean-entry.ts")).createLeanReader(wanted);
  const { progress } = input;
  const kind = captureKind(input.start);
  // These two formats copy what they need from a chunk before they request the next one.
  if (lean !== null && (kind === "journal" || kind === "har")) input.reuseChunks();
  switch (kind) {
    case "journal":
      return { ...readJournal(path, input, lean), progress };
    case "har":
      return { ...(await import("./json/har-file.ts")).readHar(path, input, lean), progress };
    case "saz":
      // These three load a ZIP library or start child processes; most captures need neither.
      return (await import("./saz/saz-file.ts")).readSaz(path, input, { lean });
    case "mitmproxy":
      return { ...(await import("./flows/flow-file.ts")).readFlows(path, input), progress };
    case "burp":
      return { ...(await import("./exports/burp-file.ts")).readBurp(path, input), progress };
    case "postman":
      return { ...(await import("./exports/postman-file.ts")).readPostman(path, input), progress };
    case "pcap":
      return { ...(await (await import("./packets/packet-file.ts")).readPackets(path, input)), progress };
    case "exchange-log":
    case "iis-log":
    case "failed-request":
    case "windows-event":
    case "sign-in-log":
      return (await import("./logs/log-capture.ts")).openLogCapture({ path, format: kind }, input);
    case "empty":
      throw notACapture(path, "is empty");
    case null:
      throw await foreignFile(path, input.start);
  }
}

/** Names what the file is and the command that makes a capture of it, where that is known. */
async function foreignFile(path: string, start: Buffer): Promise<ToolError> {
  const { describeFile } = await import("./input/foreign-file.ts");
  const foreign = describeFile(start, path);
  if (foreign === null) return notACapture(path, "is not a capture that realmscope can read");
  return new ToolError("not-a-capture", `${JSON.stringify(path)} ${foreign.what}.`, { hint: foreign.hint });
}

function notACapture(path: string, what: string): ToolError {
  return new ToolError("not-a-capture", `${JSON.stringify(path)} ${what}.`, {
    hint: "Give a journal of realmscope, a HAR, a SAZ, a ticket, a mitmproxy flow file, an export of Burp or Postman, or a packet capture.",
  });
}
