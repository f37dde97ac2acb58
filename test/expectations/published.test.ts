// What is published says what the program does.
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { findingCatalogue } from "../../src/diagnosis/catalogue.ts";
import { withFactTable } from "../../src/expectations/fact-table.ts";
import { expectationsSchema } from "../../src/expectations/file-schema.ts";
import { presetNames, presetText } from "../../src/expectations/presets.ts";
import { problemOf } from "../support/check-here.ts";
import { designExample } from "../support/design-example.ts";

const page = readFileSync("docs/expectations.md", "utf8");

/** Findings come and go with every change of the catalogue; they are written anew with the next release. */
function withoutFindings(schema: object): unknown {
  return JSON.parse(JSON.stringify(schema), (_name, value: unknown) => {
    if (Array.isArray(value)) return value.filter((item) => typeof item !== "string" || !isFinding(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).filter(([name]) => !isFinding(name)));
  });
}

const findings = new Set(findingCatalogue.map(({ code }) => code.toLowerCase().replaceAll("_", "-")));
const isFinding = (word: string): boolean => findings.has(word.replace(/^finding\./, ""));

test("schema/ holds the schema as it is: npm run schema", () => {
  const published: object = JSON.parse(readFileSync("schema/expectations-1.schema.json", "utf8"));
  expect(withoutFindings(published)).toEqual(withoutFindings(expectationsSchema()));
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
