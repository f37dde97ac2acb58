// Captures from which an exporter removed the credentials: they prove no refusal and no confirmation, and this is reported.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../../src/app/exit-codes.ts";
import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";
import type { HttpTransaction } from "../../src/core/http-transaction.ts";
import { sanitiseTransaction } from "../../src/sanitising/sanitise.ts";
import { readHarEntry } from "../../src/sources/json/har-entry.ts";
import { renderVerdictLines } from "../../src/tui/words/plain-text.ts";
import { verdictLines } from "../../src/tui/words/verdict-lines.ts";
import {
  actorToken,
  basic,
  cloudAgent,
  codes,
  diagnostics,
  type Exchanged,
  judge,
  newStory,
  offersAll,
  outlookAgent,
  play,
  probe,
  tokenRequest,
} from "./story.ts";

const call: Exchanged = { authorization: `Bearer ${actorToken()}` };
const trustWorks: readonly Exchanged[] = [{ ...probe }, tokenRequest({ issued: actorToken() }), call, call];
const fallback: readonly Exchanged[] = [{ ...probe }, { authorization: basic }];

/** The same traffic after an exporter that changes `Authorization`. */
function exported(story: readonly Exchanged[], change: (value: string) => string | null): readonly Exchanged[] {
  return story.map(({ authorization, ...rest }) => {
    const left = authorization === undefined ? null : change(authorization);
    return left === null ? rest : { ...rest, authorization: left };
  });
}

const exporters: readonly [name: string, change: (value: string) => string | null][] = [
  ["leaves the field out", () => null],
  ["writes REDACTED", () => "REDACTED"],
  ["writes [REDACTED]", () => "[REDACTED]"],
  ["writes Bearer REDACTED for everything, the probe too", () => "Bearer REDACTED"],
  ["writes a marker behind the scheme, the probe untouched", (value) => value.replace(/ .*/, " ***")],
  ["shortens tokens", (value) => value.replace(/(.{24}).+/, "$1…")],
];

describe.each(exporters)("an exporter that %s", (_name, change) => {
  test.each([
    ["of a trust that works", trustWorks],
    ["of a fallback", fallback],
    ["of a refusal", [{ ...probe }, { ...call, status: 401 }]],
    ["of calls by a cloud service alone", [{ ...call, agent: cloudAgent }]],
  ] as const)("%s", (what, story) => {
    // Without the field, a request that was answered with a plain 401 is an ordinary challenge.
    if (what === "of a refusal" && change("Bearer x") === null) return;
    const analysis = play(exported(story, change));
    expect(codes(analysis)).toContain("CREDENTIALS_REMOVED");
    expect(analysis.verdict).toBe("inconclusive");
    expect(exitCodeOf(analysis, "error")).toBe(3);
    for (const silent of ["TOKEN_UNREADABLE", "REFUSED_WITHOUT_REASON", "NO_SERVICE_REQUEST", "TOKEN_DID_NOT_FOLLOW"])
      expect(codes(analysis)).not.toContain(silent);
    const lines = renderVerdictLines(analysis).join("\n");
    expect(lines).toMatch(/^\[\.\.\] UNDECIDED: credentials were removed from this capture/);
    expect(lines).not.toMatch(/CONFIRMED|FAILED/);
    const screen = verdictLines({ analysis, columns: 160, now: 0, hasEnded: true }).map((line) =>
      line.map(([text]) => text).join(""),
    );
    expect(screen[0]).toContain("OAuth UNDECIDED");
    expect(screen[1]).toContain("Basic CANNOT BE SEEN");
  });
});

describe("what a capture still shows", () => {
  test("a password that was left in stays an alarm", () => {
    const analysis = play([{ authorization: "Bearer REDACTED" }, { authorization: basic }]);
    expect(analysis.verdict).toBe("basic-fallback");
    expect(codes(analysis)).toEqual(expect.arrayContaining(["BASIC_FALLBACK", "CREDENTIALS_REMOVED"]));
  });

  test("an accepted token is reported, and the verdict states that the rest cannot be seen", () => {
    const analysis = play([call, { agent: "x/1", connection: "c2", authorization: "REDACTED" }]);
    expect(analysis.verdict).toBe("inconclusive");
    expect(renderVerdictLines(analysis).join("\n")).toMatch(
      /^\[\.\.\] UNDECIDED: credentials.*\n\[OK\] OAuth CONFIRMED/,
    );
  });

  test("cookies with markers, and no Authorization at that host", () => {
    const analysis = play([{ headers: [["Cookie", "cadata=REDACTED; x=1"]], agent: outlookAgent }]);
    expect(codes(analysis)).toContain("CREDENTIALS_REMOVED");
    expect(exitCodeOf(analysis, "error")).toBe(3);
  });
});

describe("no credentials were removed", () => {
  test.each<[string, readonly Exchanged[]]>([
    ["where tokens can be read", [{ ...probe }, tokenRequest({ issued: actorToken() }), call]],
    ["where a request without a field is answered 401", [{ status: 401 }, call]],
    ["where NTLM signed the connection in", [{ status: 401 }, { authorization: "NTLM TlRMTVNTUAADAAAA" }, {}]],
    ["where federation signs in inside the envelope", [{ path: "/EWS/Exchange.asmx/WSSecurity" }]],
    ["where a front end passes a user on", [{ headers: [["X-CommonAccessToken", "x"]] }]],
    ["where anybody is answered", [{ method: "GET", path: "/autodiscover/autodiscover.json?Protocol=EWS" }]],
    ["where a browser looks at Outlook on the web", [{ method: "GET", path: "/owa/", agent: outlookAgent }]],
    ["where a token was given out and not used yet", [{ status: 401 }, tokenRequest({ issued: actorToken() })]],
  ])("%s", (_name, story) => {
    expect(codes(play(story))).not.toContain("CREDENTIALS_REMOVED");
  });

  test("and our own sanitising removes none: it is judged the same", () => {
    const pseudonymise = pseudonymsFromKey(new Uint8Array(8));
    for (const story of [
      trustWorks,
      fallback,
      [{ authorization: "Bearer opaque-value-1" }],
      [{ authorization: "Basic !!!" }],
    ]) {
      const transactions = story.map(newStory());
      const safe: readonly HttpTransaction[] = transactions.map((one) => sanitiseTransaction(one, pseudonymise));
      expect(codes(judge(safe))).not.toContain("CREDENTIALS_REMOVED");
      expect(judge(safe).verdict).toBe(judge(transactions).verdict);
    }
  });
});

test("the refusal of a token that is not shown is reported and does not decide the verdict", () => {
  const analysis = play([
    {
      authorization: "Bearer REDACTED",
      status: 401,
      answer: [...offersAll, diagnostics("2000006", "invalid_client", "x")],
    },
  ]);
  const found = analysis.findings.find(({ code }) => code === "UNSEEN_TOKEN_REFUSED");
  expect(found?.message).toMatch(/2000006 invalid_client.*PARTNER_APPLICATION_UNKNOWN/);
  expect(analysis.verdict).toBe("inconclusive");
  expect(exitCodeOf(analysis, "error")).toBe(3);
});

test("a HAR as a browser exports it by default", () => {
  // Chrome's default: no Authorization, no Cookie.
  const har = {
    startedDateTime: "2025-11-30T11:00:00.000Z",
    time: 40,
    request: {
      method: "POST",
      url: "https://mail.contoso.com/EWS/Exchange.asmx",
      headers: [{ name: "accept", value: "*/*" }],
    },
    response: { status: 200, headers: [{ name: "content-type", value: "text/xml" }], content: { text: "<s/>" } },
  };
  const read = readHarEntry(har, { number: 1, before: 0 });
  if (typeof read === "string") throw new Error(read);
  const analysis = judge([read.transaction]);
  const found = analysis.findings.find(({ code }) => code === "CREDENTIALS_REMOVED");
  expect(found?.remedy).toContain("with sensitive data");
  expect(found?.message).toContain("whether Basic was used cannot be seen");
  expect(exitCodeOf(analysis, "error")).toBe(3);
  expect(readFileSync("docs/findings.md", "utf8")).toContain("## CREDENTIALS_REMOVED");
});
