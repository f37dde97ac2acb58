// Headline, exit code and reports agree about a capture: as lines, on the screen, as HTML and Markdown.
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../../src/app/exit-codes.ts";
import type { Analysis } from "../../src/diagnosis/analysis.ts";
import { keyOwner } from "../../src/diagnosis/catalogue/token.ts";
import { htmlReport } from "../../src/sinks/report/html-report.ts";
import { markdownReport } from "../../src/sinks/report/markdown-report.ts";
import { FactCollector } from "../../src/sinks/report/report-facts.ts";
import { renderVerdictLines } from "../../src/tui/words/plain-text.ts";
import { verdictLines } from "../../src/tui/words/verdict-lines.ts";
import { graphCall, graphErrorBody } from "./cases/graph-cases.ts";
import {
  actorToken,
  assertion,
  basic,
  codes,
  diagnostics,
  type Exchanged,
  exchange,
  judge,
  mail,
  newStory,
  ntlmLast,
  offersAll,
  outerToken,
  outlookAgent,
  play,
  sts,
  tenant,
} from "./story.ts";

const call: Exchanged = { authorization: `Bearer ${actorToken()}` };
const userCall: Exchanged = { authorization: `Bearer ${outerToken()}` };
const autodiscover: Exchanged = { path: "/autodiscover/autodiscover.svc" };
const noUser: Exchanged = {
  status: 401,
  answer: [...offersAll, diagnostics("2000005", "invalid_user", "no such user")],
};
const noApplication: Exchanged = { status: 401, answer: [diagnostics("2000006", "invalid_client", "unknown")] };

function views(analysis: Analysis): { lines: string; screen: string; html: string; markdown: string } {
  const content = { analysis, facts: new FactCollector().facts(), sources: [] };
  const options = { title: "x", version: "0", madeAt: 0 };
  return {
    lines: renderVerdictLines(analysis).join("\n"),
    screen: verdictLines({ analysis, columns: 200, now: 0, hasEnded: true })
      .map((line) => line.map(([text]) => text).join(""))
      .join("\n"),
    html: htmlReport(content, options).replace(/[\s\S]*?<header/, "<header"),
    markdown: markdownReport(content, options),
  };
}

describe("one lane is refused while the other is accepted", () => {
  const stories: readonly [name: string, story: readonly Exchanged[], lane: RegExp][] = [
    [
      "an unknown user on every EWS call, after Autodiscover took the application",
      [
        { ...call, ...autodiscover },
        { ...userCall, ...noUser },
        { ...userCall, ...noUser },
      ],
      /as a user/,
    ],
    ["the same, and the application is accepted again at the end", [{ ...userCall, ...noUser }, call], /as a user/],
    ["the application, while users are accepted", [userCall, { ...call, ...noApplication }], /as the application/],
  ];
  test.each(stories)("%s", (_name, story, lane) => {
    const analysis = play(story);
    expect(analysis.verdict).toBe("oauth-rejected");
    expect(exitCodeOf(analysis, "error")).toBe(1);
    const { lines, screen, html, markdown } = views(analysis);
    expect(lines).toMatch(new RegExp(`^\\[XX\\] OAuth FAILED ${lane.source}`));
    expect(lines).not.toContain("CONFIRMED");
    expect(screen).toMatch(new RegExp(`^\\[XX\\] OAuth FAILED ${lane.source}`));
    expect(html).toMatch(new RegExp(`OAuth refused ${lane.source}`));
    expect(markdown).toMatch(new RegExp(`OAuth refused ${lane.source}`));
    expect(markdown).toMatch(/\| oauth-rejected \| (?:accepted \| refused|refused \| accepted) \|/);
  });

  test("one lane alone that is refused at last, though it was accepted before", () => {
    const analysis = play([
      { ...userCall, ...autodiscover },
      { ...userCall, ...noUser },
      { ...userCall, ...noUser },
    ]);
    expect(analysis.verdict).toBe("oauth-rejected");
    expect(exitCodeOf(analysis, "error")).toBe(1);
    expect(views(analysis).lines).toMatch(/^\[XX\] OAuth FAILED: the server refused the token as a user/);
  });

  test("a user that is refused before the same kind of call is accepted is confirmed everywhere", () => {
    const analysis = play([userCall, { ...userCall, ...noUser }, userCall]);
    expect(analysis.verdict).toBe("oauth-confirmed");
    expect(exitCodeOf(analysis, "error")).toBe(0);
    expect(views(analysis).lines).toMatch(/^\[OK\] OAuth CONFIRMED/);
    expect(analysis.findings.find(({ code }) => code === "REFUSED_USER")?.severity).toBe("warning");
  });
});

describe("what refused is named", () => {
  test("the token service", () => {
    const refusal = JSON.stringify({ error: "invalid_client", error_description: "ACS50012: Authentication failed." });
    const asked: Exchanged = {
      ...{ host: sts, path: `/${tenant}/tokens/OAuth/2`, status: 401, answerBody: refusal },
      headers: [["Content-Type", "application/x-www-form-urlencoded"]],
      body: `grant_type=http%3A%2F%2Foauth.net%2Fgrant_type%2Fjwt%2F1.0%2Fbearer&assertion=${assertion()}&resource=${encodeURIComponent(`${exchange}/${mail}@${tenant}`)}`,
    };
    const analysis = play([asked]);
    expect(analysis.verdict).toBe("oauth-rejected");
    expect(views(analysis).lines).toContain("the token service gave no token");
  });

  test("both lanes", () => {
    const { lines } = views(
      play([
        { ...call, ...noApplication },
        { ...userCall, ...noUser },
      ]),
    );
    expect(lines).toContain("OAuth FAILED: the server refused the token, as the application and as a user");
  });

  test("one server of several", () => {
    const at = (server: string, status = 200): Exchanged => ({ ...call, status, answer: [["X-FEServer", server]] });
    const { lines, screen, html } = views(play([at("EX01"), at("EX02", 401), at("EX01")]));
    expect(lines).toContain("OAuth FAILED on EX02: EX02 refuses what another server of that name accepts");
    expect(screen).toContain("OAuth FAILED on EX02");
    expect(html).toContain("OAuth refused on EX02");
  });
});

describe("whose key verified a signature", () => {
  test("is unknown in a journal of an earlier version", () => {
    expect(keyOwner(null, "")).toBe("a key of an unknown source");
  });

  const check = { transactionId: "t1", token: "authorization", keyId: "k", outcome: "verified" } as const;
  test.each([
    [
      { keySource: "sts-metadata", keyHost: "accounts.accesscontrol.windows.net" },
      "a key that accounts.accesscontrol.windows.net gave",
    ],
    [{ keySource: "metadata-file" }, "a key of the file given with --metadata"],
    [{ keySource: "auth-certificate" }, "the certificate given with --auth-cert"],
  ] as const)("%o", (source, words) => {
    const analysis = judge([newStory()(call), { kind: "signature", check: { ...check, ...source } }]);
    expect(analysis.handshakes[0]?.signingKey).toBe(words);
    const { lines, screen, html } = views(analysis);
    for (const text of [lines, screen, html]) expect(text).toContain(words);
  });
});

describe("another sign-in is worded as it was seen", () => {
  const federation: Exchanged = {
    agent: "TestOrganizationRelationship/1.1",
    path: "/autodiscover/autodiscover.svc/WSSecurity",
  };
  const windows = "NTLM or Negotiate";

  test("refused federation is neither NTLM nor a failure of OAuth, and no device is blamed", () => {
    const analysis = play([{ ...federation, status: 401, answer: [] }]);
    expect(codes(analysis)).toContain("FEDERATION_USED");
    expect(codes(analysis)).not.toContain("CHALLENGE_MISSING");
    for (const text of Object.values(views(analysis))) {
      expect(text).not.toContain(windows);
      expect(text).not.toMatch(/although OAuth was offered|OAuth FAILED/);
    }
    expect(views(analysis).lines).toContain("a service tried WS-Security (federation) and was refused");
    expect(analysis.findings.find(({ code }) => code === "FEDERATION_USED")?.message).toContain("was refused");
  });

  test("federation that worked", () => {
    expect(views(play([federation])).lines).toContain("a service signed in with WS-Security (federation):");
  });

  test("OAuth was offered only where a 401 offered Bearer", () => {
    const offered = play([{ status: 401 }, { authorization: ntlmLast }]);
    expect(views(offered).lines).toContain("a service signed in with NTLM, although OAuth was offered");
    const unasked = play([{ authorization: ntlmLast }]);
    expect(views(unasked).lines).toContain("a service signed in with NTLM:");
  });

  test("NTLM that was tried and refused did not sign in", () => {
    const analysis = play([{ authorization: ntlmLast, status: 401, answer: [] }]);
    expect(views(analysis).lines).toContain("a service tried NTLM and was refused");
    for (const text of Object.values(views(analysis))) expect(text).not.toContain("signed in with");
  });

  test.each([
    ["a user's program", outlookAgent, "BASIC_EXPECTED"],
    ["an unidentified program", "python-requests/2.31", "BASIC_USED"],
    ["a service", undefined, "BASIC_FALLBACK"],
  ] as const)("Basic by %s that was answered 401 was tried", (_name, agent, code) => {
    const said = (status: number): string => {
      const story = { authorization: basic, status, ...(agent === undefined ? {} : { agent }) };
      return play([story]).findings.find((finding) => finding.code === code)?.message ?? "";
    };
    expect(said(401)).toMatch(/tried to sign in .* and was refused/);
    expect(said(200)).toMatch(/signed in to/);
    expect(said(503)).toMatch(/does not show how it ended/);
  });
});

test("a permission that Graph refuses is named by the call, also where another call was accepted later", () => {
  const refused = graphCall({ status: 403, answerBody: graphErrorBody("ErrorAccessDenied", "Access is denied.") });
  const photo = graphCall({ method: "GET", path: "/v1.0/users/u/photo/$value" });
  for (const view of Object.values(views(play([refused, photo])))) {
    expect(view).toMatch(/for getSchedule/);
    expect(view).not.toMatch(/OAuth CONFIRMED|OAuth confirmed/);
  }
  for (const story of [[refused, photo], [refused]]) {
    const [line] = renderVerdictLines(play(story));
    expect(line).toContain("Microsoft Graph takes the token and refuses getSchedule");
    expect(line).not.toContain("refused the token");
  }
});
