import { describe, expect, test } from "vitest";
import { evidenceIds } from "../../src/handshake/evidence.ts";
import {
  absorbHandshake,
  newHandshake,
  reduceHandshake,
  withOtherSignIn,
  withTransaction,
} from "../../src/handshake/reduce.ts";

const empty = newHandshake("h1", "10.0.0.1", "mail.contoso.com", 1_000);

describe("reduceHandshake", () => {
  test("keeps an unexpected signal and leaves the stage alone", () => {
    expect(reduceHandshake(empty, "accepted")).toMatchObject({ stage: "idle", unexpected: ["accepted"] });
  });

  test("keeps a bounded number of unexpected signals", () => {
    let handshake = empty;
    for (let count = 0; count < 100; count += 1) handshake = reduceHandshake(handshake, "refused");
    expect(handshake.unexpected).toHaveLength(20);
  });

  test("remembers that the token service refused until a token is given or accepted", () => {
    const denied = reduceHandshake(empty, "token-denied");
    expect(denied.isTokenDenied).toBe(true);
    expect(reduceHandshake(denied, "probed").isTokenDenied).toBe(true);
    expect(reduceHandshake(denied, "token-issued").isTokenDenied).toBe(false);
    expect(reduceHandshake(reduceHandshake(denied, "token-presented"), "accepted").isTokenDenied).toBe(false);
  });
});

describe("withTransaction", () => {
  test("keeps the first and the last transactions and counts all", () => {
    let handshake = empty;
    for (let count = 1; count <= 250; count += 1) handshake = withTransaction(handshake, `t${count}`, [count, count]);
    expect(handshake.transactionCount).toBe(250);
    const evidence = evidenceIds(handshake.evidence);
    expect(evidence).toHaveLength(100);
    expect(evidence.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, index) => `t${index + 1}`));
    expect(evidence.slice(50)).toEqual(Array.from({ length: 50 }, (_, index) => `t${index + 201}`));
  });

  test("widens the time in both directions, for events that come late", () => {
    expect(withTransaction(empty, "t1", [500, 2_000])).toMatchObject({ startedAt: 500, endedAt: 2_000 });
  });
});

describe("absorbHandshake", () => {
  test("takes in steps, sign-ins, challenge and transactions of what came before", () => {
    const prelude = withOtherSignIn(
      withTransaction({ ...newHandshake("h2", "10.0.0.1", "mail.contoso.com", 0), hasChallenge: true }, "t1", [0, 1]),
      { scheme: "ntlm", answer: "refused", afterBearer: true },
    );
    const later = withTransaction(empty, "t2", [2, 3]);
    const absorbed = absorbHandshake(later, prelude);
    expect(evidenceIds(absorbed.evidence)).toEqual(["t1", "t2"]);
    expect(absorbed).toMatchObject({
      id: "h1",
      hasChallenge: true,
      otherSignIns: [{ scheme: "ntlm", answer: "refused", afterBearer: true }],
      transactionCount: 2,
      startedAt: 0,
    });
  });

  test("the later steps win, whichever handshake takes in the other", () => {
    const step = (note: string) => ({ state: "ok", transactionId: note, note }) as const;
    const early = { ...newHandshake("h1", "", "", 0), steps: { probe: step("early") } };
    const late = { ...newHandshake("h2", "", "", 9), steps: { probe: step("late") } };
    expect(absorbHandshake(early, late).steps.probe?.note).toBe("late");
    expect(absorbHandshake(late, early).steps.probe?.note).toBe("late");
  });

  test.each([
    ["probing", "probing"],
    ["challenged", "challenged"],
    ["holding-token", "holding-token"],
    ["rejected", "rejected"],
    ["idle", "idle"],
  ] as const)("a prelude that is %s moves an idle handshake to %s", (stage, expected) => {
    expect(absorbHandshake(empty, { ...newHandshake("h2", "", "", 0), stage }).stage).toBe(expected);
  });
});
