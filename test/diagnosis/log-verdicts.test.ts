// Each line of the table of verdicts that rows of logs may give, and what they never give.
import { describe, expect, test } from "vitest";
import type { LogRow } from "../../src/core/log-row.ts";
import type { CaptureVerdict } from "../../src/diagnosis/analysis.ts";
import {
  appRow,
  backRow,
  contoso,
  eventRow,
  exchange,
  judgeRows,
  outboundRow,
  outlookAgent,
  probeRow,
  proxyRow,
  refusedRow,
  signInRow,
  skype,
} from "./log-rows.ts";

const acts = (isVerified: boolean | null, keys: readonly string[] = []): Partial<LogRow> => ({
  actsAs: { keys, isVerified },
});

describe("the verdict of rows", () => {
  test.each<[string, readonly LogRow[], CaptureVerdict]>([
    ["an application alone that was let in", [appRow()], "oauth-confirmed"],
    ["without a status of the back end", [appRow({ backEndStatus: null })], "oauth-confirmed"],
    ["a front end that answers 200 for a back end that does not", [appRow({ backEndStatus: 500 })], "inconclusive"],
    [
      "an application that acts as a user and is named by OAuthExtraInfo",
      [proxyRow({ ...acts(true), isPerson: true, caller: { applicationId: skype, shownBy: "OAuthExtraInfo" } })],
      "oauth-confirmed",
    ],
    ["act-as, not named, with ActAsUserVerified", [proxyRow({ ...acts(true), isPerson: true })], "oauth-confirmed"],
    ["act-as, not named, without ActAsUserVerified", [proxyRow(acts(null, ["smtp"]))], "inconclusive"],
    ["act-as, not named, of an unknown program", [proxyRow({ ...acts(true), userAgent: "App/1" })], "inconclusive"],
    ["a SID and Outlook: a person", [proxyRow({ isPerson: true, userAgent: outlookAgent })], "none"],
    ["a SID and an unknown program", [proxyRow({ isPerson: true, userAgent: "App/1" })], "none"],
    ["a refused token with its cause", [refusedRow()], "oauth-rejected"],
    ["event 2006", [eventRow("2006")], "oauth-rejected"],
    ["a probe", [probeRow()], "none"],
    [
      "a probe whose error has the category Probe",
      [probeRow({ refusal: { code: null, category: "Probe", text: "" } })],
      "none",
    ],
    [
      "a call that failed after its sign-in",
      [appRow({ status: 500, backEndStatus: 500, failure: "ProtocolError" })],
      "inconclusive",
    ],
    [
      "a policy of EWS",
      [appRow({ status: 403, backEndStatus: 403, failure: "User not allowed to access EWS" })],
      "inconclusive",
    ],
    ["Basic of a cloud service", [proxyRow({ signIn: "basic" })], "basic-fallback"],
    [
      "Basic of the program of an earlier call with a token",
      [appRow({ userAgent: "App/1" }), proxyRow({ signIn: "basic", userAgent: "App/1", at: 1 })],
      "basic-fallback",
    ],
    [
      "Basic of another program behind the load balancer of the caller",
      [appRow(), proxyRow({ signIn: "basic", userAgent: "Panel/2", at: 1 })],
      "oauth-confirmed",
    ],
    [
      "Basic of a health check of the load balancer of the caller",
      [appRow(), proxyRow({ signIn: "basic", userAgent: "", at: 1 })],
      "oauth-confirmed",
    ],
    [
      "Basic of the same program at another address",
      [
        appRow({ userAgent: "App/1" }),
        proxyRow({ signIn: "basic", userAgent: "App/1", client: "203.0.113.99", at: 1 }),
      ],
      "oauth-confirmed",
    ],
    [
      "Basic of a program five minutes after its empty Bearer",
      [probeRow({ userAgent: "App/1" }), proxyRow({ signIn: "basic", userAgent: "App/1", at: 300_000 })],
      "basic-fallback",
    ],
    [
      "Basic of a program long after its empty Bearer",
      [probeRow({ userAgent: "App/1" }), proxyRow({ signIn: "basic", userAgent: "App/1", at: 300_001 })],
      "none",
    ],
    [
      "Basic of another program after an empty Bearer",
      [probeRow({ userAgent: "App/1" }), proxyRow({ signIn: "basic", userAgent: "App/2", at: 1 })],
      "none",
    ],
    ["Basic of an unknown client", [proxyRow({ signIn: "basic", userAgent: "App/1" })], "none"],
    [
      "Basic of a person's program at the client of earlier Bearer rows",
      [appRow(), proxyRow({ signIn: "basic", userAgent: outlookAgent, at: 1 })],
      "oauth-confirmed",
    ],
    ["NTLM of a cloud service", [proxyRow({ signIn: "ntlm" })], "other-auth"],
    [
      "Negotiate of the program of an earlier call with a token",
      [appRow({ userAgent: "App/1" }), proxyRow({ signIn: "negotiate", userAgent: "App/1", at: 1 })],
      "other-auth",
    ],
    [
      "Negotiate of another program behind the load balancer of the caller",
      [appRow(), proxyRow({ signIn: "negotiate", userAgent: "Backup/5", at: 1 })],
      "oauth-confirmed",
    ],
    ["NTLM on the back end", [backRow({ signIn: "ntlm" })], "none"],
    ["a token held", [outboundRow()], "inconclusive"],
    ["a token refused", [outboundRow({ isTokenGiven: false })], "oauth-rejected"],
    ["a token refused, then held", [outboundRow({ isTokenGiven: false }), outboundRow({ at: 9 })], "inconclusive"],
    ["a sign-in at Entra", [signInRow()], "none"],
    ["a refused sign-in at Entra of Exchange", [signInRow({ isTokenGiven: false })], "oauth-rejected"],
    [
      "a refused sign-in of an application that has no part in it",
      [signInRow({ isTokenGiven: false, caller: { applicationId: contoso, shownBy: "sign-in log" } })],
      "none",
    ],
    ["a row of IIS", [proxyRow({ log: "iis", signIn: "unknown" })], "none"],
    ["a row of HTTP.sys", [proxyRow({ log: "http-err", signIn: "unknown" })], "none"],
    ["another event", [eventRow("2004")], "none"],
    ["a row of the back end alone", [backRow({ caller: appRow().caller })], "inconclusive"],
  ])("%s", (_name, rows, verdict) => {
    const analysis = judgeRows(...rows);
    expect(analysis.verdict).toBe(verdict);
    expect(analysis.counts.logRows).toBe(rows.length);
    for (const handshake of analysis.handshakes) expect(handshake.basis).toBe("log");
  });

  test("a confirmed handshake names its caller and the place that shows it", () => {
    const [handshake] = judgeRows(appRow(), appRow({ at: 5 })).handshakes;
    expect(handshake).toMatchObject({
      server: "mail.contoso.com",
      principal: { id: skype, name: "Skype for Business Online" },
      realm: "",
      basis: "log",
      callerShownBy: "AuthenticatedUser",
      loggedCalls: { all: 2, accepted: 2 },
      direction: "inbound",
      route: "ews",
      signature: "unchecked",
      lanes: { application: "accepted", user: "unseen" },
    });
  });

  test("a token of OAuthOutbound is outbound and of Exchange", () => {
    const caller = { applicationId: exchange, shownBy: "token" } as const;
    const [handshake] = judgeRows(outboundRow({ caller, realm: contoso })).handshakes;
    expect(handshake).toMatchObject({ direction: "outbound", stage: "holding-token", realm: contoso });
    expect(handshake?.loggedCalls).toBeUndefined();
  });
});
