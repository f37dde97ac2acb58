import { expect, test } from "vitest";
import { exitCodeOf } from "../../src/app/exit-codes.ts";
import type { Analysis, CaptureVerdict } from "../../src/diagnosis/analysis.ts";
import type { Severity } from "../../src/diagnosis/catalogue/finding.ts";

function analysis(verdict: CaptureVerdict, worst: Severity | null, transactions = 5): Analysis {
  const counts = {
    transactions,
    jwts: 0,
    actorTokens: 0,
    basicCredentials: 0,
    bearerProbes: 0,
    challenges: 0,
    ntlmMessages: 0,
    tokenRequests: 0,
    status401: 0,
    logRows: 0,
    logRowsDropped: 0,
  };
  const findings =
    worst === null
      ? []
      : [{ code: "BASIC_FALLBACK" as const, severity: worst, message: "", remedy: "", evidence: [], count: 1 }];
  return { verdict, directions: { inbound: null, outbound: null }, counts, handshakes: [], findings, checklist: [] };
}

// The table of exit codes in docs: 0 trust shown, 1 a problem, 3 not enough evidence, 2 nothing to judge.
test.each<[CaptureVerdict, Severity | null, number]>([
  ["oauth-confirmed", null, 0],
  ["oauth-confirmed", "warning", 0],
  ["oauth-confirmed", "error", 1],
  ["oauth-confirmed", "alarm", 1],
  ["basic-fallback", null, 1],
  ["oauth-rejected", null, 1],
  ["other-auth", null, 1],
  ["inconclusive", null, 3],
  ["none", null, 3],
  ["none", "alarm", 1],
])("verdict %s with a worst finding of %s exits with %i", (verdict, worst, code) => {
  expect(exitCodeOf(analysis(verdict, worst), "error")).toBe(code);
});

test("--fail-on warning makes a warning a failure", () => {
  expect(exitCodeOf(analysis("oauth-confirmed", "warning"), "warning")).toBe(1);
});

test("no transaction at all cannot be judged", () => {
  expect(exitCodeOf(analysis("none", null, 0), "error")).toBe(2);
});
