import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../../src/app/exit-codes.ts";
import { unprovenCases } from "./cases/caller-cases.ts";
import {
  actorToken,
  assertion,
  basic,
  codes,
  diagnostics,
  type Exchanged,
  exchange,
  jwt,
  mail,
  newStory,
  ntlmChallenge,
  ntlmLast,
  ntlmOpening,
  offersAll,
  offersWindows,
  otherTenant,
  outerToken,
  outlookAgent,
  play,
  probe,
  scheduler,
  skype,
  startSeconds,
  tenant,
  tokenRequest,
  voicemail,
} from "./story.ts";

const bearer = (token: string): string => `Bearer ${token}`;
const call: Exchanged = { authorization: bearer(actorToken()) };
const userCall: Exchanged = { authorization: bearer(outerToken()) };
const refused = (code: string, category: string, reason = "no"): Exchanged => ({
  status: 401,
  answer: [...offersAll, diagnostics(code, category, reason)],
});

describe("one handshake", () => {
  const verdicts: readonly [name: string, story: readonly Exchanged[], verdict: string][] = [
    ["probe, token and acceptance confirm", [probe, tokenRequest({ issued: actorToken() }), call], "oauth-confirmed"],
    ["a cached token confirms without probe and token request", [call], "oauth-confirmed"],
    ["acting as a user confirms", [userCall], "oauth-confirmed"],
    ["a probe alone is inconclusive", [probe], "inconclusive"],
    ["a token without an answer is inconclusive", [{ ...call, status: null }], "inconclusive"],
    ["a token answered 503 is inconclusive", [{ ...call, status: 503 }], "inconclusive"],
    [
      "a sign-in page in answer to a token is inconclusive, however it says 200",
      [probe, { ...call, answer: [["Content-Type", "text/html"]] }],
      "inconclusive",
    ],
    [
      "a Bearer value that cannot be read is inconclusive when it is accepted, for nobody knows what it was",
      [probe, { ...call, authorization: `Bearer "${actorToken()}"` }],
      "inconclusive",
    ],
    [
      "the same rejects when it is refused",
      [probe, { ...call, authorization: `Bearer "${actorToken()}"`, status: 401 }],
      "oauth-rejected",
    ],
    [
      "a token that nobody signed is inconclusive when it is accepted: nothing was checked",
      [
        {
          ...call,
          authorization: `Bearer ${outerToken({ actor: actorToken({ header: { alg: "none" }, signature: "" }) })}`,
        },
      ],
      "inconclusive",
    ],
    ["a token given out and never presented is inconclusive", [tokenRequest({ issued: actorToken() })], "inconclusive"],
    ["a refused token rejects", [probe, { ...call, ...refused("2000006", "invalid_client") }], "oauth-rejected"],
    ["a refusal without reason rejects", [{ ...call, status: 401 }], "oauth-rejected"],
    ["the token service's refusal rejects", [probe, tokenRequest({ error: "invalid_client" })], "oauth-rejected"],
    [
      "an expired token that is renewed and accepted confirms",
      [{ ...call, ...refused("2000002", "token_expired") }, tokenRequest({ issued: actorToken() }), call],
      "oauth-confirmed",
    ],
    [
      "a refusal after acceptance rejects",
      [call, { ...call, ...refused("2000000", "invalid_signature") }],
      "oauth-rejected",
    ],
    [
      "calls as a user that are refused reject, though the application's own are accepted",
      [call, { ...userCall, ...refused("2000008", "invalid_grant") }, call],
      "oauth-rejected",
    ],
    [
      "the last answer to calls as a user decides, also for an unknown user",
      [userCall, { ...userCall, ...refused("2000005", "invalid_user") }],
      "oauth-rejected",
    ],
    [
      "one server of several that still refuses rejects, whatever the tokens are",
      [
        { ...call, answer: [["X-FEServer", "EX01"]] },
        {
          authorization: bearer(actorToken({ claims: { jti: "2" } })),
          status: 401,
          answer: [["X-FEServer", "EX02"], diagnostics("2000009", "invalid_certificate", "x")],
        },
        { authorization: bearer(actorToken({ claims: { jti: "3" } })), answer: [["X-FEServer", "EX01"]] },
      ],
      "oauth-rejected",
    ],
    [
      "a server that refused before and accepts later is mended",
      [
        { ...call, status: 401, answer: [["X-FEServer", "EX02"]] },
        { ...call, answer: [["X-FEServer", "EX01"]] },
        { ...call, answer: [["X-FEServer", "EX02"]] },
      ],
      "oauth-confirmed",
    ],
    [
      "a renewal that the token service refuses rejects",
      [call, tokenRequest({ error: "invalid_client" })],
      "oauth-rejected",
    ],
    [
      "a token service that gives in at last is no refusal",
      [tokenRequest({ error: "invalid_client" }), tokenRequest({ issued: actorToken() }), call],
      "oauth-confirmed",
    ],
    ["an initial 401 to an anonymous request is a challenge", [{ status: 401 }, call], "oauth-confirmed"],
    [
      "403 of an EWS policy is no refusal of the token",
      [{ ...call, status: 403, answer: [["X-EWS-Policy-Reason", "EWS is disabled for this user or tenant"]] }],
      "inconclusive",
    ],
    [
      "403 with invalid_token is one",
      [{ ...call, status: 403, answer: [diagnostics("2000001", "invalid_token", "no")] }],
      "oauth-rejected",
    ],
    [
      "500 with invalid_token is one",
      [{ ...call, status: 500, answer: [diagnostics("2000001", "invalid_token", "no")] }],
      "oauth-rejected",
    ],
    [
      "Basic in place of a token is the worst, whatever else works",
      [call, { authorization: basic }, call],
      "basic-fallback",
    ],
    [
      "Basic that is refused has crossed the wire all the same",
      [probe, { authorization: basic, status: 401 }],
      "basic-fallback",
    ],
    [
      "NTLM by a cloud service is another sign-in",
      [
        { status: 401, answer: offersWindows },
        { authorization: ntlmOpening, status: 401, answer: [["WWW-Authenticate", `NTLM ${ntlmChallenge}`]] },
        { authorization: ntlmLast },
      ],
      "other-auth",
    ],
    ["WS-Security is another sign-in", [{ path: "/EWS/Exchange.asmx/WSSecurity" }], "other-auth"],
    ["NTLM beside accepted tokens does not undo them", [call, { authorization: ntlmLast }], "oauth-confirmed"],
    [
      "metadata that anyone may read proves nothing",
      [{ ...call, method: "GET", path: "/autodiscover/metadata/json/1" }],
      "inconclusive",
    ],
    [
      "Autodiscover v2 that anyone may read proves nothing",
      [{ ...call, method: "GET", path: "/autodiscover/autodiscover.json?Protocol=EWS" }],
      "inconclusive",
    ],
    [
      "metadata proves acceptance where the server asked for authentication before",
      [
        { ...probe, path: "/autodiscover/metadata/json/1" },
        { ...call, method: "GET", path: "/autodiscover/metadata/json/1" },
      ],
      "oauth-confirmed",
    ],
    [
      "an unreadable token after a probe, refused, rejects",
      [
        { ...probe, agent: "unknown/1" },
        { agent: "unknown/1", authorization: "Bearer notatoken", status: 401 },
      ],
      "oauth-rejected",
    ],
  ];
  test.each(verdicts)("%s", (_name, story, verdict) => {
    const analysis = play(story);
    expect(analysis.handshakes.map((handshake) => handshake.verdict)).toEqual([verdict]);
    expect(analysis.verdict).toBe(verdict);
  });
});

describe("a call whose signed part does not prove who calls", () => {
  test.each(unprovenCases.map((one) => [one.name, one] as const))("%s", (_name, { story, options }) => {
    const analysis = play(story as readonly Exchanged[], options);
    expect(analysis.verdict).toBe("inconclusive");
    expect(exitCodeOf(analysis, "error")).toBe(1);
    expect(codes(analysis)).not.toContain("ISSUER_SEEN");
  });

  test.each([
    ["another application outside than inside", outerToken({ actor: actorToken({ caller: scheduler }) })],
    ["another tenant outside than inside", outerToken({ actor: actorToken({ realm: otherTenant }) })],
    ["an actor token that cannot be read", outerToken({ actor: "eyJ.eyJ.x" })],
  ])("%s", (_name, token) => {
    const analysis = play([{ authorization: bearer(token) }]);
    expect(analysis.verdict).toBe("inconclusive");
    expect(exitCodeOf(analysis, "error")).not.toBe(0);
  });
});

describe("no handshake", () => {
  const entra = (claims: object): string =>
    bearer(
      jwt(
        { alg: "RS256", kid: "k" },
        {
          ver: "1.0",
          iss: `https://sts.windows.net/${tenant}/`,
          aud: `https://${mail}/`,
          exp: startSeconds + 3600,
          tid: tenant,
          appid: "d3590ed6-52b3-4102-aeff-aad2292ab01c",
          ...claims,
        },
      ),
    );
  const stories: readonly [name: string, story: readonly Exchanged[]][] = [
    [
      "ActiveSync with Basic",
      [{ agent: "Apple-iPhone12C1/1801.76", path: "/Microsoft-Server-ActiveSync?Cmd=Sync", authorization: basic }],
    ],
    [
      "Outlook with NTLM",
      [
        { agent: outlookAgent, status: 401 },
        { agent: outlookAgent, authorization: ntlmLast },
      ],
    ],
    [
      "Outlook's probe and modern authentication",
      [
        { ...probe, agent: outlookAgent },
        { agent: outlookAgent, authorization: entra({ scp: "EWS.AccessAsUser.All", upn: "anna@contoso.com" }) },
      ],
    ],
    [
      "an unknown program's probe and a person's token",
      [
        { ...probe, agent: "newphone/1" },
        { agent: "newphone/1", authorization: entra({ scp: "EWS.AccessAsUser.All" }) },
      ],
    ],
    ["a load balancer's health check", [{ method: "GET", path: "/EWS/healthcheck.htm", agent: "lb/1" }]],
    ["anonymous Autodiscover v2 by the cloud", [{ method: "GET", path: "/autodiscover/autodiscover.json" }]],
    [
      "an Exchange identity token",
      [
        {
          agent: "add-in/1",
          authorization: bearer(
            jwt(
              { alg: "RS256", x5t: "x" },
              {
                aud: "https://add-in.contoso.com/",
                iss: `${exchange}@mail.contoso.com`,
                appctx: '{"msexchuid":"u","version":"ExIdTok.V1"}',
                exp: startSeconds + 3600,
              },
            ),
          ),
        },
      ],
    ],
    [
      "a password grant",
      [
        {
          host: "lync.contoso.com",
          path: "/WebTicket/oauthtoken",
          agent: "ucwa/1",
          headers: [["Content-Type", "application/x-www-form-urlencoded"]],
          body: "grant_type=password&username=anna&password=x",
        },
      ],
    ],
  ];
  test.each(stories)("%s", (_name, story) => {
    const analysis = play(story);
    expect(analysis.handshakes).toEqual([]);
    expect(analysis.verdict).toBe("none");
  });

  test("nothing at all", () => {
    expect(play([])).toMatchObject({ verdict: "none", counts: { transactions: 0 }, findings: [] });
  });
});

describe("the whole capture", () => {
  test("is as bad as its worst handshake", () => {
    const one = newStory("a", { client: "52.112.0.1:1", connection: "c1" });
    const ok = play([call]).verdict;
    expect(ok).toBe("oauth-confirmed");
    const story = [
      { ...probe, client: "52.112.0.9:1", connection: "c9" },
      call,
      { ...call, client: "52.112.0.2:1", connection: "c2", ...refused("2000006", "invalid_client") },
    ];
    expect(play(story.slice(0, 2)).verdict).toBe("inconclusive");
    expect(play(story).verdict).toBe("oauth-rejected");
    expect(one({}).id).toBe("a1");
  });

  test("names principal, realm, issuer and user form of each handshake", () => {
    const { handshakes } = play([probe, userCall]);
    expect(handshakes).toMatchObject([
      {
        id: "h1",
        client: "52.112.0.1",
        server: mail,
        stage: "trusted",
        principal: { id: skype, name: "Skype for Business Online" },
        realm: tenant,
        issuerAsSeen: `${skype}@${tenant}`,
        actingAs: "puid",
        signature: "unchecked",
        transactions: ["t1", "t2"],
      },
    ]);
  });

  test("keeps the legacy and the new callers of one connection apart, each with its own probe", () => {
    const { handshakes, verdict } = play(
      [skype, scheduler, voicemail].flatMap((caller) => [
        probe,
        tokenRequest({ assertion: assertion({ caller }), issued: actorToken({ caller }) }),
        { authorization: bearer(actorToken({ caller })) },
      ]),
    );
    expect(verdict).toBe("oauth-confirmed");
    expect(handshakes.map(({ principal }) => principal?.id)).toEqual([skype, scheduler, voicemail]);
    expect(handshakes.map(({ transactions }) => transactions)).toEqual([
      ["t1", "t2", "t3"],
      ["t4", "t5", "t6"],
      ["t7", "t8", "t9"],
    ]);
    expect(
      handshakes.every(({ steps }) => steps.every(({ step, state }) => step === "signing-key" || state === "ok")),
    ).toBe(true);
  });

  test("a recovered error is a warning, and the capture stays confirmed", () => {
    const analysis = play([{ ...call, ...refused("2000002", "token_expired") }, call]);
    expect(analysis.verdict).toBe("oauth-confirmed");
    expect(analysis.findings.find(({ code }) => code === "REFUSED_EXPIRED")?.severity).toBe("warning");
  });

  test("a clean handshake has no finding of error or above", () => {
    const { findings } = play([probe, tokenRequest({ issued: actorToken() }), call, userCall]);
    expect(findings.filter(({ severity }) => severity === "error" || severity === "alarm")).toEqual([]);
    expect(codes({ findings })).toContain("ISSUER_SEEN");
  });
});
