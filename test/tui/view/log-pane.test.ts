// A row of a log in the detail part: what the row says, where it is, and what `y` copies.
import { expect, test } from "vitest";
import type { PaneLine } from "../../../src/tui/lines/pane-line.ts";
import type { LogDetail } from "../../../src/tui/model/messages.ts";
import { logLinesPane, logSummaryPane, logTokenPane } from "../../../src/tui/view/panes/log-pane.ts";
import { logRow } from "../../sanitising/log-row-maker.ts";

const textOf = (lines: readonly PaneLine[]): string =>
  lines.map(({ line }) => line.map(([text]) => text).join("")).join("\n");

const file = "D:\\Exchange\\Logging\\HttpProxy\\Ews\\HttpProxy_2026113008-1.LOG";
const detail = (parts: Partial<LogDetail> = {}): LogDetail => ({ row: logRow(), file, lines: null, ...parts });

test("the place comes first and is copied as editors take it", () => {
  for (const columns of [40, 80, 120]) {
    const lines = logSummaryPane(detail(), [], columns);
    const place = lines.find(({ copy }) => copy?.name === "file and line");
    expect(place?.copy?.text).toBe(`${file}:7`);
    for (const { line } of lines) expect(line.map(([text]) => text).join("").length).toBeLessThanOrEqual(columns);
  }
  expect(textOf(logSummaryPane(detail(), [], 200))).toContain(`File: ${file}:7`);
});

test("members that the row has are shown, and none that it lacks", () => {
  const row = logRow({
    ...{ caller: null, actsAs: { keys: ["smtp", "upn"], isVerified: true }, startedAt: null, clientRequestId: null },
    ...{ refusal: { code: 2000005, category: "InvalidUser", text: "" }, operation: "GetFolder" },
  });
  const text = textOf(logSummaryPane(detail({ row }), [], 200));
  expect(text).toMatch(/^log http-proxy {2}POST {2}https:\/\/mail\.contoso\.com\/EWS\/Exchange\.asmx +200$/m);
  for (const part of ["acts as a user by: smtp upn", "user verified: true", "refusal: 2000005 InvalidUser"])
    expect(text).toContain(part);
  expect(text).toContain("operation: GetFolder");
  expect(text).not.toMatch(/^(?:caller|started|client-request-id|realm|token given|failure):/m);
});

test("the lines of the file are shown with their numbers, the row's own marked", () => {
  const lines = [
    { number: 6, isHeader: true, cells: [] },
    { number: 7, isHeader: false, cells: [["HttpStatus", "200"] as const, ["UrlHost", "mail.contoso.com"] as const] },
    { number: 8, isHeader: false, cells: [["HttpStatus", "401"] as const] },
  ];
  const text = textOf(logLinesPane(detail({ lines }), 200));
  expect(text).toMatch(/^ {5,}6 \(header\)$/m);
  expect(text).toMatch(/^> +7 HttpStatus=200 {2}UrlHost=mail\.contoso\.com$/m);
  expect(text).toMatch(/^ {5,}8 HttpStatus=401$/m);
  expect(textOf(logLinesPane(detail(), 200))).toContain("cannot be read again here");
});

test("a control character in a member does not reach the terminal", () => {
  const row = logRow({ userAgent: "a\u001b]0;x\u0007b", failure: "\u202e" });
  const lines = [{ number: 7, isHeader: false, cells: [["UrlStem", "\u001b[2J"] as const] }];
  const shown = textOf([
    ...logSummaryPane(detail({ row, file: "a\u001b[2J.LOG" }), [], 80),
    ...logLinesPane(detail({ lines }), 80),
    ...logTokenPane(detail({ row: logRow({ printedToken: "\u001b[2J" }) }), 80),
  ]);
  expect(shown.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
});

test("a printed token has a line for each of its tokens", () => {
  const printedToken = '{"alg":"none"}.{"aud":"a"}; actor: {"alg":"RS256"}.{"iss":"b"}';
  const text = textOf(logTokenPane(detail({ row: logRow({ printedToken }) }), 80));
  expect(text).toMatch(/without a signature:\n\{"alg":"none"\}\.\{"aud":"a"\}\nActor token:\n\{"alg":"RS256"\}/);
  expect(textOf(logTokenPane(detail(), 80))).toBe("This row shows no token.");
});
