import { describe, expect, test } from "vitest";
import { newHandshake, reduceHandshake } from "../../src/handshake/reduce.ts";
import { nextStage, type Signal, type Stage } from "../../src/handshake/stages.ts";

const stages: readonly Stage[] = [
  "idle",
  "probing",
  "challenged",
  "holding-token",
  "presenting",
  "trusted",
  "rejected",
];
const signals: readonly Signal[] = [
  "probed",
  "challenged",
  "token-issued",
  "token-denied",
  "token-presented",
  "accepted",
  "refused",
];

function walk(...given: readonly Signal[]): Stage {
  return given.reduce(reduceHandshake, newHandshake("h1", "", "mail.contoso.com", 0)).stage;
}

describe("the transition table", () => {
  const playbooks: readonly [name: string, given: readonly Signal[], stage: Stage][] = [
    [
      "the whole ladder ([MS-XOAUTH] 4.6)",
      ["probed", "challenged", "token-issued", "token-presented", "accepted"],
      "trusted",
    ],
    ["a cached token", ["token-presented", "accepted"], "trusted"],
    ["a token fetched without a probe", ["token-issued", "token-presented", "accepted"], "trusted"],
    ["a capture that begins at the challenge", ["challenged", "token-presented", "accepted"], "trusted"],
    ["an unanswered probe", ["probed"], "probing"],
    ["a probe sent again", ["probed", "challenged", "probed"], "probing"],
    ["a token on its way while another call is challenged", ["token-issued", "probed", "challenged"], "holding-token"],
    ["a call whose answer was not seen", ["token-presented", "token-presented"], "presenting"],
    ["a refusal", ["token-presented", "refused"], "rejected"],
    ["a refusal that is probed again", ["token-presented", "refused", "probed"], "probing"],
    [
      "a refusal that is renewed",
      ["token-presented", "refused", "token-issued", "token-presented", "accepted"],
      "trusted",
    ],
    ["the token service's refusal", ["challenged", "token-denied"], "rejected"],
    ["trust that is probed and challenged again", ["token-presented", "accepted", "probed", "challenged"], "trusted"],
    ["trust that is later refused", ["token-presented", "accepted", "token-presented", "refused"], "rejected"],
    ["trust that cannot be renewed", ["token-presented", "accepted", "token-denied"], "rejected"],
  ];
  test.each(playbooks)("%s", (_name, given, stage) => {
    expect(walk(...given)).toBe(stage);
  });

  test("has a row for every stage and leads to stages that have rows", () => {
    expect(Object.keys(nextStage).sort()).toEqual([...stages].sort());
    for (const stage of stages) for (const next of Object.values(nextStage[stage])) expect(stages).toContain(next);
  });

  test("gives trust to an accepted call alone", () => {
    for (const stage of stages)
      for (const signal of signals)
        if (nextStage[stage][signal] === "trusted" && stage !== "trusted")
          expect([stage, signal]).toEqual(["presenting", "accepted"]);
  });

  test("takes an answer only after a call", () => {
    for (const stage of stages.filter((one) => one !== "presenting"))
      for (const signal of ["accepted", "refused"] as const) expect(nextStage[stage][signal]).toBeUndefined();
  });

  test("never leaves trust for a probe, a challenge or a token", () => {
    for (const signal of ["probed", "challenged", "token-issued"] as const)
      expect(nextStage.trusted[signal]).toBe("trusted");
  });

  test("every stage can be reached from idle", () => {
    const reached = new Set<Stage>(["idle"]);
    for (const stage of reached) for (const next of Object.values(nextStage[stage])) reached.add(next);
    expect([...reached].sort()).toEqual([...stages].sort());
  });

  test("every stage can come to trust", () => {
    for (const stage of stages) {
      const begun = { ...newHandshake("h1", "", "s", 0), stage };
      expect((["token-presented", "accepted"] as const).reduce(reduceHandshake, begun).stage).toBe("trusted");
    }
  });
});
