import { expect, test } from "vitest";
import type { HttpTransaction } from "../../../src/core/http-transaction.ts";
import { sanitiseEvent } from "../../../src/sanitising/sanitise.ts";
import { countRemovals } from "../../../src/sanitising/search/count-removals.ts";
import { safeCopyOf } from "../../../src/sanitising/search/safe-copy-event.ts";
import { ValueSearch } from "../../../src/sanitising/search/value-search.ts";
import { transaction } from "../transaction-maker.ts";

const pseudonymise = (): string => "abcdefghij";
const rules = { pseudonymise, known: new ValueSearch([]), hidesDomains: false };

function countsOf(original: HttpTransaction): Record<string, number> {
  const counts: Record<string, number> = {};
  countRemovals(safeCopyOf({ kind: "transaction", transaction: original }, rules), counts);
  return counts;
}

test("replacements are counted by their marks", () => {
  const counts = countsOf(
    transaction({
      target: "/EWS/anna@contoso.example",
      headers: [
        ["Authorization", `Basic ${btoa("CONTOSO\\anna:secret")}`],
        ["Cookie", "sid=0123456789"],
      ],
      body: "anything",
    }),
  );
  expect(counts).toMatchObject({ passwords: 1, accounts: 1, "addresses of clients": 1, "bodies taken away whole": 1 });
  expect(counts["values of fields, claims and cookies"]).toBeGreaterThan(0);
});

test("a SOAP body is counted as reduced to its elements, and the password of a form as a password", () => {
  const soap = "<Envelope><Body><GetFolder/></Body></Envelope>";
  expect(countsOf(transaction({ headers: [["Content-Type", "text/xml"]], body: soap }))).toMatchObject({
    "bodies reduced to their elements": 1,
  });
  const form = countsOf(
    transaction({
      headers: [["Content-Type", "application/x-www-form-urlencoded"]],
      body: "grant_type=password&username=anna%40contoso.example&password=secret",
    }),
  );
  expect(form).toMatchObject({ passwords: 1 });
});

test("of other events only the address of the client is counted", () => {
  const counts: Record<string, number> = {};
  const refused = { kind: "refused", at: 0, client: "192.0.2.7:50123", reason: "denied" } as const;
  countRemovals(safeCopyOf(refused, rules), counts);
  countRemovals(sanitiseEvent({ kind: "gap", at: 0, connection: "c1", reason: "full", lost: 1 }, pseudonymise), counts);
  expect(counts).toEqual({ "addresses of clients": 1 });
});
