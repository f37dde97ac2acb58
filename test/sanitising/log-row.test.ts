// Rows of server logs: whatever stands in a member, no person, secret or mailbox stays, and what a verdict rests on does.
// What each column may hold: the public descriptions of the logs, and attacks that were seen in published rows.
import fc from "fast-check";
import { expect, test } from "vitest";
import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";
import type { LogFileReport, LogRow } from "../../src/core/log-row.ts";
import { safeJson } from "../../src/core/safe-json.ts";
import { decodeToken } from "../../src/decoders/tokens/s2s-token.ts";
import { sanitiseEvent } from "../../src/sanitising/sanitise.ts";
import { findSecrets } from "../support/secret-search.ts";
import { logFile, logRow } from "./log-row-maker.ts";

const pseudonymise = pseudonymsFromKey(new Uint8Array(32).fill(7));
const otherKey = pseudonymsFromKey(new Uint8Array(32).fill(9));

function safeRow(row: LogRow, key = pseudonymise): LogRow {
  const event = sanitiseEvent({ kind: "log-row", row }, key);
  if (event.kind !== "log-row") throw new Error("another event");
  return event.row;
}

function safeFile(report: LogFileReport, key = pseudonymise): LogFileReport {
  const event = sanitiseEvent({ kind: "log-file", report }, key);
  if (event.kind !== "log-file") throw new Error("another event");
  return event.report;
}

const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const mailbox = "7b2c1f7e-63a1-4d0e-9f43-0a6f1c2d3e4f";
const signature = "Zx9plantedSignatureOfAToken42qZx9plantedSignatureOfAToken42q";
const rawToken = `${segment({ alg: "RS256", typ: "JWT" })}.${segment({ aud: "a", upn: "anna.lindqvist@contoso.com" })}.${signature}`;

/** JSON with the parts of tokens decoded. */
const textOf = (value: object): string =>
  `${JSON.stringify(value)} ${[...JSON.stringify(value).matchAll(/\beyJ[\w-]+/g)].map(([part]) => Buffer.from(part, "base64url").toString()).join(" ")}`;

/** What must go, by the kind of it, with the texts that must not be found. */
const planted: Readonly<Record<string, readonly [text: string, gone: readonly string[]]>> = {
  SID: ["S-1-5-21-1085031214-1563985344-725345543-1107", ["1085031214"]],
  UPN: ["anna.lindqvist@contoso.com", ["anna.lindqvist"]],
  smtp: ["<unverified>actas1(smtp:anna.lindqvist@contoso.com)", ["anna.lindqvist"]],
  sip: ["sip:anna.lindqvist@contoso.com", ["anna.lindqvist"]],
  DN: ["CN=Anna Lindqvist,OU=Users,DC=contoso,DC=com", ["Lindqvist"]],
  "legacy DN": ["/o=Contoso/ou=Exchange/cn=Recipients/cn=annalindqvist", ["annalindqvist"]],
  account: ["CONTOSO\\annalindqvist", ["annalindqvist"]],
  cookie: ["X-BackEndCookie=u56Lnp2ejJqByMnMz8mbzsnS0p6Hn5yT", ["u56Lnp2ejJqByMnMz8mbzsnS0p6Hn5yT"]],
  token: [`Bearer ${rawToken}`, [signature, "anna.lindqvist"]],
  "raw token": [rawToken, [signature, "anna.lindqvist"]],
  password: ["Zx9-planted-Secret_42q", ["Zx9-planted-Secret_42q"]],
  "password of two words": ["Zx9-planted-Secret_42q Zx9-planted-Secret_42q", ["Zx9-planted-Secret_42q"]],
  "user information": ["https://anna:Zx9-planted-Secret_42q@mail.contoso.com/", ["Zx9-planted-Secret_42q"]],
  "mailbox in a path": [`/owa/${mailbox}@contoso.com/`, [mailbox]],
  "mailbox in a query": [`/mapi/emsmdb?MailboxId=${mailbox}@contoso.com`, [mailbox]],
  "mailbox, percent-coded": [`/owa/${mailbox.replaceAll("-", "%2D")}/x`, [mailbox]],
  "e-mail in a query": ["/autodiscover?Email=anna.lindqvist%40contoso.com", ["anna.lindqvist"]],
};

const texts = (text: string): readonly Partial<LogRow>[] => [
  ...[{ id: text }, { file: text }, { file: `${text}/HttpProxy/Ews/HttpProxy_2026113008-1.LOG` }],
  ...[{ file: `C:\\Users\\x\\${text}.log` }, { server: text }, { host: text }, { client: text }, { method: text }],
  ...[
    { path: text },
    { path: `/EWS/Exchange.asmx/${text}` },
    { userAgent: text },
    { userAgent: `Mozilla/5.0 (${text})` },
  ],
  ...[{ requestId: text }, { clientRequestId: text }, { realm: text }, { operation: text }, { printedToken: text }],
  ...[{ caller: { applicationId: text, shownBy: "token" } as const }, { actsAs: { keys: [text], isVerified: true } }],
  ...[
    { refusal: { code: 2000001, category: text, text } },
    { refusal: { code: null, category: null, text: `x ${text}` } },
  ],
  ...[{ failure: text }, { failure: `WebException=${text};` }],
  { certificate: text },
];

test.each(Object.entries(planted))("%s does not survive in any member of a row", (_kind, [text, gone]) => {
  const rows = texts(text).map(logRow);
  const reports = [{ file: text }, { server: text }, { missingColumns: [text] }].map(logFile);
  // The search must be able to find it in each, or the test could not fail.
  for (const each of [...rows, ...reports])
    for (const value of gone) expect(decodeURIComponent(textOf(each))).toContain(value);
  const kept = [...rows.map((row) => safeRow(row)), ...reports.map((report) => safeFile(report))]
    .map(textOf)
    .join("\n");
  expect([...findSecrets(Buffer.from(kept), gone)], kept).toEqual([]);
});

test("a second run with another key changes nothing", () => {
  for (const [text] of Object.values(planted))
    for (const parts of texts(text)) {
      const once = safeRow(logRow(parts));
      expect(safeRow(once, otherKey), safeJson(parts)).toEqual(once);
    }
});

test("a second run changes nothing, whatever the texts are", () => {
  const word = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "S2S~",
      "user-aaaaaaaaaa",
      "***",
      "redacted-abcd",
      "; actor: ",
      "{}.{}",
      rawToken,
      "OAuth",
      "/",
      "%40",
      "@",
    ),
  );
  const text = fc.array(word, { maxLength: 5 }).map((words) => words.join(""));
  fc.assert(
    fc.property(text, (value) => {
      for (const parts of texts(value)) {
        const once = safeRow(logRow(parts));
        expect(JSON.stringify(safeRow(once, otherKey))).toBe(JSON.stringify(once));
      }
    }),
    { numRuns: 300 },
  );
});

test("a printed token whose parts were all removed stays as it is", () => {
  const row = logRow({ printedToken: "<redacted len=161 tag=dhlx>; actor: <redacted len=4 tag=nisg>" });
  expect(safeRow(row).printedToken).toBe(row.printedToken);
});

test("the members that a verdict rests on stay as they are", () => {
  const rows: readonly Partial<LogRow>[] = [
    {},
    { log: "ews", side: "back-end", operation: "GetUserAvailability", signIn: "negotiate", server: "ex01.contoso.com" },
    { actsAs: { keys: ["smtp", "sip", "oid"], isVerified: false }, realm: "contoso.com" },
    { realm: "f0e1d2c3-b4a5-4697-8899-aabbccddeeff", path: "/autodiscover/autodiscover.svc" },
    {
      ...{ log: "oauth-outbound", side: "token-service", direction: "to-cloud", operation: "GetNewACSToken" },
      ...{ host: "accounts.accesscontrol.windows.net", path: "/f0e1d2c3-b4a5-4697-8899-aabbccddeeff/tokens/OAuth/2" },
      refusal: { code: 700016, category: "UnableToGetTokenFromACS", text: "AADSTS700016" },
    },
    {
      refusal: { code: 2000003, category: "InvalidResource-BE", text: "InvalidAudience" },
      status: 401,
      backEndStatus: 401,
    },
    {
      refusal: { code: 2006, category: "MissingSigningCertificate", text: "" },
      operation: "2006",
      log: "windows-event",
    },
    { failure: "WebExceptionStatus=ProtocolError;ResponseStatusCode=403" },
    {
      refusal: {
        code: null,
        category: "UnableToGetTokenFromACS",
        text: "UnableToGetTokenFromACS invalid_client ACS50012",
      },
    },
    { failure: "User not allowed to access EWS" },
    ...[
      ...["MicrosoftNinja/1.0 Teams/1.0 (ExchangeServicesClient/1.0.0.0) SkypeSpaces/1.0a$*+", "SkypeSpaces/1.0a$*+"],
      ...["Teams CalendarSkypeSpaces/1.0a$*+", "ASAutoDiscover/CrossForest/EmailDomain", "Microsoft Office/16.0"],
      ...["ASProxy/CrossForest/EmailDomain/15.20.8158.012", "MacOutlook/16.80.24010101"],
      ...[
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
      ],
      ...["Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)", "AMProbe/Local/ClientAccess"],
    ].map((userAgent) => ({ userAgent })),
    { client: "2001:db8::7" },
    {
      ...{ log: "entra-sign-in", operation: "00000002-0000-0ff1-ce00-000000000000", isTokenGiven: true },
      certificate: "2f3a6c1b0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a",
    },
    { requestId: "{5f1ee0f5-62c2-4f33-8f3c-3a3ab5e8a111}:14", clientRequestId: "teams-0001" },
  ];
  for (const parts of rows) expect(safeRow(logRow(parts))).toEqual(logRow(parts));
  expect(safeFile(logFile())).toEqual(logFile());
});

test("members have one order, whatever the order in a foreign journal", () => {
  const reversed = Object.fromEntries(Object.entries(logRow()).reverse()) as unknown as LogRow;
  expect(JSON.stringify(safeRow(reversed))).toBe(JSON.stringify(safeRow(logRow())));
});

test.each<[string, RegExp]>([
  ["HttpProxy_2026113008-1.LOG", /^HttpProxy_2026113008-1\.LOG$/],
  ["u_ex261130.log", /^u_ex261130\.log$/],
  ["u_ex261130_x.log", /^u_ex261130_x\.log$/],
  ["httperr3.log", /^httperr3\.log$/],
  ["fr000001.xml", /^fr000001\.xml$/],
  ["HttpProxy\\Ews\\HttpProxy_2026113008-2.log", /^HttpProxy\/Ews\/HttpProxy_2026113008-2\.log$/],
  ["w3wp_MSExchangeServicesAppPool_2026113008-1.LOG", /^w3wp_MSExchangeServicesAppPool_2026113008-1\.LOG$/],
  [
    "\\\\ex01\\c$\\anna\\Logging\\HttpProxy\\Ews\\HttpProxy_2026113008-1.LOG",
    /^redacted-\w{4}\/Logging\/HttpProxy\/Ews\/HttpProxy_2026113008-1\.LOG$/,
  ],
  ["/home/anna/case.zip/EX01/Ews_2026113008-1.LOG", /^redacted-\w{4}\/Ews_2026113008-1\.LOG$/],
  ["anna_2026113008-1.LOG", /^redacted-\w{4}_2026113008-1\.LOG$/],
  ["logs of anna.csv", /^redacted-\w{4}\.csv$/],
  ["sign-ins of anna", /^redacted-\w{4}$/],
  ["", /^$/],
])("of the file %s the name that its program gave stays", (file, expected) => {
  const safe = safeRow(logRow({ file })).file;
  expect(safe).toMatch(expected);
  expect(safe).not.toMatch(/anna|ex01/i);
  expect(safeFile(logFile({ file })).file).toBe(safe);
});

test("the files of two servers stay apart", () => {
  const [one, two] = ["ex01", "ex02"].map(
    (server) => safeRow(logRow({ file: `/srv/${server}/HttpProxy/Ews/HttpProxy_2026113008-1.LOG` })).file,
  );
  expect(one).not.toBe(two);
});

// The form in which the log writes a token that it could read: `header.claims; actor: header.claims`.
const outer = {
  aud: `00000002-0000-0ff1-ce00-000000000000/mail.contoso.com@contoso.com`,
  iss: "00000004-0000-0ff1-ce00-000000000000@contoso.com",
  smtp: "anna.lindqvist@contoso.com",
  exp: 1_900_000_000,
};
const actor = {
  aud: outer.aud,
  iss: "00000001-0000-0000-c000-000000000000@contoso.com",
  nameid: "00000004-0000-0ff1-ce00-000000000000@contoso.com",
  exp: 1_900_000_000,
};
const printed = `${JSON.stringify({ typ: "JWT", alg: "none" })}.${JSON.stringify(outer)}; actor: ${JSON.stringify({ typ: "JWT", alg: "RS256", x5t: "kriMPdmBvx68skT8-mPAB3BseeA" })}.${JSON.stringify(actor)}`;

test("of a printed token the claims about applications stay, and people go", () => {
  const safe = safeRow(logRow({ printedToken: printed })).printedToken ?? "";
  const [head = "", tail = ""] = safe.split("; actor: ");
  const claimsOf = (text: string): unknown => JSON.parse(text.slice(text.indexOf("}.") + 2));
  expect(claimsOf(head)).toEqual({ ...outer, smtp: expect.stringMatching(/^user-[a-z2-7]{10}@contoso\.com$/) });
  expect(claimsOf(tail)).toEqual(actor);
  expect(tail).toContain('"x5t":"kriMPdmBvx68skT8-mPAB3BseeA"');
});

test("a raw token in place of a printed one loses its signature and keeps its claims", () => {
  const compact = `${segment({ alg: "RS256", typ: "JWT" })}.${segment(actor)}.${signature}`;
  for (const text of [compact, `${compact}; actor: ${compact}`]) {
    const safe = safeRow(logRow({ printedToken: text })).printedToken ?? "";
    expect(safe).not.toContain(signature);
    for (const token of safe.split("; actor: ")) {
      expect(token).toMatch(/\.<sig:[a-z2-7]{4}>$/);
      const read = decodeToken(token);
      expect(read.ok && read.value.issuerText).toBe(actor.iss);
    }
  }
});

test("a printed token that is cut keeps the whole tokens before the cut", () => {
  const safe = safeRow(logRow({ printedToken: printed.slice(0, -20) })).printedToken ?? "";
  expect(safe).toMatch(/\}; actor: <redacted len=\d+ tag=[a-z2-7]{4}>$/);
  expect(safe).toContain(outer.aud);
});

test("one hostile text in a row takes no time that a person would notice", () => {
  for (const text of [
    "{".repeat(60_000),
    '"'.repeat(60_000),
    "ey.".repeat(20_000),
    "a=".repeat(30_000),
    "/".repeat(60_000),
  ]) {
    const before = performance.now();
    safeRow(logRow({ printedToken: text, path: text, userAgent: text, failure: text, file: text }));
    expect(performance.now() - before).toBeLessThan(3_000);
  }
});
