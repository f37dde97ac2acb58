// Every field case in other dresses: the same thing, as another person would have pasted or saved it, has the same answer.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bodyText } from "../../src/decoders/body-text.ts";
import { decodePaste } from "../../src/decoders/pasted/decode-paste.ts";
import type { FindingReport } from "../../src/diagnosis/catalogue/finding.ts";
import { judgeValue } from "../../src/diagnosis/judge-value.ts";
import { wrappings } from "../decoders/pasted/wrappings.ts";
import { judgeFile } from "../support/judge-file.ts";
import { runCli } from "../support/run-cli.ts";
import { type FieldCase, fieldCases } from "./field-cases.ts";
import { type Har, harDresses } from "./har-dresses.ts";

const pasted = fieldCases.filter(({ command }) => command === "decode");
const saved = fieldCases.filter(({ file }) => file.endsWith(".har"));
const fixture = (file: string): Buffer => readFileSync(new URL(`fixtures/field-cases/${file}`, import.meta.url));

// Quotes that are escaped for JSON and doubled for CSV cannot be told from quotes of the text.
const ambiguous = new Set(["json-escaped-diagnostics.txt in a cell of a CSV"]);

function expectTruth(said: string, { has, lacks }: FieldCase): void {
  for (const pattern of has) expect(said).toMatch(pattern);
  for (const pattern of lacks) expect(said).not.toMatch(pattern);
}

const findingLines = (findings: readonly FindingReport[]): readonly string[] => [
  ...findings.map(({ severity, code, message }) => `${severity.toUpperCase()} ${code}: ${message}`),
  ...findings.map(({ remedy }) => remedy),
];

function memberLines(value: unknown, path: string): readonly string[] {
  if (value === null || value === "") return [];
  if (typeof value !== "object") return [`${path}: ${String(value)}`];
  return Object.entries(value).flatMap(([name, member]) => memberLines(member, path === "" ? name : `${path}.${name}`));
}

async function answerTo(text: string): Promise<string> {
  const decoded = await decodePaste(text);
  const findings = await judgeValue(decoded.subject);
  return [`kind: ${decoded.kind}`, ...memberLines(decoded.value, ""), ...findingLines(findings)].join("\n");
}

describe.each(pasted)("$file", (one) => {
  const text = fixture(one.file).toString("utf8");
  test.each(Object.entries(wrappings))("%s", async (name, wrap) => {
    if (!ambiguous.has(`${one.file} in ${name}`)) expectTruth(await answerTo(wrap(text)), one);
  });

  test.each(["utf16le", "utf16be"])("as a file in %s", async (coding) => {
    const little = Buffer.from(`\ufeff${text}`, "utf16le");
    const bytes = new Uint8Array(coding === "utf16le" ? little : little.swap16());
    const body = { bytes, totalBytes: bytes.length, truncated: false, contentCoding: null };
    expectTruth(await answerTo(bodyText(body, 2 ** 20)), one);
  });
});

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-dresses-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(saved)("$file", (one) => {
  const har: Har = JSON.parse(fixture(one.file).toString("utf8"));
  test.each(Object.entries(harDresses))("%s", async (name, dress) => {
    const bytes = dress(har);
    if (bytes === null) return;
    const path = join(folder, `${one.file}-${name.replace(/\W/g, "-")}`);
    writeFileSync(path, bytes);
    const { analysis, summary } = await judgeFile(path);
    expectTruth([...summary.problems, ...findingLines(analysis.findings)].join("\n"), one);
  });
});

describe("traces that another program must convert", () => {
  const [etl] = fieldCases.filter(({ file }) => file.endsWith(".etl"));
  // The sizes of the buffers of logman, netsh and pktmon; an ETL without its ending.
  test.each([
    ["trace.etl", 64],
    ["NetTrace.ETL", 512],
    ["PktMon.etl", 128],
    ["trace", 64],
    ["trace.bin", 1024],
  ])("%s with buffers of %i KiB", async (name, size) => {
    const bytes = Buffer.from(fixture("etl-trace.etl"));
    bytes.writeUInt32LE(size * 1024, 0);
    bytes.writeUInt32LE(1024, 4);
    bytes.writeUInt32LE(1024, 8);
    const path = join(folder, name);
    writeFileSync(path, bytes);
    const { code, stdout, stderr } = await runCli(["replay", path]);
    expect(code).toBe(2);
    if (etl !== undefined) expectTruth(stdout + stderr, etl);
  });
});

describe("sessions of Fiddler with tunnels only", () => {
  const [tunnels] = fieldCases.filter(({ file }) => file.endsWith(".saz"));
  const hosts = ["mail.contoso.com:443", "outlook.office365.com:443", "accounts.accesscontrol.windows.net:443"];
  const connect = (host: string): string => `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const established = "HTTP/1.1 200 Connection Established\r\nFiddlerGateway: Direct\r\n\r\n";
  const sessions = (nameOf: (at: number, part: string) => string, answer = established): Record<string, string> =>
    Object.fromEntries(
      hosts.flatMap((host, at) => [
        [nameOf(at + 1, "c"), connect(host)],
        ...(answer === "" ? [] : [[nameOf(at + 1, "s"), answer]]),
      ]),
    );
  test.each([
    ["with an index", { ...sessions((at, part) => `raw/${at}_${part}.txt`), "_index.htm": "<html></html>" }],
    ["with backslashes in the names", sessions((at, part) => `raw\\${at}_${part}.txt`)],
    ["with leading zeros", sessions((at, part) => `raw/00${at}_${part}.txt`)],
    ["without answers", sessions((at, part) => `raw/${at}_${part}.txt`, "")],
    [
      "refused by a web proxy",
      sessions((at, part) => `raw/${at}_${part}.txt`, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
    ],
  ] as const)("%s", async (name, contents) => {
    const path = join(folder, `${name.replaceAll(" ", "-")}.saz`);
    writeFileSync(
      path,
      zipSync(Object.fromEntries(Object.entries(contents).map(([key, value]) => [key, Buffer.from(value)]))),
    );
    const { code, stdout, stderr } = await runCli(["replay", path]);
    expect(tunnels?.codes).toContain(code);
    if (tunnels !== undefined) expectTruth(stdout + stderr, tunnels);
    for (const host of hosts) expect(stdout + stderr).toContain(host.replace(":443", ""));
  });
});
