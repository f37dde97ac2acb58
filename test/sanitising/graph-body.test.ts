// Bodies of Microsoft Graph in a safe copy: what support needs stays, content and people go. Shapes: "Microsoft Graph error responses",
// calendar: getSchedule, user: getMailTips, mailboxSettings, JSON batching (learn.microsoft.com/graph).
import { describe, expect, test } from "vitest";
import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";
import { bodyText } from "../../src/decoders/body-text.ts";
import type { TransactionFacts } from "../../src/decoders/facts.ts";
import { decodeTransaction } from "../../src/decoders/messages/decode-transaction.ts";
import { sanitiseTransaction } from "../../src/sanitising/sanitise.ts";
import { newStory } from "../diagnosis/story.ts";

const pseudonymise = pseudonymsFromKey(new Uint8Array(32).fill(5));
const requestId = "49fef2a7-61c7-4529-9ee8-539a352c2f59";
const objectId = "87d349ed-44d7-43e1-9a83-5f2406dee5bd";
const inner = { date: "2026-11-17T16:05:41", "request-id": requestId, "client-request-id": requestId };
// The domain of an address stays, because faults of realms are about domains.
const secrets = /anna|schmidt|87d349ed|sales plan|out until|0220|base64|AAMkAG/i;

const made = newStory();
/** The facts of Graph; a replaced code has the same effect. */
const outline = ({ graph }: TransactionFacts): unknown =>
  JSON.parse(JSON.stringify(graph).replace(/a1b2c3d4_x9y8z7w6|redacted_[a-z2-7]{4}/g, "*"));
function copied(answerBody: string, path = `/v1.0/users/${objectId}/calendar/getSchedule`, status = 200, body = "") {
  const json = ["Content-Type", "application/json"] as const;
  const transaction = made({
    ...{ host: "graph.microsoft.com", path, status, body, answerBody, headers: [json] },
    answer: [json, ["request-id", requestId]],
  });
  const safe = sanitiseTransaction(transaction, pseudonymise);
  expect(sanitiseTransaction(safe, pseudonymise)).toEqual(safe);
  expect(outline(decodeTransaction(safe))).toEqual(outline(decodeTransaction(transaction)));
  const answer = safe.response === null ? "" : bodyText(safe.response.body, 1e6);
  return { answer, request: bodyText(safe.request.body, 1e6), target: safe.request.target };
}
const parsed = (text: string): unknown => JSON.parse(text);

describe("an error", () => {
  test("code, ids and date stay; of the text the words of servers", () => {
    const error = {
      code: "ErrorInvalidUser",
      message: `The requested user 'anna.schmidt@contoso.com' (${objectId}) is invalid.`,
      innerError: { ...inner, stackTrace: "anna" },
      target: "anna",
    };
    const { answer } = copied(JSON.stringify({ error }), "/v1.0/me", 404);
    expect(parsed(answer)).toEqual({
      error: { code: "ErrorInvalidUser", message: "The requested user *** *** is invalid.", innerError: inner },
    });
    expect(answer).not.toMatch(secrets);
  });

  test("nested errors keep their codes, ids of other forms do not stay", () => {
    const nested = { code: "x", "request-id": "anna@contoso.com", innererror: { code: "MailboxNotEnabledForRESTAPI" } };
    const { answer } = copied(
      JSON.stringify({ error: { code: "ErrorAccessDenied", message: "Access is denied.", innererror: nested } }),
      "/v1.0/me",
      403,
    );
    expect(answer).toContain("MailboxNotEnabledForRESTAPI");
    expect(answer).not.toMatch(secrets);
  });

  test("a long published code stays as it is", () => {
    const { answer } = copied(
      JSON.stringify({ error: { code: "ErrorInsufficientPermissionsInAccessToken", message: "x", innerError: inner } }),
      "/v1.0/me",
      403,
    );
    expect(answer).toContain('"code":"ErrorInsufficientPermissionsInAccessToken"');
  });

  test("a code that looks like a secret is replaced, and the answer stays one of Graph", () => {
    const { answer } = copied(JSON.stringify({ error: { code: "a1b2c3d4_x9y8z7w6", message: "x" } }), "/v1.0/me", 404);
    expect(answer).not.toContain("a1b2c3d4");
    expect(answer).toContain('"code":"redacted_');
  });
});

describe("content goes", () => {
  test("schedules, but not the errors among them", () => {
    const { answer, target } = copied(
      JSON.stringify({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#Collection(microsoft.graph.scheduleInformation)",
        value: [
          {
            scheduleId: "anna.schmidt@contoso.com",
            availabilityView: "0220",
            scheduleItems: [{ subject: "sales plan" }],
          },
          {
            scheduleId: "b@contoso.com",
            error: { message: "Unable to resolve anna.schmidt@contoso.com", responseCode: "5009" },
          },
        ],
      }),
    );
    expect(parsed(answer)).toEqual({
      value: [{}, { error: { message: "Unable to resolve ***", responseCode: "5009" } }],
    });
    expect(target).toMatch(/^\/v1\.0\/users\/user-[a-z2-7]{10}\/calendar\/getSchedule$/);
  });

  test.each<[string, string, string]>([
    [
      "MailTips",
      "/v1.0/me/getMailTips",
      JSON.stringify({
        value: [
          { emailAddress: { name: "Anna Schmidt", address: "a" }, automaticReplies: { message: "out until Monday" } },
        ],
      }),
    ],
    [
      "mailbox settings",
      `/v1.0/users('${objectId}')/mailboxSettings`,
      JSON.stringify({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users('anna%40contoso.com')/mailboxSettings",
        automaticRepliesSetting: { internalReplyMessage: "out until Monday" },
      }),
    ],
    ["a photo", "/beta/users/anna.schmidt@contoso.com/photo/$value", "\u00ff\u00d8\u00ff\u00e0JFIF base64"],
  ])("%s", (_name, path, body) => {
    const { answer, target } = copied(body, path);
    expect(answer).not.toMatch(secrets);
    expect(target).not.toMatch(/anna|87d349ed/);
  });

  test("the mailboxes of a question", () => {
    const body = JSON.stringify({ schedules: ["anna.schmidt@contoso.com"], startTime: { dateTime: "2026-11-17" } });
    const { request } = copied('{"value":[]}', "/v1.0/me/calendar/getSchedule", 200, body);
    expect(request).not.toMatch(secrets);
  });
});

test("a batch keeps ids, statuses, errors and the family of each call", () => {
  const requests = [
    { id: "Anna", method: "GET", url: "/users/anna.schmidt@contoso.com/mailboxSettings", headers: { x: "AAMkAG" } },
    {
      id: "2",
      method: "POST",
      url: `users/${objectId}/calendar/getSchedule`,
      body: { schedules: ["anna@contoso.com"] },
    },
  ];
  const responses = [
    {
      id: "anna",
      status: 200,
      headers: { "Cache-Control": "AAMkAG" },
      body: { internalReplyMessage: "out until Monday" },
    },
    {
      id: "2",
      status: 403,
      body: { error: { code: "ErrorAccessDenied", message: "anna may not", innerError: inner } },
    },
  ];
  const { answer, request } = copied(JSON.stringify({ responses }), "/v1.0/$batch", 200, JSON.stringify({ requests }));
  expect(answer).not.toMatch(secrets);
  expect(request).not.toMatch(secrets);
  expect(request).toMatch(/"url":"users\/user-[a-z2-7]{10}\/calendar\/getSchedule"/);
  expect(parsed(answer)).toMatchObject({ responses: [{ status: 200 }, { id: "2", status: 403 }] });
});

test("the nested error of a token service keeps its public code only, as before", () => {
  const { answer } = copied(
    JSON.stringify({ error: { code: "invalid_client", message: "AADSTS700016: anna@contoso.com" } }),
    "/v1.0/me",
    400,
  );
  expect(parsed(answer)).toEqual({ error: { code: "invalid_client", message: "AADSTS700016" } });
});
