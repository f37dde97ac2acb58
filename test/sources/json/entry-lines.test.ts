import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findEntryLines } from "../../../src/sources/json/entry-lines.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-lines-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const entry = (number: number) => ({ number, request: { url: `https://a.example/${number}`, text: 'a\nb [ { " \\' } });
const har = { log: { version: "1.2", entries: [1, 2, 3].map(entry) } };

describe("the line of an entry", () => {
  test("in a journal is where its record stands", async () => {
    const lines = readFileSync("captures/basic-fallback.ndjson", "utf8").split("\n");
    const found = await findEntryLines("captures/basic-fallback.ndjson", new Set([0, 4]));
    expect(lines[(found.get(0) ?? 0) - 1]).toContain('"_id":"t1"');
    expect(lines[(found.get(4) ?? 0) - 1]).toContain('"_id":"t5"');
  });

  test.each([
    ["on lines of its own", JSON.stringify(har, null, 2)],
    ["with a byte order mark", `\uFEFF${JSON.stringify(har, null, 2)}`],
    ["with other line ends", JSON.stringify(har, null, 2).replaceAll("\n", "\r\n")],
  ])("in a HAR file %s is where it begins", async (_name, text) => {
    const found = await findEntryLines(written("a.har", text), new Set([0, 1, 2]));
    for (const [ordinal, line] of found) {
      const rest = text
        .split("\n")
        .slice(line - 1)
        .join("\n");
      expect(rest).toMatch(new RegExp(`^\\s*\\{\\s*"number": ${ordinal + 1},`));
    }
    expect([...found.keys()]).toEqual([0, 1, 2]);
  });

  test("in a HAR file of one line is that line, packed or not", async () => {
    const text = JSON.stringify(har);
    expect([...(await findEntryLines(written("b.har", text), new Set([2])))]).toEqual([[2, 1]]);
    const packed = gzipSync(JSON.stringify(har, null, 2));
    expect((await findEntryLines(written("c.har.gz", packed), new Set([1]))).get(1)).toBeGreaterThan(10);
  });

  test("is unknown where there are no lines", async () => {
    expect((await findEntryLines(written("d.saz", "PK\u0003\u0004"), new Set([0]))).size).toBe(0);
    expect((await findEntryLines("-", new Set([0]))).size).toBe(0);
    expect((await findEntryLines("captures/one-way.ndjson", new Set())).size).toBe(0);
  });
});
