// Rows of HttpProxy, from the published list of columns and the known members of GenericInfo (test/support/log-lines.ts).
import { expect, test } from "vitest";
import type { LogRow } from "../../src/core/log-row.ts";
import type { RowReading } from "../../src/server-logs/row-reader.ts";
import {
  agents,
  exchangeLog,
  exchangeOnlineId,
  httpProxyRow,
  type LogCells,
  oauthInfo,
  proxyShapes,
  rareProxyShapes,
  skypeId,
  teamsId,
  tenantId,
} from "../support/log-lines.ts";
import { firstRow, readLog } from "./read-log.ts";

const oldVersion = "15.00.1497.036";

function read(cells: LogCells, version = "15.01.2375.007"): RowReading | undefined {
  return readLog(exchangeLog("http-proxy", [httpProxyRow(cells)], { version }))[0];
}

function rowOf(cells: LogCells, version = "15.01.2375.007"): LogRow {
  return firstRow(exchangeLog("http-proxy", [httpProxyRow(cells)], { version }));
}

test("an application that calls as itself, every member", () => {
  expect(rowOf(proxyShapes.appOnly)).toEqual({
    id: "l7",
    log: "http-proxy",
    file: "a.LOG",
    line: 7,
    side: "front-end",
    direction: "to-exchange",
    endedAt: Date.UTC(2026, 10, 30, 8, 0, 1, 250),
    startedAt: Date.UTC(2026, 10, 30, 8, 0, 1),
    server: "ex01",
    host: "mail.contoso.com",
    client: "52.112.0.20",
    method: "POST",
    path: "/EWS/Exchange.asmx",
    status: 200,
    backEndStatus: 200,
    userAgent: agents.teams,
    requestId: "0f7d1c3e-9a4b-4c5d-8e6f-102030405060",
    clientRequestId: "7a1b2c3d-0000-4000-8000-00000000c001",
    signIn: "bearer",
    caller: { applicationId: skypeId, shownBy: "AuthenticatedUser" },
    actsAs: null,
    isPerson: false,
    realm: null,
    printedToken: null,
    operation: null,
    isTokenGiven: null,
    refusal: null,
    failure: "",
    isFormUnproven: true,
  });
});

test.each([
  ["Bearer", "true", "bearer"],
  ["bearer", "TRUE", "bearer"],
  ["BearerPreAuth", "true", "bearer"],
  ["Bearer", "false", "bearer-unauthenticated"],
  ["Basic", "true", "basic"],
  ["NTLM", "true", "ntlm"],
  ["Negotiate", "true", "negotiate"],
  ["Kerberos", "true", "negotiate"],
  ["FBA", "true", "forms"],
  ["", "false", "none"],
  ["Anonymous", "false", "none"],
  ["Logon", "true", "unknown"],
  ["OAuth", "true", "unknown"],
  ["MsRtcOAuth", "true", "unknown"],
] as const)("AuthenticationType %j, IsAuthenticated %s is the sign-in %s", (type, isAuthenticated, signIn) => {
  expect(rowOf({ AuthenticationType: type, IsAuthenticated: isAuthenticated }).signIn).toBe(signIn);
});

test.each([
  ["entraApplication", teamsId],
  ["selfIssued", exchangeOnlineId],
] as const)("%s names its application", (shape, applicationId) => {
  expect(rowOf(rareProxyShapes[shape])).toMatchObject({
    caller: { applicationId, shownBy: "AuthenticatedUser" },
    actsAs: null,
    isPerson: false,
  });
});

test("an application that acts as a user: kinds of names, and the caller of OAuthExtraInfo", () => {
  expect(rowOf(proxyShapes.actAsNamed)).toMatchObject({
    signIn: "bearer",
    caller: { applicationId: skypeId, shownBy: "OAuthExtraInfo" },
    actsAs: { keys: ["smtp", "sip", "upn"], isVerified: true },
    isPerson: false,
    realm: null,
  });
});

test("without OAuthExtraInfo nothing names the caller of an act-as call", () => {
  expect(rowOf(proxyShapes.actAsUnnamed)).toMatchObject({
    caller: null,
    actsAs: { keys: ["smtp", "sip"], isVerified: true },
    isPerson: false,
  });
  expect(rowOf(rareProxyShapes.actAsFound)).toMatchObject({
    caller: null,
    actsAs: { keys: ["dn"], isVerified: false },
  });
});

test("a bare SID is a person's, unless ActAsUserVerified shows that an application acts as one", () => {
  expect(rowOf(proxyShapes.actAsSid)).toMatchObject({
    actsAs: { keys: ["sid"], isVerified: true },
    caller: null,
    isPerson: false,
  });
  expect(read(proxyShapes.personsOutlook)?.kind).toBe("dropped");
  const cloud = rowOf({ ...proxyShapes.personsOutlook, Protocol: "Ews", UserAgent: agents.freeBusyProxy });
  expect(cloud).toMatchObject({ actsAs: null, isPerson: true, caller: null });
});

test("a printed token names caller and realm, with its padding lost", () => {
  const row = rowOf(rareProxyShapes.namedByToken, oldVersion);
  expect(row).toMatchObject({
    caller: { applicationId: skypeId, shownBy: "token" },
    realm: tenantId,
    actsAs: { keys: ["smtp"], isVerified: null },
    isFormUnproven: false,
  });
  expect(row.printedToken).toMatch(/^\{"typ":"JWT","alg":"none"\}\.\{.*\}; actor: \{/);
});

test("a token that Exchange could not parse is kept raw and names nobody", () => {
  const raw = `eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.${Buffer.from(`{"appid":"${teamsId}"}`).toString("base64url")}.c2ln`;
  for (const OAuthToken of [raw, Buffer.from(raw).toString("base64")]) {
    const row = rowOf({ AuthenticatedUser: "", GenericInfo: oauthInfo({ OAuthToken }) });
    expect(row.printedToken).toBe(raw);
    expect(row.caller).toBeNull();
    expect(row.realm).toBeNull();
  }
});

test("the empty Bearer of a first call is not a refusal, named as a probe or not", () => {
  for (const shape of [proxyShapes.probe, rareProxyShapes.probeNamed])
    expect(rowOf(shape)).toMatchObject({ signIn: "bearer-unauthenticated", status: 401, refusal: null, failure: "" });
});

/** Protocol page: the numbers of x-ms-diagnostics; the log writes the names without underscores. */
test.each([
  ["InvalidSignature", 2_000_000],
  ["InvalidToken", 2_000_001],
  ["TokenExpired", 2_000_002],
  ["InvalidResource", 2_000_003],
  ["InvalidTenant", 2_000_004],
  ["InvalidUser", 2_000_005],
  ["InvalidClient", 2_000_006],
  ["InternalError", 2_000_007],
  ["InvalidGrant", 2_000_008],
  ["InvalidCertificate", 2_000_009],
  ["OAuthNotAvailable", 4_000_000],
])("the category %s has the number %i, told by either end", (category, code) => {
  for (const ending of ["", "-BE"]) {
    const info = oauthInfo({ OAuthErrorCategory: `${category}${ending}` });
    expect(rowOf({ ...proxyShapes.probe, GenericInfo: info }).refusal).toEqual({ code, category, text: "" });
  }
});

test("a refusal: category, error and the caller that the token claims, no name of a user", () => {
  const row = rowOf(proxyShapes.refused);
  expect(row).toMatchObject({
    signIn: "bearer-unauthenticated",
    caller: { applicationId: skypeId, shownBy: "OAuthExtraInfo" },
    refusal: {
      code: 2_000_001,
      category: "InvalidToken",
      text: "UnknownIssuer: … The issuer of the token is unknown",
    },
  });
});

test("a refusal is told by ErrorCode alone, by its text alone, and by the back end after the front end let it pass", () => {
  const byCode = oauthInfo({ OAuthExtraInfo: `Category:S2SAppOnly|AppId:S2S~${skypeId}|ErrorCode:NoUserFound` });
  expect(rowOf({ ...proxyShapes.probe, GenericInfo: byCode }).refusal).toEqual({
    code: null,
    category: "NoUserFound",
    text: "NoUserFound",
  });
  const byText = oauthInfo({ OAuthError: "The token has expired" });
  expect(rowOf({ ...proxyShapes.probe, GenericInfo: byText }).refusal).toEqual({
    code: null,
    category: null,
    text: "The token has expired",
  });
  expect(rowOf(rareProxyShapes.refusedByBackEnd)).toMatchObject({
    signIn: "bearer",
    refusal: { code: 2_000_005, category: "InvalidUser" },
  });
});

test.each(["403", "500"])("a refusal with status %s", (HttpStatus) => {
  const GenericInfo = oauthInfo({ OAuthErrorCategory: "InvalidToken" });
  expect(rowOf({ ...proxyShapes.probe, HttpStatus, GenericInfo }).refusal?.code).toBe(2_000_001);
});

test("an error that is left over in the row of an accepted call is no refusal", () => {
  expect(rowOf({ GenericInfo: oauthInfo({ OAuthErrorCategory: "InvalidToken" }) }).refusal).toBeNull();
});

test("a claim of the token cannot stand in for the error behind it", () => {
  const info = oauthInfo({
    OAuthExtraInfo: `Category:S2SAppActAs|AppId:S2S~${skypeId}|upn:ErrorCode:None|AppId:S2S~${teamsId}|ErrorCode:UserNotFound`,
  });
  expect(rowOf({ ...proxyShapes.probe, GenericInfo: info })).toMatchObject({
    caller: { applicationId: skypeId },
    refusal: { category: "UserNotFound" },
  });
});

test("a call that failed after the sign-in: codes of GenericErrors, whatever the language", () => {
  expect(rowOf(proxyShapes.blockedByPolicy)).toMatchObject({
    signIn: "bearer",
    status: 403,
    refusal: null,
    failure: "ProtocolError 403",
  });
  const english = "WebException=The remote server returned an error: User not allowed to access EWS;";
  expect(rowOf({ HttpStatus: "403", GenericErrors: english }).failure).toBe("User not allowed to access EWS");
  expect(rowOf({ HttpStatus: "500", ErrorCode: "ErrorInternalServerError" }).failure).toBe("ErrorInternalServerError");
  expect(rowOf({ HttpStatus: "200", GenericErrors: proxyShapes.blockedByPolicy.GenericErrors }).failure).toBe("");
});

test("the client is the first address of X-Forwarded-For", () => {
  const clients = {
    "203.0.113.7, 10.0.0.1": "203.0.113.7",
    "203.0.113.7 10.0.0.1": "203.0.113.7",
    "203.0.113.7:50112": "203.0.113.7",
    "[2001:DB8::7]:50112": "2001:db8::7",
    "2001:db8::7": "2001:db8::7",
    "fe80::1%4": "fe80::1%4",
    unknown: "",
    "anna@contoso.com": "",
    "": "",
  };
  for (const [cell, client] of Object.entries(clients)) expect(rowOf({ ClientIpAddress: cell }).client).toBe(client);
});

test("the start is BeginRequest, else the end less the duration", () => {
  const end = Date.UTC(2026, 10, 30, 8, 0, 1, 250);
  const startOf = (GenericInfo: string, TotalRequestTime: string): number | null =>
    rowOf({ GenericInfo, TotalRequestTime }).startedAt;
  expect(startOf("BeginRequest=2026-11-30T08:00:01.000Z;", "9")).toBe(end - 250);
  expect(startOf("Dt:BeginRequest=2026-11-30T08:00:01.100Z;", "")).toBe(end - 150);
  expect(startOf("BeginRequest=2026-11-30T09:00:01.000Z;", "80.6")).toBe(end - 81);
  expect(startOf("", "80")).toBe(end - 80);
  expect(startOf("BeginRequest=yesterday;", "soon")).toBeNull();
});

test("members with types and prefixes, and one in single quotes that holds a semicolon and an equals sign", () => {
  const GenericInfo = `I32:ADS.C[EX01]=2;F:ADS.AL[EX01]=1.8;'S:AS.ReqStats=a=1;OAuthErrorCategory=InvalidUser;b';  S:ServiceCommonMetadata.OAuthErrorCategory=InvalidGrant;`;
  expect(rowOf({ ...proxyShapes.probe, GenericInfo }).refusal?.category).toBe("InvalidGrant");
  const last = "I32:ADS.C[EX01]=2;'S:ServiceCommonMetadata.OAuthError=The token has expired; signed'";
  expect(rowOf({ ...proxyShapes.probe, GenericInfo: last }).refusal?.text).toBe("The token has expired signed");
});

test("quotes inside a quoted cell, and a comma", () => {
  const GenericErrors =
    'WebExceptionStatus=ProtocolError;ResponseStatusCode=503;WebException=Le serveur a dit "non", puis rien;';
  expect(rowOf({ HttpStatus: "503", GenericErrors })).toMatchObject({ failure: "ProtocolError 503", status: 503 });
});

test("facts of builds of 2013 are proven in their form, those of later builds are not", () => {
  expect(rowOf(proxyShapes.appOnly, oldVersion).isFormUnproven).toBe(false);
  for (const version of ["15.01.2375.007", "15.02.2562.017"])
    for (const shape of [proxyShapes.appOnly, proxyShapes.actAsUnnamed, proxyShapes.refused])
      expect(rowOf(shape, version).isFormUnproven).toBe(true);
  for (const shape of [proxyShapes.probe, proxyShapes.basic, proxyShapes.actAsSid])
    expect(rowOf(shape, "15.02.2562.017").isFormUnproven).toBe(false);
});

test("an unknown shape of AuthenticatedUser names nobody and is no person", () => {
  for (const AuthenticatedUser of [
    `S2X~${skypeId}`,
    "S2S~not-an-id",
    `S2S~${skypeId}0`,
    "actas3(smtp:anna@contoso.com)",
  ])
    expect(rowOf({ AuthenticatedUser })).toMatchObject({ caller: null, actsAs: null, isPerson: false });
});
