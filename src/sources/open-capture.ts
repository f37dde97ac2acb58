import { ToolError } from "../core/tool-error.ts";
import { openInput, type Progress } from "./byte-input.ts";
import { captureKind } from "./capture-kind.ts";
import type { FileReading } from "./file-reading.ts";
import { readFlows } from "./flow-file.ts";
import { readHar } from "./har-file.ts";
import { readJournal } from "./journal-file.ts";
import { readPackets } from "./packet-file.ts";
import type { Spool } from "./spool.ts";

/** Events are read once, in the order of the file; they throw ToolError when the file turns out to be none of ours. */
export interface Capture extends FileReading {
  /** How far reading is, in bytes as they are on the disk. */
  progress(): Progress;
}

/**
 * Opens a saved capture by its content, whatever its name: journal, HAR (plain or packed), SAZ, mitmproxy flows or packets;
 * `-` is standard input, or what `spool` has of it. Throws ToolError.
 */
export async function openCapture(path: string, spool: Spool | null = null): Promise<Capture> {
  const input = await openInput(path, spool);
  const { progress } = input;
  switch (captureKind(input.start)) {
    case "journal":
      return { ...readJournal(path, input), progress };
    case "har":
      return { ...readHar(path, input), progress };
    case "saz":
      // The ZIP library is half of what the program loads; most captures need none of it.
      return (await import("./saz-file.ts")).readSaz(path, input);
    case "mitmproxy":
      return { ...readFlows(path, input), progress };
    case "pcap":
      return { ...(await readPackets(path, input)), progress };
    case "empty":
      throw notACapture(path, "is empty");
    case null:
      throw notACapture(path, "is no capture that realmscope reads");
  }
}

function notACapture(path: string, what: string): ToolError {
  return new ToolError("not-a-capture", `${JSON.stringify(path)} ${what}.`, {
    hint: "Name a journal of realmscope, a HAR, a SAZ, a mitmproxy flow file or a packet capture.",
  });
}
