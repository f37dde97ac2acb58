import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  isAtLeast,
  severities,
  severitiesWorstFirst,
  worstFirst,
} from "../../../src/diagnosis/catalogue/finding-text.ts";

test("a severity is at least itself and every lower one", () => {
  const table = severities.map((severity) => severities.map((threshold) => isAtLeast(severity, threshold)));
  expect(table).toEqual([
    [true, false, false, false],
    [true, true, false, false],
    [true, true, true, false],
    [true, true, true, true],
  ]);
});

test("the worst come first, items of one severity keep their order", () => {
  expect(severitiesWorstFirst).toEqual(["alarm", "error", "warning", "info"]);
  const items = (["info", "error", "alarm", "error", "warning"] as const).map((severity, id) => ({ severity, id }));
  expect(worstFirst(items).map(({ id }) => id)).toEqual([2, 1, 3, 4, 0]);
});

test("no other file lists the severities in its own order", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
  const lists = files.filter((file) =>
    /"(?:info|error)",\s*"(?:warning|alarm)"|"alarm",\s*"error"|"warning",\s*"(?:info|error)"/.test(
      readFileSync(join("src", file), "utf8"),
    ),
  );
  expect(lists).toEqual([join("diagnosis", "catalogue", "finding-text.ts")]);
});
