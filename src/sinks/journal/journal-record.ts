import { crc32 } from "node:zlib";
import type { CaptureEvent } from "../../core/capture-event.ts";
import { safeJson } from "../../core/safe-json.ts";
import type { Redacted } from "../../sanitising/sanitise.ts";
import { harEntry } from "../formats/write-har-entry.ts";

/** Record number `n` of a journal: a transaction in HAR's shape, any other event with its own members. */
export function recordOf(event: Redacted<CaptureEvent>, n: number): object {
  if (event.kind === "transaction") return { k: "entry", n, ...harEntry(event.transaction) };
  const { kind, ...members } = event;
  return { k: kind, n, ...members };
}

/** The line of a record, with a checksum over everything before it, so that a reader detects a flipped bit. */
export function withChecksum(record: object): string {
  const open = safeJson(record).slice(0, -1);
  return `${open},"crc":"${crc32(open).toString(16).padStart(8, "0")}"}\n`;
}
