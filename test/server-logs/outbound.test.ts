// Rows of OAuthOutbound: fields and values as known from builds of 2013.
import { expect, test } from "vitest";
import type { LogRow } from "../../src/core/log-row.ts";
import {
  exchangeLog,
  exchangeOnlineId,
  type LogCells,
  outboundRow,
  printedToken,
  teamsId,
  tenantId,
} from "../support/log-lines.ts";
import { firstRow, readLog } from "./read-log.ts";

const rowOf = (cells: LogCells = {}): LogRow =>
  firstRow(exchangeLog("oauth-outbound", [outboundRow(cells)], { version: "15.00.1497.036" }));

test("a token that was given, every member", () => {
  const { printedToken: token, ...row } = rowOf();
  expect(token).toContain(`"nameid":"${exchangeOnlineId}@${tenantId}"`);
  expect(row).toEqual({
    id: "l7",
    log: "oauth-outbound",
    file: "a.LOG",
    line: 7,
    side: "token-service",
    direction: "to-cloud",
    endedAt: Date.UTC(2026, 10, 30, 8, 0, 2),
    startedAt: Date.UTC(2026, 10, 30, 8, 0, 1, 880),
    server: "",
    host: "outlook.office365.com",
    client: "",
    method: "",
    path: "/EWS/Exchange.asmx",
    status: null,
    backEndStatus: null,
    userAgent: "ASProxy/CrossForest/EmailDomain//15.00.1497.036",
    requestId: null,
    clientRequestId: "7a1b2c3d-0000-4000-8000-00000000c002",
    signIn: "unknown",
    caller: { applicationId: exchangeOnlineId, shownBy: "token" },
    actsAs: null,
    isPerson: false,
    realm: tenantId,
    operation: "GetNewACSToken",
    isTokenGiven: true,
    refusal: null,
    failure: "",
    isFormUnproven: false,
  });
});

test.each(["GetNewACSToken", "RefreshACSToken", "GetCachedACSToken", "SendCached", "GetSelfIssuedAppToken"])(
  "operation %s",
  (operation) => {
    expect(rowOf({ operation })).toMatchObject({ operation, isTokenGiven: true });
  },
);

test.each([
  "MissingSigningCertificate",
  "CertificatePrivateKeySizeTooSmall",
  "UnableToGetTokenFromACS",
  "OAuthConfigurationUnavailable",
  "NoMatchedTokenIssuer",
  "InvalidChallenge",
  "MissingRealmInAuthServer",
  "EmptyClientId",
  "EmptyNameIdClaim",
])("the error %s, alone or before a text", (error) => {
  for (const text of [error, `${error}: Der Vorgang ist fehlgeschlagen`]) {
    const row = rowOf({ "result-code": "fail", "error-string": text, "token-result": "" });
    expect(row).toMatchObject({ isTokenGiven: false, refusal: { code: null, category: error } });
  }
});

test("the code of the token service is read from either error column", () => {
  const description =
    "Error code 'invalid_client'. Description 'AADSTS700027: Client assertion failed signature validation.'.";
  const inDetail = { "error-string": "UnableToGetTokenFromACS", "error-detail": description };
  const inText = { "error-string": `UnableToGetTokenFromACS ${description}` };
  for (const cells of [inDetail, inText]) {
    const { refusal } = rowOf({ "result-code": "fail", ...cells });
    expect(refusal).toMatchObject({ code: 700_027, category: "UnableToGetTokenFromACS" });
    expect(refusal?.text).toMatch(/^UnableToGetTokenFromACS invalid_client AADSTS700027/);
  }
  expect(rowOf({ "result-code": "fail", "error-string": description }).refusal?.category).toBe("invalid_client");
  const ofAcs = "Error code 'invalid_client'. Description 'ACS50012: Authentication failed.'.";
  expect(rowOf({ "result-code": "fail", "error-string": "", "error-detail": ofAcs }).refusal).toEqual({
    code: null,
    category: "invalid_client",
    text: "invalid_client ACS50012",
  });
  expect(rowOf({ "result-code": "fail", "error-string": "" }).refusal).toEqual({
    code: null,
    category: null,
    text: "",
  });
});

test("an error beside a token that was given is no refusal", () => {
  expect(rowOf({ "error-string": "InvalidChallenge" })).toMatchObject({ isTokenGiven: true, refusal: null });
});

test.each([
  [{ "tenant-info": "contoso.onmicrosoft.com" }, "contoso.onmicrosoft.com"],
  [{ "tenant-info": `realm:${tenantId.toUpperCase()}` }, tenantId],
  [{ "tenant-info": "", "token-result": "" }, tenantId],
  [{ "tenant-info": "" }, tenantId],
  [{ "tenant-info": "", "token-result": "", resource: "" }, null],
] as const)("realm of %j", (cells, realm) => {
  expect(rowOf(cells).realm).toBe(realm);
});

test("a token for a user: the kinds of the user's names", () => {
  const token = printedToken({ smtp: "anna@contoso.com", upn: "anna@contoso.com" }, teamsId);
  expect(rowOf({ "token-result": token })).toMatchObject({
    caller: { applicationId: teamsId, shownBy: "token" },
    actsAs: { keys: ["smtp", "upn"], isVerified: null },
  });
});

test.each([
  ["login.microsoftonline.com", "login.microsoftonline.com", ""],
  [
    "https://accounts.accesscontrol.windows.net:443/tokens/OAuth/2?a=b",
    "accounts.accesscontrol.windows.net",
    "/tokens/OAuth/2",
  ],
  ["", "", ""],
])("target %j", (target, host, path) => {
  expect(rowOf({ target })).toMatchObject({ host, path });
});

test("a row that says nothing is dropped; one without a time is unreadable", () => {
  const kindOf = (cells: LogCells): string | undefined =>
    readLog(exchangeLog("oauth-outbound", [outboundRow(cells)]))[0]?.kind;
  expect(kindOf({ operation: "", "result-code": "" })).toBe("dropped");
  expect(kindOf({ operation: "", "result-code": "fail" })).toBe("row");
  expect(kindOf({ "date-time": "" })).toBe("unreadable");
  expect(rowOf({ "result-code": "pending" }).isTokenGiven).toBeNull();
});

test("a build of 2016 or later is not proven to write this log", () => {
  expect(rowOf({ "build-number": "15.01.2375.007" }).isFormUnproven).toBe(true);
});
