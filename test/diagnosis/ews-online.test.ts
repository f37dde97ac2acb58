// EWS of Exchange Online ends on 1 April 2027 (secondary sources); EWS of Exchange Server stays. Who calls it, and what.
import { expect, test } from "vitest";
import { describeOutcome } from "../../src/diagnosis/outcome-words.ts";
import { analysisJson } from "../../src/sinks/analysis-json.ts";
import { captureWords } from "../../src/sinks/report/report-words.ts";
import { renderHandshakeLine, renderVerdictLines } from "../../src/tui/words/plain-text.ts";
import { asApplication } from "./cases/advice-cases.ts";
import { ewsFault, soap } from "./cases/gate-cases.ts";
import { actorToken, type Exchanged, otherTenant, outerToken, play, probe, scheduler, start } from "./story.ts";

const blocked: Exchanged = {
  status: 403,
  answer: [["X-EWS-Policy-Reason", "EWS is blocked by policy for this user or tenant"]],
};
const asTeams: Exchanged = { authorization: `Bearer ${outerToken({ caller: scheduler })}` };

test("calls to EWS of Exchange Online are listed by caller and operation, accepted and refused", () => {
  const { ewsOnline } = play([
    { host: "outlook.office365.com", agent: "ExchangeServicesClient/15.20.0.0", ...probe },
    asApplication(soap("GetUserAvailabilityRequest")),
    asApplication({ ...soap("GetFolder"), ...blocked }),
    asApplication(soap("GetFolder")),
    asApplication({ status: null }),
    { ...asTeams, ...soap("GetFolder") },
  ]);
  expect(ewsOnline).toEqual([
    {
      callerId: otherTenant,
      callerName: null,
      kind: "service",
      hosts: ["outlook.office365.com"],
      operations: [
        { name: "GetUserAvailabilityRequest", accepted: 1, refused: 0, undecided: 0, evidence: ["t2"] },
        { name: "GetFolder", accepted: 1, refused: 1, undecided: 0, evidence: ["t3", "t4"] },
        { name: "unknown", accepted: 0, refused: 0, undecided: 1, evidence: ["t5"] },
      ],
      calls: 4,
      firstAt: start + 2_000,
      lastAt: start + 5_000,
    },
  ]);
});

test("a caller with a name, or a description in place of one, begins its sentence", () => {
  const said = (name: string): string | undefined =>
    play([asApplication(soap("GetFolder"))], { applications: new Map([[otherTenant, name]]) }).findings.find(
      ({ code }) => code === "EWS_ONLINE_ENDS",
    )?.message;
  expect(said("Backup")).toMatch(/^The application Backup \(/);
  expect(said("your dedicated hybrid application")).toMatch(/^Your dedicated hybrid application \(/);
});

test("a capture without such calls has no list, and the JSON has times in UTC", () => {
  expect(play([asTeams]).ewsOnline).toBeUndefined();
  expect(analysisJson(play([asTeams]), "1", [])).not.toHaveProperty("ewsOnline");
  expect(analysisJson(play([asApplication(soap("GetFolder"))]), "1", [])).toMatchObject({
    ewsOnline: [{ callerId: otherTenant, firstAt: "2026-01-15T12:00:01.000Z" }],
  });
});

test("many callers, hosts and operations are bounded", () => {
  const calls = Array.from({ length: 200 }, (_, index) => {
    const caller = `11111111-2222-4333-8444-${String(index % 100).padStart(12, "0")}`;
    return asApplication({
      ...soap(`Operation${index}`),
      authorization: `Bearer ${actorToken({ caller, host: "outlook.office365.com" })}`,
    });
  });
  const manyOperations = Array.from({ length: 60 }, (_, index) => asApplication(soap(`Get${index}`)));
  const { ewsOnline = [], findings } = play([...manyOperations, ...calls]);
  expect(ewsOnline).toHaveLength(64);
  expect(ewsOnline[0]).toMatchObject({ calls: 60 });
  expect(ewsOnline[0]?.operations).toHaveLength(40);
  const first = findings.find(({ code }) => code === "EWS_ONLINE_ENDS");
  expect(first).toMatchObject({ count: 60, evidence: { length: 20 } });
  expect(first?.message).toContain("Get7 and 32 others");
});

test("a gate that closed is no confirmation, whatever was accepted before it, and opens again by an accepted call", () => {
  const closed = play([asApplication(soap("GetFolder")), asApplication(blocked)]);
  expect(closed).toMatchObject({ verdict: "inconclusive", handshakes: [{ policy: "online-not-allowed" }] });
  const [handshake] = closed.handshakes;
  expect(handshake === undefined ? null : describeOutcome(handshake)).toEqual({
    isBlocked: true,
    place: " at the gate of EWS",
    sentence:
      "the call does not get through: Exchange Online does not let this application use EWS; the token was not refused",
  });
  const opened = play([asApplication(blocked), asApplication(soap("GetFolder"))]);
  expect(opened.verdict).toBe("oauth-confirmed");
  expect(opened.handshakes[0]).not.toHaveProperty("policy");
});

test("a list on premises that refuses one mailbox does not undo the accepted token", () => {
  const { verdict, handshakes } = play([asTeams, { ...asTeams, ...blocked }]);
  expect(verdict).toBe("oauth-confirmed");
  expect(handshakes[0]?.policy).toBe("other");
  const [alone] = play([{ ...asTeams, ...blocked }]).handshakes;
  expect(alone === undefined ? "" : describeOutcome(alone).sentence).toContain("a policy of the server blocks EWS");
});

test("a bare 403 is said to be one", () => {
  const [handshake] = play([{ ...asTeams, status: 403 }]).handshakes;
  expect(handshake === undefined ? "" : describeOutcome(handshake).sentence).toContain("forbidden (403)");
});

// learn.microsoft.com/troubleshoot/dynamics-365: EWS answers HTTP 500 with ErrorNonExistentMailbox in a SOAP fault.
test.each([
  ["ErrorNonExistentMailbox", "oauth-confirmed"],
  ["ErrorAccessDenied", "oauth-confirmed"],
  ["ErrorServerBusy", "inconclusive"],
  ["ErrorInternalServerError", "inconclusive"],
])("a SOAP fault %s of EWS with status 500: %s", (code, verdict) => {
  expect(play([{ ...asTeams, status: 500, answerBody: ewsFault(code) }]).verdict).toBe(verdict);
});

test("a fault beside a reason about the token is a refusal", () => {
  const answer = [["x-ms-diagnostics", '2000001;reason="x";error_category="invalid_token"']] as const;
  const { verdict } = play([{ ...asTeams, status: 500, answer, answerBody: ewsFault("ErrorNonExistentMailbox") }]);
  expect(verdict).toBe("oauth-rejected");
});

test("every view says that the gate blocks the calls, and not that the end is unknown", () => {
  const analysis = play([{ ...asTeams, client: "52.112.0.8:1" }, asApplication({ ...blocked, client: "192.0.2.9:1" })]);
  expect(analysis.verdict).toBe("inconclusive");
  const sentence =
    "the call does not get through: Exchange Online does not let this application use EWS; the token was not refused";
  expect(renderVerdictLines(analysis)[0]).toContain(`[XX] BLOCKED at the gate of EWS: ${sentence}`);
  expect(analysis.directions.outbound).toMatchObject({ verdict: "inconclusive", isBlocked: true });
  expect(analysis.directions.inbound).not.toHaveProperty("isBlocked");
  expect(renderVerdictLines(analysis).join("\n")).toContain("outbound (from Exchange Server): BLOCKED via EWS");
  expect(captureWords(analysis)).toMatchObject({
    mark: "XX",
    title: "Blocked at the gate of EWS, outbound",
    tone: "bad",
  });
  const [, gated] = analysis.handshakes;
  expect(gated === undefined ? "" : renderHandshakeLine(gated)).toMatch(/^handshake h2: BLOCKED: /);
});
