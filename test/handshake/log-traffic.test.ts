// Rows of logs beside traffic in one analysis, and the rows of one call among each other, in every order.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CaptureEvent } from "../../src/core/capture-event.ts";
import type { LogRow } from "../../src/core/log-row.ts";
import { startAnalysis } from "../../src/diagnosis/analyze.ts";
import {
  appRow,
  backRow,
  contoso,
  eventRow,
  fabrikam,
  judgeEvents,
  judgeRows,
  outlookAgent,
  probeRow,
  proxyRow,
  refusedRow,
  rowEvents,
  skype,
  start,
  teams,
} from "../diagnosis/log-rows.ts";
import { actorToken, type Exchanged, newStory, tenant } from "../diagnosis/story.ts";

const id = "5c0f3a52-0000-4000-8000-000000000091";

function captured(...steps: readonly Partial<Exchanged>[]): readonly CaptureEvent[] {
  const transaction = newStory();
  return steps.map((step) => ({
    kind: "transaction",
    transaction: transaction({ authorization: `Bearer ${actorToken()}`, requestId: id, ...step }),
  }));
}

const calls = (rows: readonly LogRow[]) => judgeRows(...rows).handshakes.map(({ loggedCalls }) => loggedCalls);

describe("the rows of one call", () => {
  const front = appRow({ requestId: "r1", clientRequestId: id });
  const back = backRow({ requestId: "r1", clientRequestId: id, caller: front.caller, at: 3 });

  test("a front-end row and its back-end row are one call, in either order, by either id", () => {
    const byClientId = [front, { ...back, requestId: "r2" }];
    // A streaming call ends much later at the front end.
    const byRequestId = [
      { ...front, clientRequestId: null, endedAt: start + 60_000 },
      { ...back, clientRequestId: null },
    ];
    for (const rows of [[front, back], byClientId, byRequestId].flatMap((two) => [two, two.toReversed()])) {
      const [handshake, ...others] = judgeRows(...rows).handshakes;
      expect(others).toEqual([]);
      expect(handshake).toMatchObject({
        verdict: "oauth-confirmed",
        server: "mail.contoso.com",
        loggedCalls: { all: 1, accepted: 1 },
        loggedOperations: ["GetFolder"],
      });
    }
  });

  test("two rows of the front end with one client-request-id are two calls, as are rows seconds apart", () => {
    expect(calls([appRow({ clientRequestId: id }), appRow({ clientRequestId: id, at: 5 })])).toEqual([
      { all: 2, accepted: 2 },
    ]);
    const late = { ...back, requestId: null, endedAt: back.endedAt + 5_000 };
    const handshakes = judgeRows({ ...front, requestId: null }, late).handshakes;
    expect(handshakes.map(({ server, verdict }) => [server, verdict])).toEqual([
      ["mail.contoso.com", "oauth-confirmed"],
      ["EX02", "inconclusive"],
    ]);
  });

  test("event 2006 is the refusal of the row that looks like a probe, in either order", () => {
    const event = eventRow("2006", { clientRequestId: id, at: 1, caller: { applicationId: skype, shownBy: "event" } });
    const row = probeRow({ clientRequestId: id, at: 2 });
    for (const rows of [
      [event, row],
      [row, event],
      [probeRow({ clientRequestId: id, at: -400 }), event, row],
    ]) {
      const { verdict, handshakes } = judgeRows(...rows);
      expect(verdict).toBe("oauth-rejected");
      expect(handshakes).toHaveLength(1);
      expect(handshakes[0]).toMatchObject({
        server: "mail.contoso.com",
        loggedCalls: { all: 1, accepted: 0 },
        callerShownBy: "event",
        principal: { id: skype },
      });
    }
  });
});

describe("one caller at one server", () => {
  test("is one handshake, whatever addresses it calls from", () => {
    const [handshake, ...others] = judgeRows(appRow(), appRow({ client: "203.0.113.21", at: 1 })).handshakes;
    expect(others).toEqual([]);
    expect(handshake).toMatchObject({ client: "", loggedCalls: { all: 2, accepted: 2 } });
    expect(judgeRows(appRow(), appRow({ at: 1 })).handshakes[0]?.client).toBe("203.0.113.20");
  });

  test("of another application or at another host is another handshake", () => {
    const other = { applicationId: teams, shownBy: "AuthenticatedUser" } as const;
    expect(judgeRows(appRow(), appRow({ caller: other }), appRow({ host: "owa.contoso.com" })).handshakes).toHaveLength(
      3,
    );
  });

  test("joins the only realm that is known, whatever the order, and none of two", () => {
    const rows = [appRow(), appRow({ realm: contoso, at: 1 }), appRow({ realm: fabrikam, at: 2 })];
    const shown = (list: readonly LogRow[]) =>
      judgeRows(...list)
        .handshakes.map(({ realm, loggedCalls }) => `${realm} ${loggedCalls?.all}`)
        .sort();
    for (const two of [rows.slice(0, 2), rows.slice(0, 2).toReversed()]) expect(shown(two)).toEqual([`${contoso} 2`]);
    for (const all of [rows, rows.toReversed()])
      expect(shown(all)).toEqual([" 1", `${contoso} 1`, `${fabrikam} 1`].sort());
  });

  test("tells a live view of the handshake that it is shown in", () => {
    const analyzer = startAnalysis({});
    const [first, second] = rowEvents([appRow(), appRow({ realm: contoso, at: 1 })]).map((event) =>
      analyzer.accept(event),
    );
    expect(first?.handshakes.map((one) => one.id)).toEqual(["h1"]);
    expect(second?.absorbed).toEqual([{ id: "h1", into: "h2" }]);
    expect(second?.handshakes.map((one) => [one.id, one.loggedCalls?.all])).toEqual([["h2", 2]]);
    expect(first?.row?.handshakeId).toBe("h1");
    expect(second?.row).toMatchObject({ auth: "Bearer", log: { kind: "http-proxy", line: 6 }, status: 200 });
  });

  test("an unnamed refusal is over when the same program is let in", () => {
    const { verdict, handshakes, findings } = judgeRows(refusedRow(), appRow({ at: 5 }));
    expect(verdict).toBe("oauth-confirmed");
    expect(handshakes).toHaveLength(1);
    expect(findings.find(({ code }) => code === "REFUSED_TOKEN")?.severity).toBe("warning");
    expect(judgeRows(refusedRow({ userAgent: "Other/1" }), appRow({ at: 5 })).verdict).toBe("oauth-rejected");
  });
});

describe("rows beside traffic", () => {
  test("a row of a captured request makes the evidence both, in either order, and is not counted", () => {
    const traffic = captured({});
    const rows = rowEvents([appRow({ clientRequestId: id })]);
    const { handshakes, verdict } = judgeEvents([...traffic, ...rows]);
    expect(verdict).toBe("oauth-confirmed");
    expect(handshakes).toHaveLength(1);
    expect(handshakes[0]).toMatchObject({ basis: "both", realm: tenant, callerShownBy: null });
    expect(handshakes[0]?.loggedCalls).toBeUndefined();
  });

  test("rows of other calls are counted beside the traffic of the same caller", () => {
    for (const order of [
      [...captured({}), ...rowEvents([appRow({ realm: tenant }), appRow({ at: 1 })])],
      [...rowEvents([appRow({ realm: tenant }), appRow({ at: 1 })]), ...captured({})],
    ]) {
      const [handshake, ...others] = judgeEvents(order).handshakes;
      expect(others).toEqual([]);
      expect(handshake).toMatchObject({ basis: "both", loggedCalls: { all: 2, accepted: 2 } });
    }
  });

  test("rows never overrule traffic, and decide where it is silent", () => {
    const refused = captured({ status: 401 });
    expect(judgeEvents([...refused, ...rowEvents([appRow()])]).verdict).toBe("oauth-rejected");
    const [silent] = judgeEvents([...captured({ status: 503 }), ...rowEvents([appRow()])]).handshakes;
    expect(silent).toMatchObject({ verdict: "oauth-confirmed", basis: "log" });
    const open = judgeEvents([
      ...captured({ status: 503 }),
      ...rowEvents([appRow({ status: 503, backEndStatus: 503 })]),
    ]);
    expect(open.handshakes[0]).toMatchObject({ verdict: "inconclusive", basis: "both" });
  });

  test.each<[string, Partial<Exchanged>, LogRow, boolean]>([
    ["accepted and refused", { status: 401 }, appRow({ clientRequestId: id }), true],
    ["refused and accepted", {}, refusedRow({ clientRequestId: id }), true],
    [
      "another caller",
      {},
      appRow({ clientRequestId: id, caller: { applicationId: teams, shownBy: "AuthenticatedUser" } }),
      true,
    ],
    ["a password", {}, proxyRow({ clientRequestId: id, signIn: "basic" }), true],
    ["the same", {}, appRow({ clientRequestId: id }), false],
    ["the probe of the same id", {}, probeRow({ clientRequestId: id }), false],
    ["an undecided answer", { status: 503 }, appRow({ clientRequestId: id }), false],
  ])("a contradiction is told: %s", (_name, step, row, isContradiction) => {
    const { findings } = judgeEvents([...captured(step), ...rowEvents([row])]);
    expect(findings.some(({ code }) => code === "LOG_CONTRADICTS_TRAFFIC")).toBe(isContradiction);
  });

  test("a call that was repeated with its id contradicts neither of its rows", () => {
    const rows = [refusedRow({ clientRequestId: id }), appRow({ clientRequestId: id, at: 1 })];
    const { findings } = judgeEvents([...captured({ status: 401 }, {}), ...rowEvents(rows)]);
    expect(findings.map(({ code }) => code)).not.toContain("LOG_CONTRADICTS_TRAFFIC");
  });
});

const realms = [null, null, contoso, fabrikam] as const;
const anyRow = fc
  .record({
    kind: fc.constantFrom("app", "probe", "refused", "basic", "ntlm", "person", "acting", "back", "failed", "event"),
    realm: fc.constantFrom(...realms),
    client: fc.constantFrom("203.0.113.20", "203.0.113.21", ""),
    clientRequestId: fc.constantFrom(null, id, "b"),
    requestId: fc.constantFrom(null, "r1", "r2"),
    at: fc.integer({ min: 0, max: 90_000 }),
  })
  .map(({ kind, ...place }): LogRow => {
    switch (kind) {
      case "probe":
        return probeRow(place);
      case "refused":
        return refusedRow(place);
      case "basic":
        return proxyRow({ ...place, signIn: "basic" });
      case "ntlm":
        return proxyRow({ ...place, signIn: "ntlm" });
      case "person":
        return proxyRow({ ...place, realm: null, isPerson: true, userAgent: outlookAgent });
      case "acting":
        return proxyRow({ ...place, realm: null, actsAs: { keys: ["smtp"], isVerified: null } });
      case "back":
        return backRow(place);
      case "failed":
        return appRow({ ...place, status: 500, failure: "ProtocolError" });
      case "event":
        return eventRow("2006", { ...place, client: "" });
      default:
        return appRow(place);
    }
  });

test("rows never give more than they show, whatever they are and in whatever order", () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 24 }), (rows) => {
      const { handshakes, checklist, counts } = judgeRows(...rows);
      const shown = new Set(rows.map(({ realm }) => realm));
      const accepted = rows.filter((row) => row.log === "http-proxy" && row.caller !== null && row.status === 200);
      let all = 0;
      for (const handshake of handshakes) {
        expect(handshake).toMatchObject({ basis: "log", signature: "unchecked", signingKey: "" });
        expect(handshake.realm === "" || shown.has(handshake.realm)).toBe(true);
        expect(handshake.steps.filter(({ step }) => step === "challenge" || step === "signing-key")).toEqual(
          expect.arrayContaining([expect.objectContaining({ state: "unseen" })]),
        );
        if (handshake.verdict === "oauth-confirmed") expect(accepted.length).toBeGreaterThan(0);
        all += handshake.loggedCalls?.accepted ?? 0;
      }
      expect(all).toBeLessThanOrEqual(accepted.length);
      expect(checklist.every(({ isSeen }) => !isSeen)).toBe(true);
      expect(counts.logRows).toBe(rows.length);
    }),
    { numRuns: 300 },
  );
});

test("many rows of many callers are bounded, and each costs the same", () => {
  const analyzer = startAnalysis({});
  for (let index = 0; index < 6_000; index += 1) {
    const applicationId = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
    const row = appRow({
      caller: { applicationId, shownBy: "AuthenticatedUser" },
      at: index,
      client: `10.0.0.${index % 250}`,
    });
    analyzer.accept({ kind: "log-row", row: { ...row, id: `l${index + 1}`, endedAt: start + index } });
  }
  const { handshakes, findings, verdict } = analyzer.snapshot();
  expect(verdict).toBe("oauth-confirmed");
  expect(handshakes.length).toBeLessThanOrEqual(2_000);
  expect(findings.map(({ code }) => code)).toContain("HANDSHAKES_FORGOTTEN");
});
