import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

test("a ticket holds the capture in two formats, two reports, the findings, and a manifest that is true of them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-ticket-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const output = join(folder, "ticket.zip");
  const result = await runCli(["ticket", "captures/basic-fallback.ndjson", "captures/one-way.ndjson", "-o", output]);
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(result.stdout).toContain("verdict basic-fallback");
  expect(result.stdout).toMatch(/removed: .*passwords/);
  expect(statSync(output).mode & 0o777).toBe(0o600);
  const { "MANIFEST.json": bytes, ...files } = unzipSync(readFileSync(output));
  const manifest: { sha256: Record<string, string>; verdict: string; transactions: number; removed: object } =
    JSON.parse(Buffer.from(bytes ?? new Uint8Array(0)).toString("utf8"));
  expect(Object.keys(files).sort()).toEqual([
    "capture.har",
    "capture.saz",
    "findings.json",
    "report.html",
    "report.md",
  ]);
  expect(manifest.sha256).toEqual(
    Object.fromEntries(
      Object.entries(files).map(([name, file]) => [name, createHash("sha256").update(file).digest("hex")]),
    ),
  );
  expect(manifest).toMatchObject({ verdict: "basic-fallback", removed: { passwords: 1 } });
  expect(manifest.transactions).toBeGreaterThan(8);
});
