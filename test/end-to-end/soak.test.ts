// The short form of `npm run soak`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { soak } from "../support/proxy-soak.ts";

test("of clients that come and go, and some in the middle of a request, every answered request is in the journal once", {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-soak-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const result = await soak({ folder, requests: 1_500, connections: 60 });
  expect(result).toMatchObject({ missing: 0, doubled: 0, gaps: 0, stderr: "" });
  expect(result.answered + result.abandoned).toBe(1_500);
  expect(result.abandoned).toBeGreaterThan(5);
  expect(result.clients).toBeGreaterThan(100);
  expect(result.journalTransactions).toBeGreaterThanOrEqual(result.answered);
  expect(result.residentMb.every((mb) => Number.isNaN(mb) || mb < 250)).toBe(true);
  // SIGTERM ends it in an orderly way.
  expect(result.exitCode).toBe(143);
});
