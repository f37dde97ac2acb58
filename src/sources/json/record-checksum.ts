import { crc32 } from "node:zlib";

// A record ends with its own checksum, over all bytes before it: {"k":"entry",…,"crc":"0123abcd"}
const mark = Buffer.from(',"crc":"');
const digits = 8;
const tail = mark.length + digits + 2;

/** Whether a record of a journal is as it was written; `none` when it says no checksum, as those of older programs. */
export function checkRecord(line: Buffer): "right" | "wrong" | "none" {
  const end = line.length - tail;
  if (end < 1 || line.compare(mark, 0, mark.length, end, end + mark.length) !== 0) return "none";
  const said = Number.parseInt(line.toString("latin1", end + mark.length, end + mark.length + digits), 16);
  return said === crc32(line.subarray(0, end)) ? "right" : "wrong";
}
