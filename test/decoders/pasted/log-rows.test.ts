// Rows of logs as people paste them: with their header, or one row alone. The rows are written by test/support/log-lines.ts from the
// published lists of columns.
import { describe, expect, test } from "vitest";
import { decodePaste } from "../../../src/decoders/pasted/decode-paste.ts";
import { judgeValue } from "../../../src/diagnosis/judge-value.ts";
import {
  agents,
  backEndRow,
  columnsOf,
  csvLine,
  exchangeLog,
  exchangeOnlineId,
  headerLines,
  httpErrRow,
  httpProxyRow,
  iisRow,
  type LogCells,
  oauthInfo,
  outboundRow,
  printedToken,
  proxyShapes,
  rareProxyShapes,
  skypeId,
  teamsId,
  tenantId,
  w3cLine,
  w3cLog,
} from "../../support/log-lines.ts";

const skype = `Skype for Business Online (${skypeId})`;

async function shownOf(text: string): Promise<Record<string, unknown>> {
  const { kind, value } = await decodePaste(text);
  expect(kind).toBe("log-rows");
  expect(JSON.stringify(value)).not.toMatch(/anna/i);
  return (value.shown as readonly Record<string, unknown>[])[0] ?? {};
}

const proxyText = (cells: LogCells, version = "15.01.2375.007"): string =>
  exchangeLog("http-proxy", [httpProxyRow(cells)], { version });

describe("HttpProxy", () => {
  test("an accepted call: caller by name, sign-in in words, status, what the row proves and what not", async () => {
    expect(await shownOf(proxyText(proxyShapes.appOnly))).toMatchObject({
      time: "2026-11-30T08:00:01.250Z",
      method: "POST",
      path: "/EWS/Exchange.asmx",
      host: "mail.contoso.com",
      status: "200",
      signedIn: `service ${skypeId} (Skype for Business Online)`,
      by: "Bearer",
      signIn: "OAuth (Bearer)",
      program: agents.teams,
      caller: `${skype}, from AuthenticatedUser`,
      proves: `Exchange accepted a token of ${skype}.`,
      doesNotProve: expect.stringMatching(/^the signature and its key.*and the realm/),
      form: expect.stringContaining("as far as the log's known form goes"),
      leftOut: "",
    });
    expect((await shownOf(proxyText(proxyShapes.appOnly, "15.00.1497.036"))).form).toBe("");
  });

  test.each([
    ["actAsNamed", { caller: `${skype}, from OAuthExtraInfo`, actsAs: "a user by smtp, sip, upn, verified" }],
    ["actAsUnnamed", { caller: "", doesNotProve: expect.stringMatching(/^which application/) }],
    ["actAsSid", { signedIn: expect.stringContaining("SID"), actsAs: "a user by sid, verified" }],
    ["probe", { proves: expect.stringContaining("empty Bearer"), refusal: "" }],
    ["refused", { proves: expect.stringMatching(/^Exchange refused a token \(2000001 InvalidToken/) }],
    ["blockedByPolicy", { proves: expect.stringMatching(/then failed \(403, ProtocolError 403\)/), refusal: "" }],
    ["basic", { signedIn: "account CONTOSO\\a…", proves: expect.stringContaining("Basic") }],
    ["ntlm", { signIn: "NTLM", proves: expect.stringContaining("not with OAuth") }],
    ["machineHop", { signedIn: expect.stringContaining("machine account"), leftOut: expect.stringContaining("hop") }],
    ["healthMailbox", { signedIn: expect.stringContaining("health mailbox"), leftOut: expect.stringMatching(/./) }],
    ["personsOutlook", { proves: expect.stringContaining("a person signed in"), leftOut: expect.stringMatching(/./) }],
  ] as const)("%s", async (shape, expected) => {
    expect(await shownOf(proxyText(proxyShapes[shape]))).toMatchObject(expected);
  });

  test.each([
    ["entraApplication", { caller: expect.stringMatching(/^Microsoft Teams/) }],
    ["callback", { signedIn: "a callback of Exchange", doesNotProve: expect.stringMatching(/^whose/) }],
    ["actAsFound", { actsAs: "a user by dn, not verified" }],
    ["namedByToken", { caller: `${skype}, from token`, realm: tenantId, token: "printed, without its signature" }],
    ["refusedByBackEnd", { refusal: "2000005 InvalidUser" }],
    ["forms", { proves: "a person signed in with forms." }],
  ] as const)("%s, a rare shape", async (shape, expected) => {
    expect(await shownOf(proxyText(rareProxyShapes[shape]))).toMatchObject(expected);
  });

  test("other words and other ends", async () => {
    const sid = "S-1-5-21-1004336348-1177238915-682003330-1105";
    const cells: readonly (readonly [LogCells, object])[] = [
      [{ AuthenticatedUser: sid }, { proves: expect.stringContaining("names itself a cloud service") }],
      [{ AuthenticatedUser: sid, UserAgent: "" }, { doesNotProve: expect.stringContaining("ActAsUserVerified") }],
      [{ AuthenticatedUser: "X~1" }, { signedIn: "a name of an unknown shape" }],
      [{ AuthenticationType: "", AuthenticatedUser: "", IsAuthenticated: "false" }, { proves: "an anonymous call." }],
      [{ AuthenticationType: "Logon", AuthenticatedUser: "" }, { proves: "Exchange answered the call." }],
      [{ AuthenticationType: "Logon", AuthenticatedUser: "", HttpStatus: "503" }, { proves: "Exchange answered 503." }],
      [
        { ...proxyShapes.basic, AuthenticatedUser: "", HttpStatus: "401" },
        { proves: expect.stringContaining("tried") },
      ],
    ];
    for (const [row, expected] of cells) expect(await shownOf(proxyText(row))).toMatchObject(expected);
  });

  test("a refusal is judged like a pasted one, and its token like a printed one", async () => {
    const info = oauthInfo({ OAuthErrorCategory: "InvalidUser", OAuthError: "The user does not exist." });
    const { subject } = await decodePaste(proxyText({ ...proxyShapes.probe, GenericInfo: info }));
    expect((await judgeValue(subject)).map(({ code }) => code)).toEqual(["USER_NOT_FOUND"]);
    const OAuthToken = printedToken({ smtp: "anna@contoso.com", iss: `${teamsId}@${tenantId}` });
    const named = await decodePaste(proxyText({ GenericInfo: oauthInfo({ OAuthToken }) }));
    expect((await judgeValue(named.subject)).map(({ code }) => code)).toContain("ISSUER_IS_NOT_ACTOR");
  });

  test("a raw token is named, its claims are read, its signature is not shown", async () => {
    const raw = `${Buffer.from('{"typ":"JWT","alg":"RS256"}').toString("base64url")}.${Buffer.from(
      `{"iss":"${skypeId}@${tenantId}"}`,
    ).toString("base64url")}.c2lnbmF0dXJlc2lnbmF0dXJl`;
    const { value, subject } = await decodePaste(proxyText({ GenericInfo: oauthInfo({ OAuthToken: raw }) }));
    expect(JSON.stringify(value)).not.toContain("c2lnbmF0dXJl");
    expect(value.shown).toMatchObject([{ token: "raw: this row holds a whole token" }]);
    expect(subject.exchanges[0]?.tokens).toHaveLength(1);
  });
});

test.each(["ews", "autodiscover"] as const)("%s: the operation", async (log) => {
  const text = exchangeLog(log, [backEndRow({ SoapAction: "GetUserAvailability" })]);
  expect(await shownOf(text)).toMatchObject({
    operation: "GetUserAvailability",
    caller: `${skype}, from AuthenticatedUser`,
  });
  expect((await decodePaste(text)).value.log).toBe(log === "ews" ? "Exchange Ews" : "Exchange Autodiscover");
});

describe("OAuthOutbound", () => {
  const text = (cells: LogCells): string =>
    exchangeLog("oauth-outbound", [outboundRow(cells)], { version: "15.00.1497.036" });

  test("a token was given", async () => {
    expect(await shownOf(text({}))).toMatchObject({
      operation: "GetNewACSToken",
      caller: `Exchange (${exchangeOnlineId}), from token`,
      realm: tenantId,
      proves: `Exchange holds a token for the tenant ${tenantId} to call outlook.office365.com.`,
      doesNotProve: expect.stringContaining("what the other side answered"),
    });
    expect((await shownOf(text({ "result-code": "" }))).doesNotProve).toBe("that one was given.");
  });

  test("a token was refused: the cause is judged like an error of the token service", async () => {
    const refused = text({
      "result-code": "fail",
      "error-string": "UnableToGetTokenFromACS",
      "error-detail":
        "Error code 'invalid_client'. Description 'AADSTS700027: Client assertion contains an invalid signature.'",
      "token-result": "",
    });
    expect(await shownOf(refused)).toMatchObject({
      refusal: "AADSTS700027 UnableToGetTokenFromACS: invalid_client",
      proves: expect.stringMatching(/^Exchange got no token/),
    });
    const { subject } = await decodePaste(refused);
    expect((await judgeValue(subject)).map(({ code }) => code)).toEqual(["STS_REFUSED_CERTIFICATE"]);
    const bare = await shownOf(text({ "result-code": "fail", "error-string": "", "token-result": "" }));
    expect(bare.proves).toContain("the row names no cause");
  });
});

describe("IIS and HTTP.sys", () => {
  test("IIS shows no sign-in, and names the row of HttpProxy that does", async () => {
    const cells = { "sc-status": "401", "sc-substatus": "2", "sc-win32-status": "5" };
    expect(await shownOf(w3cLog("iis", [iisRow(cells)]))).toMatchObject({
      signIn: "not shown",
      refusal: "401.2 5",
      proves: expect.stringMatching(/^IIS answered 401\.2\. The row of HttpProxy with RequestId 0f7d1c3e/),
      doesNotProve: expect.stringContaining("how the caller signed in"),
    });
    expect((await shownOf(w3cLog("iis", [iisRow({ "sc-status": "" })]))).proves).toMatch(/^the call arrived/);
  });

  test("HTTP.sys: the call never reached Exchange", async () => {
    expect((await shownOf(w3cLog("http-err", [httpErrRow()]))).proves).toContain("(AppOffline): it never reached");
    expect((await shownOf(w3cLog("http-err", [httpErrRow({ "s-reason": "" })]))).proves).toContain("itself: it never");
  });
});

describe("a part of a log", () => {
  const columns = columnsOf("http-proxy", "15.01");
  const row = csvLine(columns, httpProxyRow());

  test.each(["first", "last", "none", "alone"] as const)("the header with its bare line %s", async (bareLine) => {
    const text = exchangeLog("http-proxy", [httpProxyRow()], { bareLine });
    expect((await decodePaste(text)).value).toMatchObject({ log: "Exchange HttpProxy", rows: 1 });
  });

  test("the one line of column names above the row, with lines of a console around it", async () => {
    const text = `PS C:\\> Get-Content HttpProxy.LOG\n  #Fields: ${columns.join(",")}\n${row}\n`;
    expect((await decodePaste(text)).value).toMatchObject({ log: "Exchange HttpProxy", rows: 1 });
  });

  test("torn lines are counted, missing columns named, 20 rows shown", async () => {
    const many = exchangeLog(
      "http-proxy",
      Array.from({ length: 30 }, () => httpProxyRow()),
    );
    const { value } = await decodePaste(`${many}${row.slice(0, 200)}\r\n`);
    expect(value).toMatchObject({ rows: 30, unreadable: expect.stringMatching(/^1 line: torn/) });
    expect(value.shown).toHaveLength(20);
    const few = exchangeLog("http-proxy", [httpProxyRow()], {
      columns: ["DateTime", "RequestId", "UrlStem", "HttpStatus"],
    });
    expect((await decodePaste(few)).value.missingColumns).toContain("AuthenticationType");
  });

  const names = [
    "DateTime",
    "RequestId",
    "UrlStem",
    "AuthenticationType",
    "IsAuthenticated",
    "AuthenticatedUser",
    "HttpStatus",
    "GenericErrors",
  ];
  const cells = httpProxyRow({ GenericErrors: "a, b" });
  const cellTexts = names.map((name) => cells[name] ?? "");
  const quoted = (text: string): string => `"${text}"`;

  test.each([
    ["a table, copied", `${names.join("\t")}\n${cellTexts.join("\t")}`],
    ["a CSV with semicolons", `${names.map(quoted).join(";")}\n${cellTexts.map(quoted).join(";")}`],
    ["Export-Csv", `#TYPE Selected\n${names.map(quoted).join(",")}\n${cellTexts.map(quoted).join(",")}`],
    ["a mail", `> ${names.join(",")}\n> ${cellTexts.map(quoted).join(",")}\n`],
    [
      "Format-List",
      `\n${[...names]
        .reverse()
        .map((name) => `${name.padEnd(19)}: ${cells[name] ?? ""}`)
        .join("\n")}\n\n`,
    ],
    [
      "Format-List of a narrow console",
      names
        .map((name) => `${name.padEnd(19)}: ${(cells[name] ?? "").replace(/^(.{20})(?=.)/, `$1\n${" ".repeat(21)}`)}`)
        .join("\n"),
    ],
  ])("a row out of %s", async (_, text) => {
    const read = await decodePaste(text);
    expect(read.value).toMatchObject({ log: "Exchange HttpProxy", rows: 1 });
    expect(await shownOf(text)).toMatchObject({ status: "200", caller: `${skype}, from AuthenticatedUser` });
  });

  test("a list of anything else is not a row", async () => {
    const list = "Name : a\nServer : b\nDateTime : now\nFour : 4\n";
    expect((await decodePaste(list)).kind).not.toBe("log-rows");
  });

  test("a header without a row", async () => {
    expect((await decodePaste(headerLines("http-proxy").join("\n"))).value).toMatchObject({ rows: 0, shown: [] });
  });

  test("a row without its header is named, with what is missing; cells that tell their meaning by themselves are read", async () => {
    const { kind, value, subject } = await decodePaste(csvLine(columns, httpProxyRow(proxyShapes.refused)));
    expect(kind).toBe("log-rows");
    expect(value).toMatchObject({
      log: "a log of Exchange (HttpProxy, Ews or Autodiscover)",
      rows: 1,
      missing: expect.stringContaining("#Fields"),
      shown: [{ by: "Bearer", caller: skype, refusal: "2000001 InvalidToken" }],
    });
    expect((await judgeValue(subject)).map(({ code }) => code)).toEqual(["REFUSED_ISSUER"]);
    expect((await decodePaste(row)).value.shown).toMatchObject([{ signedIn: expect.stringContaining(skypeId) }]);
  });

  test("rows of other logs without their header", async () => {
    const outbound = csvLine(columnsOf("oauth-outbound", "15.00"), outboundRow({ "token-result": "" }));
    expect(await decodePaste(outbound)).toMatchObject({
      kind: "unknown",
      value: {
        problem: expect.stringMatching(/^a row of Exchange's log OAuthOutbound without its header: the line `#Fields/),
      },
    });
    expect((await decodePaste(w3cLine("iis", iisRow({ "cs-username": `S2S~${skypeId}` })))).value).toMatchObject({
      log: "IIS (W3C)",
      shown: [{ signedIn: expect.stringContaining(skypeId) }],
    });
    expect((await decodePaste(w3cLine("http-err", httpErrRow()))).value.problem).toContain("HTTPERR or IIS");
    for (const other of [
      "2026-11-30T08:00:01.250Z,a,b",
      "2026-11-30 08:00:01 a b c",
      `${"2026-11-30 08:00:01 "}${"x ".repeat(14)}`,
    ])
      expect((await decodePaste(other)).value.problem).not.toContain("#Fields");
  });
});
