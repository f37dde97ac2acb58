import fc from "fast-check";
import { expect, test } from "vitest";
import { readBase64, readBase64Url } from "../../src/decoders/base64.ts";

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString("latin1"));

// RFC 4648 §10
test.each([
  ["", ""],
  ["f", "Zg=="],
  ["fo", "Zm8="],
  ["foo", "Zm9v"],
  ["foob", "Zm9vYg=="],
  ["fooba", "Zm9vYmE="],
  ["foobar", "Zm9vYmFy"],
])("RFC 4648: %j is %j", (plain, coded) => {
  expect(text(readBase64(coded))).toBe(plain);
  const read = readBase64Url(coded.replaceAll("=", ""));
  expect(typeof read === "number" ? read : text(read.bytes)).toBe(plain);
});

// RFC 7515 Appendix C
test("RFC 7515 appendix C: the octets 3 236 255 224 193 are A-z_4ME", () => {
  expect(readBase64Url("A-z_4ME")).toEqual({ bytes: new Uint8Array([3, 236, 255, 224, 193]), isCanonical: true });
});

test.each([
  ["padding", "Zg==", 2],
  ["the standard alphabet's plus", "ab+d", 2],
  ["the standard alphabet's slash", "a/cd", 1],
  ["a blank", "ab cd", 2],
  ["a line break", "abcd\nabcd", 4],
  ["a length that no bytes have", "abcde", 4],
  ["a letter outside ASCII", "abé", 2],
])("base64url refuses %s and says where", (_, coded, at) => {
  expect(readBase64Url(coded)).toBe(at);
});

// RFC 4648 §3.5: Zh and Zg both read as f
test.each([
  ["Zg", true],
  ["Zh", false],
  ["Zm8", true],
  ["Zm9", false],
])("%s is canonical: %s", (coded, isCanonical) => {
  expect(readBase64Url(coded)).toMatchObject({ isCanonical });
});

test("white space is skipped only where the caller allows it", () => {
  expect(readBase64("Zm9v\r\n YmFy")).toBeNull();
  expect(text(readBase64("Zm9v\r\n YmFy", { allowWhiteSpace: true }))).toBe("foobar");
});

test("what Node encodes is read back, in both alphabets", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      expect(readBase64Url(buffer.toString("base64url"))).toEqual({ bytes, isCanonical: true });
      expect(readBase64(buffer.toString("base64"))).toEqual(bytes);
    }),
    { numRuns: 300 },
  );
});

test("a second spelling of the same bytes is never called canonical", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{0,40}$/), (coded) => {
      const read = readBase64Url(coded);
      if (typeof read === "number") return;
      expect(read.isCanonical).toBe(Buffer.from(read.bytes).toString("base64url") === coded);
    }),
    { numRuns: 500 },
  );
});
