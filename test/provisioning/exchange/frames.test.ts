import fc from "fast-check";
import { expect, test } from "vitest";
import { createFrameReader, type Line, requestFrame } from "../../../src/provisioning/exchange/frames.ts";

const nonce = "0123456789abcdef0123456789abcdef";

function reply(id: number, text: string, by: string = nonce): string {
  return `@@${by}:${id}:${Buffer.from(text, "utf8").toString("base64")}`;
}

function readAll(bytes: Buffer, cuts: readonly number[]): readonly Line[] {
  const read = createFrameReader(nonce);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const lines: Line[] = [];
  let start = 0;
  for (const place of [...places, bytes.length]) {
    lines.push(...read(bytes.subarray(start, place)));
    start = place;
  }
  return lines;
}

test("frames are separated from other output, however the pipe cuts it", () => {
  const piece = fc.oneof(
    fc.record({ id: fc.nat(999_999_999), text: fc.string({ unit: "binary", maxLength: 200 }) }),
    fc.string({ unit: "grapheme", maxLength: 60 }).map((text) => ({ log: text.replace(/[\r\n]/g, "_") })),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 30 }), (pieces, cuts) => {
      const bytes = Buffer.from(
        pieces.map((one) => `${"log" in one ? one.log : reply(one.id, one.text)}\r\n`).join(""),
        "utf8",
      );
      const expected = pieces
        .filter((one) => !("log" in one && one.log === ""))
        .map((one) => ("log" in one ? one : { frame: { ...one, text: Buffer.from(one.text).toString() } }));
      expect(readAll(bytes, cuts)).toEqual(expected);
    }),
  );
});

test("any bytes are read without an exception, and without the nonce none makes a frame", () => {
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.string().map((text) => Buffer.from(reply(1, text, "f".repeat(32)))),
    fc.string().map((text) => Buffer.from(requestFrame(nonce, 1, text))),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const bytes = Buffer.concat(lines.flatMap((one) => [one, Buffer.from("\n")]));
      expect(readAll(bytes, []).filter((one) => "frame" in one)).toEqual([]);
    }),
  );
});

test.each([
  [
    "text before it on its line",
    `Please wait...${reply(3, "{}")}\n`,
    [{ log: "Please wait..." }, { frame: { id: 3, text: "{}" } }],
  ],
  ["another session's nonce", `${reply(3, "{}", "f".repeat(32))}\n`, [{ log: reply(3, "{}", "f".repeat(32)) }]],
  ["an echo of the request", requestFrame(nonce, 3, "{}"), [{ log: requestFrame(nonce, 3, "{}").trimEnd() }]],
  ["text after the base64", `${reply(3, "{}")} done\n`, [{ log: `${reply(3, "{}")} done` }]],
  ["no end of line yet", reply(3, "{}"), []],
])("a frame with %s", (_name, text, expected) => {
  expect(readAll(Buffer.from(text), [])).toEqual(expected);
});

test("a frame of 64 KB is read whole from many pieces", () => {
  const text = "x".repeat(65_536);
  const bytes = Buffer.from(`${reply(7, text)}\n`);
  const cuts = Array.from({ length: 200 }, (_, index) => index * 431);
  expect(readAll(bytes, cuts)).toEqual([{ frame: { id: 7, text } }]);
});

test("an endless line is refused before it fills the memory", () => {
  const read = createFrameReader(nonce);
  const chunk = Buffer.alloc(1024 * 1024, 120);
  expect(() => {
    for (let count = 0; count < 20; count++) read(chunk);
  }).toThrow(RangeError);
});
