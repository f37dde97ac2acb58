// The directions of the first line at every width, and in the lines of a pipe.
import { describe, expect, test } from "vitest";
import type { Analysis, HandshakeReport } from "../../../src/diagnosis/analysis.ts";
import { renderHandshakeLine, renderVerdictLines } from "../../../src/tui/words/plain-text.ts";
import { verdictEvidence, verdictLines } from "../../../src/tui/words/verdict-lines.ts";
import { analysis, handshake } from "../row-maker.ts";

const inbound = handshake({
  steps: [{ step: "answer", state: "ok", transactionId: "t1", note: "200" }],
  endedAt: 1,
});
const outbound = handshake({
  id: "h2",
  direction: "outbound",
  route: "graph",
  tokenService: "entra-v2",
  server: "graph.microsoft.com",
  // Exchange Online calls under this id too: the caller tells nothing about the direction.
  principal: { id: "00000002-0000-0ff1-ce00-000000000000", name: "Exchange" },
  steps: [{ step: "answer", state: "ok", transactionId: "t5", note: "200" }],
  transactions: ["t5"],
  endedAt: 5,
});
const refused = (one: HandshakeReport): HandshakeReport => ({
  ...one,
  verdict: "oauth-rejected",
  lanes: { application: "refused", user: "unseen" },
  steps: one.steps.map((step) => ({ ...step, state: "failed", note: "401 invalid_client (2000006)" })),
});

function firstLine(handshakes: readonly HandshakeReport[], columns = 200, parts: Partial<Analysis> = {}): string {
  const [line = []] = verdictLines({ analysis: analysis({ handshakes, ...parts }), columns, now: 0, hasEnded: true });
  return line.map(([text]) => text).join("");
}

describe("the first line has an answer for each direction", () => {
  test.each<[string, readonly HandshakeReport[], RegExp]>([
    [
      "both",
      [inbound, outbound],
      /^\[OK\] OAuth CONFIRMED {2}inbound via EWS \(ACS\) · outbound via Graph \(Entra v2\) /,
    ],
    ["inbound alone", [inbound], /^\[OK\] OAuth CONFIRMED ONE WAY {2}inbound via EWS \(ACS\) · outbound not seen /],
    [
      "outbound alone",
      [outbound],
      /^\[OK\] OAuth CONFIRMED ONE WAY {2}inbound not seen · outbound via Graph \(Entra v2\) /,
    ],
    [
      "a call of Exchange Online as 00000002 to Exchange Server is inbound",
      [{ ...outbound, direction: "inbound", route: "ews", tokenService: "acs", server: "mail.contoso.example" }],
      /CONFIRMED ONE WAY {2}inbound via EWS \(ACS\) · outbound not seen /,
    ],
    [
      "an outbound call that has no answer does not pass for confirmed",
      [inbound, { ...outbound, verdict: "inconclusive" }],
      /CONFIRMED ONE WAY {2}inbound via EWS \(ACS\) · outbound undecided via Graph \(Entra v2\) /,
    ],
    [
      "several routes and token services",
      [inbound, { ...inbound, id: "h3", route: "rest", tokenService: "entra-v1" }],
      /inbound via EWS, REST \(ACS, Entra v1\) · outbound not seen/,
    ],
    [
      "outbound refused while inbound works",
      [inbound, refused(outbound)],
      /^\[XX\] OAuth FAILED {2}at step 4, answer: 401 invalid_client \(2000006\) {2}outbound via Graph \(Entra v2\) {2}inbound CONFIRMED via EWS \(ACS\) /,
    ],
    [
      "inbound refused, outbound not seen",
      [refused(inbound)],
      /^\[XX\] OAuth FAILED {2}at step 4.* inbound via EWS \(ACS\) {2}outbound not seen /,
    ],
    [
      "a token that the caller signed with its own certificate",
      [{ ...inbound, tokenService: "own-key" }],
      /inbound via EWS \(own key\)/,
    ],
    [
      "a token request alone",
      [{ ...outbound, route: null, verdict: "inconclusive" }],
      /UNDECIDED {2}outbound \(Entra v2\) {2}inbound not seen/,
    ],
    [
      "a handshake of which neither is known",
      [{ ...inbound, direction: null, route: null }],
      /^\[OK\] OAuth CONFIRMED {2}realm /,
    ],
  ])("%s", (_name, handshakes, expected) => {
    expect(firstLine(handshakes)).toMatch(expected);
  });

  test("names the newest row of each direction, whichever ended last", () => {
    const more = [2, 3, 4].map((at) => ({
      ...inbound,
      id: `h${at + 1}`,
      endedAt: at,
      steps: [{ step: "answer", state: "ok", transactionId: `t${at}`, note: "200" } as const],
    }));
    const view = {
      analysis: analysis({ handshakes: [outbound, inbound, ...more] }),
      columns: 120,
      now: 0,
      hasEnded: true,
    };
    expect([...verdictEvidence(view)]).toEqual(["t3", "t4", "t5"]);
  });
});

describe("in less room", () => {
  test.each([52, 60, 64, 70, 80, 90, 100, 110, 120, 160, 200])("%i columns", (columns) => {
    const both = firstLine([inbound, outbound], columns);
    expect(both.length).toBeLessThanOrEqual(columns);
    expect(both).toMatch(/ (?:inbound (?:via )?EWS.* · outbound (?:via )?Graph|in EWS · out Graph)/);
    expect(both).toMatch(/ t1 t5$/);
    const oneWay = firstLine([outbound], columns);
    expect(oneWay.length).toBeLessThanOrEqual(columns);
    expect(oneWay).toMatch(/ONE WAY {2}inbound not seen/);
    const failed = firstLine([inbound, refused(outbound)], columns);
    expect(failed.length).toBeLessThanOrEqual(columns);
    expect(failed).toMatch(/401 invalid_client/);
    if (columns >= 60) expect(failed).toMatch(/ outbound /);
  });
});

test("80 columns with three rows of evidence still have route and token service of both", () => {
  const more = [2, 3].map((at) => ({
    ...inbound,
    id: `h${at + 1}`,
    endedAt: at,
    steps: [{ step: "answer", state: "ok", transactionId: `t1${at}`, note: "200" } as const],
  }));
  expect(firstLine([inbound, ...more, outbound], 80)).toMatch(
    /^\[OK\] OAuth CONFIRMED {2}inbound EWS \(ACS\) · outbound Graph \(Entra v2\) +t12 t13 t5$/,
  );
});

describe("the lines of a pipe", () => {
  const words = (parts: Partial<Analysis>): readonly string[] => renderVerdictLines(analysis(parts)).slice(-2);

  test("one for each direction, with what was not seen", () => {
    expect(words({ handshakes: [inbound] })).toEqual([
      "inbound (to Exchange Server): OAuth CONFIRMED via EWS (ACS) at mail.contoso.example; evidence t1",
      "outbound (from Exchange Server): not seen in this capture",
    ]);
    expect(words({ verdict: "oauth-rejected", handshakes: [inbound, refused(outbound)] })).toEqual([
      "inbound (to Exchange Server): OAuth CONFIRMED via EWS (ACS) at mail.contoso.example; evidence t1",
      "outbound (from Exchange Server): OAuth FAILED via Graph (Entra v2) at graph.microsoft.com; evidence t5",
    ]);
  });

  test("removed credentials are not told as a direction that was not used", () => {
    const finding = {
      code: "CREDENTIALS_REMOVED",
      severity: "warning",
      message: "",
      remedy: "",
      evidence: [],
      count: 1,
    } as const;
    expect(words({ verdict: "inconclusive", handshakes: [], findings: [finding] })).toEqual([
      "inbound (to Exchange Server): cannot be seen: credentials were removed from this capture",
      "outbound (from Exchange Server): cannot be seen: credentials were removed from this capture",
    ]);
  });

  test("many servers are counted, and a hostile name is escaped", () => {
    const many = [1, 2, 3, 4, 5, 6].map((at) => ({ ...inbound, id: `h${at}`, server: `mail${at}\u001b[2J` }));
    const [line = ""] = words({ handshakes: many });
    expect(line).toContain("at mail1\\x1b[2J, mail2\\x1b[2J, mail3\\x1b[2J, mail4\\x1b[2J and 2 more; evidence t1");
  });

  test("each handshake has its direction, route and token service", () => {
    expect(renderHandshakeLine(outbound)).toContain(
      "calling graph.microsoft.com; outbound via Graph (Entra v2); 1 requests",
    );
    expect(renderVerdictLines(analysis({ verdict: "oauth-rejected", handshakes: [refused(outbound)] }))[0]).toMatch(
      /^\[XX\] OAuth FAILED: .* at graph\.microsoft\.com, outbound via Graph \(Entra v2\)$/,
    );
  });

  test("each capture has its own", () => {
    const captures = [inbound, outbound].map((one, at) => ({ ...analysis({ handshakes: [one] }), path: `${at}.har` }));
    const lines = renderVerdictLines(analysis({ handshakes: [inbound, outbound], captures }));
    expect(lines).toContain("0.har: outbound (from Exchange Server): not seen in this capture");
    expect(lines).toContain("1.har: inbound (to Exchange Server): not seen in this capture");
  });
});
