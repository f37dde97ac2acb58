// Rows of HttpProxy from their published list of columns (test/support/log-lines.ts).
import { expect, test } from "vitest";
import type { RowReading } from "../../src/server-logs/row-reader.ts";
import { agents, exchangeLog, httpProxyRow, type LogCells, proxyShapes, skypeId } from "../support/log-lines.ts";
import { readLog } from "./read-log.ts";

function readRow(cells: LogCells, version = "15.01.2375.007"): RowReading | undefined {
  return readLog(exchangeLog("http-proxy", [httpProxyRow(cells)], { version }))[0];
}

test("an application that calls as itself", () => {
  expect(readRow(proxyShapes.appOnly)).toMatchObject({
    kind: "row",
    row: {
      log: "http-proxy",
      line: 7,
      side: "front-end",
      endedAt: Date.UTC(2026, 10, 30, 8, 0, 1, 250),
      startedAt: Date.UTC(2026, 10, 30, 8, 0, 1),
      server: "ex01",
      host: "mail.contoso.com",
      client: "52.112.0.20",
      status: 200,
      backEndStatus: 200,
      userAgent: agents.teams,
      signIn: "bearer",
      caller: { applicationId: skypeId, shownBy: "AuthenticatedUser" },
      actsAs: null,
      isPerson: false,
      refusal: null,
      failure: "",
      isFormUnproven: true,
    },
  });
});

test.each([
  ["personsOutlook", "dropped"],
  ["machineHop", "dropped"],
  ["healthMailbox", "dropped"],
  ["probe", "row"],
  ["basic", "row"],
  ["ntlm", "row"],
  ["actAsSid", "row"],
] as const)("%s is %s", (shape, kind) => {
  expect(readRow(proxyShapes[shape])?.kind).toBe(kind);
});

test("a refusal has the number of its category, and no name of a user", () => {
  const reading = readRow(proxyShapes.refused);
  expect(reading).toMatchObject({
    row: { signIn: "bearer-unauthenticated", refusal: { code: 2_000_001, category: "InvalidToken" } },
  });
  expect(JSON.stringify(reading)).not.toContain("anna");
});
