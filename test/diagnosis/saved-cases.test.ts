// A sanitised capture must be judged like the original: every case is judged as it was on the wire, and again from its saved
// and sanitised journal.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeText as decodeValue } from "../../src/decoders/pasted/decode-text.ts";
import type { Analysis } from "../../src/diagnosis/analysis.ts";
import { startAnalysis } from "../../src/diagnosis/analyze.ts";
import { findingCatalogue } from "../../src/diagnosis/catalogue.ts";
import { judgeValue } from "../../src/diagnosis/judge-value.ts";
import { openCapture } from "../../src/sources/open-capture.ts";
import { eventsOf, saveStory } from "../support/save-story.ts";
import { allCases } from "./cases/all-cases.ts";
import type { FindingCase } from "./cases/finding-case.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-cases-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function judgeSaved(path: string, options: FindingCase["options"]): Promise<Analysis> {
  const analyzer = startAnalysis(options ?? {});
  const capture = await openCapture(path);
  for await (const event of capture.events) analyzer.accept(event);
  expect(capture.summary()).toMatchObject({ truncated: false, problems: [] });
  return analyzer.snapshot();
}

/** An unreadable token cannot be sanitised: it is removed as a whole, and with it the exact problem. */
const unreadable: ReadonlySet<string> = new Set([
  "an actor token that cannot be read",
  "a Bearer value that is no token",
  "an opaque value that was refused",
]);

function outline({ verdict, counts, handshakes, findings }: Analysis): object {
  const codes = [...new Set(findings.map(({ code, severity }) => `${severity} ${code}`))];
  return { verdict, counts, codes, stages: handshakes.map(({ id, verdict: ended, stage }) => ({ id, ended, stage })) };
}

test.each(allCases.map((one, index) => [one.name, one, index] as const))("%s", async (_name, one, index) => {
  const events = eventsOf(one);
  const analyzer = startAnalysis(one.options ?? {});
  for (const event of events) analyzer.accept(event);
  const path = join(folder, `${index}.ndjson`);
  await saveStory(events, path);
  const saved = await judgeSaved(path, one.options);
  const live = analyzer.snapshot();
  if (!unreadable.has(one.name)) expect(saved).toEqual(live);
  expect(outline(saved)).toEqual(outline(live));
});

// Output of Microsoft's tests, pasted
const pastedTests = [
  "WEB_PROXY_REFUSED",
  "SIGNING_CERTIFICATE_MISSING",
  "CONNECTIVITY_TEST_FAILED",
  "CONNECTIVITY_TEST_PASSED",
];
// These have another form; see the tests below.
const unusual = ["TOKEN_OUT_OF_DATE", "HANDSHAKES_FORGOTTEN", ...pastedTests];

test.each(pastedTests)("captures/unusual/%s.txt, pasted, shows it", async (code) => {
  const { subject } = decodeValue(readFileSync(`captures/unusual/${code}.txt`, "utf8"));
  expect((await judgeValue(subject)).map((finding) => finding.code)).toContain(code);
});

test("captures/unusual/HANDSHAKES_FORGOTTEN.ndjson.gz shows it", async () => {
  const { findings } = await judgeSaved("captures/unusual/HANDSHAKES_FORGOTTEN.ndjson.gz", undefined);
  expect(findings.map(({ code }) => code)).toContain("HANDSHAKES_FORGOTTEN");
});

test("captures/unusual/TOKEN_OUT_OF_DATE.txt, pasted, shows it", async () => {
  const { subject } = decodeValue(readFileSync("captures/unusual/TOKEN_OUT_OF_DATE.txt", "utf8"));
  const at = Date.UTC(2026, 1, 1);
  expect((await judgeValue(subject, { at })).map(({ code }) => code)).toContain("TOKEN_OUT_OF_DATE");
});

test.each(findingCatalogue.map(({ code }) => code).filter((code) => !unusual.includes(code)))(
  "captures/findings/%s.ndjson shows it",
  async (code) => {
    const path = `captures/findings/${code}.ndjson`;
    expect(existsSync(path), "npm run captures writes it").toBe(true);
    const options = allCases.find(({ shows }) => shows?.[0] === code)?.options;
    expect((await judgeSaved(path, options)).findings.map((finding) => finding.code)).toContain(code);
  },
);

test("there is no capture of a finding that does not exist", () => {
  const known = new Set<string>(findingCatalogue.map(({ code }) => code));
  const names = ["captures/findings", "captures/unusual"].flatMap((folder) => readdirSync(folder));
  expect(names.filter((name) => !known.has(name.split(".")[0] ?? ""))).toEqual([]);
});
