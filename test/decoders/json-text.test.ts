import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isJsonObject, maxJsonDepth, readJsonObject } from "../../src/decoders/json-text.ts";

const nested = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`;

function read(text: string) {
  const result = readJsonObject(text);
  if (!result.ok) throw new Error(result.problem);
  return result.value;
}

describe("members that occur twice", () => {
  // RFC 7515 §4: names must be unique; JSON.parse keeps the last
  test("are reported, and the value that lost is kept", () => {
    expect(read('{"iss":"a","aud":"x","iss":"b"}')).toEqual({
      value: { iss: "b", aud: "x" },
      duplicates: ["iss"],
      shadowed: [["iss", "a"]],
      hasTextNumbers: false,
    });
  });

  test("are found when one is written with an escape", () => {
    expect(read('{"al\\u0067":"RS256","alg":"none"}').duplicates).toEqual(["alg"]);
  });

  test("are found in inner objects, and in objects inside lists", () => {
    expect(read('{"appctx":{"x":1,"x":[{"y":null,"y":false}]}}').duplicates).toEqual(["x", "y"]);
  });

  test("are no more than a bounded number", () => {
    const members = Array.from({ length: 1000 }, (_, index) => `"n${index}":1,"n${index}":2`).join(",");
    expect(read(`{${members}}`).duplicates).toHaveLength(16);
  });

  test("are not seen where a colon stands inside a string", () => {
    expect(read('{"a":"b\\":\\"c","d":"\\\\"}')).toMatchObject({ duplicates: [], value: { a: 'b":"c', d: "\\" } });
  });
});

describe("names that belong to objects", () => {
  test.each(['{"__proto__":{"polluted":1},"constructor":2}', '{"__proto__":{"polluted":1},"x":1,"x":2}'])(
    "%s are data",
    (text) => {
      const { value } = read(text);
      expect(Object.hasOwn(value, "__proto__")).toBe(true);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );
});

describe("numbers", () => {
  test.each([
    ["1e400", "1e400"],
    ["-1e400", "-1e400"],
    ["9007199254740993", "9007199254740993"],
    ["123456789012345678901234567890", "123456789012345678901234567890"],
    ["0.12345678901234567890", "0.12345678901234567890"],
  ])("%s cannot be held and stays text", (raw, kept) => {
    expect(read(`{"exp":${raw}}`)).toMatchObject({ value: { exp: kept }, hasTextNumbers: true });
  });

  test.each([
    ["9007199254740991", 9007199254740991],
    ["1e3", 1000],
    ["-0.5", -0.5],
    ["1e20", 1e20],
  ])("%s is held", (raw, kept) => {
    expect(read(`{"exp":${raw}}`)).toMatchObject({ value: { exp: kept }, hasTextNumbers: false });
  });
});

describe("bounds", () => {
  test("64 levels are read, 65 are not", () => {
    expect(readJsonObject(nested(maxJsonDepth)).ok).toBe(true);
    expect(readJsonObject(nested(maxJsonDepth + 1))).toMatchObject({
      ok: false,
      problem: expect.stringContaining("deeper than 64"),
    });
  });

  test.each(["[", '{"a":', "[{"])("100,000 levels of %s end in a problem, not in a RangeError", (open) => {
    expect(readJsonObject(open.repeat(100_000)).ok).toBe(false);
  });

  test("a string of backslashes is passed over in one go", () => {
    expect(readJsonObject(`{"a":"${"\\\\".repeat(200_000)}"}`).ok).toBe(true);
    expect(readJsonObject(`{"a":"${"\\\\".repeat(200_000)}\\"`).ok).toBe(false);
  });
});

describe("what is no object", () => {
  test.each([["[]"], ["null"], ['"x"'], ["1"], ["true"], [""], ["{"], ["{} {}"], ["{'a':1}"], ["\uFEFF{}"]])(
    "%j",
    (text) => {
      const result = readJsonObject(text);
      expect(result.ok).toBe(false);
      // The engine's message would repeat the input
      if (!result.ok) expect(result.problem).toMatch(/^(?:not JSON|JSON, but not an object)$/);
    },
  );

  test("lists and null are not objects", () => {
    expect([isJsonObject([]), isJsonObject(null), isJsonObject({})]).toEqual([false, false, true]);
  });
});

test("what JSON.stringify wrote is read back as JSON.parse reads it, also by hand", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), fc.boolean(), (object, isOdd) => {
      const plain = JSON.stringify(object, null, isOdd ? 1 : 0);
      // A duplicate in front sends the whole text through the reader by hand.
      const text = isOdd ? plain.replace("{", '{"zz":1,"zz":2,').replace(/,\s*\}$/, "}") : plain;
      const result = readJsonObject(text);
      if (!result.ok || result.value.hasTextNumbers) return;
      expect(result.value.value).toEqual(JSON.parse(text));
    }),
    { numRuns: 300 },
  );
});
