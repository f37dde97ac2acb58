// The overview of one request to Microsoft Graph.
import { expect, test } from "vitest";
import { summaryPane } from "../../../src/tui/view/panes/summary-pane.ts";
import { graphCall, graphErrorBody } from "../../diagnosis/cases/graph-cases.ts";
import { type Exchanged, newStory } from "../../diagnosis/story.ts";

const story = newStory();
function textOf(one: Exchanged): string {
  const context = { handshake: null, findings: [] };
  const lines = summaryPane({ transaction: story(graphCall(one)), context, columns: 100 });
  return lines.map(({ line }) => line.map(([text]) => text).join("")).join("\n");
}

test("names what is asked for, the error and its request id", () => {
  const body = graphErrorBody("ErrorAccessDenied", "Access of anna@contoso.com is denied.");
  const text = textOf({ status: 403, answerBody: body });
  expect(text).toContain("Asks Graph for: getSchedule");
  expect(text).toContain("Error of Graph: ErrorAccessDenied");
  expect(text).toContain("request-id: 49fef2a7-61c7-4529-9ee8-539a352c2f59");
  expect(text).not.toContain("anna");
});

test("names errors inside a success and the answers of a batch", () => {
  const value = [{ scheduleId: "anna@contoso.com", error: { message: "x", responseCode: "5009" } }];
  expect(textOf({ answerBody: JSON.stringify({ value }) })).toContain("Errors for mailboxes: 5009");
  const batch = {
    body: JSON.stringify({ requests: [{ id: "1", method: "GET", url: "/me/photo/$value" }] }),
    answerBody: JSON.stringify({
      responses: [{ id: "1", status: 404, body: JSON.parse(graphErrorBody("ImageNotFound", "x")) }],
    }),
  };
  expect(textOf({ ...batch, path: "/v1.0/$batch" })).toContain("Answers in the batch: photo 404 ImageNotFound");
});

test("says nothing of Graph about another host", () => {
  expect(textOf({ host: "mail.contoso.com" })).not.toContain("Asks Graph");
});
