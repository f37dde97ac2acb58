// The first leg of Teams: a look-up of EWS without sign-in, then a call with a token by the same client.
import { expect, test } from "vitest";
import { describeOutcome } from "../../src/diagnosis/outcome-words.ts";
import { lookUp } from "../diagnosis/cases/discovery-cases.ts";
import { actorToken, codes, type Exchanged, outerToken, play, probe, scheduler, skype } from "../diagnosis/story.ts";

const call: Exchanged = { authorization: `Bearer ${outerToken({ caller: scheduler })}` };
const autodiscover = "autodiscover.contoso.com";

function stepsOf({ handshakes }: ReturnType<typeof play>): readonly string[] {
  return handshakes.map(({ steps }) =>
    steps
      .filter(({ state }) => state !== "unseen")
      .map(({ step, state, transactionId }) => `${step} ${state} ${transactionId}`)
      .join(", "),
  );
}

test("a look-up, a probe and a call of one client are one handshake, the look-up first", () => {
  const analysis = play([lookUp({ connection: "c0" }), probe, call]);
  expect(stepsOf(analysis)).toEqual(["discovery ok t1, probe ok t2, challenge ok t2, call ok t3, answer ok t3"]);
  expect(analysis).toMatchObject({ verdict: "oauth-confirmed", directions: { inbound: { routes: ["ews"] } } });
  expect(analysis.handshakes[0]?.steps[0]?.note).toBe("200, an address");
});

test("a look-up at another name leads to the handshake with the server that it found", () => {
  const analysis = play([lookUp({ host: autodiscover, connection: "c0" }), call]);
  expect(stepsOf(analysis)).toEqual(["discovery ok t1, call ok t2, answer ok t2"]);
  expect(analysis.handshakes).toMatchObject([{ id: "h1", server: "mail.contoso.com", transactions: ["t1", "t2"] }]);
});

test("a look-up by another client, or for another server, is a handshake of its own", () => {
  expect(stepsOf(play([lookUp({ client: "52.112.0.9:1", connection: "c0" }), call]))).toHaveLength(2);
  expect(stepsOf(play([lookUp({ host: autodiscover, connection: "c0" }, "other.contoso.com"), call]))).toHaveLength(2);
});

test("a later look-up joins the handshake that the first one led to", () => {
  const analysis = play([lookUp({ connection: "c0" }), call, lookUp({ connection: "c0" }), call]);
  expect(stepsOf(analysis)).toEqual(["discovery ok t3, call ok t4, answer ok t4"]);
  expect(analysis.handshakes[0]?.transactions).toEqual(["t1", "t2", "t3", "t4"]);
});

test("a look-up after a call of another application joins neither of them before its own call", () => {
  const legacy: Exchanged = { authorization: `Bearer ${actorToken({ caller: skype })}` };
  const { handshakes } = play([legacy, lookUp({ connection: "c0" }), call]);
  expect(handshakes.map(({ principal, transactions }) => [principal?.id, transactions])).toEqual([
    [skype, ["t1"]],
    [scheduler, ["t2", "t3"]],
  ]);
});

test("a capture that holds the look-up alone is undecided, in words", () => {
  const found = play([lookUp()]);
  expect(found).toMatchObject({ verdict: "inconclusive", directions: { inbound: { verdict: "inconclusive" } } });
  expect(codes(found)).not.toContain("NO_SERVICE_REQUEST");
  expect(found.handshakes.map(describeOutcome)).toEqual([
    { place: "", sentence: "Teams found EWS, and no call with a token followed in this capture" },
  ]);
  const lost = play([lookUp({ status: 404, answer: [], answerBody: "" })]);
  expect(lost.handshakes.map(describeOutcome)).toEqual([
    { place: " at the look-up of EWS", sentence: "Teams did not find EWS (404), so it does not call" },
  ]);
});

test("a 401 of a device to the look-up is no challenge of EWS and no finding once a later look-up works", () => {
  const refused = lookUp({ status: 401, answer: [["Server", "BigIP"]], answerBody: "" });
  expect(play([refused]).handshakes[0]?.steps.find(({ step }) => step === "challenge")?.state).toBe("unseen");
  const severityOf = (story: readonly Exchanged[]) =>
    play(story).findings.find(({ code }) => code === "DISCOVERY_REFUSED")?.severity;
  expect(severityOf([refused])).toBe("error");
  expect(severityOf([refused, lookUp()])).toBe("warning");
});

test("the look-ups of many clients are bounded", () => {
  const story = Array.from({ length: 3_000 }, (_, index) =>
    lookUp({ client: `10.0.${Math.floor(index / 250)}.${index % 250}:1`, connection: `c${index}` }),
  );
  expect(play(story).handshakes.length).toBeLessThanOrEqual(2_000);
});

test("no finding, row or step repeats the address that Teams looks for", () => {
  const path = "/autodiscover/autodiscover.json/v1.0/anna@contoso.com?Email=anna@contoso.com&Protocol=EWS";
  const { findings, handshakes, changes } = play([
    lookUp({ path }),
    lookUp({ path, status: 404 }),
    lookUp({ path, host: autodiscover }),
  ]);
  const rows = changes.map(({ row }) => row);
  expect(rows).toMatchObject([{ detail: "looks for EWS", auth: "anon" }, {}, {}]);
  expect(JSON.stringify([findings, handshakes, rows])).not.toContain("anna");
});
