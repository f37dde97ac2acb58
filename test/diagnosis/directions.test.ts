import { describe, expect, test } from "vitest";
import { decodeTransaction } from "../../src/decoders/messages/decode-transaction.ts";
import { startForgottenHandshakes } from "../../src/diagnosis/forgotten-handshakes.ts";
import { joinAnalyses } from "../../src/diagnosis/join-analyses.ts";
import { startCorrelator } from "../../src/handshake/correlate.ts";
import {
  actorToken,
  assertion,
  type Exchanged,
  exchange,
  judge,
  jwt,
  mail,
  newStory,
  play,
  probe,
  startSeconds,
  sts,
  tenant,
  tokenRequest,
} from "./story.ts";

const online = "outlook.office365.com";
const inward: Exchanged = { authorization: `Bearer ${actorToken()}` };
const outward: Exchanged = {
  client: "10.0.0.5:50000",
  connection: "c9",
  host: online,
  agent: "",
  authorization: `Bearer ${jwt(
    { typ: "JWT", alg: "RS256", x5t: "XqrnFEfsS55_vMBpHvF0pTnqeaM" },
    {
      aud: `https://${online}`,
      iss: `https://sts.windows.net/${tenant}/`,
      ver: "1.0",
      appid: "5d1c0e4b-3a17-4f0e-9a53-2f7d0f8a6c11",
      idtyp: "app",
      roles: ["full_access_as_app"],
      tid: tenant,
      nbf: startSeconds - 60,
      exp: startSeconds + 3600,
    },
  )}`,
};

function directions(...story: readonly Exchanged[]) {
  return play(story).directions;
}

describe("the two directions of a capture", () => {
  test("each is one answer, with route, token service, host and the row that proves it", () => {
    expect(directions(probe, inward, outward)).toEqual({
      inbound: {
        verdict: "oauth-confirmed",
        routes: ["ews"],
        tokenServices: ["acs"],
        hosts: [mail],
        evidence: ["t2"],
      },
      outbound: {
        verdict: "oauth-confirmed",
        routes: ["ews"],
        tokenServices: ["entra-v1"],
        hosts: [online],
        evidence: ["t3"],
      },
    });
  });

  test("one that was not seen is null, whatever the other shows", () => {
    expect(directions(probe, inward).outbound).toBeNull();
    expect(directions(outward)).toMatchObject({ inbound: null, outbound: { verdict: "oauth-confirmed" } });
    expect(directions()).toEqual({ inbound: null, outbound: null });
  });

  test("a failure of one leaves the other confirmed, and the failed rows are the evidence", () => {
    const found = directions({ ...outward, status: 401 }, probe, inward);
    expect(found.outbound).toMatchObject({ verdict: "oauth-rejected", evidence: ["t1"] });
    expect(found.inbound).toMatchObject({ verdict: "oauth-confirmed", evidence: ["t3"] });
  });

  test("a refused token request belongs to the direction of the resource", () => {
    const request = tokenRequest({
      assertion: assertion({ caller: exchange }),
      resource: `${exchange}/${online}@${tenant}`,
    });
    const refused = { ...request, status: 400, answerBody: JSON.stringify({ error: "invalid_client" }) };
    expect(directions({ ...refused, host: sts })).toMatchObject({
      inbound: null,
      outbound: { verdict: "oauth-rejected", routes: [], tokenServices: ["acs"], hosts: [online] },
    });
  });

  test("several captures are joined: the worst verdict of a direction counts", () => {
    const [good, bad] = [[probe, inward], [{ ...inward, status: 401 }]].map((story, index) =>
      judge(story.map(newStory(`f${index + 1}.t`))),
    );
    if (good === undefined || bad === undefined) throw new Error("two captures");
    const joined = joinAnalyses([
      { path: "one", analysis: good },
      { path: "two", analysis: bad },
    ]);
    expect(joined.directions.inbound?.verdict).toBe("oauth-rejected");
    expect(joined.captures?.map((one) => one.directions.inbound?.verdict)).toEqual([
      "oauth-confirmed",
      "oauth-rejected",
    ]);
  });
});

test("handshakes that are no longer held still decide their direction", () => {
  const correlator = startCorrelator();
  const forgotten = startForgottenHandshakes();
  expect([forgotten.count(), forgotten.verdict()]).toEqual([0, "none"]);
  const next = newStory();
  for (const one of [inward, { ...inward, status: 401, client: "52.112.0.2:40000", connection: "c2" }]) {
    const transaction = next(one);
    const { handshake } = correlator.accept(transaction, decodeTransaction(transaction));
    if (handshake !== null) forgotten.add(handshake);
  }
  expect(forgotten.count()).toBe(2);
  expect(forgotten.verdict()).toBe("oauth-rejected");
  expect([...forgotten.byDirection]).toEqual([["inbound", "oauth-rejected"]]);
});
