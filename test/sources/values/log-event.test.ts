// Rows of logs as a journal holds them. A foreign journal may hold anything in a member: the type of each member is what the rest of
// the program relies on (src/core/log-row.ts).
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import { readEvent } from "../../../src/sources/values/journal-event.ts";
import { logFile, logRow } from "../../sanitising/log-row-maker.ts";

const everyMember = logRow({
  actsAs: { keys: ["smtp", "sip"], isVerified: true },
  isPerson: true,
  realm: "contoso.com",
  printedToken: '{"typ":"JWT","alg":"RS256"}.{"aud":"a"}',
  operation: "GetUserAvailability",
  isTokenGiven: false,
  refusal: { code: 2000001, category: "InvalidToken", text: "the token has an invalid signature" },
  failure: "User not allowed to access EWS",
  isFormUnproven: true,
  certificate: "2f3a6c1b0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a",
});

const asRead = (value: unknown): Readonly<Record<string, unknown>> => JSON.parse(JSON.stringify(value));

test("a row and a report are read as they were written", () => {
  for (const row of [logRow(), everyMember])
    expect(readEvent("log-row", asRead({ k: "log-row", n: 3, row }))).toEqual({ kind: "log-row", row });
  for (const report of [logFile(), logFile({ firstAt: null, lastAt: null, missingColumns: [], log: "failed-request" })])
    expect(readEvent("log-file", asRead({ k: "log-file", n: 4, report }))).toEqual({ kind: "log-file", report });
});

test("a row of a log, side, direction or sign-in that this version does not know is not a row", () => {
  for (const parts of [
    { log: "postfix" },
    { log: "constructor" },
    { side: "middle" },
    { direction: "" },
    { signIn: "kerberos" },
    { endedAt: "2026-11-30" },
    { endedAt: -1 },
    { id: 7 },
    { id: "" },
  ])
    expect(readEvent("log-row", asRead({ row: { ...logRow(), ...parts } }))).toBeNull();
  expect(readEvent("log-row", {})).toBeNull();
  expect(readEvent("log-row", { row: [] })).toBeNull();
  expect(readEvent("log-file", { report: { log: "http-proxy" } })).toBeNull();
  expect(readEvent("log-file", asRead({ report: logFile({ log: "x" as never }) }))).toBeNull();
});

test("an odd member is unknown and costs no other member", () => {
  const odd = {
    ...everyMember,
    ...{ line: 1.5, status: 4_000, backEndStatus: "200", startedAt: Number.MAX_SAFE_INTEGER, requestId: {} },
    ...{ caller: { applicationId: "x", shownBy: "guess" }, actsAs: { keys: [1, "smtp", null], isVerified: "yes" } },
    ...{ isPerson: 1, realm: 5, isTokenGiven: "no", refusal: { code: 0.1, category: [], text: null } },
  };
  const read = readEvent("log-row", asRead({ row: odd }));
  expect(read).toEqual({
    kind: "log-row",
    row: {
      ...everyMember,
      ...{ line: 0, status: null, backEndStatus: null, startedAt: 0, requestId: null, caller: null },
      ...{ actsAs: { keys: ["smtp"], isVerified: null }, isPerson: false, realm: null, isTokenGiven: null },
      refusal: { code: null, category: null, text: "" },
    },
  });
});

test("texts and lists are bounded", () => {
  const long = "x".repeat(200_000);
  const read = readEvent(
    "log-row",
    asRead({
      row: logRow({ path: long, actsAs: { keys: Array.from({ length: 500 }, () => long), isVerified: null } }),
    }),
  );
  const row = read?.kind === "log-row" ? read.row : null;
  expect(row?.path.length).toBe(65_536);
  expect(row?.actsAs?.keys.length).toBe(64);
});

const types: Readonly<Record<string, readonly string[]>> = {
  ...{ id: ["string"], log: ["string"], file: ["string"], line: ["number"], side: ["string"], direction: ["string"] },
  ...{ endedAt: ["number"], startedAt: ["number", "null"], server: ["string"], host: ["string"], client: ["string"] },
  ...{ method: ["string"], path: ["string"], status: ["number", "null"], backEndStatus: ["number", "null"] },
  ...{ userAgent: ["string"], requestId: ["string", "null"], clientRequestId: ["string", "null"], signIn: ["string"] },
  ...{ caller: ["object", "null"], actsAs: ["object", "null"], isPerson: ["boolean"], realm: ["string", "null"] },
  ...{ printedToken: ["string", "null"], operation: ["string", "null"], isTokenGiven: ["boolean", "null"] },
  ...{ refusal: ["object", "null"], failure: ["string"], isFormUnproven: ["boolean"] },
  certificate: ["string"],
};

test("whatever a record holds, each member of a row has its type", () => {
  const names = Object.keys(types);
  const anyRow = fc
    .record(Object.fromEntries(names.map((name) => [name, fc.oneof(fc.jsonValue(), fc.constant(undefined))])))
    .map((odd) => ({
      ...everyMember,
      ...Object.fromEntries(Object.entries(odd).filter(([, value]) => value !== undefined)),
    }));
  let rows = 0;
  fc.assert(
    fc.property(fc.oneof(anyRow, fc.constantFrom<object>(everyMember, logRow())), (row) => {
      const read: CaptureEvent | null = readEvent("log-row", asRead({ row }));
      if (read?.kind !== "log-row") return;
      rows += 1;
      expect(Object.keys({ certificate: "", ...read.row }).sort()).toEqual([...names].sort());
      for (const [name, value] of Object.entries(read.row))
        expect(types[name], name).toContain(value === null ? "null" : typeof value);
    }),
  );
  expect(rows).toBeGreaterThan(0);
});
