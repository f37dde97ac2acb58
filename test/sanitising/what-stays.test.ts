// What a support engineer needs is still there after sanitising, and the decoders say the same of it.
import { readdirSync, readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { describe, expect, test } from "vitest";
import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";
import type { CaptureEvent } from "../../src/core/capture-event.ts";
import type { Headers } from "../../src/core/headers.ts";
import { decodeTransaction } from "../../src/decoders/messages/decode-transaction.ts";
import { decodeToken } from "../../src/decoders/tokens/s2s-token.ts";
import { onlyPublicWords } from "../../src/sanitising/public-words.ts";
import { keepSecrets, sanitiseEvent, sanitiseTransaction } from "../../src/sanitising/sanitise.ts";
import {
  actorClaims,
  compact,
  sfbOnline,
  signature,
  signedHeader,
  tenant,
  unsignedHeader,
} from "../decoders/token-maker.ts";
import { type Parts, transaction } from "./transaction-maker.ts";

const pseudonymise = pseudonymsFromKey(new Uint8Array(32).fill(3));
const safe = (parts: Parts): ReturnType<typeof sanitiseTransaction> =>
  sanitiseTransaction(transaction(parts), pseudonymise);
const ownWords = /"(?:the|more|two) [a-z][^"\n$`]{8,80}"/g;
/** The text of every source file of these folders of `src` and of their rooms. */
const sourcesIn = (...folders: readonly string[]): readonly string[] =>
  folders.flatMap((folder) =>
    readdirSync(`src/${folder}`, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(`src/${folder}/${file}`, "utf8")),
  );
const actor = compact(signedHeader, actorClaims);

/** Everything decoders say, but for the tokens' own text and values that became pseudonyms. */
function facts(parts: Parts, isSafe: boolean): unknown {
  const decoded = decodeTransaction(isSafe ? safe(parts) : transaction(parts));
  return JSON.parse(
    JSON.stringify(decoded, (name, value: unknown) => {
      if (name === "compact" || name === "claims" || name === "header" || name === "user" || name === "certificate")
        return "";
      return name === "signature" && value === "removed" ? "present" : value;
    }),
  );
}

const outer = (claims: object): string =>
  compact(
    unsignedHeader,
    {
      iss: `${sfbOnline}@${tenant}`,
      aud: actorClaims.aud,
      nbf: "1700000000",
      exp: "1700028800",
      actortoken: actor,
      ...claims,
    },
    "",
  );
const bearer = (token: string): Headers => [["Authorization", `Bearer ${token}`]];
const challenge: Headers = [
  [
    "WWW-Authenticate",
    `Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers="00000001-0000-0000-c000-000000000000@*", error="invalid_token"`,
  ],
  ["WWW-Authenticate", "Negotiate"],
  ["WWW-Authenticate", "NTLM"],
  ["WWW-Authenticate", 'Basic realm="mail.contoso.example"'],
];
const form = "application/x-www-form-urlencoded";

test.each<[string, Parts]>([
  ["an actor token", { headers: bearer(actor) }],
  [
    "a token that acts as a user by PUID",
    { headers: bearer(outer({ nameid: "1003200012345678", nii: "urn:federation:MicrosoftOnline" })) },
  ],
  [
    "a token that acts as a user by SID",
    { headers: bearer(outer({ nameid: "S-1-5-21-111-222-333-1001", nii: "urn:office:idp:activedirectory" })) },
  ],
  ["a token that acts as a user by address", { headers: bearer(outer({ smtp: "anna@contoso.example" })) }],
  [
    "a token that names a client in sub",
    {
      headers: bearer(
        compact(signedHeader, { iss: sfbOnline, sub: sfbOnline, aud: ["https://login.microsoftonline.com/x"] }),
      ),
    },
  ],
  ["an empty Bearer", { headers: [["Authorization", "Bearer"]], status: 401, answerHeaders: challenge }],
  ["a token without a scheme", { headers: [["Authorization", actor]] }],
  ["a token for a web proxy", { headers: [["Proxy-Authorization", `Bearer ${actor}`]] }],
  ["credentials of a scheme that is not decoded", { headers: [["Authorization", "api_key abcdefgh12345678"]] }],
  ["a registered scheme with digits", { headers: [["Authorization", "SCRAM-SHA-256 realm=x, data=abc"]] }],
  ["a token of such a scheme", { headers: [["Authorization", `Turbo ${actor}`]] }],
  ["a token in a cookie", { headers: [["Cookie", `a=b; session=${actor}; c=d`]] }],
  ["a token in a WebSocket protocol", { headers: [["Sec-WebSocket-Protocol", `chat, bearer.${actor}`]] }],
  ["a token in Set-Cookie", { answerHeaders: [["Set-Cookie", `session=${actor}; Path=/; HttpOnly`]] }],
  ["a token in Location", { answerHeaders: [["Location", `https://c.example/?id_token=${actor}#id_token=${actor}`]] }],
  [
    "a token in the answer of another service",
    {
      target: "/api/session",
      answerHeaders: [["Content-Type", "application/json"]],
      answer: JSON.stringify({ token: actor, name: "x" }),
    },
  ],
  ["Basic", { headers: [["Authorization", `Basic ${Buffer.from("CONTOSO\\anna:pw").toString("base64")}`]] }],
  [
    "a refusal",
    {
      headers: bearer(actor),
      status: 401,
      answerHeaders: [
        ...challenge,
        [
          "x-ms-diagnostics",
          '2000001;reason="The issuer of the token is unknown. Issuer: \'00000004-0000-0ff1-ce00-000000000000@contoso.example\'.";error_category="invalid_token"',
        ],
        ["request-id", "7a1b0c1d-0000-4000-8000-000000000001"],
      ],
    },
  ],
  ["a policy refusal", { status: 403, answerHeaders: [["X-EWS-Policy-Reason", "EwsApplicationAccessPolicy"]] }],
  [
    "a token request",
    {
      target: `/${tenant}/tokens/OAuth/2`,
      headers: [["Content-Type", form]],
      body: `grant_type=http%3A%2F%2Foauth.net%2Fgrant_type%2Fjwt%2F1.0%2Fbearer&assertion=${actor}&resource=${encodeURIComponent(actorClaims.aud)}&realm=${tenant}`,
      answer: JSON.stringify({ token_type: "Bearer", access_token: actor, expires_in: "28799" }),
    },
  ],
  [
    "a refused token request",
    {
      target: `/${tenant}/tokens/OAuth/2`,
      headers: [["Content-Type", form]],
      body: "grant_type=password&username=a&password=b",
      status: 400,
      answer: JSON.stringify({
        error: "invalid_client",
        error_description: "ACS50012: Authentication failed for user anna@contoso.example.",
        error_codes: [50012],
      }),
    },
  ],
  [
    "a newer service's error",
    {
      target: `/${tenant}/oauth2/v2.0/token`,
      headers: [["Content-Type", form]],
      body: "grant_type=client_credentials",
      status: 400,
      answer: JSON.stringify({ error: { code: "invalid_request", message: "AADSTS900144: anna" } }),
    },
  ],
  [
    "an EWS operation",
    {
      headers: [["Content-Type", "text/xml"]],
      body: '<s:Envelope><s:Body><m:GetFolder><t:DistinguishedFolderId Id="recoverableitemspurges"/></m:GetFolder></s:Body></s:Envelope>',
    },
  ],
  [
    "a voicemail greeting",
    {
      headers: [["Content-Type", "text/xml"]],
      body: '<s:Envelope><s:Body><m:GetUserConfiguration><m:UserConfigurationName Name="UM.CustomGreetings.External"/></m:GetUserConfiguration></s:Body></s:Envelope>',
    },
  ],
  [
    "a cloud service's name and ids",
    {
      headers: [
        ["User-Agent", "SkypeSpaces/1.0a$*+"],
        ["client-request-id", "abc"],
        ["X-MS-Client-Request-Id", "def"],
      ],
      answerHeaders: [["Date", "Thu, 15 Jan 2026 12:00:00 GMT"]],
    },
  ],
])("%s says the same", (_name, parts) => {
  expect(facts(parts, true)).toEqual(facts(parts, false));
});

describe("readable", () => {
  test("the claims that say who trusts whom and for how long", () => {
    const [, value = ""] = safe({ headers: bearer(outer({ smtp: "anna@contoso.example" })) }).request.headers[1] ?? [];
    const token = decodeToken(value.slice("Bearer ".length));
    expect(token).toMatchObject({
      ok: true,
      value: {
        claims: {
          iss: `${sfbOnline}@${tenant}`,
          aud: actorClaims.aud,
          nbf: "1700000000",
          exp: "1700028800",
          smtp: expect.stringMatching(/^user-[a-z2-7]{10}@contoso\.example$/),
        },
        actor: { ok: true, value: { claims: actorClaims, header: signedHeader, signature: "removed" } },
      },
    });
  });

  test("which application of Entra calls, with which permissions and which certificate", () => {
    const application = "5d1c0e4b-3a17-4f0e-9a53-2f7d0f8a6c11";
    const header = { alg: "PS256", typ: "JWT", "x5t#S256": "kS8Bw0mU1yqvF2b9C0u4xW3mG7hT5nJ6pL8rD2sE1fA" };
    const claims = {
      ...{ iss: `https://login.microsoftonline.com/${tenant}/v2.0`, aud: "https://graph.microsoft.com", ver: "2.0" },
      ...{ azp: application, idtyp: "app", roles: ["Calendars.Read", "MailTips.ReadBasic.All"], tid: tenant },
    };
    const [, value = ""] = safe({ headers: bearer(compact(header, claims)) }).request.headers[1] ?? [];
    expect(decodeToken(value.slice("Bearer ".length))).toMatchObject({ ok: true, value: { header, claims } });
    expect(value).not.toContain(signature);
  });

  test("one person has one pseudonym in the whole capture, and another in a capture of its own", () => {
    const account = (key: number): string => {
      const made = sanitiseTransaction(
        transaction({ target: "/x/anna@contoso.example" }),
        pseudonymsFromKey(new Uint8Array(32).fill(key)),
      );
      return made.request.target;
    };
    expect(account(1)).toBe(account(1));
    expect(account(1)).not.toBe(account(2));
  });

  test("applications in a refusal's words are no people", () => {
    const reason =
      "00000002-0000-0ff1-ce00-000000000000/mail.contoso.example@contoso.example was not 00000004-0000-0ff1-ce00-000000000000@contoso.example of anna@contoso.example";
    const [, value] = safe({ answerHeaders: [["x-ms-diagnostics", reason]] }).response?.headers[0] ?? [];
    expect(value).toBe(reason.replace(/anna/, /user-[a-z2-7]{10}/.exec(value ?? "")?.[0] ?? "no pseudonym"));
  });

  test("how an EWS call ended", () => {
    const answer =
      '<s:Envelope><s:Body><m:GetFolderResponse><m:GetFolderResponseMessage ResponseClass="Error"><m:MessageText>Access is denied for anna. Check credentials and try again.</m:MessageText><m:ResponseCode>ErrorAccessDenied</m:ResponseCode></m:GetFolderResponseMessage></m:GetFolderResponse></s:Body></s:Envelope>';
    expect(new TextDecoder().decode(safe({ answer }).response?.body.bytes)).toBe(
      '<Envelope><Body><GetFolderResponse><GetFolderResponseMessage ResponseClass="Error"><MessageText>Access is denied for *** Check credentials and try again.</MessageText><ResponseCode>ErrorAccessDenied</ResponseCode></GetFolderResponseMessage></GetFolderResponse></Body></Envelope>',
    );
  });

  test("what this program itself says of a connection, and the usual reason phrases", () => {
    const own = sourcesIn("proxy", "sockets", "http1", "sources").flatMap((source) => source.match(ownWords) ?? []);
    expect(own.length).toBeGreaterThan(40);
    // Sentences that begin otherwise, and those with something put into them
    const sentence = /(["`])([a-z](?:[^"`\n]|\$\{[^}]*\}){10,140})\1/g;
    const said = sourcesIn("proxy", "sockets", "http1").flatMap((source) =>
      [...source.matchAll(sentence)].map(([, , text = ""]) => text),
    );
    const reasons = said
      .map((text) => text.replace(/\$\{[^}]*\}/g, " 1 "))
      .filter((text) => text.split(" ").length > 3);
    expect(reasons.length).toBeGreaterThan(60);
    for (const text of reasons.filter(
      (one) => !/realmscope|node:|[{}=/](?!\/)/.test(one.replace(/https?:\/\//g, "")),
    )) {
      expect(onlyPublicWords(text)).toBe(text);
    }
    for (const text of own) expect(onlyPublicWords(text.slice(1, -1))).toBe(text.slice(1, -1));
    for (const phrase of Object.values(STATUS_CODES)) expect(onlyPublicWords(phrase ?? "")).toBe(phrase);
    expect(onlyPublicWords("the connection failed (ECONNREFUSED), ERR_SSL_TLSV1_ALERT_UNKNOWN_CA")).not.toContain("*");
    expect(onlyPublicWords("Zx9-planted Anna_Smith s3cret")).toBe("*** *** ***");
  });

  test("names of fields that somebody thought of, and no others", () => {
    const names = ["X-B3-TraceId", "P3P", "Content-MD5", "Sec-CH-UA", "X-S2S", "X-MS-Version2", "x_y.z"];
    const others = ["X-Zq7-023-Planted_K4w", "X-kJ8sQ2vX0bLw7ZrT5nMy3Pc", "no name: "];
    const kept = safe({ headers: [...names, ...others].map((name) => [name, "a"]) }).request.headers.slice(1);
    expect(kept.slice(0, names.length).map(([name]) => name)).toEqual(names);
    for (const [name] of kept.slice(names.length)) expect(name).toMatch(/^redacted-[a-z2-7]{4}$/);
    expect(safe({ headers: kept }).request.headers.slice(1)).toEqual(kept);
  });

  test("the size of what was taken away", () => {
    expect(safe({ answer: "something secret" }).response?.body).toMatchObject({
      bytes: new Uint8Array(0),
      totalBytes: 16,
    });
  });

  test("events keep what this program says in its own words, and nothing that only a strange file can hold", () => {
    const own: readonly CaptureEvent[] = [
      { kind: "tunnel", at: 1, client: "10.0.0.7:1", host: "a.example", port: 443, reason: "out-of-scope" },
      {
        kind: "tls-rejected",
        at: 1,
        client: "[::1]:1",
        host: "a.example",
        side: "client",
        reason: "the client does not speak TLS",
      },
      {
        kind: "tls-rejected",
        at: 1,
        client: "[::1]:1",
        host: "a.example",
        side: "client",
        reason: "the client left without a request; it may not trust the inspection CA",
        cause: "left-without-request",
        port: 443,
        certificate: "kept-ca",
        hello: { fingerprint: "00112233aabbccdd", program: "dotnet-openssl" },
      },
      { kind: "probes", at: 2, since: 1, client: "10.0.0.9", host: "a.example", port: 443, connects: 9, handshakes: 1 },
      {
        kind: "upstream-failed",
        at: 1,
        client: "",
        host: "a.example",
        port: 443,
        reason: "the name is not known (ENOTFOUND)",
      },
      { kind: "refused", at: 1, client: "localhost:1", reason: "the target is not allowed" },
      { kind: "gap", at: 1, connection: "f1.c2", reason: "more traffic came than could be read in time", lost: 3 },
      {
        kind: "signature",
        check: {
          transactionId: "t1",
          token: "authorization/actor",
          outcome: "failed",
          keyId: "a_b-c",
          keySource: null,
        },
      },
    ];
    for (const event of own) {
      expect(sanitiseEvent(event, pseudonymise)).toEqual(event);
      expect(keepSecrets(event)).toBe(event);
    }
    const strange: readonly CaptureEvent[] = [
      {
        ...{ kind: "tls-rejected", at: 1, client: "Anna's", host: "a.example", side: "client", reason: "Anna" },
        hello: { fingerprint: "Anna", program: null },
      },
      { kind: "probes", at: 1, since: 1, client: "Anna", host: "a.example", port: 1, connects: 1, handshakes: 0 },
      { kind: "tunnel", at: 1, client: "Anna's", host: "a.example", port: 443, reason: "upgrade" },
      { kind: "refused", at: 1, client: "Anna's", reason: "Anna-was refused" },
      { kind: "gap", at: 1, connection: "Anna", reason: "self-signed Anna", lost: 3 },
      {
        kind: "signature",
        check: { transactionId: "Anna", token: "Anna", outcome: "failed", keyId: "Anna's", keySource: null },
      },
    ];
    for (const event of strange) expect(JSON.stringify(sanitiseEvent(event, pseudonymise))).not.toContain("Anna");
  });

  test("events that are no transactions stay as they are", () => {
    const event = { kind: "gap", at: 1, connection: "c1", reason: "queue full", lost: 2 } as const;
    expect(sanitiseEvent(event, pseudonymise)).toEqual(event);
  });
});

test("words of servers stay words, also beside names of credentials", () => {
  const words = [
    '2000001;reason="The issuer of the token is unknown.";error_category="invalid_token"',
    '2000008;reason="This token profile \'V1S2SAppOnly\' is not applicable for the current protocol.";error_category="invalid_token"',
    "Basic authentication is disabled for this server, Negotiate is not.",
    "The Bearer token was refused; the password was not asked for.",
  ];
  for (const text of words) {
    expect(safe({ answerHeaders: [["x-ms-diagnostics", text]] }).response?.headers[0]?.[1]).toBe(text);
  }
});

test("a path, a query and a sentence keep their parts around a person", () => {
  const user = "user-[a-z2-7]{10}";
  const targets: readonly (readonly [target: string, kept: string])[] = [
    ["/owa/anna%40contoso.example/x?realm=a", `/owa/${user}%40contoso\\.example/x\\?realm=a`],
    [
      "/api/v2.0/Users('anna%40contoso.example')/messages",
      `/api/v2\\.0/Users\\('${user}%40contoso\\.example'\\)/messages`,
    ],
    [
      "/autodiscover/autodiscover.json/v1.0/anna%2540contoso.example",
      `/autodiscover/autodiscover\\.json/v1\\.0/${user}%2540contoso\\.example`,
    ],
    ["/users/FABRIKAM%5Canna/x", `/users/FABRIKAM%5C${user}/x`],
    ["/v1.0/users/anna/messages", `/v1\\.0/users/${user}/messages`],
    ["/x/sip%3Aanna%40contoso.example/y", `/x/sip%3A${user}%40contoso\\.example/y`],
    [`/${tenant}/tokens/OAuth/2`, `/${tenant}/tokens/OAuth/2`],
    ["/oab/0f6a1b2c-0000-4000-8000-000000000001/oab.xml", "/oab/0f6a1b2c-0000-4000-8000-000000000001/oab\\.xml"],
    ["/Microsoft-Server-ActiveSync?Cmd=Ping", "/Microsoft-Server-ActiveSync\\?Cmd=redacted-[a-z2-7]{4}"],
    ["/ews/exchange.asmx/s2s/$metadata", "/ews/exchange\\.asmx/s2s/\\$metadata"],
    ["/rpc/rpcproxy.dll?ex01.contoso.example:6001", "/rpc/rpcproxy\\.dll\\?redacted-[a-z2-7]{4}"],
    ["https://svc:pa@ss@mail.contoso.example/EWS/", "https://redacted@mail\\.contoso\\.example/EWS/"],
  ];
  for (const [target, kept] of targets) expect(safe({ target }).request.target).toMatch(new RegExp(`^${kept}$`));
  const reason = 'reason="The path /owa/anna%40contoso.example/x?a=b of https://svc:pw@contoso.example/y failed."';
  expect(safe({ answerHeaders: [["x-ms-diagnostics", reason]] }).response?.headers[0]?.[1]).toMatch(
    new RegExp(
      `^reason="The path /owa/${user}%40contoso\\.example/x\\?a=b of https://redacted@contoso\\.example/y failed\\."$`,
    ),
  );
});
