import { expect, test } from "vitest";
import { timeOfEvent } from "../../src/core/capture-event.ts";
import { logRow } from "../sanitising/log-row-maker.ts";

const check = { transactionId: "t1", token: "authorization", keyId: "k", outcome: "no-key", keySource: null } as const;
const probes = { client: "10.0.0.9", host: "mail.contoso.com", port: 443, connects: 2, handshakes: 0 };

test("the time of an event is its end; a signature check has none", () => {
  const row = logRow();
  expect(timeOfEvent({ kind: "signature", check })).toBeNull();
  expect(timeOfEvent({ kind: "gap", at: 5, connection: "c1", reason: "queue full", lost: 1 })).toBe(5);
  expect(timeOfEvent({ kind: "probes", at: 9, since: 3, ...probes })).toBe(9);
  expect(timeOfEvent({ kind: "log-row", row })).toBe(row.endedAt);
  const lines = { kept: 1, dropped: 0, unreadable: 0, firstAt: 1, lastAt: 1, missingColumns: [] };
  const report = { file: "a.LOG", log: "http-proxy", at: 7, server: "EX01", ...lines } as const;
  expect(timeOfEvent({ kind: "log-file", report })).toBe(7);
});
