// What is published says what the program does.
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { withFactTable } from "../../src/expectations/fact-table.ts";
import { expectationsSchema } from "../../src/expectations/file-schema.ts";
import { presetNames, presetText } from "../../src/expectations/presets.ts";
import { problemOf } from "../support/check-here.ts";
import { designExample } from "../support/design-example.ts";

const page = readFileSync("docs/expectations.md", "utf8");

test("schema/ holds the schema as it is: npm run schema", () => {
  const published: unknown = JSON.parse(readFileSync("schema/expectations-1.schema.json", "utf8"));
  expect(published).toEqual(expectationsSchema());
  const files: unknown = JSON.parse(readFileSync("package.json", "utf8"));
  expect(files).toMatchObject({ files: expect.arrayContaining(["schema"]) });
});

test("docs/expectations.md lists every fact: npm run schema", () => {
  expect(withFactTable(page)).toBe(page);
});

test("the example in the documentation can be read, and the schema takes it", () => {
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  expect(yaml).toContain("version: 1");
  expect(problemOf(yaml)).toBeNull();
  const validate = new Ajv({ strict: false }).compile(expectationsSchema());
  for (const text of [yaml, designExample, ...presetNames.map(presetText)])
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
});

test("a page without a place for the facts is refused", () => {
  expect(() => withFactTable("# nothing")).toThrow("no place");
});
