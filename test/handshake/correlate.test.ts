// Playbooks: transactions in, handshakes out.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HttpTransaction } from "../../src/core/http-transaction.ts";
import { decodeTransaction } from "../../src/decoders/messages/decode-transaction.ts";
import { startCorrelator } from "../../src/handshake/correlate.ts";
import type { Correlation } from "../../src/handshake/correlation.ts";
import { evidenceIds } from "../../src/handshake/evidence.ts";
import type { Handshake } from "../../src/handshake/reduce.ts";
import {
  actorToken,
  assertion,
  basic,
  diagnostics,
  type Exchanged,
  jwt,
  mail,
  newStory,
  offersAll,
  otherTenant,
  outerToken,
  probe,
  scheduler,
  skype,
  start,
  startSeconds,
  tenant,
  tokenRequest,
} from "../diagnosis/story.ts";

const call = (token = actorToken(), more: Exchanged = {}): Exchanged => ({ authorization: `Bearer ${token}`, ...more });
const refusal = [...offersAll, diagnostics("2000006", "invalid_client", "x")];

function follow(transactions: readonly HttpTransaction[]): {
  readonly handshakes: readonly Handshake[];
  readonly correlations: readonly Correlation[];
} {
  const correlator = startCorrelator();
  const correlations = transactions.map((one) => correlator.accept(one, decodeTransaction(one)));
  return { handshakes: correlator.handshakes(), correlations };
}

function followStory(exchanged: readonly Exchanged[]): ReturnType<typeof follow> {
  return follow(exchanged.map(newStory()));
}

function outline({ handshakes }: ReturnType<typeof follow>): readonly string[] {
  return handshakes.map(({ id, stage, evidence }) => `${id} ${stage} ${evidenceIds(evidence).join(",")}`);
}

describe("one handshake is found again", () => {
  const together: readonly [name: string, story: readonly Exchanged[], expected: readonly string[]][] = [
    ["by connection", [probe, call()], ["h1 trusted t1,t2"]],
    [
      "by request id, on another connection from another address",
      [
        { ...probe, requestId: "r1" },
        call(actorToken(), { requestId: "r1", connection: "c2", client: "52.112.7.7:1" }),
      ],
      ["h1 trusted t1,t2"],
    ],
    [
      "by program and address a moment later, on another connection",
      [probe, call(actorToken(), { connection: "c2" })],
      ["h1 trusted t1,t2"],
    ],
    [
      "by the token itself, from another address",
      [
        call(actorToken(), { status: 401, answer: refusal }),
        call(actorToken(), { connection: "c2", client: "52.112.7.7:1" }),
      ],
      ["h1 trusted t1,t2"],
    ],
    [
      "by caller and server, hours later",
      [call(), call(actorToken({ claims: { jti: "2" } }), { connection: "c9", at: start + 4 * 3_600_000 })],
      ["h1 trusted t1,t2"],
    ],
    [
      "by the token that the token service gave out, asked for from another address",
      [tokenRequest({ issued: actorToken() }), call(actorToken(), { client: "52.112.7.7:1", connection: "c2" })],
      ["h1 trusted t1,t2"],
    ],
    [
      "by the token service's token inside an outer one",
      [tokenRequest({ issued: actorToken() }), call(outerToken(), { client: "52.112.7.7:1", connection: "c2" })],
      ["h1 trusted t1,t2"],
    ],
    [
      "by resource, realm and application, when the token that was given out is opaque",
      [tokenRequest({ issued: "opaque" }), call()],
      ["h1 trusted t1,t2"],
    ],
    [
      "by the token, though it was asked for with another audience",
      [
        probe,
        tokenRequest({ issued: actorToken({ host: "owa.contoso.com" }) }),
        call(actorToken({ host: "owa.contoso.com" }), { status: 401 }),
      ],
      ["h1 rejected t1,t2,t3"],
    ],
    [
      "with retries",
      [call(actorToken(), { status: 503 }), call(actorToken(), { status: null }), call()],
      ["h1 trusted t1,t2,t3"],
    ],
    [
      "with an anonymous first request of an unknown program",
      [{ agent: "x/1", status: 401 }, call(actorToken(), { agent: "x/1" })],
      ["h1 trusted t1,t2"],
    ],
    ["and probed again later", [probe, call(), probe, call()], ["h1 trusted t1,t2,t3,t4"]],
    [
      "with a Basic sign-in between",
      [probe, call(actorToken(), { status: 401, answer: refusal }), { authorization: basic }],
      ["h1 rejected t1,t2,t3"],
    ],
  ];
  test.each(together)("%s", (_name, story, expected) => {
    expect(outline(followStory(story))).toEqual(expected);
  });
});

describe("two handshakes are kept apart", () => {
  const apart: readonly [name: string, story: readonly Exchanged[], expected: readonly string[]][] = [
    [
      "by application, on one connection, each with its own approach",
      [probe, call(), probe, call(actorToken({ caller: scheduler }))],
      ["h1 trusted t1,t2", "h2 trusted t3,t4"],
    ],
    ["by realm", [call(), call(actorToken({ realm: otherTenant }))], ["h1 trusted t1", "h2 trusted t2"]],
    [
      "by server",
      [call(), call(actorToken({ host: "mail2.contoso.com" }), { host: "mail2.contoso.com" })],
      ["h1 trusted t1", "h2 trusted t2"],
    ],
    [
      "by client address, each with a token of its own",
      [call(), call(actorToken({ claims: { jti: "2" } }), { client: "52.112.7.7:1", connection: "c2" })],
      ["h1 trusted t1", "h2 trusted t2"],
    ],
    [
      "when the same program comes back after a long time without a token",
      [probe, { ...probe, connection: "c2", at: start + 3_600_000 }],
      ["h1 challenged t1", "h2 challenged t2"],
    ],
    [
      "when the token asked for is for another server",
      [
        probe,
        tokenRequest({ resource: `00000003-0000-0ff1-ce00-000000000000/sp.contoso.com@${tenant}`, issued: "opaque" }),
      ],
      ["h1 challenged t1", "h2 holding-token t2"],
    ],
  ];
  test.each(apart)("%s", (_name, story, expected) => {
    expect(outline(followStory(story))).toEqual(expected);
  });
});

describe("what is no more", () => {
  test("an approach on a new connection is taken into the handshake that it turns out to belong to", () => {
    const { handshakes, correlations } = followStory([
      call(),
      { ...probe, agent: "other/1", connection: "c2" },
      call(actorToken(), { agent: "other/1", connection: "c2" }),
    ]);
    expect(handshakes.map(({ id, evidence }) => [id, evidenceIds(evidence)])).toEqual([["h1", ["t1", "t2", "t3"]]]);
    expect(correlations[1]?.handshake?.id).toBe("h2");
    expect(correlations[2]?.absorbed).toEqual([{ id: "h2", into: "h1" }]);
  });

  test("a probe that a person's program sent is withdrawn with that person's token", () => {
    const user = jwt(
      { alg: "RS256" },
      { ver: "1.0", iss: `https://sts.windows.net/${tenant}/`, scp: "x", exp: startSeconds + 60 },
    );
    const { handshakes, correlations } = followStory([
      { ...probe, agent: "newphone/1" },
      { agent: "newphone/1", authorization: `Bearer ${user}` },
    ]);
    expect(handshakes).toEqual([]);
    expect(correlations[1]?.absorbed).toEqual([{ id: "h1", into: null }]);
  });

  test("an approach counted with one caller is moved when the token is another's, and the first is as it was", () => {
    const { handshakes, correlations } = followStory([call(), probe, call(actorToken({ caller: scheduler }))]);
    expect(correlations[1]?.handshake?.evidence.first).toEqual(["t1", "t2"]);
    expect(correlations[2]?.changed.map(({ id, evidence }) => [id, evidenceIds(evidence)])).toEqual([["h1", ["t1"]]]);
    expect(handshakes.map(({ evidence }) => evidenceIds(evidence))).toEqual([["t1"], ["t2", "t3"]]);
  });
});

describe("several servers behind one name", () => {
  const from = (server: string, status = 200): Exchanged =>
    call(actorToken(), { status, answer: [["X-FEServer", server]] });

  test("a server that refuses what another accepts is named until it accepts", () => {
    const refusing = (story: readonly Exchanged[]) => followStory(story).handshakes[0]?.refusingServers;
    expect(refusing([from("EX1"), from("EX2", 401)])).toEqual(["EX2"]);
    expect(refusing([from("EX1", 401), from("EX2")])).toEqual(["EX1"]);
    expect(refusing([from("EX1"), from("EX2", 401), from("EX3", 401), from("EX1")])).toEqual(["EX2", "EX3"]);
    expect(refusing([from("EX1"), from("EX2", 401), from("EX2")])).toEqual([]);
    expect(refusing([from("EX1", 401), from("EX2", 401)])).toEqual([]);
    expect(refusing([from("EX1"), from("EX1", 401)])).toEqual([]);
  });

  // Each call with an actor token of its own, as a cache of each front end's caller gives.
  let number = 0;
  const fresh = (headers: readonly (readonly [string, string])[], status = 200, more: Exchanged = {}): Exchanged => {
    number += 1;
    return call(actorToken({ claims: { jti: `${number}` } }), { status, answer: headers, ...more });
  };

  test("servers are told apart whatever the tokens are, by front end or by the server behind it", () => {
    const refusing = (story: readonly Exchanged[]) => followStory(story).handshakes[0]?.refusingServers;
    const [fe1, fe2] = [["X-FEServer", "EX01"] as const, ["X-FEServer", "EX02"] as const];
    const [be1, be2] = [
      ["X-CalculatedBETarget", "ex01.contoso.com"] as const,
      ["X-CalculatedBETarget", "ex02.contoso.com"] as const,
    ];
    expect(refusing([fresh([fe1]), fresh([fe2], 401)])).toEqual(["EX02"]);
    expect(refusing([fresh([fe2], 401), fresh([fe1])])).toEqual(["EX02"]);
    expect(refusing([fresh([fe2], 401), fresh([fe1]), fresh([fe2])])).toEqual([]);
    expect(refusing([fresh([fe1, be1]), fresh([fe1, be2], 401)])).toEqual(["ex02.contoso.com"]);
    expect(refusing([fresh([fe1, be1]), fresh([fe2, be1], 401), fresh([fe1, be1])])).toEqual(["EX02"]);
    expect(refusing([fresh([be1]), fresh([["X-BEServer", "EX02"]], 401)])).toEqual(["EX02"]);
    // The same server under its short and its full name
    expect(refusing([fresh([["X-BEServer", "EX02"]], 401), fresh([be2])])).toEqual([]);
    // A front end that refuses before it has chosen a server, and passes calls on later
    expect(refusing([fresh([fe1], 401), fresh([fe1, be2])])).toEqual([]);
  });

  test("a client that always reaches the refusing server is told apart by the others' calls", () => {
    const elsewhere = { client: "52.112.0.9:1", connection: "c9" };
    const { correlations, handshakes } = followStory([
      fresh([["X-FEServer", "EX02"]], 401, elsewhere),
      fresh([["X-FEServer", "EX01"]]),
    ]);
    expect(correlations.map(({ servers }) => servers?.refusing)).toEqual([[], ["EX02"]]);
    expect(handshakes.map(({ refusingServers }) => refusingServers)).toEqual([["EX02"], []]);
  });

  test("a token for another audience tells no server from another", () => {
    const other = call(actorToken({ host: "other.contoso.com" }), { status: 401, answer: [["X-FEServer", "EX02"]] });
    expect(followStory([fresh([["X-FEServer", "EX01"]]), other]).correlations.at(-1)?.servers?.refusing).toEqual([]);
  });

  test("a server's name is cut to what a name may hold", () => {
    const evil = `EX2\u001b[31m<script>${"x".repeat(500)}`;
    const named = followStory([from("EX1"), from(evil, 401)]).handshakes[0]?.refusingServers[0] ?? "";
    expect(named).toMatch(/^EX2[A-Za-z0-9._-]{1,61}$/);
  });
});

describe("bounds", () => {
  test("more handshakes than are kept are handed out, not lost silently", () => {
    const correlator = startCorrelator();
    const story = newStory("t", { status: 401, answer: refusal });
    const evicted: Handshake[] = [];
    for (let index = 0; index < 2_050; index += 1) {
      const client = `10.1.${Math.floor(index / 250)}.${index % 250}:1`;
      const one = story({
        ...call(actorToken({ claims: { jti: String(index) } })),
        client,
        connection: `c${index}`,
        status: 401,
      });
      correlator.accept(one, decodeTransaction(one));
      evicted.push(...correlator.takeEvicted());
    }
    expect(correlator.handshakes()).toHaveLength(2_000);
    expect(evicted.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, index) => `h${index + 1}`));
    expect(correlator.takeEvicted()).toEqual([]);
  });

  test("a signature is recorded for a handshake that is kept, and a missing key never hides a check", () => {
    const correlator = startCorrelator();
    const one = newStory()(call());
    correlator.accept(one, decodeTransaction(one));
    expect(correlator.setSignature("h1", "no-key")?.signature).toBe("no-key");
    expect(correlator.setSignature("h1", "verified")?.signature).toBe("verified");
    expect(correlator.setSignature("h1", "no-key")).toBeNull();
    expect(correlator.setSignature("h1", "verified")).toBeNull();
    expect(correlator.setSignature("h9", "verified")).toBeNull();
    expect(correlator.get("h1")?.signature).toBe("verified");
  });
});

describe("interleaving", () => {
  const steps: fc.Arbitrary<(caller: string) => Exchanged> = fc.constantFrom<(caller: string) => Exchanged>(
    () => probe,
    () => ({ status: 401 }),
    (caller) => call(actorToken({ caller })),
    (caller) => call(actorToken({ caller }), { status: 401, answer: refusal }),
    (caller) => call(actorToken({ caller }), { status: 503 }),
    (caller) => call(outerToken({ caller })),
    (caller) => call(outerToken({ caller }), { status: 401, answer: refusal }),
    (caller) => tokenRequest({ assertion: assertion({ caller }), issued: actorToken({ caller }) }),
    (caller) => tokenRequest({ assertion: assertion({ caller }), error: "invalid_client" }),
    () => ({ authorization: basic }),
  );

  const concluded = ({ handshakes }: ReturnType<typeof follow>, prefix: string) =>
    handshakes
      .filter(({ evidence }) => evidenceIds(evidence).some((id) => id.startsWith(prefix)))
      .map(({ id: _id, ...handshake }) => handshake);

  test("two independent clients interleaved in any way come to the same as each alone", () => {
    fc.assert(
      fc.property(
        fc.array(steps, { minLength: 1, maxLength: 8 }),
        fc.array(steps, { minLength: 1, maxLength: 8 }),
        fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
        (one, other, order) => {
          const first = newStory("a", { client: "52.112.0.1:1", connection: "a1" });
          const second = newStory("b", { client: "52.112.0.2:1", connection: "b1" });
          const left = one.map((step) => first({ ...step(skype), connection: "a1" }));
          const right = other.map((step) => second({ ...step(scheduler), connection: "b1" }));
          const mixed: HttpTransaction[] = [];
          const [leftQueue, rightQueue] = [[...left], [...right]];
          for (const isLeft of order) {
            const next = (isLeft ? leftQueue : rightQueue).shift();
            if (next !== undefined) mixed.push(next);
          }
          mixed.push(...leftQueue, ...rightQueue);
          const together = follow(mixed);
          expect(concluded(together, "a")).toEqual(concluded(follow(left), "a"));
          expect(concluded(together, "b")).toEqual(concluded(follow(right), "b"));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("every transaction of a service is counted in one handshake, and none is counted twice", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(steps, fc.constantFrom(skype, scheduler)), { maxLength: 12 }), (story) => {
        const { handshakes } = followStory(story.map(([step, caller]) => step(caller)));
        const counted = handshakes.flatMap(({ evidence }) => evidenceIds(evidence));
        expect(counted).toHaveLength(new Set(counted).size);
        expect(counted).toHaveLength(story.length);
        for (const { evidence, transactionCount } of handshakes)
          expect(evidenceIds(evidence)).toHaveLength(transactionCount);
      }),
      { numRuns: 300 },
    );
  });
});

test("the place of a transaction holds no port of the client and no default port of the server", () => {
  const one = newStory();
  const names = [
    one({ ...call(), client: "[2001:db8::1]:443", host: `${mail}:443` }),
    one({ ...call(), client: "", host: "MAIL.contoso.com", connection: "c2" }),
  ];
  expect(follow(names).handshakes.map(({ client, server }) => [client, server])).toEqual([["2001:db8::1", mail]]);
});
