import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

test("a ticket holds the capture in two formats, two reports, the findings, and a manifest that is true of them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-ticket-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const output = join(folder, "ticket.zip");
  // The key of the pseudonyms is kept beside the captures.
  const captures = ["basic-fallback.ndjson", "one-way.ndjson"].map((name) => {
    copyFileSync(join("captures", name), join(folder, name));
    return join(folder, name);
  });
  const result = await runCli(["ticket", ...captures, "-o", output]);
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(result.stdout).toContain("verdict basic-fallback");
  expect(result.stdout).toMatch(/^replaced: 1 x passwords$/m);
  expect(statSync(output).mode & 0o777).toBe(0o600);
  const { "MANIFEST.json": bytes, ...files } = unzipSync(readFileSync(output));
  const manifest: { files: Record<string, unknown>; transactions: number } = JSON.parse(
    Buffer.from(bytes ?? new Uint8Array(0)).toString("utf8"),
  );
  expect(Object.keys(files).sort()).toEqual([
    "capture.har",
    "capture.saz",
    "findings.json",
    "report.html",
    "report.md",
  ]);
  expect(manifest.files).toEqual(
    Object.fromEntries(
      Object.entries(files).map(([name, file]) => [
        name,
        { bytes: file.length, sha256: createHash("sha256").update(file).digest("hex") },
      ]),
    ),
  );
  expect(manifest).toMatchObject({
    schema: "realmscope.ticket/1",
    tool: { name: "realmscope", version: expect.stringMatching(/^\d/) },
    clock: {
      madeAt: expect.stringMatching(/^20\d\d-.*Z$/),
      utcOffsetMinutes: expect.any(Number),
      serversAheadSeconds: 0,
    },
    verdict: "basic-fallback",
    isJudgedLikeOriginal: true,
    removed: { passwords: 1 },
    sources: [{ path: "basic-fallback.ndjson" }, { path: "one-way.ndjson" }],
  });
  expect(manifest.transactions).toBeGreaterThan(8);
});

test.each(["basic-fallback.ndjson", "one-way.ndjson"])(
  "replay judges the ticket of %s like the capture",
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), "realmscope-ticket-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const output = join(folder, "ticket.zip");
    copyFileSync(join("captures", name), join(folder, name));
    expect(await runCli(["ticket", join(folder, name), "-o", output])).toMatchObject({ code: 0 });
    const judged = await Promise.all(
      [
        ["replay", "--json", join("captures", name)],
        ["replay", "--json", output],
      ].map(async (args) => {
        const { code, stdout } = await runCli(args);
        return { code, ...judgement(stdout) };
      }),
    );
    expect(judged[0]?.findings.length).toBeGreaterThan(0);
    expect(judged[1]).toEqual(judged[0]);
    // A pipe is read as well.
    const piped = await runCli(["replay", "--json", "-"], { input: readFileSync(output) });
    expect({ code: piped.code, ...judgement(piped.stdout) }).toEqual(judged[0]);
  },
);

interface Judgement {
  readonly verdict: unknown;
  readonly findings: readonly (readonly unknown[])[];
}

/** The verdict and the codes, severities and counts of the findings in the last line of `replay --json`. */
function judgement(stdout: string): Judgement {
  const last = stdout.trim().split("\n").at(-1) ?? "";
  const { verdict, findings }: { verdict: unknown; findings: Record<string, unknown>[] } = JSON.parse(last);
  return { verdict, findings: findings.map(({ code, severity, count }) => [code, severity, count]) };
}
