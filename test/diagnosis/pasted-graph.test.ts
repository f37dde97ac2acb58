// A Graph answer that a person copied out of a tool. Texts as published: microsoftgraph/microsoft-graph-docs 11225 and 16208, and
// "Combine multiple HTTP requests using JSON batching" (learn.microsoft.com/graph).
import { describe, expect, test } from "vitest";
import { decodeText as decodeValue } from "../../src/decoders/pasted/decode-text.ts";
import { judgeValue } from "../../src/diagnosis/judge-value.ts";
import { graphErrorBody, graphToken } from "./cases/graph-cases.ts";

const requestId = "49fef2a7-61c7-4529-9ee8-539a352c2f59";
const audience = graphErrorBody("InvalidAuthenticationToken", "Access token validation failure. Invalid audience.");
const schedules = JSON.stringify({
  "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#Collection(microsoft.graph.scheduleInformation)",
  value: [
    {
      scheduleId: "<user_email>",
      error: {
        message: "Unable to resolve e-mail address <user_email> to an Active Directory object.",
        responseCode: "5009",
      },
    },
  ],
});

async function findings(text: string): Promise<readonly string[]> {
  return (await judgeValue(decodeValue(text).subject)).map(({ code, message }) => `${code}: ${message}`);
}

describe("a body", () => {
  test("an error has its code, cause and request id, and none of its text", () => {
    expect(decodeValue(audience)).toEqual({
      kind: "graph-answer",
      value: {
        family: "unknown",
        error: { code: "InvalidAuthenticationToken", innerCodes: [], cause: "token-audience" },
        requestId,
        itemErrors: [],
        batch: [],
      },
    });
  });

  test.each<[string, string, string]>([
    ["a refused token", audience, "GRAPH_TOKEN_REFUSED: Microsoft Graph refused the token of the caller"],
    [
      "a refused permission",
      graphErrorBody("ErrorAccessDenied", "Access is denied."),
      "GRAPH_PERMISSION_REFUSED: Microsoft Graph refused a call (ErrorAccessDenied)",
    ],
    [
      "a mailbox on premises",
      graphErrorBody("MailboxNotEnabledForRESTAPI", "REST API is not yet supported for this mailbox."),
      "GRAPH_MAILBOX_NOT_ONLINE: ",
    ],
    [
      "a schedule with an error",
      schedules,
      "GRAPH_ITEM_FAILED: Microsoft Graph took the token and answered getSchedule",
    ],
    [
      "a batch",
      JSON.stringify({ responses: [{ id: "1", status: 403, body: JSON.parse(graphErrorBody("accessDenied", "x")) }] }),
      "GRAPH_PERMISSION_REFUSED: ",
    ],
  ])("%s", async (_name, text, finding) => {
    const all = await findings(text);
    expect(all).toHaveLength(1);
    expect(all[0]?.startsWith(finding), all[0]).toBe(true);
  });

  test.each<[string, string]>([
    ["a refusal of the token service", '{"error":"invalid_client","error_description":"AADSTS700016: x"}'],
    ["the same, nested", '{"error":{"code":"invalid_client","message":"AADSTS700016: x"}}'],
    ["an error that nothing shows to be one of Graph", '{"error":{"code":"invalid_client","message":"x"}}'],
  ])("%s stays an answer of a token service", (_name, text) => {
    expect(decodeValue(text).kind).toBe("token-answer");
  });
});

describe("a header block", () => {
  const answer = (status: string, body: string): string =>
    `HTTP/1.1 ${status}\nContent-Type: application/json\nrequest-id: ${requestId}\n\n${body}`;

  test("the answer alone", async () => {
    expect(await findings(answer("401 Unauthorized", audience))).toEqual([
      "GRAPH_TOKEN_REFUSED: Microsoft Graph refused the token of the caller (InvalidAuthenticationToken): the token is for another audience.",
    ]);
  });

  test("request and answer: the roles of the token tell what is missing", async () => {
    const request = `POST /v1.0/users/anna@contoso.com/calendar/getSchedule HTTP/1.1\nHost: graph.microsoft.com\nAuthorization: ${graphToken(["MailboxSettings.Read"])}`;
    const all = await findings(`${request}\n\n${answer("403 Forbidden", graphErrorBody("ErrorAccessDenied", "x"))}`);
    const told = all.find((one) => one.startsWith("GRAPH_"));
    expect(told).toContain("the roles of the token lack Calendars.Read, so users lose free/busy");
    expect(all.join()).not.toContain("anna");
  });
});
