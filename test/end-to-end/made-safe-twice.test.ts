// A copy of a copy is the same file, byte for byte, and says the same of what was replaced: for every capture of the
// repository, for the scenes of the lab as they came from the wire, and for captures with a secret at every place.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfiguration } from "../../src/app/configuration.ts";
import { exportCapture } from "../../src/app/hand-over/export-capture.ts";
import type { SafeCopy } from "../../src/app/hand-over/make-safe-copy.ts";
import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";
import { plantedHar, plantedSaz } from "../support/planted-captures.ts";
import { runCli } from "../support/run-cli.ts";

const formats = ["har", "saz", "ndjson"] as const;
const captures = readdirSync("captures", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ndjson"))
  .map((name) => join("captures", name));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-twice-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;

async function copyOf(original: string, format: (typeof formats)[number], key: number): Promise<[string, SafeCopy]> {
  const path = join(folder, `${++count}.${format}`);
  const handed = await exportCapture({
    files: [original],
    realm: null,
    configuration: await readConfiguration(undefined),
    pseudonymise: pseudonymsFromKey(new Uint8Array(32).fill(key)),
    hidesDomains: false,
    isSanitised: true,
    outputs: [[format, path]],
    title: "x",
  });
  return [path, handed];
}

async function expectSameTwice(original: string): Promise<void> {
  for (const format of formats) {
    const [first, once] = await copyOf(original, format, 1);
    const [second, twice] = await copyOf(first, format, 2);
    expect(readFileSync(second).equals(readFileSync(first)), `${original} as ${format}`).toBe(true);
    expect(twice.removed, `${original} as ${format}`).toEqual(once.removed);
    expect(twice.isJudgedAlike).toBe(true);
  }
}

test("every capture of the repository", { timeout: 180_000 }, async () => {
  expect(captures.length).toBeGreaterThan(100);
  for (const capture of captures) await expectSameTwice(capture);
});

test("captures with a secret at every place", { timeout: 120_000 }, async () => {
  for (const [name, planted] of [
    ["planted.har", plantedHar()],
    ["planted.saz", plantedSaz()],
  ] as const) {
    writeFileSync(join(folder, name), planted.bytes);
    await expectSameTwice(join(folder, name));
  }
});

test("tokens whose signature had no key, and a password behind two blanks", { timeout: 60_000 }, async () => {
  const raw = join(folder, "raw.ndjson");
  const made = await runCli(["demo", "--scenario", "trust-works", "--keep-secrets", "--save", raw, "--plain"]);
  expect(made.code).toBe(0);
  // As a capture that began after the key documents were read
  const lines = readFileSync(raw, "utf8").split("\n");
  const keyless = lines.filter((line) => !line.includes("metadata/json") && !line.includes('"k":"signature"'));
  const path = join(folder, "keyless.ndjson");
  writeFileSync(path, keyless.join("\n"));
  const [har] = await copyOf(path, "har", 1);
  expect(readFileSync(har, "latin1")).toContain('"outcome":"no-key"');
  await expectSameTwice(path);

  const twoBlanks = {
    startedDateTime: "2026-01-15T12:00:00.000Z",
    time: 5,
    request: {
      ...{ method: "GET", url: "https://mail.contoso.example/EWS/", httpVersion: "HTTP/1.1" },
      headers: [
        { name: "Authorization", value: `Basic  ${Buffer.from("CONTOSO\\anna:Secret-of-anna").toString("base64")}` },
        { name: "Proxy-Authorization", value: `basic ${Buffer.from("svc:Secret-of-svc").toString("base64")}` },
      ],
    },
    response: { status: 401, statusText: "Unauthorized", httpVersion: "HTTP/1.1", headers: [], content: {} },
  };
  const file = join(folder, "blanks.har");
  writeFileSync(
    file,
    JSON.stringify({ log: { version: "1.2", creator: { name: "x", version: "1" }, entries: [twoBlanks] } }),
  );
  const [, handed] = await copyOf(file, "har", 1);
  expect(handed.removed.passwords).toBe(2);
  await expectSameTwice(file);
});
