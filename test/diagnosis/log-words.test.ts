// The words of outcomes and of table rows that come from logs.
import { describe, expect, test } from "vitest";
import type { LogRow } from "../../src/core/log-row.ts";
import { startAnalysis } from "../../src/diagnosis/analyze.ts";
import { decisiveOutcome, describeOutcome } from "../../src/diagnosis/outcome-words.ts";
import { renderVerdictLines } from "../../src/tui/words/plain-text.ts";
import {
  appRow,
  backRow,
  contoso,
  eventRow,
  judgeRows,
  outboundRow,
  outlookAgent,
  probeRow,
  proxyRow,
  refusedRow,
  rowEvents,
  skype,
} from "./log-rows.ts";

const skypeWords = "Skype for Business Online (00000004-0000-0ff1-ce00-000000000000)";
const many = (count: number): readonly LogRow[] => Array.from({ length: count }, (_, at) => appRow({ at }));

describe("the first line", () => {
  test.each<[string, readonly LogRow[], string]>([
    [
      "accepted calls",
      many(41),
      `[OK] OAuth CONFIRMED by the server's log: ${skypeWords} called EWS on mail.contoso.com and Exchange accepted it 41 times. The log shows no token: caller from AuthenticatedUser, realm not shown`,
    ],
    [
      "some of the calls, of an unknown form, with the realm of a token",
      [
        appRow({ realm: contoso, caller: { applicationId: skype, shownBy: "token" }, isFormUnproven: true }),
        appRow({ realm: contoso, caller: { applicationId: skype, shownBy: "token" }, status: 503, at: 1 }),
      ],
      `${skypeWords} called EWS on mail.contoso.com and Exchange accepted it once (of 2 calls). The log holds the token, whose signature was not checked: caller from its claims, realm ${contoso}, as far as the log's known form goes`,
    ],
    [
      "a cloud service that no row names",
      [proxyRow({ actsAs: { keys: ["smtp"], isVerified: true } })],
      "a cloud service, application not named, called EWS on mail.contoso.com as a user and Exchange accepted it once. The log shows no token: application not named, realm not shown",
    ],
    [
      "a refused token",
      [refusedRow({ caller: { applicationId: skype, shownBy: "OAuthExtraInfo" } })],
      `[XX] OAuth FAILED by the server's log: Exchange refused the token of ${skypeWords} at mail.contoso.com. The log shows no token: caller from OAuthExtraInfo, realm not shown`,
    ],
    [
      "a token that was not given",
      [outboundRow({ isTokenGiven: false })],
      "[XX] OAuth FAILED by the server's log: the token service gave no token to Exchange Server for outlook.office365.com",
    ],
    ["a token that was held", [outboundRow()], "a token for outlook.office365.com was held"],
    [
      "a call that failed after its sign-in",
      [appRow({ status: 500, failure: "ProtocolError" })],
      "the call was let in and then failed (500)",
    ],
    ["a row of the back end", [backRow({ caller: appRow().caller })], "the log does not show how it ended"],
    [
      "a policy",
      [appRow({ status: 403, failure: "User not allowed to access EWS" })],
      "[XX] BLOCKED at a policy of EWS: the call does not get through",
    ],
    ["a password", [proxyRow({ signIn: "basic" })], "[!!] BASIC FALLBACK by the server's log: a service sent"],
    [
      "NTLM",
      [proxyRow({ signIn: "ntlm" })],
      "[??] OTHER AUTHENTICATION by the server's log: a service signed in with NTLM",
    ],
  ])("of %s", (_name, rows, words) => {
    expect(renderVerdictLines(judgeRows(...rows))[0]).toContain(words);
  });

  test("never says that a signature was verified", () => {
    for (const rows of [many(3), [refusedRow()], [outboundRow()]])
      expect(renderVerdictLines(judgeRows(...rows)).join(" ")).not.toMatch(/signature verified|its signature verified/);
  });

  test("of several callers each has its own, and their common words name none", () => {
    const analysis = judgeRows(appRow(), appRow({ host: "owa.contoso.com" }));
    const sentences = analysis.handshakes.map((one) => describeOutcome(one).sentence);
    expect(new Set(sentences).size).toBe(2);
    expect(decisiveOutcome(analysis)).toEqual({
      place: " by the server's log",
      sentence: "the server accepted a token",
    });
  });
});

test.each<[LogRow, string, string]>([
  [appRow(), "Bearer", "Skype for Business Online"],
  [probeRow(), "Bearer?", "probe"],
  [refusedRow(), "Bearer?", "invalid_token"],
  [proxyRow({ signIn: "basic" }), "BASIC", ""],
  [proxyRow({ signIn: "ntlm" }), "NTLM", ""],
  [proxyRow({ signIn: "negotiate" }), "Nego", ""],
  [proxyRow({ signIn: "none" }), "anon", ""],
  [proxyRow({ signIn: "forms" }), "-", ""],
  [proxyRow({ isPerson: true, userAgent: outlookAgent }), "Bearer", "a person"],
  [proxyRow({ actsAs: { keys: ["sip"], isVerified: true } }), "Bearer", "acts as user"],
  [backRow({ caller: appRow().caller }), "Bearer", "Skype for Business Online, GetFolder"],
  [outboundRow(), "-", "token held"],
  [
    outboundRow({ isTokenGiven: false, refusal: { code: 700027, category: null, text: "" } }),
    "-",
    "no token given (AADSTS700027)",
  ],
  [eventRow("2004"), "-", "event 2004"],
  [appRow({ status: 500, failure: "x" }), "Bearer", "Skype for Business Online, failed after the sign-in"],
])("the table row of a log row, %#", (row, auth, detail) => {
  const [event] = rowEvents([row]);
  const shown = event === undefined ? null : startAnalysis({ captures: ["logs"], prefix: "" }).accept(event).row;
  expect(shown).toMatchObject({ auth, detail, log: { kind: row.log, file: row.file, line: row.line } });
  expect(shown?.direction).toBe(row.direction === "to-exchange" ? "inbound" : "outbound");
});

test("a log that shows the legacy application alone does not prove that no other one calls", () => {
  const row = appRow({ realm: contoso, caller: { applicationId: skype, shownBy: "token" } });
  const { findings } = judgeRows(row);
  expect(findings.map(({ code }) => code)).not.toContain("LEGACY_PRINCIPAL_ONLY");
});
