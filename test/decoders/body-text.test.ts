import { expect, test } from "vitest";
import { emptyBody } from "../../src/core/http-transaction.ts";
import { bodyText } from "../../src/decoders/body-text.ts";

const body = (bytes: Uint8Array, contentCoding: string | null = null) => ({
  bytes,
  totalBytes: bytes.length,
  truncated: false,
  contentCoding,
});

test.each([
  ["UTF-8", Buffer.from("é{}", "utf8"), "é{}"],
  ["UTF-8 with its mark", Buffer.from("\uFEFF{}", "utf8"), "{}"],
  ["UTF-16, little end first", Buffer.from("\uFEFF<é/>", "utf16le"), "<é/>"],
  ["UTF-16, big end first", Buffer.from("\uFEFF<é/>", "utf16le").swap16(), "<é/>"],
  ["an odd byte at the end of UTF-16", Buffer.concat([Buffer.from("\uFEFFa", "utf16le"), Buffer.from([65])]), "a"],
  ["bytes that are neither", Buffer.from([0x61, 0xff, 0x62]), "a\uFFFDb"],
  ["nothing", Buffer.alloc(0), ""],
])("%s", (_, bytes, text) => {
  expect(bodyText(body(bytes), 1000)).toBe(text);
});

test("no more than the limit is read", () => {
  expect(bodyText(body(Buffer.alloc(100, "x")), 10)).toBe("x".repeat(10));
});

test("a coding that could not be undone gives nothing", () => {
  expect(bodyText(body(Buffer.from("{}"), "zstd"), 10)).toBe("");
  expect(bodyText(emptyBody, 10)).toBe("");
});
