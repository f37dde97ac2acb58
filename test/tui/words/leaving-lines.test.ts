import { expect, test } from "vitest";
import { leavingLines } from "../../../src/tui/words/leaving-lines.ts";
import { analysis } from "../row-maker.ts";

const finding = {
  code: "TOKEN_EXPIRED",
  severity: "warning",
  message: "m",
  remedy: "",
  evidence: [],
  count: 1,
} as const;

test("the verdict, the counts, and the command that opens it again", () => {
  const one = analysis({
    findings: [finding, finding, { ...finding, severity: "alarm" }, { ...finding, severity: "info" }],
  });
  expect(leavingLines({ analysis: one, files: ["a/b.ndjson"] })).toEqual([
    expect.stringMatching(/^\[OK\] OAuth CONFIRMED: /),
    "inbound (to Exchange Server): OAuth CONFIRMED via EWS (ACS) at mail.contoso.example; evidence t2",
    "outbound (from Exchange Server): not seen in this capture",
    "2 requests, 1 handshake; found: 1 alarm, 2 warnings",
    "Open it again: realmscope replay a/b.ndjson --tui",
  ]);
  expect(leavingLines({ analysis: analysis(), files: [] }).slice(3)).toEqual([
    "2 requests, 1 handshake; found: nothing worse than information",
    "This capture was not saved; --save FILE keeps one.",
  ]);
});

test.each([
  ["my file.ndjson", "'my file.ndjson'"],
  ["it's $(touch x).ndjson", "'it'\\''s $(touch x).ndjson'"],
  ["~x.ndjson", "'~x.ndjson'"],
  ["a\u001b]0;x\u0007.ndjson", "'a\\x1b]0;x\\x07.ndjson'"],
])("the path %j can be pasted into a shell and does nothing to a terminal", (path, written) => {
  expect(leavingLines({ analysis: analysis(), files: [path] }).at(-1)).toBe(
    `Open it again: realmscope replay ${written} --tui`,
  );
});
