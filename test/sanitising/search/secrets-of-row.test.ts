// The search of a written file knows what rows of logs held: a row that were written as it is would be refused.
import { expect, test } from "vitest";
import { pseudonymsFromKey } from "../../../src/app/pseudonyms.ts";
import type { LogRow } from "../../../src/core/log-row.ts";
import { sanitiseEvent } from "../../../src/sanitising/sanitise.ts";
import { SecretCollector } from "../../../src/sanitising/search/known-secrets.ts";
import { leakIn } from "../../../src/sanitising/search/leak-check.ts";
import { secretsOfRow } from "../../../src/sanitising/search/secrets-of-row.ts";
import { ValueSearch } from "../../../src/sanitising/search/value-search.ts";
import { logRow } from "../log-row-maker.ts";

const pseudonymise = pseudonymsFromKey(new Uint8Array(32).fill(7));
const isPublic = (): boolean => false;

function knownOf(row: LogRow): ValueSearch {
  const collector = new SecretCollector();
  collector.add({ kind: "log-row", row });
  return new ValueSearch(collector.values(pseudonymise));
}

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const planted: Readonly<Record<string, string>> = {
  SID: "S-1-5-21-1085031214-1563985344-725345543-1107",
  UPN: "anna.lindqvist@contoso.com",
  sip: "sip:annalindqvist",
  smtp: "actas1(smtp:anna.lindqvist@contoso.com)",
  DN: "CN=Lindqvist,OU=Users,DC=contoso",
  account: "CONTOSO\\annalindqvist",
  cookie: "cookie=u56Lnp2ejJqByMnMz8mbzsnS0p6Hn5yT",
  password: "password=Zx9-planted-Secret_42q",
};

test.each(Object.entries(planted))(
  "%s in a row that was not made safe is found in each text of the row",
  (_kind, text) => {
    const rows: readonly Partial<LogRow>[] = [
      ...[{ path: `/x/${text}` }, { userAgent: text }, { failure: text }, { server: text }, { realm: text }],
      ...[{ clientRequestId: text }, { operation: text }, { file: `/srv/${text}/a.LOG` }],
      { refusal: { code: null, category: null, text } },
    ];
    for (const parts of rows) {
      const row = logRow(parts);
      const known = knownOf(row);
      expect(leakIn(bytesOf(row), { known, isPublic }), JSON.stringify(parts)).not.toBeNull();
      expect(leakIn(bytesOf(sanitiseEvent({ kind: "log-row", row }, pseudonymise)), { known, isPublic })).toBeNull();
    }
  },
);

test("hosts, servers and realms are places and never secret", () => {
  const { places, names, secrets } = secretsOfRow(logRow({ realm: "contoso.com" }));
  expect(places).toEqual(["mail.contoso.com", "EX01", "contoso.com"]);
  expect([names, secrets]).toEqual([[], []]);
});

test("what this program put in place of a person is no person", () => {
  const row = logRow({ path: "/owa/anna@contoso.com/", failure: "S-1-5-21-1-2-3-4 of CONTOSO\\anna" });
  const safe = sanitiseEvent({ kind: "log-row", row }, pseudonymise);
  if (safe.kind !== "log-row") throw new Error("another event");
  expect(secretsOfRow(safe.row)).toMatchObject({ names: [], secrets: [] });
});
