import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { CapturedBody } from "../../src/core/http-transaction.ts";
import { undoContentCoding, undoContentCodingSync } from "../../src/http1/content-coding.ts";

const limit = 64 * 1024;
const answer = '{"token_type":"Bearer","expires_in":"28799"}';

function coded(contentCoding: string | null, bytes: Uint8Array, truncated = false): CapturedBody {
  return { bytes: new Uint8Array(bytes), totalBytes: bytes.length, truncated, contentCoding };
}

function text(body: CapturedBody): string {
  return Buffer.from(body.bytes).toString("utf8");
}

/** Both readings of a body, which must agree wherever the output fits into the limit. */
async function both(body: CapturedBody, most = limit): Promise<CapturedBody> {
  const undone = await undoContentCoding(body, most);
  expect(undoContentCodingSync(body, most)).toEqual(undone);
  return undone;
}

/** Bytes that other programs wrote: gzip 1.12, zlib 1.2.13 by Python, and test data of google/brotli. */
const foreign: readonly (readonly [program: string, coding: string, bytes: Buffer, text: string])[] = [
  [
    "gzip",
    "gzip",
    Buffer.from("H4sIAAAAAAACA6tWKsnPTs2LL6ksSFWyUnJKTSxKLVLSUUqtKMgsSi2Oz8wDihpZmFtaKtUCACsNRCgsAAAA", "base64"),
    answer,
  ],
  [
    "Python's zlib",
    "deflate",
    Buffer.from("eNqrVirJz07Niy+pLEhVslJySk0sSi1S0lFKrSjILEotjs/MA4oaWZhbWirVAgBchA6F", "base64"),
    answer,
  ],
  [
    "Python's zlib without its header",
    "deflate",
    Buffer.from("q1Yqyc9OzYsvqSxIVbJSckpNLEotUtJRSq0oyCxKLY7PzAOKGlmYW1oq1QIA", "base64"),
    answer,
  ],
  ["brotli (10x10y)", "br", Buffer.from("1b130000a4b0b2ea8147028a", "hex"), "XXXXXXXXXXYYYYYYYYYY"],
  ["brotli (x)", "br", Buffer.from("0b00805803", "hex"), "X"],
];

describe("what other programs packed", () => {
  test.each(foreign)("%s", async (_program, coding, bytes, plain) => {
    const undone = await both(coded(coding, bytes));
    expect(text(undone)).toBe(plain);
    expect(undone).toMatchObject({ contentCoding: null, truncated: false, totalBytes: bytes.length });
  });

  test("x-gzip is gzip", async () => {
    const [, , bytes = Buffer.alloc(0)] = foreign[0] ?? [];
    expect(text(await both(coded("x-gzip", bytes)))).toBe(answer);
  });

  test("gzip in two members is one body", async () => {
    const bytes = Buffer.concat([gzipSync("one "), gzipSync("two")]);
    expect(text(await both(coded("gzip", bytes)))).toBe("one two");
  });
});

describe("bodies that are not changed", () => {
  test("one without a coding", async () => {
    const body = coded(null, Buffer.from(answer));
    expect(await both(body)).toBe(body);
  });

  test.each(["zstd", "compress", "gzip, br", "", "GZIP", "constructor"])("one with the coding %j", async (coding) => {
    const body = coded(coding, gzipSync(answer));
    expect(await both(body)).toBe(body);
  });

  const packed = gzipSync(answer.repeat(20));
  test.each<[string, string, Uint8Array]>([
    ["text that is not gzip", "gzip", Buffer.from(answer)],
    ["text that is not brotli", "br", Buffer.from(answer)],
    ["a deflate block of a type that does not exist", "deflate", Buffer.from([0x07, 0xff, 0xff])],
    ["zlib with a wrong header check", "deflate", Buffer.from([0x78, 0x00, 1, 2, 3])],
    ["gzip with a changed checksum", "gzip", Buffer.concat([packed.subarray(0, -8), Buffer.alloc(8)])],
    [
      "gzip with changed data",
      "gzip",
      Buffer.from(packed.map((byte, at) => (at > 12 && at < 30 ? byte ^ 0xff : byte))),
    ],
  ])("damage: %s", async (_name, coding, bytes) => {
    const body = coded(coding, bytes);
    expect(await both(body)).toBe(body);
  });
});

describe("cut bodies", () => {
  const long = Array.from({ length: 2000 }, (_, index) => `${index}:${(index * 7919) % 1009};`).join("");
  test.each<[string, Uint8Array]>([
    ["gzip", gzipSync(long)],
    ["deflate", deflateSync(long)],
    ["deflate", deflateRawSync(long)],
    ["br", brotliCompressSync(long)],
  ])("%s gives a beginning of the text, however little there is, and keeps its mark", async (coding, packed) => {
    for (let length = 0; length < packed.length; length += Math.ceil(packed.length / 23)) {
      const undone = await both(coded(coding, packed.subarray(0, length), true));
      expect(long.startsWith(text(undone))).toBe(true);
      expect(undone).toMatchObject({ contentCoding: null, truncated: true });
    }
    const most = await both(coded(coding, packed.subarray(0, packed.length - 20), true));
    expect(most.bytes.length).toBeGreaterThan(long.length / 2);
  });
});

describe("bounds", () => {
  test.each<[string, Uint8Array]>([
    ["gzip", gzipSync("a".repeat(1000))],
    ["deflate", deflateSync("a".repeat(1000))],
    ["br", brotliCompressSync("a".repeat(1000))],
  ])("%s: output of the limit is whole, one byte more is cut", async (coding, packed) => {
    const body = coded(coding, packed);
    expect(await both(body, 1000)).toMatchObject({ truncated: false, contentCoding: null });
    const cut = await undoContentCoding(body, 999);
    expect(text(cut)).toBe("a".repeat(999));
    expect(cut).toMatchObject({ truncated: true, contentCoding: null, totalBytes: packed.length });
    expect(undoContentCodingSync(body, 999)).toBe(body);
  });

  test("a bomb is cut at the limit and does not fill memory", async () => {
    const bomb = coded("gzip", gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 1 }));
    const before = process.memoryUsage();
    const cut = await undoContentCoding(bomb, limit);
    const after = process.memoryUsage();
    expect(cut.bytes.length).toBe(limit);
    expect(cut.truncated).toBe(true);
    expect(undoContentCodingSync(bomb, limit)).toBe(bomb);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(16 * 1024 * 1024);
  });
});
