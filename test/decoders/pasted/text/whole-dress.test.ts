import { describe, expect, test } from "vitest";
import { readJson } from "../../../../src/decoders/pasted/text/json-strings.ts";
import { bareLines, undressed } from "../../../../src/decoders/pasted/text/whole-dress.ts";

const lines = ["reason=one and two", "", "error_category=three"];
const put = (prefix: (at: number) => string): string => lines.map((line, at) => `${prefix(at)}${line}`).join("\n");

describe("what stands before every line is taken off", () => {
  test.each([
    ["quotes of a mail", put(() => "> ")],
    ["quotes of quotes", put(() => "> > ")],
    ["numbers", put((at) => `${at + 1}: `)],
    ["numbers in a margin", put((at) => `  ${at + 9}  `)],
    ["times", put((at) => `2025-11-30 11:00:0${at}.123 `)],
    ["times with a zone in brackets", put((at) => `[2025-11-30T11:00:0${at}+01:00] `)],
    ["the prefix of log4j", put((at) => `2025-11-30 11:00:0${at},314 DEBUG [main] com.contoso.Trace - `)],
    ["the prefix of Spring", put((at) => `2025-11-30T11:00:0${at}.123Z  INFO 4711 --- [nio-${at}] c.e.Trace : `)],
    ["marks of comments", put(() => "# ")],
    ["an indent", put(() => "    ")],
  ])("%s", (_, text) => {
    expect(bareLines(text)[0]?.trim()).toBe(lines.join("\n"));
  });

  test("but not where one line has none, and not the directions of curl -v", () => {
    expect(bareLines("1: a\nb\n3: c")).toEqual([]);
    expect(bareLines("> GET / HTTP/1.1\n> Host: a\n< HTTP/1.1 200 OK")).toEqual([]);
    expect(bareLines("one line alone")).toEqual([]);
  });
});

describe("readings of a whole text", () => {
  test("the strings of JSON, one document or one a line", () => {
    expect(readJson('{"id":7,"text":"reason=one\\r\\nand two","deep":[{"a":"another long one"}]}')).toBe(
      "reason=one\nand two\nanother long one",
    );
    expect(readJson('{"m":"the first line"}\n{"m":"the second line"}')).toBe("the first line\nthe second line");
    for (const other of ["", "{", "{}x", "[1]", '{"a":1}\ntext']) expect(readJson(other) ?? "").toBe("");
  });

  test("a log in a quoted mail loses both", () => {
    expect(undressed(put((at) => `> ${at + 1}: `)).map((text) => text.trim())).toContain(lines.join("\n"));
  });

  test("a cell of CSV has its quotes again", () => {
    expect(undressed('4711,"reason=""one"";x"').join("\n")).toContain('reason="one";x');
  });
});

test("its time stays linear, by the ratio of two lengths", () => {
  const best = (text: string): number =>
    Math.min(
      ...Array.from({ length: 5 }, () => {
        const from = performance.now();
        bareLines(text);
        undressed(text);
        return performance.now() - from;
      }),
    );
  for (const part of [
    "> ",
    "> a\n",
    "1: a\n",
    '{"a":',
    '""',
    ',"',
    "11:00:00 a ",
    "11:00:00 [a] - b\n",
    "\t",
    "a a a a a a a ",
  ]) {
    best(part.repeat(100));
    // Sixteen times the length: 256 times the time if it were quadratic.
    expect(best(part.repeat(64_000)) / Math.max(1, best(part.repeat(4000))), part).toBeLessThan(96);
  }
});
