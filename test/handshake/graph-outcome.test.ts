// What an answer of Graph proves: "Resolve Microsoft Graph authorization errors", "Microsoft Graph error responses", "Combine multiple
// HTTP requests using JSON batching" (learn.microsoft.com/graph).
import { describe, expect, test } from "vitest";
import type { HttpTransaction } from "../../src/core/http-transaction.ts";
import { decodeTransaction } from "../../src/decoders/messages/decode-transaction.ts";
import { isTokenRefusal, isWebPage, requiresAuthentication } from "../../src/handshake/signals.ts";
import { answerNote } from "../../src/handshake/step-notes.ts";
import { graphCall, graphErrorBody, graphToken, graphTokenV1 } from "../diagnosis/cases/graph-cases.ts";
import { type Exchanged, judge, newStory, play } from "../diagnosis/story.ts";

const onPremises = graphErrorBody(
  "MailboxNotEnabledForRESTAPI",
  "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
);
const denied = graphErrorBody("ErrorAccessDenied", "Access is denied. Check credentials and try again.");
const invalid = graphErrorBody("InvalidAuthenticationToken", "Access token validation failure.");
const schedule = JSON.stringify({
  value: [{ scheduleId: "anna@contoso.com", error: { message: "x", responseCode: "5009" } }],
});
const batch = (...statuses: readonly number[]): Exchanged => ({
  path: "/v1.0/$batch",
  answerBody: JSON.stringify({
    responses: statuses.map((status, index) => ({
      id: String(index),
      status,
      body: status < 300 ? {} : JSON.parse(status === 401 ? invalid : denied),
    })),
  }),
});

describe("the verdict of one call", () => {
  test.each<[string, Exchanged, string]>([
    ["200", {}, "oauth-confirmed"],
    ["204", { status: 204 }, "oauth-confirmed"],
    ["200 to a token of Entra v1", { authorization: graphTokenV1(["Calendars.Read"]) }, "oauth-confirmed"],
    ["200 by a host of 21Vianet", { host: "microsoftgraph.chinacloudapi.cn" }, "oauth-confirmed"],
    ["200 with an error for one schedule: trust, not free/busy", { answerBody: schedule }, "oauth-confirmed"],
    ["200 to a GET of an unknown path", { method: "GET", path: "/v1.0/organization" }, "oauth-confirmed"],
    ["200 of the schema, which is public", { method: "GET", path: "/v1.0/$metadata" }, "inconclusive"],
    ["200 of the service document, which is public", { method: "GET", path: "/v1.0/" }, "inconclusive"],
    ["200 with a web page", { answer: [["Content-Type", "text/html"]], answerBody: "<html>" }, "inconclusive"],
    ["a redirect", { status: 302, answer: [["Location", "https://x"]] }, "inconclusive"],
    ["401 InvalidAuthenticationToken", { status: 401, answerBody: invalid }, "oauth-rejected"],
    ["401 without a body", { status: 401 }, "oauth-rejected"],
    ["403 ErrorAccessDenied", { status: 403, answerBody: denied }, "oauth-rejected"],
    ["403 without a body", { status: 403 }, "inconclusive"],
    ["403 with a page", { status: 403, answerBody: "<html>Forbidden" }, "inconclusive"],
    [
      "403 with an error that does not decide",
      { status: 403, answerBody: graphErrorBody("UnknownError", "") },
      "inconclusive",
    ],
    ["404 MailboxNotEnabledForRESTAPI", { status: 404, answerBody: onPremises }, "oauth-confirmed"],
    ["404 ImageNotFound", { status: 404, answerBody: graphErrorBody("ImageNotFound", "x") }, "oauth-confirmed"],
    ["404 ErrorItemNotFound", { status: 404, answerBody: graphErrorBody("ErrorItemNotFound", "x") }, "oauth-confirmed"],
    ["404 without a body", { status: 404 }, "inconclusive"],
    ["404 with a page", { status: 404, answerBody: "<html>Not Found" }, "inconclusive"],
    ["404 with another JSON", { status: 404, answerBody: '{"error":"not_found"}' }, "inconclusive"],
    ["404 with an error without a text", { status: 404, answerBody: '{"error":{"code":"x"}}' }, "inconclusive"],
    ["400", { status: 400, answerBody: graphErrorBody("BadRequest", "Invalid version.") }, "inconclusive"],
    ["429", { status: 429, answerBody: graphErrorBody("TooManyRequests", "x") }, "inconclusive"],
    ["503", { status: 503, answerBody: graphErrorBody("serviceNotAvailable", "x") }, "inconclusive"],
    ["no answer", { status: null }, "inconclusive"],
    ["a batch with one that works", batch(403, 200), "oauth-confirmed"],
    ["a batch in which all are denied", batch(403, 403), "oauth-rejected"],
    ["a batch in which all are refused", batch(401), "oauth-rejected"],
    ["a batch in which all are throttled", batch(429), "inconclusive"],
    ["a batch whose answers cannot be read", { path: "/v1.0/$batch", answerBody: '{"responses":[' }, "inconclusive"],
    [
      "200 to a token without a caller",
      { authorization: graphToken(null, { azp: undefined, scp: undefined }) },
      "inconclusive",
    ],
    [
      "200 to a token of a foreign issuer",
      { authorization: graphToken(null, { iss: "https://sts.contoso.com/v2.0" }) },
      "inconclusive",
    ],
    [
      "404 to a token of a foreign issuer",
      { authorization: graphToken(null, { iss: "https://sts.contoso.com/v2.0" }), status: 404, answerBody: onPremises },
      "inconclusive",
    ],
  ])("%s", (_name, one, verdict) => {
    const analysis = play([graphCall(one)]);
    expect(analysis.verdict).toBe(verdict);
    const [handshake] = analysis.handshakes;
    expect(handshake).toMatchObject({ direction: "outbound", route: "graph", verdict });
    expect(analysis.directions).toMatchObject({ inbound: null, outbound: { verdict, routes: ["graph"] } });
  });

  test("a host that only looks like Graph has no Graph errors", () => {
    const analysis = play([
      graphCall({ host: "graph.microsoft.com.contoso.com", status: 404, answerBody: onPremises }),
    ]);
    expect(analysis.verdict).toBe("inconclusive");
  });

  test("the last answer to a family of calls decides, as everywhere", () => {
    expect(play([graphCall({ status: 403, answerBody: denied }), graphCall({})]).verdict).toBe("oauth-confirmed");
    expect(play([graphCall({}), graphCall({ status: 403, answerBody: denied })]).verdict).toBe("oauth-rejected");
  });

  test("a permission that one family lacks rejects, in whatever order another family is let in", () => {
    const photo = graphCall({ method: "GET", path: "/v1.0/users/u/photo/$value" });
    const refused = graphCall({ status: 403, answerBody: denied });
    for (const story of [
      [photo, refused],
      [refused, photo],
    ]) {
      const analysis = play(story);
      expect(analysis.verdict).toBe("oauth-rejected");
      expect(analysis.handshakes[0]?.refusedGraphCalls).toEqual(["free-busy"]);
      expect(analysis.handshakes[0]?.lanes.application).toBe("accepted");
    }
    expect(play([refused, photo, graphCall({})]).verdict).toBe("oauth-confirmed");
  });

  test("a permission that is refused where nothing else is asked for is not the refusal of the token", () => {
    for (const one of [graphCall({ status: 403, answerBody: denied }), graphCall(batch(403, 403))]) {
      const [handshake] = play([one]).handshakes;
      expect(handshake).toMatchObject({ verdict: "oauth-rejected", lanes: { application: "unseen", user: "unseen" } });
      expect(handshake?.refusedGraphCalls).toHaveLength(1);
    }
    const refused = graphCall({ status: 401, answerBody: invalid });
    expect(play([graphCall({ status: 403, answerBody: denied }), refused]).handshakes[0]?.lanes.application).toBe(
      "refused",
    );
    // One refused token in a batch is the refusal of the token.
    expect(play([graphCall(batch(403, 401))]).handshakes[0]?.lanes.application).toBe("refused");
  });

  test("a finding about a permission is an error until its own family of calls is let in, alone or inside a batch", () => {
    const refused = graphCall({ status: 403, answerBody: denied });
    const photo = graphCall({ method: "GET", path: "/v1.0/users/u/photo/$value" });
    const inBatch = graphCall({
      ...batch(200),
      headers: [["Content-Type", "application/json"]],
      body: JSON.stringify({ requests: [{ id: "0", method: "POST", url: "/users/u/calendar/getSchedule" }] }),
    });
    const severity = (...story: readonly Exchanged[]): string | undefined =>
      play(story).findings.find(({ code }) => code === "GRAPH_PERMISSION_REFUSED")?.severity;
    expect(severity(refused, photo)).toBe("error");
    expect(severity(refused, graphCall({}))).toBe("warning");
    expect(severity(refused, inBatch)).toBe("warning");
  });

  test("a call of a batch that is refused for a permission rejects, until it is let in", () => {
    const requests = ["mailboxSettings", "photo/$value"].map((end, index) => ({
      id: String(index),
      method: "GET",
      url: `/users/u/${end}`,
    }));
    const asked = (...statuses: readonly number[]): Exchanged =>
      graphCall({
        ...batch(...statuses),
        headers: [["Content-Type", "application/json"]],
        body: JSON.stringify({ requests }),
      });
    const refused = play([asked(200, 403)]);
    expect(refused.verdict).toBe("oauth-rejected");
    expect(refused.handshakes[0]?.refusedGraphCalls).toEqual(["photo"]);
    expect(play([asked(200, 403), asked(403, 200)]).handshakes[0]?.refusedGraphCalls).toEqual(["mailbox-settings"]);
    expect(play([asked(200, 403), asked(200, 200)]).verdict).toBe("oauth-confirmed");
  });

  test("a 401 of Graph to a request without a token is a challenge, not a refusal", () => {
    const [transaction] = [graphCall({ status: 401, authorization: "Bearer", answerBody: invalid })].map(newStory());
    const analysis = judge(transaction === undefined ? [] : [transaction]);
    expect(analysis.verdict).toBe("inconclusive");
  });
});

describe("the words about an answer", () => {
  const transaction = newStory();
  const note = (one: Exchanged): string => {
    const made = transaction(graphCall(one));
    return answerNote(made, decodeTransaction(made));
  };

  test.each<[string, Exchanged]>([
    ["200", {}],
    ["401 InvalidAuthenticationToken", { status: 401, answerBody: invalid }],
    ["404 MailboxNotEnabledForRESTAPI", { status: 404, answerBody: onPremises }],
    ["403 error", { status: 403, answerBody: graphErrorBody("AnnaSchmidt", "x") }],
    ["200 with ErrorAccessDenied inside", batch(200, 403, 403)],
    ["200 with 5009 inside", { answerBody: schedule }],
    ["503", { status: 503 }],
  ])("%s", (words, one) => {
    expect(note(one)).toBe(words);
  });

  test("the row names the operation and the error, and never the person of the path", () => {
    const path = "/v1.0/users/anna@contoso.com/calendar/getSchedule";
    const analysis = play([graphCall({ path, status: 403, answerBody: denied }), graphCall({ path })]);
    expect(analysis.changes.map(({ row }) => row?.detail)).toEqual([
      "entra-v2 RS256, getSchedule, refused: ErrorAccessDenied",
      "entra-v2 RS256, getSchedule",
    ]);
    const texts = JSON.stringify([analysis.findings, analysis.handshakes]);
    expect(texts).not.toMatch(/anna|87d349ed/);
  });
});

test("the parts of a decision, for other callers", () => {
  const transaction = newStory();
  const of = (one: Exchanged): [HttpTransaction, ReturnType<typeof decodeTransaction>] => {
    const made = transaction(graphCall(one));
    return [made, decodeTransaction(made)];
  };
  const [page, pageFacts] = of({ answer: [["content-type", "text/html; charset=utf-8"]] });
  expect(isWebPage(page, pageFacts)).toBe(true);
  expect(requiresAuthentication(...of({ path: "/beta/%24metadata?x" }))).toBe(false);
  expect(requiresAuthentication(...of({ path: "/v1.0/me" }))).toBe(true);
  expect(isTokenRefusal(403, of({ status: 403, answerBody: denied })[1])).toBe(true);
  expect(isTokenRefusal(404, of({ status: 404, answerBody: onPremises })[1])).toBe(false);
});
