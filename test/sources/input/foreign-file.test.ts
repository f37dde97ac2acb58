import { expect, test } from "vitest";
import { describeFile } from "../../../src/sources/input/foreign-file.ts";

/** The header of an ETW buffer: size, saved and current offset. */
function traceBuffer(size: number, saved: number, current: number): Buffer {
  const bytes = Buffer.alloc(256, 7);
  bytes.writeUInt32LE(size, 0);
  bytes.writeUInt32LE(saved, 4);
  bytes.writeUInt32LE(current, 8);
  return bytes;
}

// `Format-List` in a German console.
const connectivity =
  "\r\nTask        : Checking EWS API Call Under Oauth\r\nDetail      : ...\r\nResultType  : Error\r\nIdentity    : Microsoft.Exchange.Security.OAuth.ValidationResultNodeId\r\n";

test.each([
  ["a.etl", traceBuffer(65_536, 65_000, 65_000), "is an event trace (ETL)", "etl2pcapng"],
  ["no ending", traceBuffer(65_536, 65_000, 65_000), "is an event trace (ETL)", "etl2pcapng"],
  ["A.ETL", Buffer.alloc(64, 1), "is an event trace (ETL)", "etl2pcapng"],
  ["Application.evtx", Buffer.from("ElfFile\0\0\0", "latin1"), "is a Windows event log (EVTX)", "wevtutil"],
  ["s.chls", Buffer.from([0xac, 0xed, 0, 5]), "is a session of Charles", "Export Session"],
  ["s.chlz", Buffer.from("PK\u0003\u0004", "latin1"), "is a session of Charles", "HTTP Archive"],
  ["s.proxymanlogv2", Buffer.from([0x62, 0x70, 0]), "is a session of Proxyman", "as HAR"],
  ["log.txt", Buffer.from("HTTP/1.1 401 Unauthorized"), "is not a capture but a text", "realmscope decode log.txt"],
  ["my log.txt", Buffer.from("a"), "is not a capture but a text", "realmscope decode FILE"],
  ["wide.txt", Buffer.from("\ufeffa", "utf16le"), "is not a capture but a text", "realmscope decode wide.txt"],
  [
    "test.txt",
    Buffer.from(connectivity),
    "is not a capture but the output of Test-OAuthConnectivity",
    "realmscope decode test.txt",
  ],
  [
    "wide.txt",
    Buffer.from(`\ufeff${connectivity}`, "utf16le"),
    "is not a capture but the output of Test-OAuthConnectivity",
    "decode wide.txt",
  ],
  [
    "transcript.txt",
    Buffer.from(
      "**********************\r\nWindows PowerShell transcript start\r\nPS C:\\> Test-OAuthConnectivity -Service EWS",
    ),
    "is not a capture but the output of Test-OAuthConnectivity",
    "decode transcript.txt",
  ],
  [
    "result.html",
    Buffer.from("\ufeff<!DOCTYPE html>\n<html><body>"),
    "is not a capture but a web page",
    "realmscope decode result.html",
  ],
])("%s", (name, bytes, what, hint) => {
  const file = describeFile(bytes, name);
  expect(file?.what).toBe(what);
  expect(file?.hint).toContain(hint);
});

test("nothing is said of other bytes", () => {
  expect(describeFile(Buffer.from([0, 1, 2, 3]), "x.bin")).toBeNull();
  expect(describeFile(Buffer.alloc(0), "empty")).toBeNull();
  expect(describeFile(traceBuffer(65_536, 70_000, 1), "x")).toBeNull();
});
