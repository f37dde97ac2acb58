// The dedicated hybrid application over several requests: its name in reports, its handshake from token request to call, and how
// severe a missing permission is.
import { describe, expect, test } from "vitest";
import { withHybridApp } from "../../src/app/hybrid-app.ts";
import type { Applications } from "../../src/core/principals.ts";
import { decodeText as decodeValue } from "../../src/decoders/pasted/decode-text.ts";
import { judgeValue } from "../../src/diagnosis/judge-value.ts";
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
  test("refused, while other calls are accepted afterwards: an error", () => {
    expect(
      severityOf(toGraph(bare, { path: "/v1.0/users/a/photo/$value", ...graphDenied }), toGraph(bare), toGraph(bare)),
    ).toEqual(["error"]);
  });
  test("a missing permission is no question of waiting", () => {
    const refused = toGraph(bare, { path: "/v1.0/users/a/photo/$value", ...graphDenied });
    expect(codes(play([refused]))).not.toContain("DEDICATED_APP_REFUSED");
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

// What `decode` judges: one token, or one token request, without an answer to it.
describe("pasted values", () => {
  const judged = async (text: string, hybridApp?: string): Promise<readonly string[]> => {
    const findings = await judgeValue(decodeValue(text).subject, hybridApp === undefined ? {} : { hybridApp });
    return findings.map(({ code, severity }) => `${severity} ${code}`);
  };
  const body = (resource: Readonly<Record<string, string>>): string => request({ resource }).body ?? "";

  test.each([
    ["a token for Exchange Online with its permission", v1(), ["info ISSUER_SEEN"]],
    ["a token for Graph with every permission", v2(), ["info ISSUER_SEEN"]],
    [
      "a token for Exchange Online without its permission",
      v1({ roles: ["Calendars.Read"] }),
      ["info ISSUER_SEEN", "warning HYBRID_APP_ROLE_MISSING"],
    ],
    [
      "a token for Graph without one permission",
      v2({ roles: ["MailboxSettings.Read"] }),
      ["info ISSUER_SEEN", "warning HYBRID_APP_ROLE_MISSING"],
    ],
    ["a token for Graph by its id", v2({ aud: "00000003-0000-0000-c000-000000000000" }), ["info ISSUER_SEEN"]],
    ["a token for Exchange Server", v1({ aud: "https://mail.contoso.com", roles: [] }), ["warning CALLER_UNKNOWN"]],
    ["a token whose issuer is not Entra", v2({ iss: "https://login.example.com/v2.0" }), ["warning CALLER_UNKNOWN"]],
    ["a token request", body({ scope: `https://${graph}/.default` }), ["info ISSUER_SEEN"]],
  ])("%s", async (_, text, findings) => {
    expect([...(await judged(text))].sort()).toEqual(findings);
  });

  test("--hybrid-app is compared with tokens and token requests", async () => {
    for (const text of [
      v1(),
      v2(),
      body({ resource: `https://${online}` }),
      body({ scope: `https://${graph}/.default` }),
    ]) {
      expect(await judged(text, another)).toContain("warning HYBRID_APP_OTHER_ID");
      expect(await judged(text, ours)).not.toContain("warning HYBRID_APP_OTHER_ID");
    }
    expect(await judged(v1({ roles: [] }), another)).not.toContain("warning HYBRID_APP_ROLE_MISSING");
  });
});
