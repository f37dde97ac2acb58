// The dedicated hybrid application over several requests: its name in reports, its handshake from token request to call, and how
// severe a missing permission is.
import { describe, expect, test } from "vitest";
import { withHybridApp } from "../../src/app/hybrid-app.ts";
import type { Applications } from "../../src/core/principals.ts";
import { another, ours, request, toGraph, toOnline, v1, v2 } from "./cases/hybrid-app-cases.ts";
import { codes, play, startSeconds, tenant } from "./story.ts";

const online = "outlook.office365.com";
const graph = "graph.microsoft.com";
const named = (applications: Applications, option?: string): { applications: Applications; hybridApp?: string } => {
  const known = withHybridApp({ applications, hybridApp: null }, option);
  return { applications: known.applications, ...(known.hybridApp === null ? {} : { hybridApp: known.hybridApp }) };
};

describe("its name", () => {
  test.each([
    ["without configuration", named(new Map()), "an application of this tenant (dedicated hybrid application?)"],
    ["--hybrid-app", named(new Map(), ours), "your dedicated hybrid application"],
    [
      "another --hybrid-app",
      named(new Map(), another),
      "an application of this tenant, not your dedicated hybrid application",
    ],
    ["applications", named(new Map([[ours, "ExchangeServerApp"]])), "ExchangeServerApp"],
  ])("%s", (_, options, name) => {
    for (const call of [toOnline(v1()), toGraph(v2())]) {
      const { handshakes } = play([call], options);
      expect(handshakes.map(({ principal, direction }) => ({ principal, direction }))).toEqual([
        { principal: { id: ours, name }, direction: "outbound" },
      ]);
    }
  });

  test("a token request alone names it, with its tenant", () => {
    const [asked] = play([request({ resource: { scope: `https://${graph}/.default` }, issued: v2() })]).handshakes;
    expect(asked).toMatchObject({ realm: tenant, direction: "outbound", tokenService: "entra-v2" });
    expect(asked?.principal?.name).toContain("an application of this tenant");
  });

  test("an application that calls Exchange Server has none", () => {
    const call = { authorization: `Bearer ${v1({ aud: "https://mail.contoso.com" })}` };
    expect(play([call]).handshakes[0]).toMatchObject({ direction: "inbound", principal: { id: ours, name: null } });
  });
});

describe("one handshake from the token request to the call", () => {
  test.each([
    ["v1 for Exchange Online", { resource: `https://${online}` }, "entra-v1"],
    ["v1, the resource by its id", { resource: "00000002-0000-0ff1-ce00-000000000000" }, "entra-v1"],
    ["v2 for Microsoft Graph", { scope: `https://${graph}/.default` }, "entra-v2"],
  ] as const)("%s", (_, resource, tokenService) => {
    const [issued, call, server] =
      tokenService === "entra-v1" ? [v1(), toOnline(v1()), online] : [v2(), toGraph(v2()), graph];
    const { handshakes } = play([request({ resource, issued }), call]);
    expect(handshakes).toHaveLength(1);
    expect(handshakes[0]).toMatchObject({ tokenService, server, realm: tenant, principal: { id: ours } });
    expect(handshakes[0]?.steps.filter(({ state }) => state === "ok").map(({ step }) => step)).toContain("token");
  });

  test("a refusal, then a token: the same handshake", () => {
    const resource = { scope: `https://${graph}/.default` };
    const { handshakes, findings } = play([request({ resource }), request({ resource, issued: v2() }), toGraph(v2())]);
    expect(handshakes).toHaveLength(1);
    expect(handshakes[0]?.isTokenDenied).toBe(false);
    expect(findings.find(({ code }) => code === "STS_REFUSED_CERTIFICATE")?.severity).toBe("warning");
  });

  test("a renewal after a call with a token of before: the same handshake", () => {
    const later = v2({ exp: startSeconds + 7_200 });
    const { handshakes } = play([
      toGraph(v2()),
      request({ resource: { scope: `https://${graph}/.default` }, issued: later }),
      toGraph(later),
    ]);
    expect(handshakes).toHaveLength(1);
  });
});

describe("how severe a missing permission is", () => {
  const severityOf = (...calls: Parameters<typeof play>[0]): readonly string[] =>
    play(calls)
      .findings.filter(({ code }) => code === "HYBRID_APP_ROLE_MISSING")
      .map(({ severity }) => severity);
  const bare = v2({ roles: ["Calendars.Read"] });
  const graphDenied = {
    status: 403,
    answer: [["Content-Type", "application/json"]],
    answerBody: '{"error":{"code":"ErrorAccessDenied","message":"Access is denied. Check credentials and try again."}}',
  } as const;

  test("accepted: a warning", () => expect(severityOf(toGraph(bare))).toEqual(["warning"]));
  test("no answer: a warning", () => expect(severityOf(toGraph(bare, { status: null }))).toEqual(["warning"]));
  test("refused for the call that needs it: an error", () => {
    expect(severityOf(toGraph(bare, { path: "/v1.0/users/a/photo/$value", ...graphDenied }))).toEqual(["error"]);
  });
  test("refused for another reason than the permission: a warning", () => {
    expect(severityOf(toGraph(bare, graphDenied))).toEqual(["warning"]);
  });
  test("accepted once and refused once: an error, once", () => {
    expect(severityOf(toGraph(bare), toGraph(bare, { path: "/v1.0/users/a/photo/$value", ...graphDenied }))).toEqual([
      "error",
    ]);
  });
  test("the gate of EWS is no missing permission", () => {
    const policy = [["X-EWS-Policy-Reason", "EWS is disabled for this user or tenant"]] as const;
    expect(severityOf(toOnline(v1({ roles: [] }), { status: 403, answer: policy }))).toEqual(["warning"]);
  });
});

// "Access tokens in the Microsoft identity platform": aud is an application id or a URI of the resource.
describe("audiences of Exchange Online and Microsoft Graph", () => {
  const mismatch = "AUDIENCE_HOST_MISMATCH";
  test.each([
    ["the URL with a slash", toOnline(v1({ aud: `https://${online}/` }))],
    ["the id", toOnline(v1({ aud: "00000002-0000-0ff1-ce00-000000000000" }))],
    [
      "another host of the same cloud",
      toOnline(v1(), { host: "autodiscover-s.outlook.com", path: "/autodiscover/autodiscover.svc" }),
    ],
    ["the id of Graph", toGraph(v2({ aud: "00000003-0000-0000-c000-000000000000" }))],
    [
      "Graph of 21Vianet",
      toGraph(v2({ aud: "https://microsoftgraph.chinacloudapi.cn" }), { host: "microsoftgraph.chinacloudapi.cn" }),
    ],
  ])("%s is right", (_, call) => {
    expect(codes(play([call]))).not.toContain(mismatch);
  });

  test.each([
    ["a token for Exchange Online at Graph", toGraph(v1())],
    ["the same, by its id", toGraph(v1({ aud: "00000002-0000-0ff1-ce00-000000000000" }))],
    ["a token of another cloud", toOnline(v1({ aud: "https://outlook.office365.us" }))],
  ])("%s is wrong", (_, call) => {
    expect(codes(play([call]))).toContain(mismatch);
  });
});
