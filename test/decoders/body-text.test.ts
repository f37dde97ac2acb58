import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyBody } from "../../src/core/http-transaction.ts";
import { bodyText, readFormFields } from "../../src/decoders/body-text.ts";

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

test.each<[string, [string, string][]]>([
  [
    "a=1&b=2",
    [
      ["a", "1"],
      ["b", "2"],
    ],
  ],
  ["A=1&a=2", [["a", "1"]]],
  [
    "a=b%20c+d&e=%C3%A9",
    [
      ["a", "b c d"],
      ["e", "é"],
    ],
  ],
  ["a", [["a", ""]]],
  ["=x&&a=b=c", [["a", "b=c"]]],
  [
    "a=100%&b=%zz%41",
    [
      ["a", "100%"],
      ["b", "%zzA"],
    ],
  ],
  ["a=%E9t%65", [["a", "%E9te"]]],
  [" a = b \r\n", [["a", "b"]]],
  ["__proto__=1", [["__proto__", "1"]]],
  ["", []],
])("the form %j", (text, fields) => {
  expect([...readFormFields(text)]).toEqual(fields);
});

test("fields of a form are bounded", () => {
  expect(
    readFormFields("a=1&".repeat(10) + Array.from({ length: 1000 }, (_, index) => `n${index}=1`).join("&")).size,
  ).toBeLessThan(201);
});

test("what URLSearchParams wrote is read back", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
  fc.assert(
    fc.property(fc.dictionary(name, fc.string({ unit: "grapheme" })), (fields) => {
      const read = readFormFields(new URLSearchParams(fields).toString());
      for (const [key, value] of Object.entries(fields)) expect(read.get(key)).toBe(value.trim());
    }),
    { numRuns: 300 },
  );
});
