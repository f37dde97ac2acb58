// Errors of Microsoft Graph as they are published: "Microsoft Graph error responses and resource types", "Resolve Microsoft Graph
// authorization errors", "Combine multiple HTTP requests using JSON batching" (learn.microsoft.com/graph), and answers in the
// issues of microsoftgraph/microsoft-graph-docs (10745, 11225, 16208), msgraph-sdk-java (510), python-sample-auth (10).
import { describe, expect, test } from "vitest";
import type { GraphCause } from "../../../src/decoders/graph-facts.ts";
import type { JsonObject } from "../../../src/decoders/json-text.ts";
import { decodeTransaction } from "../../../src/decoders/messages/decode-transaction.ts";
import {
  batchedAnswersOf,
  graphErrorOf,
  itemErrorsOf,
  knownGraphCode,
  requestIdOf,
} from "../../../src/decoders/messages/graph-answer.ts";
import { type Made, transaction } from "../transaction-maker.ts";

const requestId = "49fef2a7-61c7-4529-9ee8-539a352c2f59";
const inner = { date: "2022-03-17T16:05:41", "request-id": requestId, "client-request-id": requestId };
const error = (code: string, message: string, more: object = { innerError: inner }): JsonObject => ({
  error: { code, message, ...more },
});

describe("the cause of an error", () => {
  test.each<[string, string, GraphCause]>([
    ["InvalidAuthenticationToken", "Access token validation failure. Invalid audience.", "token-audience"],
    ["InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.", "token-expired"],
    ["InvalidAuthenticationToken", "Access token has expired or is not yet valid.", "token-expired"],
    ["InvalidAuthenticationToken", "Access token is empty.", "token-missing"],
    ["InvalidAuthenticationToken", "CompactToken parsing failed with error code: 80049217", "token-malformed"],
    ["InvalidAuthenticationToken", "IDX14100: JWT is not well formed, there are no dots (.).", "token-malformed"],
    ["InvalidAuthenticationToken", "Signing key is invalid.", "token-signature"],
    ["InvalidAuthenticationToken", "Access token validation failure.", "token"],
    ["InvalidAuthenticationToken", "", "token"],
    [
      "InvalidAuthenticationToken",
      "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp",
      "token-revoked",
    ],
    [
      "Authorization_IdentityNotFound",
      "The identity of the calling application could not be established.",
      "application-unknown",
    ],
    ["Authorization_RequestDenied", "Insufficient privileges to complete the operation.", "permission"],
    ["ErrorAccessDenied", "Access is denied. Check credentials and try again.", "permission"],
    ["accessDenied", "The caller doesn't have permission to perform the action.", "permission"],
    ["ErrorAccessDenied", "Access to OData is disabled.", "policy"],
    [
      "ExtensionError",
      "Operation: Create; Exception: [Status Code: Forbidden; Reason: Access to OData is disabled.]",
      "policy",
    ],
    [
      "MailboxNotEnabledForRESTAPI",
      "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
      "mailbox-not-online",
    ],
    ["MailboxNotEnabledForRESTAPI", "REST API is not yet supported for this mailbox.", "mailbox-not-online"],
    ["ErrorInvalidUser", "The requested user 'anna@contoso.com' is invalid.", "user-unknown"],
    ["ApplicationThrottled", "Application is over its MailboxConcurrency limit.", "throttled"],
    ["ImageNotFound", "Exception of type 'ImageNotFoundException' was thrown.", "unknown"],
    ["SomethingNew", "The token is expired.", "unknown"],
  ])("%s: %s", (code, message, cause) => {
    expect(graphErrorOf(error(code, message))).toEqual({ code, innerCodes: [], cause });
  });

  test("the most detailed code decides, however deep and spelt", () => {
    const nested = { innererror: { code: "x", innerError: { code: "MailboxNotEnabledForRESTAPI" } } };
    expect(graphErrorOf(error("ErrorAccessDenied", "No.", nested))).toEqual({
      code: "ErrorAccessDenied",
      innerCodes: ["x", "MailboxNotEnabledForRESTAPI"],
      cause: "mailbox-not-online",
    });
  });

  test("the published answer of Planner has an empty code", () => {
    const message = "You do not have the required permissions to access this item.";
    expect(graphErrorOf(error("", message))).toEqual({ code: "", innerCodes: [], cause: "unknown" });
    expect(graphErrorOf(error("", message, {}))).toBeNull();
    expect(graphErrorOf(error("-1, Microsoft.SharePoint.Client.ResourceNotFoundException", "x"))?.code).toBe("");
  });
});

describe("what is not an error of Graph", () => {
  test.each<[string, JsonObject]>([
    ["a refusal of the token service", { error: "invalid_client", error_description: "AADSTS700016: x" }],
    ["a refusal with a nested error", error("invalid_client", "AADSTS700016: x", {})],
    ["an error without a text", { error: { code: "ErrorAccessDenied" } }],
    ["a code that is a sentence", error("Access denied by Contoso Web Gateway", "x", {})],
    ["a code of control characters", error("\u001b[2J", "x", {})],
    ["a status as code", error("404", "x", {})],
    ["a number as code", { error: { code: 403, message: "x" } }],
    ["a list", { error: [{ code: "x", message: "y" }] }],
    ["nothing", {}],
  ])("%s", (_name, members) => {
    expect(graphErrorOf(members)).toBeNull();
  });
});

test("the request id of an error is that of the server, else that of the client", () => {
  expect(requestIdOf(error("x", "y"))).toBe(requestId);
  expect(requestIdOf(error("x", "y", { innerError: { "client-request-id": requestId } }))).toBe(requestId);
  expect(requestIdOf(error("x", "y", { innerError: { "request-id": "anna@contoso.com" } }))).toBe("");
  expect(requestIdOf({})).toBe("");
});

test("errors for single mailboxes", () => {
  const message = "Unable to resolve e-mail address <user_email> to an Active Directory object.";
  const schedule = (one: unknown) => ({ scheduleId: "anna@contoso.com", error: one });
  expect(itemErrorsOf({ value: [{ scheduleId: "b" }, schedule({ message, responseCode: "5009" })] })).toEqual(["5009"]);
  expect(itemErrorsOf({ value: [schedule({ responseCode: 5009 }), schedule({ responseCode: "5009" })] })).toEqual([
    "5009",
  ]);
  expect(itemErrorsOf({ value: [schedule({ responseCode: "ErrorMailRecipientNotFound" })] })).toEqual([
    "ErrorMailRecipientNotFound",
  ]);
  expect(itemErrorsOf({ value: [{ error: { code: "ErrorInvalidRecipients", message: "x" } }] })).toEqual([
    "ErrorInvalidRecipients",
  ]);
  expect(itemErrorsOf({ value: [schedule({ responseCode: "anna@contoso.com" }), schedule(null)] })).toEqual([
    "unknown",
  ]);
  expect(itemErrorsOf({ value: "x" })).toEqual([]);
  const many = Array.from({ length: 50 }, (_, index) => schedule({ responseCode: `Error${index}` }));
  expect(itemErrorsOf({ value: many })).toHaveLength(8);
});

// The published pair of "Combine multiple HTTP requests using JSON batching", with calls of this product in place of the others.
test("the answers of a batch have the family of their request", () => {
  const request = {
    requests: [
      { id: "A", method: "GET", url: "/users/anna@contoso.com/mailboxSettings" },
      { id: "2", method: "POST", url: "/me/calendar/getSchedule", body: {} },
    ],
  };
  const denied = error("Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
  const responses = [
    { id: "2", status: 403, headers: {}, body: denied },
    { id: "a", status: 200, body: { "@odata.context": "x" } },
    { id: "9", status: 424 },
    { id: "3", status: "200" },
    { id: "4", status: 7 },
    "x",
  ];
  const refused = { code: "Authorization_RequestDenied", innerCodes: [], cause: "permission" };
  expect(batchedAnswersOf({ responses }, request)).toEqual([
    { family: "free-busy", status: 403, error: refused },
    { family: "mailbox-settings", status: 200, error: null },
    { family: "unknown", status: 424, error: null },
  ]);
  expect(batchedAnswersOf({ responses }, null).map(({ family }) => family)).toEqual(["unknown", "unknown", "unknown"]);
  expect(batchedAnswersOf({ responses: Array.from({ length: 99 }, () => responses[0]) }, null)).toHaveLength(20);
  expect(batchedAnswersOf({ responses: 1 }, null)).toEqual([]);
});

test("a published code has its usual spelling, any other text none", () => {
  expect(knownGraphCode("mailboxnotenabledforrestapi")).toBe("MailboxNotEnabledForRESTAPI");
  expect(knownGraphCode("AnnaSchmidt")).toBe("");
});

describe("one transaction", () => {
  const json = ["Content-Type", "application/json"] as const;
  const graph = (made: Made) => {
    const { graph: facts, requestId: id } = decodeTransaction(
      transaction({ host: "graph.microsoft.com", response: [json], ...made }),
    );
    return { facts, id };
  };
  const text = JSON.stringify(error("ErrorItemNotFound", "The specified object was not found in the store."));

  test("an error, with the request id of the body where the answer has none in its fields", () => {
    const { facts, id } = graph({ target: "/v1.0/me/photo/$value", status: 404, responseBody: text });
    expect(facts).toEqual({
      family: "photo",
      error: { code: "ErrorItemNotFound", innerCodes: [], cause: "unknown" },
      itemErrors: [],
      batch: [],
    });
    expect(id).toBe(requestId);
    expect(graph({ target: "/v1.0/me", status: 404, responseBody: text, response: [["request-id", "r-1"]] }).id).toBe(
      "r-1",
    );
  });

  test.each<[string, Made]>([
    ["an error page of a device", { status: 404, responseBody: "<html>" }],
    ["a truncated answer", { status: 404, responseBody: text.slice(0, 90) }],
    ["no answer", { status: null }],
    ["a success that holds no error by its kind", { status: 200, responseBody: text }],
  ])("%s gives no error", (_name, made) => {
    expect(graph({ target: "/v1.0/me/mailboxSettings", ...made }).facts).toEqual({
      family: "mailbox-settings",
      error: null,
      itemErrors: [],
      batch: [],
    });
  });

  test("Graph hosts of every cloud, and no other host", () => {
    for (const host of ["graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"])
      expect(graph({ host, target: "/v1.0/me/photo", status: 200 }).facts?.family).toBe("photo");
    expect(
      graph({ host: "graph.contoso.com", target: "/v1.0/me/photo", status: 404, responseBody: text }).facts,
    ).toBeNull();
  });
});
