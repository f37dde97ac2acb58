// Rows of Ews and Autodiscover: columns published with rows of 15.00.1104 and 15.01.2375.
import { expect, test } from "vitest";
import type { LogRow } from "../../src/core/log-row.ts";
import { agents, backEndRow, exchangeLog, type LogCells, oauthInfo, skypeId } from "../support/log-lines.ts";
import { firstRow } from "./read-log.ts";

const rowOf = (log: "ews" | "autodiscover", cells: LogCells = {}): LogRow =>
  firstRow(exchangeLog(log, [backEndRow(cells)]));

test("a row of Ews has the operation, and the ids of the front end's row", () => {
  expect(rowOf("ews")).toMatchObject({
    log: "ews",
    side: "back-end",
    direction: "to-exchange",
    operation: "GetFolder",
    status: 200,
    backEndStatus: null,
    server: "ex01",
    host: "",
    path: "/EWS/Exchange.asmx",
    requestId: "0f7d1c3e-9a4b-4c5d-8e6f-102030405060",
    clientRequestId: "7a1b2c3d-0000-4000-8000-00000000c001",
    caller: { applicationId: skypeId, shownBy: "AuthenticatedUser" },
    startedAt: Date.UTC(2026, 10, 30, 8, 0, 1, 10),
  });
});

test("a row of Autodiscover", () => {
  expect(rowOf("autodiscover", { SoapAction: "GetUserSettings", UserAgent: agents.freeBusy })).toMatchObject({
    log: "autodiscover",
    side: "back-end",
    operation: "GetUserSettings",
    userAgent: agents.freeBusy,
  });
});

test.each([
  ["GetUserAvailability", "GetUserAvailability"],
  ["", null],
  ["Get Folder", null],
  ["<script>", null],
])("SoapAction %j is the operation %j", (SoapAction, operation) => {
  expect(rowOf("ews", { SoapAction }).operation).toBe(operation);
});

test("the back end's own word for a sign-in by OAuth does not hide who called, nor a refusal", () => {
  expect(rowOf("ews", { AuthenticationType: "Negotiate" })).toMatchObject({
    signIn: "negotiate",
    caller: { applicationId: skypeId },
  });
  const GenericInfo = oauthInfo({ OAuthErrorCategory: "InvalidGrant-BE" });
  expect(rowOf("ews", { AuthenticationType: "Negotiate", HttpStatus: "401", GenericInfo }).refusal).toEqual({
    code: 2_000_008,
    category: "InvalidGrant",
    text: "",
  });
});

test("an access policy of EWS shows in AuthenticationErrors: a failure after the sign-in, no refusal", () => {
  const AuthenticationErrors =
    "Microsoft.Exchange.Services.Core.Types.ServiceAccessDeniedException: User not allowed to access EWS";
  expect(rowOf("ews", { HttpStatus: "403", AuthenticationErrors })).toMatchObject({
    signIn: "bearer",
    refusal: null,
    failure: "User not allowed to access EWS",
  });
});

test("mailboxes that a call is about are not kept", () => {
  const cells = {
    ImpersonatedUser: "anna@contoso.com",
    ProxyAsUser: "anna",
    ActAsUser: "anna",
    Cookie: "anna",
    Puid: "anna",
  };
  expect(JSON.stringify(rowOf("ews", cells))).not.toContain("anna");
});
