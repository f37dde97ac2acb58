import { expect, test } from "vitest";
import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";
import { sanitiseTransaction } from "../../src/sanitising/sanitise.ts";
import { transaction } from "./transaction-maker.ts";

const bodyAfter = (body: string): string => {
  const posted = transaction({
    target: "/token",
    headers: [["Content-Type", "application/x-www-form-urlencoded"]],
    body,
  });
  const safe = sanitiseTransaction(posted, pseudonymsFromKey(new Uint8Array(32).fill(1)));
  return new TextDecoder().decode(safe.request.body.bytes);
};

test("a text in place of a form is replaced", () => {
  expect(bodyAfter("Zq7PlantedWord9")).not.toContain("Planted");
});

test("what a copy has in its place already stays when the copy is made safe again", () => {
  expect(bodyAfter("redacted-k3xq")).toBe("redacted-k3xq");
});
