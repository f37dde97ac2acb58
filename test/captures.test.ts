// Golden captures: every file in captures/ is judged and compared with what is written beside it (codes, stages and
// verdict, not prose).
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Analysis } from "../src/diagnosis/analysis.ts";
import { golden } from "./support/golden.ts";
import { judgeFile } from "./support/judge-file.ts";

const captures = readdirSync("captures").filter((name) => /\.(?:ndjson|har|saz)$/.test(name));

async function judge(path: string): Promise<Analysis> {
  const { analysis, summary } = await judgeFile(path);
  expect(summary).toMatchObject({ truncated: false, problems: [] });
  return analysis;
}

test("the folder holds captures and what they are judged by, and nothing else that could be committed", () => {
  // Keys of a person's own exports may lie there: .gitignore keeps them out.
  const others = readdirSync("captures", { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(?:ndjson|har|saz|expected\.json|expect\.yaml|key)$/.test(entry.name))
    .map((entry) => entry.name);
  expect(others).toEqual([]);
});

test("there are captures", () => {
  expect(captures.length).toBeGreaterThan(6);
});

test.each(captures)("%s is judged as written beside it", async (name) => {
  const expected: unknown = JSON.parse(readFileSync(`captures/${name.replace(/\.\w+$/, ".expected.json")}`, "utf8"));
  expect(golden(await judge(`captures/${name}`))).toEqual(expected);
});
