// docs/protocol-coverage.md says which test holds which fact of the protocol; here the page is held to the rows, and the rows
// to the tests that exist. That each test really fails without its fact is what `npm run faults` shows.
// To write the page anew: npx vitest run test/protocol-coverage.test.ts -u
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { protocolRows, renderCoverage } from "./protocol/coverage-page.ts";

test("docs/protocol-coverage.md is what the rows say", async () => {
  expect(existsSync("docs/protocol-coverage.md")).toBe(true);
  await expect(renderCoverage()).toMatchFileSnapshot("../docs/protocol-coverage.md");
});

test.each(protocolRows.map((row) => [row.fact, row] as const))("%s", (_fact, { file, fault, marks }) => {
  expect(existsSync(file)).toBe(true);
  expect(marks.join("")).toMatch(/^[PWD]+$/);
  if (fault === null) return;
  const source = readFileSync(fault.file, "utf8");
  expect(source.includes(fault.from), `${fault.file} has no ${fault.from}`).toBe(true);
  expect(source.replace(fault.from, () => fault.to)).not.toBe(source);
});

test("no fact is listed twice", () => {
  const facts = protocolRows.map(({ section, fact }) => `${section}: ${fact}`);
  expect(new Set(facts).size).toBe(facts.length);
});
