import { describe, expect, test } from "vitest";
import { CsvCutter, csvCells, separatorOf } from "../../../src/server-logs/records/csv-cutter.ts";
import { JsonCutter } from "../../../src/server-logs/records/json-cutter.ts";
import type { LogRecord, RecordCutter } from "../../../src/server-logs/records/record-cutter.ts";
import { readRecordTime } from "../../../src/server-logs/records/record-time.ts";
import { XmlCutter } from "../../../src/server-logs/records/xml-cutter.ts";

function cut(cutter: RecordCutter, text: string, piece: number): readonly (readonly [string | null, number])[] {
  const records: LogRecord[] = [];
  for (let at = 0; at < text.length; at += piece) records.push(...cutter.push(text.slice(at, at + piece)));
  return [...records, ...cutter.end()].map((record) => [record.text, record.line]);
}

describe.each([1, 2, 5, 1000])("pieces of %i characters", (piece) => {
  test("JSON: objects one a line, in an array, in a member, alone", () => {
    const objects = ['{"a":"}]\\"{"}', '{"b":[{"c":1}],\n"values":[2]}'];
    const cutObjects = [
      [objects[0], 1],
      [objects[1], 2],
    ];
    const json = (text: string): unknown => cut(new JsonCutter(), text, piece);
    expect(json(objects.join("\n"))).toEqual(cutObjects);
    expect(json(`[${objects.join("\n,")}]`)).toEqual(cutObjects);
    expect(json(`{"@odata.context":"x","value" : [${objects.join(",\n")}],"next":{"d":4}}`)).toEqual(cutObjects);
    expect(json('[1,"{",[{"x":1}]]')).toEqual([]);
    expect(json('{"a":1')).toEqual([[null, 1]]);
  });

  test("JSON over the limit or nested too deep is one record that cannot be read", () => {
    const long = `{"a":"${"x".repeat(200)}"}`;
    expect(cut(new JsonCutter(100), `[${long},{"b":1}]`, piece)).toEqual([
      [null, 1],
      ['{"b":1}', 1],
    ]);
    expect(cut(new JsonCutter(), `${'{"a":'.repeat(300)}1${"}".repeat(300)}\n{"b":1}`, piece)).toEqual([
      [null, 1],
      ['{"b":1}', 2],
    ]);
  });

  test("XML: elements, not those in comments and CDATA sections", () => {
    const first = "<E a='1'>\n<x>1</x></E>";
    const second = "<E>2<![CDATA[</E>]]><!-- </E> --></E >";
    const text = `<!-- <E>0</E> --><R>${first}\n<Ex></Ex>${second}<E>`;
    expect(cut(new XmlCutter("E"), text, piece)).toEqual([
      [first, 1],
      [second, 3],
      [null, 3],
    ]);
  });

  test("XML over the limit is one record that cannot be read", () => {
    expect(cut(new XmlCutter("E", 60), `<E>${"x".repeat(500)}</E>\n<E>1</E>`, piece)).toEqual([
      [null, 1],
      ["<E>1</E>", 2],
    ]);
  });

  test("CSV: line breaks in quotes, empty lines, CRLF", () => {
    expect(cut(new CsvCutter(), 'a,b\r\n"1\n2","""x"""\r\n\r\nc,d', piece)).toEqual([
      ["a,b", 1],
      ['"1\n2","""x"""', 2],
      ["c,d", 5],
    ]);
    expect(cut(new CsvCutter(), 'a\n"open', piece)).toEqual([
      ["a", 1],
      [null, 2],
    ]);
    expect(cut(new CsvCutter(50), `a\n"${"x".repeat(300)}"\nb`, piece)).toEqual([
      ["a", 1],
      [null, 2],
      ["b", 3],
    ]);
  });
});

test("cells of CSV", () => {
  expect(csvCells('a,"b,""c""",,"d', ",")).toEqual(["a", 'b,"c"', "", "d"]);
  expect(csvCells('"a";b;', ";")).toEqual(["a", "b", ""]);
  expect(csvCells('a"b,c', ",")).toEqual(['a"b', "c"]);
  expect(csvCells(",".repeat(2000), ",")).toHaveLength(512);
  expect(separatorOf('"a;b;c","d"')).toBe(",");
  expect(separatorOf("a;b")).toBe(";");
  expect(separatorOf("a\tb")).toBe("\t");
});

test.each([
  ["2026-11-30T08:15:30.1234567Z", "2026-11-30T08:15:30.123Z", false],
  ["2026-11-30T09:15:30.1234567+01:00", "2026-11-30T08:15:30.123Z", false],
  ["2026-11-30T02:45:30-0530", "2026-11-30T08:15:30.000Z", false],
  ["/Date(1796026530123)/", new Date(1796026530123).toISOString(), false],
  ["2026-11-30 08:15:30", "2026-11-30T08:15:30.000Z", true],
  ["11/30/2026 8:15:30 AM", "2026-11-30T08:15:30.000Z", true],
  ["3/4/2026 12:15:30 PM", "2026-03-04T12:15:30.000Z", true],
  ["3/4/2026 12:15:30 AM", "2026-03-04T00:15:30.000Z", true],
  ["30.11.2026 08:15:30", "2026-11-30T08:15:30.000Z", true],
  ["30/11/2026 08:15:30", "2026-11-30T08:15:30.000Z", true],
  ["11/30/2026, 8:15:30.123 PM", "2026-11-30T20:15:30.123Z", true],
  ["2026/11/30 8:15:30", "2026-11-30T08:15:30.000Z", true],
  ["2026-11-30 오후 8:15:30", "2026-11-30T20:15:30.000Z", true],
  ["2026/11/30 上午 08:15:30", "2026-11-30T08:15:30.000Z", true],
  ["30/11/2026 8:15:30 p. m.", "2026-11-30T20:15:30.000Z", true],
  ["2026. 11. 30. 8:15:30", "2026-11-30T08:15:30.000Z", true],
  ["30.11.2026 8.15.30", "2026-11-30T08:15:30.000Z", true],
])("the time %s", (text, expected, isLocal) => {
  expect(readRecordTime(text)).toEqual({ at: Date.parse(expected), isLocal });
});

test.each([
  "",
  "yesterday",
  "2026-13-01T00:00:00Z",
  "31/31/2026 00:00:00",
  "2026-11-30T25:00:00Z",
  "/Date(9999999999999999)/",
])("%s is not a time", (text) => {
  expect(readRecordTime(text)).toBeNull();
});

test("a regular expression on a text without an end needs no quadratic time", () => {
  const started = performance.now();
  const text = `{"value":[${'{"a":"\\\\'.repeat(100_000)}`;
  cut(new JsonCutter(), text, 65_536);
  cut(new XmlCutter("E"), "<E><".repeat(300_000), 65_536);
  cut(new CsvCutter(), '"a\n'.repeat(300_000), 65_536);
  expect(performance.now() - started).toBeLessThan(5000);
});
