import { expect, test } from "vitest";
import { keepSecrets } from "../../../src/sanitising/sanitise.ts";
import { isKeySet, PublicIdentifiers } from "../../../src/sanitising/search/public-identifiers.ts";
import { transaction } from "../transaction-maker.ts";

const random = (letter: string): string => `${letter}J8sQ2vX0bLw7ZrT5nMy3PcHd9Gf1AeU6iOoSx4V`;
const segment = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

test("ids of requests, names of keys and certificates of key sets are public, other runs are not", () => {
  const identifiers = new PublicIdentifiers();
  const answer = JSON.stringify({ keys: [{ x5c: [random("c")] }] });
  identifiers.add(
    keepSecrets({
      kind: "transaction",
      transaction: transaction({
        headers: [
          ["client-request-id", random("a")],
          ["X-Other", random("b")],
          ["Authorization", `Bearer ${segment({ kid: random("d") })}.${segment({ nonce: random("e") })}.`],
        ],
        answer,
      }),
    }),
  );
  identifiers.add(
    keepSecrets({
      kind: "signature",
      check: { transactionId: "t1", token: "authorization", outcome: "verified", keyId: random("f"), keySource: null },
    }),
  );
  identifiers.add(keepSecrets({ kind: "gap", at: 0, connection: random("g"), reason: "full", lost: 1 }));
  expect([..."acdf"].filter((letter) => !identifiers.has(random(letter)))).toEqual([]);
  expect([..."beg"].filter((letter) => identifiers.has(random(letter)))).toEqual([]);
});

test("a key set is told by its list of keys", () => {
  expect(isKeySet('{"Keys" : [')).toBe(true);
  expect(isKeySet('{"keys": 1}')).toBe(false);
});
