// A secret is planted at each place of the traffic where one can hide; none may be found in what is kept, however it is
// coded. What a support engineer needs must still be readable.
import { expect, test } from "vitest";
import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";
import { safeJson } from "../../src/core/safe-json.ts";
import { sanitiseTransaction } from "../../src/sanitising/sanitise.ts";
import { harEntry } from "../../src/sinks/formats/write-har-entry.ts";
import { secretPlaces } from "../support/secret-places.ts";
import { findSecret } from "../support/secret-search.ts";
import { transaction } from "./transaction-maker.ts";

const pseudonymise = pseudonymsFromKey(new Uint8Array(32).fill(7));
const secret = "Zx9-planted-Secret_42q";
const places = secretPlaces(secret);

test.each(Object.entries(places))("%s does not survive", (_place, parts) => {
  const original = transaction(parts);
  // The search must be able to find it, or the test could not fail.
  expect(findSecret(Buffer.from(JSON.stringify(harEntry(original))), secret)).not.toBe(null);
  const kept = safeJson(harEntry(sanitiseTransaction(original, pseudonymise)));
  expect(findSecret(Buffer.from(kept), secret)).toBe(null);
});

test.each(Object.entries(places))("%s is the same after a second run", (_place, parts) => {
  const once = sanitiseTransaction(transaction(parts), pseudonymise);
  const twice = sanitiseTransaction(once, pseudonymsFromKey(new Uint8Array(32).fill(9)));
  expect(harEntry(twice)).toEqual(harEntry(once));
});

test("a method that is no token, a version that is none and a reason phrase keep nothing", () => {
  const plain = transaction({ answer: "x" });
  const hostile = {
    ...plain,
    request: { ...plain.request, method: `${secret} ${secret}`, version: secret },
    response:
      plain.response === null ? null : { ...plain.response, reason: `${secret}@contoso.example`, version: secret },
  };
  const kept = safeJson(harEntry(sanitiseTransaction(hostile, pseudonymise)));
  expect(findSecret(Buffer.from(kept), secret)).toBe(null);
  expect(sanitiseTransaction({ ...plain, response: null }, pseudonymise).response).toBe(null);
});

test("there are more places than the forty-two that public sanitisers were measured with", () => {
  expect(Object.keys(places).length).toBeGreaterThan(42);
});
