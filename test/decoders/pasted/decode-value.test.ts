import { describe, expect, test } from "vitest";
import { decodeText as decodeValue } from "../../../src/decoders/pasted/decode-text.ts";
import {
  actAsToken,
  actorToken,
  compact,
  exchange,
  segment,
  sfbOnline,
  signature,
  signedHeader,
  sts,
  tenant,
  unsignedHeader,
  userClaims,
} from "../token-maker.ts";

const type3 = "TlRMTVNTUAADAAAAGAAYAGoAAAAYABgAggAAAAwADABAAAAA";
// Davenport, "The NTLM Authentication Protocol": the worked examples of type 2 and 3
const type2 =
  "TlRMTVNTUAACAAAADAAMADAAAAABAoEAASNFZ4mrze8AAAAAAAAAAGIAYgA8AAAARABPAE0AQQBJAE4AAgAMAEQATwBNAEEASQBOAAEADABTAEUAUgBWAEUAUgAEABQAZABvAG0AYQBpAG4ALgBjAG8AbQADACIAcwBlAHIAdgBlAHIALgBkAG8AbQBhAGkAbgAuAGMAbwBtAAAAAAA=";
const wholeType3 =
  "TlRMTVNTUAADAAAAGAAYAGoAAAAYABgAggAAAAwADABAAAAACAAIAEwAAAAWABYAVAAAAAAAAACaAAAAAQIAAEQATwBNAEEASQBOAHUAcwBlAHIAVwBPAFIASwBTAFQAQQBUAEkATwBOAMM3zVy9RPyXgqZnr21CfG3mfCDC0+d8ViWpjBwx6BhHRmspst9GgGPOZWPuMITqcxg==";
const challenge = `Bearer client_id="${exchange}", trusted_issuers="${sts}@*,/${sfbOnline}@contoso.com",Basic Realm=""`;
const diagnostics = '2000005;reason="The user is ambiguous.";error_category="invalid_user"';
const requestForm = `grant_type=http%3A%2F%2Foauth.net%2Fgrant_type%2Fjwt%2F1.0%2Fbearer&assertion=${actorToken}&resource=${encodeURIComponent(`${exchange}/mail.contoso.com@${tenant}`)}`;

describe("what a pasted value is", () => {
  test.each([
    [actorToken, "jwt"],
    [`Bearer ${actorToken}`, "jwt"],
    [`bearer  ${actAsToken()}`, "jwt"],
    [`Authorization: Bearer ${actorToken}\r\n`, "jwt"],
    [`authorization:${actorToken}`, "jwt"],
    [`"${actorToken}"`.slice(1, -1), "jwt"],
    [challenge, "challenge"],
    [`WWW-Authenticate: ${challenge}`, "challenge"],
    [`WWW-Authenticate →${challenge}`, "challenge"],
    [challenge.replaceAll(" ", "+"), "challenge"],
    ["Negotiate, NTLM", "challenge"],
    ["NTLM", "challenge"],
    ["Basic realm", "challenge"],
    ['Basic realm="x"', "challenge"],
    ['MsRtcOAuth href=https://x/y,grant_type="password"', "challenge"],
    [diagnostics, "diagnostics"],
    [`x-ms-diagnostics: ${diagnostics}`, "diagnostics"],
    [`X-MS-Diagnostics-From-Backend: InvalidUser|The user is ambiguous.`, "diagnostics"],
    ["InvalidUser|The user is ambiguous.", "diagnostics"],
    ['reason="x";error_category="invalid_user"', "diagnostics"],
    ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "basic"],
    ["Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "basic"],
    [`${sfbOnline}@${tenant}`, "issuer"],
    [`/${sfbOnline}@${tenant}`, "issuer"],
    [`${exchange}/mail.contoso.com@${tenant}`, "issuer"],
    [sfbOnline, "issuer"],
    [requestForm, "token-request"],
    [`https://x/y?${requestForm}`, "token-request"],
    [JSON.stringify({ access_token: actorToken, token_type: "Bearer" }), "token-answer"],
    [`NTLM ${type3}`, "ntlm"],
    [`Negotiate ${type3}`, "ntlm"],
    [type3, "ntlm"],
    [`HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: ${challenge}`, "headers"],
    [`Host: mail.contoso.com\nAuthorization: Bearer`, "headers"],
    [`Server →Microsoft-IIS/10.0\nWWW-Authenticate →${challenge}`, "headers"],
    ["", "unknown"],
    ["hello", "unknown"],
    ["Bearer", "unknown"],
    ["Digest username=x", "unknown"],
    ["Authorization: Digest username=x", "unknown"],
    ["alice@contoso.com", "unknown"],
    ["mail.contoso.com", "unknown"],
    [`${actorToken.slice(0, 50)}\n${actorToken.slice(50)}`, "jwt"],
    [actorToken.slice(0, 300), "unknown"],
    ["{}", "unknown"],
    ["{", "unknown"],
    ["grant_type", "unknown"],
    ["x-ms-diagnostics:", "unknown"],
    ['WWW-Authenticate: "', "unknown"],
    ["NTLM !!!", "unknown"],
    ["x".repeat(2_000_000), "unknown"],
  ])("%#: %.40s is %s", (text, kind) => {
    expect(decodeValue(text).kind).toBe(kind);
  });
});

describe("the JSON of each kind", () => {
  test("jwt", () => {
    expect(decodeValue(actAsToken()).value).toMatchObject({
      tokenKind: "app-acts-as-user",
      header: unsignedHeader,
      claims: {
        iss: `${sfbOnline}@${tenant}`,
        nii: "urn:federation:MicrosoftOnline",
        nameid: "1…",
        smtp: "a…@contoso.com",
        actortoken: "<token>",
      },
      signaturePresent: false,
      issuer: {
        asSeen: `${sfbOnline}@${tenant}`,
        id: sfbOnline,
        name: "Skype for Business Online",
        host: null,
        realm: tenant,
        realmKind: "tenant",
        leadingSlash: false,
      },
      caller: { id: sfbOnline },
      audience: { id: exchange, host: "mail.contoso.com" },
      notBefore: "2023-11-14T22:13:20.000Z",
      expires: "2023-11-15T06:13:20.000Z",
      lifetimeSeconds: 28_800,
      user: { kind: "puid", redacted: "1003…" },
      actor: {
        tokenKind: "actor",
        signaturePresent: true,
        user: null,
        actor: null,
        caller: { id: sfbOnline },
        claims: { nameid: `${sfbOnline}@${tenant}` },
      },
    });
  });

  test("jwt with an actor token that cannot be read", () => {
    expect(decodeValue(actAsToken("broken")).value).toMatchObject({
      actor: null,
      actorProblem: "1 segments where a signed token has 3",
    });
  });

  test("jwt, sanitised: it had a signature", () => {
    expect(decodeValue(actorToken.replace(/[^.]+$/, "<sig:ab3d>")).value).toMatchObject({
      signaturePresent: true,
      signature: "removed",
    });
  });

  test("jwt with duplicates shows both values", () => {
    const token = compact('{"alg":"RS256","alg":"none"}', '{"smtp":"alice@x.com","smtp":"bob@x.com","n":1,"n":2}');
    expect(decodeValue(token).value.duplicates).toEqual([
      { name: "alg", values: ["RS256", "none"] },
      { name: "smtp", values: ["a…@x.com", "b…@x.com"] },
      { name: "n", values: [1, 2] },
    ]);
  });

  test("jwt, encrypted: the header", () => {
    const token = `${segment({ alg: "RSA-OAEP", enc: "A256GCM" })}.AAAA.AAAA.AAAA.AAAA`;
    expect(decodeValue(token)).toMatchObject({
      kind: "jwt",
      value: { encrypted: true, header: { alg: "RSA-OAEP" }, claims: {}, tokenKind: "unknown" },
    });
  });

  test("jwt inside a jwt: the inner one", () => {
    const outer = decodeValue(compact({ alg: "RS256", cty: "JWT" }, actorToken));
    expect(outer).toMatchObject({
      kind: "jwt",
      value: { header: { cty: "JWT" }, nested: { tokenKind: "actor" } },
      subject: { tokens: [{ tokenKind: "actor" }] },
    });
    expect(decodeValue(compact({ alg: "RS256", cty: "JWT" }, `${segment({ alg: "x" })}.!.`)).value).toMatchObject({
      nested: null,
    });
  });

  test("challenge", () => {
    expect(decodeValue(`${challenge}, Negotiate ${type3}`).value).toEqual({
      schemes: [
        {
          scheme: "Bearer",
          params: { client_id: exchange, trusted_issuers: `${sts}@*,/${sfbOnline}@contoso.com` },
          trustedIssuers: [
            expect.objectContaining({ id: sts, realmKind: "wildcard" }),
            expect.objectContaining({ id: sfbOnline, leadingSlash: true }),
          ],
        },
        { scheme: "Basic", params: { Realm: "" } },
        { scheme: "Negotiate", params: {}, message: { type: "authenticate", isNtlm: true } },
      ],
    });
    expect(decodeValue("NTLM AAAAA, Basic").value).toMatchObject({
      schemes: [{ message: { problem: "the blob is not base64" } }, {}],
    });
  });

  test("diagnostics", () => {
    expect(decodeValue(diagnostics).value).toEqual({
      code: "2000005",
      category: "invalid_user",
      reason: "The user is ambiguous.",
      cause: "invalid_user",
      detail: "user-ambiguous",
      remedy: expect.stringContaining("mailbox"),
    });
    expect(decodeValue('2000007;reason="x"').value).not.toHaveProperty("detail");
  });

  test("basic", () => {
    expect(decodeValue(`Basic ${Buffer.from("CONTOSO\\svc:Sommer2026!").toString("base64")}`).value).toEqual({
      isDecodable: true,
      user: "s…",
      domain: "CONTOSO",
    });
  });

  test("issuer", () => {
    const applications = new Map([["b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c", "ours"]]);
    expect(decodeValue(`/b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c@contoso.com`, { applications }).value).toEqual({
      asSeen: "/b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c@contoso.com",
      id: "b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c",
      name: "ours",
      host: null,
      realm: "contoso.com",
      realmKind: "domain",
      leadingSlash: true,
      mixedCase: false,
    });
  });

  test("token-request", () => {
    expect(decodeValue(requestForm).value).toMatchObject({
      grantType: "http://oauth.net/grant_type/jwt/1.0/bearer",
      resource: { id: exchange },
      isPasswordGrant: false,
      fields: ["grant_type", "assertion", "resource"],
      assertion: { tokenKind: "actor" },
    });
    expect(decodeValue("grant_type=jwt&assertion=broken").value).toMatchObject({
      assertion: null,
      assertionProblem: expect.any(String),
    });
    expect(decodeValue("grant_type=password&password=x").value).toMatchObject({
      isPasswordGrant: true,
      assertion: null,
    });
  });

  test("token-answer", () => {
    expect(decodeValue(JSON.stringify({ access_token: actorToken, expires_in: 5 })).value).toMatchObject({
      isIssued: true,
      expiresInSeconds: 5,
      token: { tokenKind: "actor" },
    });
    expect(decodeValue('{"error":"x","error_description":"ACS50012: y"}').value).toMatchObject({
      isIssued: false,
      errorCode: "ACS50012",
      token: null,
    });
  });

  test("token-answer, as a message prints it", () => {
    const text = "Error code: 'invalid_client'. Description: 'AADSTS70002: no. AADSTS50012: Client assertion'";
    expect(decodeValue(text)).toMatchObject({
      kind: "token-answer",
      value: { isIssued: false, error: "invalid_client", errorCode: "AADSTS50012", token: null },
    });
    expect(decodeValue("failed with ACS50012 today").value).toMatchObject({ error: "", errorCode: "ACS50012" });
  });

  test("ntlm: the domain and the server whole, the account and its machine as users are shown", () => {
    expect(decodeValue(`NTLM ${type3}`).value).toEqual({ scheme: "NTLM", type: "authenticate", isNtlm: true });
    expect(decodeValue(`NTLM ${wholeType3}`).value).toEqual({
      scheme: "NTLM",
      type: "authenticate",
      isNtlm: true,
      domain: "DOMAIN",
      user: "u…",
      workstation: "W…",
    });
    expect(decodeValue(`HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM ${type2}`).value).toMatchObject({
      parts: [
        {
          value: {
            schemes: [
              { scheme: "NTLM", message: { type: "challenge", domain: "DOMAIN", server: "server.domain.com" } },
            ],
          },
        },
      ],
    });
  });

  test("unknown says why, and where", () => {
    const { value } = decodeValue(`${segment(signedHeader)}.e3 0.`);
    expect(value).toEqual({
      problem: "looks like a token, but the claims segment is not base64url",
      offset: segment(signedHeader).length + 3,
      length: segment(signedHeader).length + 6,
    });
  });
});

describe("header blocks", () => {
  const block = `POST /EWS/Exchange.asmx?token=s3cr3t HTTP/1.1
Host: mail.contoso.com
Authorization: Bearer ${actAsToken()}
Cookie: X-BackEndCookie=c00kie

HTTP/1.1 401 Unauthorized
WWW-Authenticate: ${challenge},
  Negotiate
x-ms-diagnostics: ${diagnostics}
Set-Cookie: exchangecookie=c00kie`;

  test("give a part for each field that means something", () => {
    const read = decodeValue(block);
    expect(read).toMatchObject({ kind: "headers", value: { method: "POST", path: "/EWS/Exchange.asmx", status: 401 } });
    expect((read.value.parts as { header: string; kind: string }[]).map(({ header, kind }) => [header, kind])).toEqual([
      ["Authorization", "jwt"],
      ["WWW-Authenticate", "challenge"],
      ["x-ms-diagnostics", "diagnostics"],
    ]);
    expect(JSON.stringify(read)).not.toMatch(/c00kie|s3cr3t/);
  });

  test("give the facts of a whole transaction for judging", () => {
    expect(decodeValue(block).subject).toMatchObject({
      transaction: { request: { method: "POST" }, response: { status: 401 } },
      hasPassword: false,
      diagnostics: { code: "2000005" },
      schemes: [{ scheme: "Bearer" }, { scheme: "Basic" }, { scheme: "Negotiate" }],
    });
  });

  test("without a start line both sides' fields are read, each once", () => {
    const read = decodeValue(`Authorization: Bearer ${actorToken}\nWWW-Authenticate: NTLM\nContent-Length: 0`);
    expect(read.value).toMatchObject({ method: "", status: null, parts: [{ kind: "jwt" }, { kind: "challenge" }] });
    expect(read.subject).toMatchObject({
      tokens: [{ tokenKind: "actor" }],
      schemes: [{ scheme: "NTLM" }],
    });
  });

  test("with a token request as body", () => {
    const read = decodeValue(
      `POST /${tenant}/tokens/OAuth/2 HTTP/1.1\r\nHost: accounts.accesscontrol.windows.net\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n${requestForm}`,
    );
    expect(read.value.parts).toMatchObject([{ header: null, kind: "token-request" }]);
    expect(read.subject).toMatchObject({ tokenRequest: { realm: tenant } });
  });

  test("with an answer's body", () => {
    const read = decodeValue(
      `POST /${tenant}/tokens/OAuth/2 HTTP/1.1\nHost: accounts.accesscontrol.windows.net\n\nHTTP/1.1 400 Bad Request\n\n{"error":"x"}`,
    );
    expect(read.subject.tokenAnswer).toMatchObject({ error: "x" });
  });

  test("what curl -v prints", () => {
    const read = decodeValue(
      `* Connected to mail.contoso.com (10.0.0.1) port 443\n> GET /EWS/Exchange.asmx HTTP/1.1\n> Host: mail.contoso.com\n> Authorization: Bearer\n>\n* Request sent\n< HTTP/1.1 401 Unauthorized\n< Server: Microsoft-IIS/10.0\n< WWW-Authenticate: Bearer client_id="x", trusted_issuers="${sts}@*"\n<\n* Connection left intact`,
    );
    expect(read).toMatchObject({ kind: "headers", value: { method: "GET", path: "/EWS/Exchange.asmx", status: 401 } });
    expect(read.subject.bearerChallenge).toMatchObject({ trustedIssuers: [{ id: sts }] });
  });

  test("fields copied with arrows", () => {
    // use-hybrid-modern-auth.md prints an answer so
    const read = decodeValue(
      `Content-Length →0\nDate →Mon, 29 Jan 2018 19:51:46 GMT\nWWW-Authenticate →Bearer client_id="x",\ntrusted_issuers="${sts}@*"\nx-ms-diagnostics →${diagnostics}`,
    );
    expect(read.subject).toMatchObject({
      transaction: { startedAt: Date.UTC(2018, 0, 29, 19, 51, 46) },
      bearerChallenge: { trustedIssuers: [{ id: sts }] },
      diagnostics: { code: "2000005" },
    });
  });
});

describe("what a person does next", () => {
  test("a wrapped token's lines are joined, where each is a part of a token", () => {
    const wrapped = `${actorToken.slice(0, 70)}\n${actorToken.slice(70)}`;
    expect(decodeValue(wrapped)).toMatchObject({ kind: "jwt", value: { tokenKind: "actor" } });
    expect(decodeValue(`${actorToken.slice(0, 70)}\n?${actorToken.slice(70)}`).value.problem).toContain(
      "join its lines",
    );
  });

  test("a metadata document is named", () => {
    expect(decodeValue('{"keys":[{"keyvalue":{"value":"AAAA"}}]}').value.problem).toBe("a metadata document");
  });
});

describe("no secret passes", () => {
  const secret = "Sommer2026!";
  const hidden = [
    ["a token", actAsToken()],
    ["a token in an unknown claim", compact(signedHeader, { x: [`see ${actorToken}`], y: { z: actorToken } })],
    [
      "a password in a claim",
      compact(signedHeader, { password: secret, client_secret: [secret], nested: { Passwd: secret } }),
    ],
    ["a private key in a header", compact({ alg: "RS256", jwk: { kty: "RSA", d: secret, p: secret } }, {})],
    ["an encrypted token with a token in its header", `${segment({ alg: "x", note: actorToken })}.AAAA.AAAA.AAAA.AAAA`],
    ["a token in a challenge", `Bearer realm="${actorToken}"`],
    ["a token in a reason", `2000001;reason="${actorToken}"`],
    ["a token in a realm", `grant_type=${actorToken}&realm=${actorToken}&${actorToken}=1`],
    [
      "a form",
      `grant_type=password&username=alice&password=${secret}&client_secret=${secret}&assertion=${actAsToken()}`,
    ],
    ["an answer", JSON.stringify({ access_token: actorToken, refresh_token: secret, id_token: actorToken })],
    ["Basic", `Basic ${Buffer.from(`alice:${secret}`).toString("base64")}`],
    [
      "a path with a token and user info",
      `GET https://alice:${secret}@x/${actorToken}/y HTTP/1.1\nCookie: a=${secret}`,
    ],
    ["a foreign value", `some text with ${secret} and ${actorToken}`],
  ] as const;

  test.each(hidden)("%s", (_, text) => {
    const shown = JSON.stringify(decodeValue(text));
    for (const part of [
      secret,
      Buffer.from(`alice:${secret}`).toString("base64"),
      signature,
      actorToken,
      actorToken.split(".")[1] ?? "?",
    ]) {
      expect(shown).not.toContain(part);
    }
  });

  test("the tokens for judging stand beside the JSON, not in it", () => {
    const read = decodeValue(actAsToken());
    expect(read.subject.tokens[0]?.compact).toBe(actAsToken());
    expect(Object.keys(read)).toEqual(["kind", "value"]);
    expect(JSON.stringify({ ...read })).not.toContain(actAsToken());
  });

  test("what names a person is cut down", () => {
    const claims = {
      ...userClaims,
      upn: "alice@contoso.com",
      name: "Alice Doe",
      unique_name: "CONTOSO\\alice",
      ipaddr: "192.0.2.7",
      appctx: JSON.stringify({ msexchuid: "alice-guid@contoso.com", version: "ExIdTok.V1" }),
    };
    const shown = JSON.stringify(decodeValue(compact(signedHeader, claims)));
    expect(shown).not.toMatch(/alice|Alice Doe|192\.0\.2\.7|1003bffd80000001/);
    expect(shown).toContain("ExIdTok.V1");
  });

  test("an appctx that is no JSON is shown as text", () => {
    expect(decodeValue(compact(signedHeader, { appctx: "not json" })).value).toMatchObject({
      claims: { appctx: "not json" },
    });
  });
});
