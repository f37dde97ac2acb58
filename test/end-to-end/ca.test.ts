// `ca` as a person or a script calls it: the built program and a data folder of its own.
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CliResult, lastJson, runCli } from "../support/run-cli.ts";

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-ca-cli-"));
  expect((await ca("create", "--host", "mail.contoso.example")).code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ca = (...args: readonly string[]): Promise<CliResult> =>
  runCli(["ca", ...args], { folder, environment: { REALMSCOPE_HOME: join(folder, "home") } });

test("a file that is there is not written over, but with --force", async () => {
  const path = join(folder, "mine.pem");
  writeFileSync(path, "mine");
  const refused = await ca("export", "-o", path);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain(`${JSON.stringify(path)} exists. Name another file for -o`);
  expect(readFileSync(path, "utf8")).toBe("mine");
  expect(await ca("export", "-o", path, "--force")).toMatchObject({ code: 0, stdout: "", stderr: "" });
  expect(new X509Certificate(readFileSync(path)).ca).toBe(true);
});

test.each([
  ["pem", []],
  ["der", ["--der"]],
])("export --json says what it wrote, as %s", async (format, options) => {
  const path = join(folder, `ca.${format}`);
  const made = await ca("export", "-o", path, "--json", ...options);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  const certificate = new X509Certificate(readFileSync(path));
  expect(lastJson(made.stdout)).toMatchObject({
    output: path,
    format,
    hosts: ["mail.contoso.example"],
    thumbprint: certificate.fingerprint.replaceAll(":", ""),
    notAfter: new Date(certificate.validTo).toISOString(),
  });
});

test("remove --json says what is gone", async () => {
  const removed = await ca("remove", "--json");
  expect(removed).toMatchObject({ code: 0, stderr: "" });
  const { folder: place, ...rest } = lastJson(removed.stdout);
  expect(rest).toEqual({ removed: true });
  expect(readdirSync(String(place))).toEqual([]);
  expect((await ca("remove", "--json")).code).toBe(2);
});
