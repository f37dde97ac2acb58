import type { CaptureSource, SourceSummary } from "../core/capture-event.ts";
import { ToolError } from "../core/tool-error.ts";
import { openInput } from "./byte-input.ts";
import { looksLikeFlows, readFlows } from "./flow-file.ts";
import { readHar } from "./har-file.ts";
import { readJournal } from "./journal-file.ts";
import { looksLikePackets, readPackets } from "./packet-file.ts";
import { readSaz } from "./saz-file.ts";

export interface Capture {
  /** Read once, in the order of the file. Throws ToolError when the file turns out to be none of ours. */
  readonly events: CaptureSource;
  /** What was found in the file; true only after the events have been read. */
  summary(): SourceSummary;
}

/** Opens a saved capture by its content, whatever its name: journal, HAR (plain or packed), SAZ, mitmproxy flows or packets; `-` is standard input. Throws ToolError. */
export async function openCapture(path: string): Promise<Capture> {
  const input = await openInput(path);
  if (looksLikePackets(input.start)) return readPackets(path, input);
  const start = input.start
    .toString("latin1", 0, 512)
    .replace(/^\u00ef\u00bb\u00bf/, "")
    .trimStart();
  if (start === "") throw notACapture(path, "is empty");
  if (start.startsWith('{"k":"head","schema":"realmscope.journal/')) return readJournal(path, input);
  if (start.startsWith("PK\u0003\u0004") && path !== "-") return readSaz(path);
  if (start.startsWith("{")) return readHar(path, input);
  if (looksLikeFlows(start)) return readFlows(path, input);
  throw notACapture(path, "is no capture that realmscope reads");
}

function notACapture(path: string, what: string): ToolError {
  return new ToolError("not-a-capture", `${JSON.stringify(path)} ${what}.`, {
    hint: "Name a journal of realmscope, a HAR, a SAZ, a mitmproxy flow file or a packet capture.",
  });
}
