// Anyone on the internet writes his User-Agent, path, query and account into these files.
import fc from "fast-check";
import { expect, test } from "vitest";
import { longestLine, startLogText } from "../../src/server-logs/log-text.ts";
import {
  agents,
  backEndRow,
  columnsOf,
  csvLine,
  type ExchangeLog,
  exchangeLog,
  headerLines,
  httpErrRow,
  httpProxyRow,
  iisRow,
  type LogCells,
  outboundRow,
  skypeId,
  w3cHeader,
  w3cLine,
  w3cLog,
} from "../support/log-lines.ts";
import { readLog } from "./read-log.ts";

const rowOf = { "http-proxy": httpProxyRow, ews: backEndRow, autodiscover: backEndRow, "oauth-outbound": outboundRow };
const logs = ["http-proxy", "ews", "autodiscover", "oauth-outbound"] as const;
const place = { id: "l1", file: "a.LOG", line: 1 };
/** Pieces that the readers look for, in any order and number. */
const piece = fc.constantFrom(
  ...[
    "S2S~",
    skypeId,
    "actas1(",
    ")",
    "|",
    "smtp:",
    "OAuthExtraInfo=",
    "ErrorCode:",
    "AppId:",
    "'",
    '"',
    ";",
    "=",
    ",",
    " ",
  ],
  ...[
    "OAuthToken=",
    "eyJ0eXAiOiJKV1Qi.",
    "{",
    '"nameid":"',
    "; actor: {",
    "#Fields:",
    "DateTime,",
    "\\",
    "@",
    "S-1-5-21-",
    "\0",
    "\u202e",
  ],
  ...["BeginRequest=2026-11-30T08:00:01.000Z;", "OAuthErrorCategory=InvalidToken;", "İ", "-", "+", "$"],
);
const cellText = fc.tuple(fc.string(), piece, piece, piece, fc.string(), piece).map((parts) => parts.join(""));

test.each(logs)("%s: no content of any cell throws", (log) => {
  const column = fc.constantFrom(...columnsOf(log, "15.01").filter((name) => !/^date-?time$/i.test(name)));
  const cells = fc.dictionary(column, cellText, { maxKeys: 12 });
  fc.assert(
    fc.property(cells, (hostile) => {
      const lines = exchangeLog(log, [rowOf[log]({ ...rowOf[log](), ...hostile })]).split("\r\n");
      const reader = startLogText();
      // A line break inside a quoted cell is part of no log of Exchange, which removes them; here it would make two lines.
      for (const line of lines)
        expect(["header", "row", "dropped", "unreadable"]).toContain(reader.read(line, place).kind);
    }),
    { numRuns: 300 },
  );
});

test.each(["iis", "http-err"] as const)("%s: no content of any line throws", (log) => {
  fc.assert(
    fc.property(cellText, cellText, (first, second) => {
      const row =
        log === "iis" ? iisRow({ "cs-uri-query": first, "cs-username": second }) : httpErrRow({ "cs-uri": first });
      for (const { kind } of readLog(w3cLog(log, [row]))) expect(["row", "dropped", "unreadable"]).toContain(kind);
    }),
    { numRuns: 300 },
  );
});

test("no text at all throws, header or not", () => {
  fc.assert(
    fc.property(cellText, cellText, (first, second) => {
      expect(Array.isArray(readLog(`${first}\n#Fields: ${second}\n${first}`))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

const name = "zelda.planted";
const planted = `${name}@contoso.example`;
const accounts = [
  planted,
  `CONTOSO\\${name}`,
  `<unverified>actas1(smtp:${planted}|upn:${planted}|sip:sip:${planted})`,
  `<x>actas2(dn:CN=${name}/DC=contoso)`,
  `<unverified>actas1(${name}:a|b)`,
  `CLB~${planted}`,
  `${name}(${name})`,
];
/** Columns in which Exchange or a client may write an account, and how they write it. */
const places: Readonly<Record<string, (account: string) => string>> = {
  AuthenticatedUser: (account) => account,
  AnchorMailbox: (account) => account,
  RoutingHint: (account) => `Smtp~${account}`,
  BackEndCookie: (account) => account,
  UrlQuery: (account) => `?Email=${account}`,
  UrlStem: () => `/api/v2.0/Users('${planted}')/${planted}/x`,
  UserAgent: () => `${agents.teams} ${planted} CONTOSO\\${name}`,
  ClientRequestId: () => planted,
  RequestId: () => planted,
  ErrorCode: () => planted,
  ImpersonatedUser: (account) => account,
  ActAsUser: (account) => account,
  SoapAction: () => planted,
  Organization: () => planted,
  GenericErrors: (account) =>
    `WebExceptionStatus=${account};ResponseStatusCode=${account};WebException=User not ${account};`,
  AuthenticationErrors: (account) => `User not found: ${account}`,
  GenericInfo: (account) =>
    `S:ServiceCommonMetadata.OAuthError=The user ${account} was not found (smtp ${account}) ${name};S:ServiceCommonMetadata.OAuthErrorCategory=${account};S:ServiceCommonMetadata.OAuthExtraInfo=Category:S2SAppActAs|AppId:${account}|smtp:${account}|ErrorCode:${account};ActAsUserVerified=${account};BeginRequest=${account};`,
};

test.each(["http-proxy", "ews", "autodiscover"] as const)("%s: no name of an account gets into a row", (log) => {
  for (const [column, write] of Object.entries(places)) {
    for (const account of accounts) {
      for (const HttpStatus of ["200", "401", "403"]) {
        const cells: LogCells = {
          HttpStatus,
          IsAuthenticated: HttpStatus === "200" ? "true" : "false",
          [column]: write(account),
        };
        expect(JSON.stringify(readLog(exchangeLog(log, [rowOf[log](cells)]))), column).not.toContain(name);
      }
    }
  }
});

test("OAuthOutbound and IIS: no name of an account gets into a row", () => {
  const inAddress = `https://${planted}/${planted} ${planted}`;
  const outbound = {
    "user-agent": inAddress,
    "client-request-id": planted,
    target: inAddress,
    "tenant-info": planted,
    resource: inAddress,
    "error-string": `The user ${name} ${inAddress}`,
    "error-detail": `The user ${name} ${inAddress}`,
    "dev-metrics": name,
  };
  for (const [column, text] of Object.entries(outbound)) {
    const rows = [outboundRow({ "result-code": "fail", [column]: text })];
    expect(JSON.stringify(readLog(exchangeLog("oauth-outbound", rows))), column).not.toContain(name);
  }
  for (const column of ["cs-uri-query", "cs-username", "cs(Referer)", "cs-uri-stem", "cs(User-Agent)"]) {
    const rows = [iisRow({ [column]: column === "cs-uri-stem" ? `/EWS/${planted}` : `${agents.teams} ${planted}` })];
    expect(JSON.stringify(readLog(w3cLog("iis", rows))), column).not.toContain(name);
  }
});

test("an address that a cut divides is not kept in part", () => {
  for (let length = 270; length < 300; length++) {
    const UrlStem = `/EWS/${"a".repeat(length)}/${planted}`;
    expect(JSON.stringify(readLog(exchangeLog("http-proxy", [httpProxyRow({ UrlStem })])))).not.toContain("zel");
  }
});

test("texts of a row are bounded", () => {
  const long = "a".repeat(100_000);
  const cells = {
    UserAgent: `${agents.teams} ${long}`,
    UrlStem: `/EWS/${long}`,
    GenericInfo: `OAuthError=${"token ".repeat(2000)}`,
    HttpStatus: "401",
    SoapAction: long,
  };
  for (const log of ["http-proxy", "ews"] as const) {
    const reading = readLog(exchangeLog(log, [rowOf[log](cells)]))[0];
    expect(reading?.kind).toBe("row");
    expect(JSON.stringify(reading).length).toBeLessThan(3000);
  }
});

test("a line over 1 MB is unreadable, and the lines around it are read", () => {
  const columns = columnsOf("http-proxy", "15.01");
  const line = csvLine(columns, httpProxyRow());
  const long = csvLine(columns, httpProxyRow({ UserAgent: "a".repeat(longestLine) }));
  const text = [...headerLines("http-proxy"), line, long, `#${"a".repeat(longestLine)}`, line].join("\r\n");
  expect(readLog(text).map(({ kind }) => kind)).toEqual(["row", "unreadable", "unreadable", "row"]);
});

test.each(["row", "header"])("a torn %s", (part) => {
  const lines = [
    ...headerLines("http-proxy"),
    csvLine(columnsOf("http-proxy", "15.01"), httpProxyRow({ UserAgent: 'a "b", c' })),
  ];
  const last = lines.at(-1) ?? "";
  for (let cut = 1; part === "row" && cut < last.length; cut += 7) {
    const kinds = readLog([...lines.slice(0, -1), last.slice(0, cut)].join("\r\n")).map(({ kind }) => kind);
    expect(kinds, last.slice(0, cut)).toEqual(["unreadable"]);
  }
  const cutHeader = lines.map((line) => line.slice(0, -40)).join("\r\n");
  if (part === "header") expect(readLog(cutHeader).every(({ kind }) => kind !== "row")).toBe(true);
});

/** 1 MB of one piece in the place where a reader looks for it: a quadratic reader needs minutes. */
test.each(
  [
    "'",
    "';",
    '""',
    "a@",
    "ErrorCode:",
    "|AppId:",
    "; actor: {",
    '"nameid":"',
    "\\",
    "S-1-5-",
    "a=",
    "smtp:a|",
    "{",
    "cafeReqId=",
  ].flatMap((text) => logs.map((log) => [text, log] as const)),
)("1 MB of %j in %s takes linear time", (text, log: ExchangeLog) => {
  const filler = text.repeat(Math.floor(900_000 / text.length / 3));
  const columns = columnsOf(log, "15.01");
  const cells = Object.fromEntries(
    ["GenericInfo", "UserAgent", "AuthenticatedUser", "token-result", "error-string"].map((column) => [column, filler]),
  );
  const lines = [
    ...headerLines(log),
    csvLine(columns, rowOf[log]({ ...cells, HttpStatus: "401" })).slice(0, longestLine),
  ];
  const started = performance.now();
  readLog(lines.join("\r\n"));
  expect(performance.now() - started).toBeLessThan(2000);
});

test("1 MB of cells in a W3C row takes linear time", () => {
  const line = w3cLine("iis", iisRow({ "cs-uri-query": "&cafeReqId=".repeat(80_000) }));
  const started = performance.now();
  readLog([...w3cHeader("iis"), line, "a ".repeat(500_000)].join("\r\n"));
  expect(performance.now() - started).toBeLessThan(2000);
});
