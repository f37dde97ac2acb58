import { crc32 } from "node:zlib";

// A record ends with its own checksum, over all bytes before it: {"k":"entry",…,"crc":"0123abcd"}
const mark = Buffer.from(',"crc":"');
const digits = 8;
const tail = mark.length + digits + 2;

/** Checks the CRC-32 of a journal record; `none` when it has none, as in journals of older versions. */
export function checkRecord(line: Buffer): "right" | "wrong" | "none" {
  const end = line.length - tail;
  if (end < 1 || line.compare(mark, 0, mark.length, end, end + mark.length) !== 0) return "none";
  const said = Number.parseInt(line.toString("latin1", end + mark.length, end + mark.length + digits), 16);
  return said === crc32(line.subarray(0, end)) ? "right" : "wrong";
}
