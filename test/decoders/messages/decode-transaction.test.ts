import { describe, expect, test } from "vitest";
import { decodeTransaction } from "../../../src/decoders/messages/decode-transaction.ts";
import { actAsToken, actorToken, compact, exchange, sfbOnline, signedHeader, sts, tenant } from "../token-maker.ts";
import { type Made, transaction } from "../transaction-maker.ts";

const facts = (made: Made) => decodeTransaction(transaction(made));
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
const formType = ["Content-Type", "application/x-www-form-urlencoded"] as const;
const jsonType = ["Content-Type", "application/json; charset=utf-8"] as const;
const acs = { host: "accounts.accesscontrol.windows.net", target: `/${tenant}/tokens/OAuth/2`, method: "POST" };
// Davenport, "The NTLM Authentication Protocol", type 1 and the head of type 2
const type1 = "TlRMTVNTUAABAAAABzIAAAYABgArAAAACwALACAAAABXT1JLU1RBVElPTkRPTUFJTg==";
const type2 = "TlRMTVNTUAACAAAADAAMADAAAAABAoEA";

test("a request in which nothing is found", () => {
  expect(facts({ target: "/", status: null })).toEqual({
    endpoint: "other",
    authorization: { scheme: "none" },
    otherCredentials: [],
    tokens: [],
    challenges: [],
    bearerChallenge: null,
    diagnostics: null,
    tokenRequest: null,
    tokenAnswer: null,
    metadata: null,
    ntlmSent: null,
    ntlmReceived: null,
    clientRequestId: "",
    requestId: "",
    userAgent: "",
    isCloudUserAgent: false,
    serverDate: null,
    federation: null,
    policyReason: "",
    operation: null,
    soapAnswer: null,
    graph: null,
    exchangeVersion: "",
    problems: [],
  });
});

describe("the handshake's steps", () => {
  test("the probe and its challenge ([MS-XOAUTH] 4.6)", () => {
    const read = facts({
      request: [
        ["AUTHORIZATION", "Bearer"],
        ["client-request-id", "cr-1"],
        ["User-Agent", "SkypeSpaces/1.0a$*+"],
      ],
      status: 401,
      response: [
        ["Server", "Microsoft-IIS/10.0"],
        ["request-id", "r-1"],
        [
          "WWW-Authenticate",
          `Bearer client_id="${exchange}", trusted_issuers="${sts}@*", token_types="app_asserted_user_v1 service_asserted_app_v1"`,
        ],
        ["www-authenticate", "Negotiate"],
        ["Www-Authenticate", 'NTLM, Basic realm="mail.contoso.com"'],
        ["Date", "Sun, 06 Nov 1994 08:49:37 GMT"],
      ],
    });
    expect(read).toMatchObject({
      endpoint: "ews",
      authorization: { scheme: "bearer-probe" },
      tokens: [],
      bearerChallenge: { clientId: exchange, trustedIssuers: [{ id: sts }] },
      clientRequestId: "cr-1",
      requestId: "r-1",
      isCloudUserAgent: true,
      serverDate: 784_111_777_000,
      problems: [],
    });
    expect(read.challenges.map(({ scheme }) => scheme)).toEqual(["Bearer", "Negotiate", "NTLM", "Basic"]);
  });

  test("the token request and its answer", () => {
    const read = facts({
      ...acs,
      request: [formType],
      requestBody: form({
        grant_type: "http://oauth.net/grant_type/jwt/1.0/bearer",
        assertion: actorToken,
        resource: `${exchange}/mail.contoso.com@${tenant}`,
      }),
      response: [jsonType],
      responseBody: JSON.stringify({
        token_type: "Bearer",
        access_token: actorToken,
        refresh_token: actorToken,
        expires_in: "86699",
      }),
    });
    expect(read).toMatchObject({
      endpoint: "sts-token",
      // The form names no realm: the path does.
      tokenRequest: { realm: tenant, resource: { id: exchange } },
      tokenAnswer: { isIssued: true, expiresInSeconds: 86_699 },
    });
    expect(read.tokens.map(({ path, side, token }) => [path, side, token.ok])).toEqual([
      ["assertion", "request", true],
      ["access_token", "response", true],
      ["body", "response", true],
    ]);
  });

  test("the call with a token, and the refusal", () => {
    const read = facts({
      method: "POST",
      request: [["Authorization", `Bearer ${actAsToken()}`]],
      status: 401,
      response: [["x-ms-diagnostics", '2000005;reason="The user is ambiguous.";error_category="invalid_user"']],
    });
    expect(read).toMatchObject({
      authorization: { scheme: "bearer", token: { ok: true, value: { tokenKind: "app-acts-as-user" } } },
      tokens: [
        { path: "authorization", side: "request", token: { value: { actor: { value: { tokenKind: "actor" } } } } },
      ],
      diagnostics: { code: "2000005", cause: "invalid_user" },
    });
  });

  test("an application's configured name reaches every decoder", () => {
    const applications = new Map([[sfbOnline, "ours"]]);
    const read = decodeTransaction(
      transaction({
        ...acs,
        request: [formType, ["Authorization", `Bearer ${actorToken}`]],
        requestBody: form({
          grant_type: "client_credentials",
          client_assertion: actorToken,
          resource: `${sfbOnline}/x@y`,
        }),
        status: 401,
        response: [["WWW-Authenticate", `Bearer trusted_issuers="${sfbOnline}@*"`]],
      }),
      { applications },
    );
    expect(read).toMatchObject({
      tokens: [
        { token: { value: { caller: { name: "ours" } } } },
        { path: "client_assertion", token: { value: { caller: { name: "ours" } } } },
      ],
      tokenRequest: { resource: { name: "ours" } },
      bearerChallenge: { trustedIssuers: [{ name: "ours" }] },
    });
  });
});

describe("where tokens stand", () => {
  test.each<[string, Made, string[]]>([
    ["the query", { target: `/x?access_token=${actorToken}&b=c#${actorToken}` }, ["query"]],
    [
      "the query, percent-coded with a removed signature",
      { target: `/x?a=${encodeURIComponent(actorToken.replace(/[^.]+$/, "<sig:ab3d>"))}` },
      ["query"],
    ],
    ["a query without one", { target: "/x?eyes=closed&few=many" }, []],
    [
      "another scheme",
      {
        request: [
          [
            "Authorization",
            `MSAuth1.0 actortoken="Bearer ${actorToken}", accesstoken="Bearer ${actorToken}", type="PFAT"`,
          ],
        ],
      },
      ["other", "other"],
    ],
    ["no scheme at all", { request: [["Authorization", actorToken]] }, ["other"]],
    [
      "another field",
      {
        request: [
          ["X-MS-Token", `Bearer ${actorToken}`],
          ["X-Raw", actorToken],
        ],
      },
      ["other", "other"],
    ],
    [
      "a field of a form that is no token request",
      { request: [formType], requestBody: form({ id_token: actorToken, x: "y" }) },
      ["body"],
    ],
    [
      "a broken assertion",
      {
        request: [formType],
        requestBody: form({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: "broken" }),
      },
      ["assertion"],
    ],
    [
      "a SAML assertion",
      {
        request: [formType],
        requestBody: form({ grant_type: "urn:ietf:params:oauth:grant-type:saml2-bearer", assertion: "PHNhbWw+" }),
      },
      [],
    ],
    [
      "JSON that no token service sent",
      { response: [jsonType], responseBody: JSON.stringify({ access_token: actorToken }) },
      [],
    ],
    ["an opaque access token", { ...acs, responseBody: '{"access_token":"opaque"}' }, []],
  ])("%s", (_, made, paths) => {
    expect(facts(made).tokens.map(({ path }) => path)).toEqual(paths);
  });

  test("are no more than a bounded number", () => {
    const fields = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`t${index}`, compact(signedHeader, {})]),
    );
    expect(facts({ request: [formType], requestBody: form(fields) }).tokens).toHaveLength(32);
  });
});

describe("one decoder that cannot read hides nothing of the others", () => {
  test("every part broken at once", () => {
    const read = facts({
      ...acs,
      request: [formType, ["Authorization", "Bearer broken"], ["client-request-id", "cr-1"]],
      requestBody: form({ grant_type: "jwt", assertion: "x" }),
      status: 400,
      response: [["WWW-Authenticate", '"""'], ["x-ms-diagnostics", "?"], ["Date", "yesterday"], jsonType],
      responseBody: '{"a":',
    });
    expect(read).toMatchObject({
      endpoint: "sts-token",
      authorization: { scheme: "bearer", token: { ok: false } },
      tokenRequest: { grantType: "jwt" },
      tokenAnswer: null,
      challenges: [],
      diagnostics: null,
      serverDate: null,
      clientRequestId: "cr-1",
    });
    expect(read.problems).toEqual([
      "Authorization: 1 segments where a signed token has 3",
      "answer: not JSON",
      "WWW-Authenticate: no scheme can be read",
      "x-ms-diagnostics: no number, reason or error_category in the diagnostics header",
    ]);
  });

  test.each<[string, Made, string]>([
    [
      "an actor token",
      { request: [["Authorization", `Bearer ${actAsToken("broken")}`]] },
      "actor token: 1 segments where a signed token has 3",
    ],
    ["Basic", { request: [["Authorization", "Basic !"]] }, "Authorization: the Basic credentials cannot be decoded"],
    ["NTLM", { request: [["Authorization", "NTLM !"]] }, "Authorization: the blob is not base64"],
    [
      "an answer that says nothing",
      { ...acs, responseBody: "{}" },
      "token answer: JSON, but neither a token nor an error",
    ],
    [
      "a metadata document",
      { host: acs.host, target: "/metadata/json/1", responseBody: "{}" },
      "metadata document: JSON without a list of keys",
    ],
    [
      "a SOAP body",
      { method: "POST", request: [["Content-Type", "text/xml"]], requestBody: "<!DOCTYPE x>" },
      "request body: a document type declaration",
    ],
  ])("%s", (_, made, problem) => {
    expect(facts(made).problems).toEqual([problem]);
  });

  test("the configuration of OpenID Connect names the address of keys and holds none (Discovery 1.0 §3)", () => {
    const target = `/${tenant}/v2.0/.well-known/openid-configuration`;
    const responseBody = JSON.stringify({ issuer: "x", jwks_uri: "https://login.microsoftonline.com/x/keys" });
    expect(facts({ host: acs.host, target, responseBody }).problems).toEqual([]);
    expect(facts({ host: acs.host, target, responseBody: "{}" }).problems).toHaveLength(1);
  });

  test("XML for another service is not a problem", () => {
    expect(
      facts({ target: "/x", method: "POST", request: [["Content-Type", "text/xml"]], requestBody: "<a/>" }).problems,
    ).toEqual([]);
  });
});

describe("diagnostics", () => {
  test("a number that is known wins over another product's field before it", () => {
    expect(
      facts({
        status: 401,
        response: [
          ["X-MS-Diagnostics", '28032;reason="The web ticket"'],
          ["x-ms-diagnostics", '2000001;reason="x"'],
        ],
      }).diagnostics?.code,
    ).toBe("2000001");
    expect(
      facts({ status: 401, response: [["x-ms-diagnostics", '28032;reason="The web ticket"']] }).diagnostics,
    ).toMatchObject({ code: "28032", cause: "unknown" });
  });

  test("the header from the back end is read when nothing else is there", () => {
    expect(
      facts({ status: 401, response: [["x-ms-diagnostics-from-backend", "InvalidUser|The user is ambiguous."]] })
        .diagnostics,
    ).toMatchObject({ code: "", cause: "invalid_user" });
  });

  test("a policy's reason counts on a 403 alone", () => {
    const response = [["X-EWS-Policy-Reason", "EWS is disabled for this user or tenant"]] as const;
    expect(facts({ status: 403, response }).policyReason).toBe("EWS is disabled for this user or tenant");
    expect(facts({ status: 401, response }).policyReason).toBe("");
  });
});

describe("NTLM and Negotiate", () => {
  test("what was sent and what came back", () => {
    expect(
      facts({
        request: [["Authorization", `NTLM ${type1}`]],
        status: 401,
        response: [["WWW-Authenticate", `NTLM ${type2}`]],
      }),
    ).toMatchObject({
      ntlmSent: { type: "negotiate", isNtlm: true },
      ntlmReceived: { type: "challenge", isNtlm: true },
    });
  });

  test("an offer without a blob is no message, nor is one that is not base64", () => {
    expect(facts({ status: 401, response: [["WWW-Authenticate", "Negotiate, NTLM"]] }).ntlmReceived).toBeNull();
    expect(facts({ status: 401, response: [["WWW-Authenticate", "NTLM AAAAA"]] }).ntlmReceived).toBeNull();
  });

  test("the blobs of a sanitised capture", () => {
    expect(
      facts({
        request: [["Authorization", "Negotiate <negotiate:kerberos>"]],
        response: [["WWW-Authenticate", "Negotiate <negotiate:spnego>"]],
      }),
    ).toMatchObject({
      ntlmSent: { type: "kerberos", isNtlm: false },
      ntlmReceived: { type: "spnego" },
    });
  });
});

describe("federation, neither OAuth nor Basic", () => {
  test.each<[string, Made, string | null]>([
    ["WS-Security by its path", { target: "/EWS/Exchange.asmx/WSSecurity" }, "ws-security"],
    ["WS-Security of Autodiscover", { target: "/autodiscover/autodiscover.svc/wssecurity" }, "ws-security"],
    [
      "WS-Security by its SOAP header",
      {
        request: [["Content-Type", "text/xml"]],
        requestBody: "<e:Envelope><e:Header><o:Security/></e:Header><e:Body><GetItem/></e:Body></e:Envelope>",
      },
      "ws-security",
    ],
    ["a common access token", { request: [["X-CommonAccessToken", "V"]] }, "common-access-token"],
    ["neither", {}, null],
  ])("%s", (_, made, federation) => {
    expect(facts(made).federation).toBe(federation);
  });
});

describe("who seems to call", () => {
  test.each([
    ["MicrosoftNinja/1.0 Teams/1.0 (ExchangeServicesClient/1.0.0.0) SkypeSpaces/1.0a$*+", true],
    ["SkypeSpaces/1.0a$*+", true],
    ["Teams CalendarSkypeSpaces/1.0a$*+", true],
    ["ASAutoDiscover/CrossForest/EmailDomain", true],
    ["ASProxy/CrossForest/EmailDomain", true],
    ["Teams", true],
    ["SchedulingService", true],
    ["Exchange/15.20 (SchedulingService; v1)", true],
    ["Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Teams/1.5.00 Chrome/80 Electron/8 Safari/537.36", false],
    ["TeamsMobile-Android", false],
    ["Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)", false],
    ["Apple-iPhone14C2/2104.66", false],
    ["", false],
  ])("%s: %s", (userAgent, isCloudUserAgent) => {
    expect(facts({ request: [["User-Agent", userAgent]] })).toMatchObject({ userAgent, isCloudUserAgent });
  });
});

describe("bodies", () => {
  test("an EWS operation", () => {
    const requestBody =
      '<s:Envelope><s:Body><m:GetFolder><t:DistinguishedFolderId Id="conversationhistory"/></m:GetFolder></s:Body></s:Envelope>';
    expect(
      facts({ method: "POST", request: [["Content-Type", "text/xml; charset=utf-8"]], requestBody }).operation,
    ).toEqual({
      name: "GetFolder",
      folders: ["conversationhistory"],
      sign: "conversation-history",
    });
  });

  test("a metadata document of the token service, and of a server", () => {
    const responseBody = JSON.stringify({ issuer: `${sts}@${tenant}`, keys: [{ keyvalue: { value: "AAAA" } }] });
    for (const host of [acs.host, "mail.contoso.com"]) {
      expect(facts({ host, target: "/metadata/json/1", responseBody }).metadata).toMatchObject({
        realm: tenant,
        keys: [{ x5t: null }],
      });
    }
  });

  test("a server's metadata path may answer with something else", () => {
    expect(facts({ target: "/metadata/json/1", responseBody: '{"a":1}' })).toMatchObject({
      metadata: null,
      problems: [],
    });
    expect(facts({ target: "/metadata/json/1", responseBody: "<html>" })).toMatchObject({
      metadata: null,
      problems: [],
    });
  });

  test("a token service's refusal", () => {
    expect(
      facts({ ...acs, status: 400, responseBody: '{"error":"invalid_client","error_description":"ACS50012: no"}' })
        .tokenAnswer,
    ).toMatchObject({ isIssued: false, errorCode: "ACS50012" });
  });

  test("an MsRtcOAuth password grant", () => {
    const read = facts({
      host: "lync.contoso.com",
      target: "/WebTicket/oauthtoken",
      method: "POST",
      request: [formType],
      requestBody: "grant_type=password&username=a&password=b",
    });
    expect(read).toMatchObject({ endpoint: "web-ticket", tokenRequest: { isPasswordGrant: true } });
  });

  test("a form without a type is read at a token service only", () => {
    const requestBody = "grant_type=client_credentials";
    expect(facts({ ...acs, requestBody }).tokenRequest).not.toBeNull();
    expect(facts({ requestBody }).tokenRequest).toBeNull();
  });

  test("a body whose coding could not be undone is left alone", () => {
    const made = transaction({ ...acs, responseBody: '{"error":"x"}' });
    const response =
      made.response === null ? null : { ...made.response, body: { ...made.response.body, contentCoding: "zstd" } };
    expect(decodeTransaction({ ...made, response })).toMatchObject({ tokenAnswer: null, problems: [] });
  });
});

test("ids are cut to a bounded length, the answer's id stands in for a missing one", () => {
  const read = facts({
    response: [
      ["request-id", "x".repeat(1000)],
      ["client-request-id", "answered"],
    ],
  });
  expect(read.requestId).toHaveLength(128);
  expect(read.clientRequestId).toBe("answered");
});
