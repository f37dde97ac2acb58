import {
  actorToken,
  basic,
  cloudAgent,
  type Exchanged,
  exchange,
  jwt,
  mail,
  ntlmChallenge,
  ntlmLast,
  ntlmOpening,
  offersAll,
  offersWindows,
  otherTenant,
  outlookAgent,
  probe,
  tenant,
  tokenRequest,
} from "../story.ts";
import type { FindingCase } from "./finding-case.ts";

const script = "python-requests/2.31";
const call: Exchanged = { authorization: `Bearer ${actorToken()}` };
const form = (body: string): Exchanged => ({
  agent: "x/1",
  headers: [["Content-Type", "application/x-www-form-urlencoded"]],
  body,
});

export const signInCases: readonly FindingCase[] = [
  // The ladder, rung 1: only offered.
  {
    name: "a 401 that lists Basic is only information",
    story: [{ ...probe }],
    shows: ["BASIC_OFFERED"],
    never: ["BASIC_FALLBACK", "BASIC_USED", "BASIC_EXPECTED"],
  },
  {
    name: "Basic with an empty realm in one comma-joined line",
    story: [
      { status: 401, answer: [["Www-Authenticate", 'Bearer client_id="x", trusted_issuers="a@b,c@d",Basic Realm=""']] },
    ],
    shows: ["BASIC_OFFERED"],
    never: ["BASIC_FALLBACK"],
  },
  // Rung 2: expected of people's programs.
  ...[
    ["a phone on ActiveSync", { agent: "Android-SAMSUNG/101.120", path: "/Microsoft-Server-ActiveSync?Cmd=Ping" }],
    ["an unknown program on ActiveSync", { agent: "", path: "/Microsoft-Server-ActiveSync" }],
    ["Outlook Anywhere", { agent: "MSRPC", path: "/rpc/rpcproxy.dll?mail:6001", method: "RPC_IN_DATA" }],
    ["Outlook on EWS", { agent: outlookAgent }],
    [
      "Outlook for Mac on Autodiscover",
      { agent: "MacOutlook/16.80 (Intel Mac OS X 14)", path: "/autodiscover/autodiscover.xml" },
    ],
  ].map(
    ([name, one]): FindingCase => ({
      name: `Basic by ${name as string} is expected, also after Bearer was offered`,
      story: [
        { ...(one as Exchanged), status: 401 },
        { ...(one as Exchanged), authorization: basic },
      ],
      shows: ["BASIC_EXPECTED"],
      never: ["BASIC_FALLBACK", "BASIC_USED"],
    }),
  ),
  {
    name: "a script that signs in with Basic unasked is worth a look, no alarm",
    story: [{ agent: script, authorization: basic }],
    shows: ["BASIC_USED"],
    never: ["BASIC_FALLBACK"],
  },
  {
    name: "a script whose first Basic is refused with a 401 that lists Bearer is still no fallback",
    story: [
      { agent: script, authorization: basic, status: 401 },
      { agent: script, authorization: basic },
    ],
    shows: ["BASIC_USED"],
    never: ["BASIC_FALLBACK"],
  },
  {
    name: "Basic after a 401 that offered Windows sign-in and Basic only is no fallback",
    story: [
      { agent: script, status: 401, answer: [...offersWindows, ["WWW-Authenticate", "Basic realm=x"]] },
      { agent: script, authorization: basic },
    ],
    shows: ["BASIC_USED"],
    never: ["BASIC_FALLBACK"],
  },
  {
    name: "another program at another address that was offered Bearer makes nobody's Basic a fallback",
    story: [
      { agent: script, status: 401, client: "10.0.0.7:1", connection: "c7" },
      { agent: "other/1", authorization: basic, client: "10.0.0.8:1", connection: "c8" },
    ],
    shows: ["BASIC_USED"],
    never: ["BASIC_FALLBACK"],
  },
  {
    name: "Basic to a token service is a client's secret, no fallback",
    story: [
      {
        agent: cloudAgent,
        host: "login.microsoftonline.com",
        path: "/common/oauth2/token",
        authorization: basic,
        ...form("grant_type=client_credentials&resource=x"),
      },
    ],
    never: ["BASIC_FALLBACK", "BASIC_USED"],
  },
  // Rung 3: fallback.
  {
    name: "Basic on EWS by a cloud service's User-Agent",
    story: [{ authorization: basic }],
    shows: ["BASIC_FALLBACK"],
    says: "User-Agent is that of a cloud service",
  },
  {
    name: "Basic with the request id of an earlier probe, on another connection",
    story: [
      { ...probe, agent: script, requestId: "5f8b", connection: "c1" },
      {
        agent: script,
        authorization: basic,
        requestId: "5f8b",
        connection: "c2",
        client: "52.112.9.9:1",
        path: "/autodiscover/autodiscover.svc",
      },
    ],
    shows: ["BASIC_FALLBACK"],
    says: "probed with an empty Bearer",
  },
  {
    name: "Basic by a program that has used a service's token at another server",
    story: [
      { ...call, agent: script, host: "autodiscover.contoso.com" },
      { agent: script, authorization: basic, connection: "c2" },
    ],
    shows: ["BASIC_FALLBACK"],
    says: "has used a service's token",
  },
  {
    name: "Basic by a program that has asked the token service for a service's token",
    story: [
      { ...tokenRequest({ issued: actorToken() }), agent: script },
      { agent: script, authorization: basic, connection: "c2" },
    ],
    shows: ["BASIC_FALLBACK"],
    says: "has used a service's token",
  },
  ...["iOS/17.3.1 (21D61) exchangesyncd/1.0", "OCPhone/4.0.7577.4525 (Microsoft Lync Phone Edition)", "MacLync/14.4.3"]
    .concat("eM Client/9.2.2093", script, "")
    .map(
      (agent): FindingCase => ({
        name: `an unidentified program (${agent === "" ? "without User-Agent" : agent}), after a 401 that offered Bearer`,
        story: [
          { agent, status: 401 },
          { agent, authorization: basic },
        ],
        shows: ["BASIC_USED"],
        never: ["BASIC_FALLBACK"],
        says: "An unidentified program",
      }),
    ),
  {
    name: "a person's token before a password makes no service of a program",
    story: [
      {
        agent: "newphone/1",
        authorization: `Bearer ${jwt({ alg: "RS256" }, { ver: "1.0", iss: `https://sts.windows.net/${tenant}/`, scp: "EWS", appid: otherTenant })}`,
        status: 401,
      },
      { agent: "newphone/1", authorization: basic },
    ],
    shows: ["BASIC_USED"],
    never: ["BASIC_FALLBACK"],
  },
  // Two fields, of which a server takes either.
  ...(
    [
      ["a token first", `Bearer ${actorToken()}`, basic],
      ["the password first", basic, `Bearer ${actorToken()}`],
    ] as const
  ).map(
    ([what, first, second]): FindingCase => ({
      name: `a password beside a service's token in a second field, ${what}`,
      story: [{ agent: script, authorization: first, headers: [["authorization", second]] }],
      shows: ["BASIC_FALLBACK"],
      says: "in another field",
    }),
  ),
  {
    name: "a token and a password joined in one field",
    story: [{ agent: script, authorization: `Bearer ${actorToken()}, ${basic}` }],
    shows: ["BASIC_FALLBACK"],
    says: "in another field",
  },
  {
    name: "a Bearer probe and a password in one request",
    story: [{ agent: script, authorization: "Bearer", headers: [["Authorization", basic]] }],
    shows: ["BASIC_FALLBACK"],
    says: "probed",
  },
  {
    name: "a password beside NTLM by an unknown program",
    story: [{ agent: script, authorization: ntlmLast, headers: [["Authorization", basic]] }],
    shows: ["BASIC_USED"],
    never: ["BASIC_FALLBACK"],
  },
  {
    name: "a password for a web proxy",
    story: [
      {
        ...call,
        headers: [
          ["Proxy-Authorization", "Negotiate YIIabcdefg=="],
          ["Proxy-Authorization", basic],
        ],
      },
    ],
    shows: ["PROXY_PASSWORD"],
    never: ["BASIC_FALLBACK", "BASIC_USED"],
  },
  {
    name: "a password for a web proxy joined to another scheme",
    story: [{ ...call, headers: [["Proxy-Authorization", `Bearer abc, ${basic}`]] }],
    shows: ["PROXY_PASSWORD"],
  },
  {
    name: "Basic whose value cannot be decoded still stands where the token belongs",
    story: [{ authorization: "Basic !!!" }],
    shows: ["BASIC_FALLBACK"],
  },
  {
    name: "Basic on the metadata document",
    story: [{ authorization: basic, path: "/autodiscover/metadata/json/1" }],
    shows: ["BASIC_FALLBACK"],
  },
  // Passwords in bodies.
  {
    name: "an MsRtcOAuth password grant",
    story: [
      {
        host: "lync.contoso.com",
        path: "/WebTicket/oauthtoken",
        ...form("grant_type=password&username=anna%40contoso.com&password=Pa55"),
      },
    ],
    shows: ["PASSWORD_GRANT"],
    says: "lync.contoso.com",
  },
  // Rung 4: Windows sign-in.
  {
    name: "NTLM by an unknown program that was offered Bearer",
    story: [
      { agent: script, status: 401 },
      {
        agent: script,
        authorization: ntlmOpening,
        status: 401,
        answer: [["WWW-Authenticate", `NTLM ${ntlmChallenge}`]],
      },
      { agent: script, authorization: ntlmLast },
    ],
    shows: ["WINDOWS_AUTH_AFTER_BEARER"],
    never: ["BASIC_FALLBACK", "WINDOWS_AUTH_BY_SERVICE"],
  },
  {
    name: "NTLM by Outlook says nothing",
    story: [
      { agent: outlookAgent, status: 401 },
      { agent: outlookAgent, authorization: ntlmLast },
    ],
    never: ["WINDOWS_AUTH_AFTER_BEARER", "WINDOWS_AUTH_BY_SERVICE"],
  },
  {
    name: "Negotiate by a cloud service that was never offered Bearer",
    story: [{ status: 401, answer: offersWindows }, { authorization: "Negotiate YIIabcdefg==" }],
    shows: ["WINDOWS_AUTH_BY_SERVICE"],
    says: "Negotiate",
  },
  {
    name: "a front end's own Negotiate to a back end is named as that",
    story: [{ agent: "", authorization: "Negotiate YIIabcdefg==", headers: [["X-CommonAccessToken", "abc"]] }],
    shows: ["COMMON_ACCESS_TOKEN"],
    never: ["WINDOWS_AUTH_AFTER_BEARER", "WINDOWS_AUTH_BY_SERVICE"],
  },
  {
    name: "every NTLM sign-in fails at its last message while tokens are accepted",
    story: [call, { agent: outlookAgent, authorization: ntlmLast, status: 401, connection: "c2", answer: offersAll }],
    shows: ["EXTENDED_PROTECTION"],
    says: "likely",
  },
  {
    name: "one NTLM sign-in that works shows that it is not Extended Protection",
    story: [
      call,
      { agent: outlookAgent, authorization: ntlmLast, status: 401, connection: "c2" },
      { agent: outlookAgent, authorization: ntlmLast, connection: "c3" },
    ],
    never: ["EXTENDED_PROTECTION"],
  },
  {
    name: "NTLM that fails where no token was accepted says nothing about Extended Protection",
    story: [{ agent: outlookAgent, authorization: ntlmLast, status: 401 }],
    never: ["EXTENDED_PROTECTION"],
  },
  {
    name: "federation by its endpoint",
    story: [{ agent: "ASProxy/CrossForest/EmailDomain", path: "/EWS/Exchange.asmx/WSSecurity" }],
    shows: ["FEDERATION_USED"],
    never: ["BASIC_USED", "BASIC_FALLBACK"],
  },
  // Challenges.
  {
    name: "a 401 without WWW-Authenticate",
    story: [{ ...probe, answer: [] }],
    shows: ["CHALLENGE_MISSING"],
    says: mail,
  },
  {
    name: "a refusal by a Web Application Proxy",
    story: [{ ...probe, answer: [["Server", "Microsoft-HTTPAPI/2.0"]] }],
    shows: ["CHALLENGE_MISSING", "DEVICE_IN_FRONT"],
  },
  {
    name: "a probe answered without Bearer",
    story: [{ ...probe, answer: offersWindows }],
    shows: ["BEARER_NOT_OFFERED"],
    says: "without offering Bearer",
  },
  {
    name: "an anonymous request answered without Bearer proves nothing (Exchange SE)",
    story: [{ status: 401, answer: [["WWW-Authenticate", "Basic realm=x"]] }],
    never: ["BEARER_NOT_OFFERED", "CHALLENGE_MISSING"],
  },
  {
    name: "a challenge that trusts nobody",
    story: [
      {
        ...probe,
        answer: [
          [
            "WWW-Authenticate",
            `Bearer client_id="${exchange}", trusted_issuers="", authorization_uri="https://login.windows.net/common/oauth2/authorize"`,
          ],
        ],
      },
    ],
    shows: ["TRUSTED_ISSUERS_UNKNOWN"],
    never: ["AUTHORIZATION_URI_MISSING"],
  },
  {
    name: "a challenge without a default authorization server",
    story: [
      {
        ...probe,
        answer: [
          [
            "WWW-Authenticate",
            `Bearer client_id="${exchange}", trusted_issuers="00000001-0000-0000-c000-000000000000@*"`,
          ],
        ],
      },
    ],
    shows: ["AUTHORIZATION_URI_MISSING"],
    never: ["TRUSTED_ISSUERS_UNKNOWN"],
  },
  // Published: Skype for Business Server 2015 and Exchange, each with the other's key
  {
    name: "a challenge that trusts a partner's own key, as direct trust does",
    story: [
      {
        ...probe,
        answer: [
          [
            "WWW-Authenticate",
            `Bearer client_id="${exchange}", trusted_issuers="00000004-0000-0ff1-ce00-000000000000@contoso.com", token_types="app_asserted_user_v1 service_asserted_app_v1"`,
          ],
        ],
      },
    ],
    never: ["TRUSTED_ISSUERS_UNKNOWN"],
  },
  {
    name: "a probe that was offered Bearer and that no token followed",
    story: [{ ...probe }],
    shows: ["TOKEN_DID_NOT_FOLLOW"],
    says: "Get-AuthServer",
  },
  {
    name: "a probe that a token followed, or a token request, is followed",
    story: [{ ...probe }, { ...call }],
    never: ["TOKEN_DID_NOT_FOLLOW"],
  },
  {
    name: "a call with a token that a sign-in page answers proves nothing",
    story: [{ ...call, answer: [["Content-Type", "text/html; charset=utf-8"]], answerBody: "<html></html>" }],
    shows: ["WEB_PAGE_ANSWERED"],
    says: "a web page",
  },
  {
    name: "a call with a token that is sent elsewhere proves nothing",
    story: [{ ...call, status: 302, answer: [["Location", "https://login.contoso.com/"]] }],
    shows: ["WEB_PAGE_ANSWERED"],
    says: "a redirect (302)",
  },
  {
    name: "EWS's own page in answer to a GET is nothing in front of it",
    story: [{ ...call, method: "GET", answer: [["Content-Type", "text/html"]] }],
    never: ["WEB_PAGE_ANSWERED"],
  },
];
