import { describe, expect, test } from "vitest";
import { decodeText as decodeValue } from "../../src/decoders/pasted/decode-text.ts";
import { decodeToken } from "../../src/decoders/tokens/s2s-token.ts";
import { directionsOfValue, judgeToken, judgeValue, type ValueContext } from "../../src/diagnosis/judge-value.ts";
import {
  acs,
  actorToken,
  assertion,
  basic,
  exchange,
  jwt,
  mail,
  ntlmLast,
  otherTenant,
  outerToken,
  scheduler,
  skype,
  start,
  startSeconds,
  tenant,
  voicemail,
} from "./story.ts";

function judged(compact: string, context: { at?: number; realm?: string } = {}): readonly string[] {
  const token = decodeToken(compact);
  if (!token.ok) throw new Error(token.problem);
  return judgeToken(token.value, context).map(({ code, severity }) => `${severity} ${code}`);
}

describe("judgeToken", () => {
  const cases: readonly [name: string, compact: string, findings: readonly string[]][] = [
    ["a good actor token", actorToken(), ["info ISSUER_SEEN"]],
    ["a good outer token", outerToken(), ["info ISSUER_SEEN"]],
    [
      "an outer token around another application's actor token",
      outerToken({ actor: actorToken({ caller: scheduler }) }),
      ["error ISSUER_IS_NOT_ACTOR", "info ISSUER_SEEN"],
    ],
    [
      "an actor token of another tenant",
      outerToken({ actor: actorToken({ realm: otherTenant }) }),
      ["alarm CROSS_TENANT_ACTOR", "warning ISSUER_SPELLED_OTHERWISE", "info ISSUER_SEEN"],
    ],
    [
      "an unsigned token",
      actorToken({ header: { alg: "none" }, signature: "" }),
      ["error UNSIGNED_TOKEN", "info ISSUER_SEEN"],
    ],
    [
      "a token without expiry",
      actorToken({ claims: { exp: undefined } }),
      ["info ISSUER_SEEN", "warning TOKEN_WITHOUT_EXPIRY"],
    ],
    [
      "an audience in another realm",
      actorToken({ claims: { aud: `${exchange}/${mail}@contoso.com` } }),
      ["error AUDIENCE_REALM_MISMATCH", "info ISSUER_SEEN"],
    ],
    [
      "an identity token for add-ins",
      jwt({ alg: "RS256" }, { aud: "https://a.example/", iss: `${exchange}@${mail}`, appctx: "{}", exp: startSeconds }),
      ["info EXCHANGE_IDENTITY_TOKEN"],
    ],
  ];
  test.each(cases)("%s", (_name, compact, findings) => {
    expect(judged(compact)).toEqual(findings);
  });

  test("expiry is information, and only when a time is given", () => {
    expect(judged(actorToken({ claims: { exp: startSeconds - 1 } }))).toEqual(["info ISSUER_SEEN"]);
    expect(judged(actorToken({ claims: { exp: startSeconds - 1 } }), { at: start })).toEqual([
      "info ISSUER_SEEN",
      "info TOKEN_OUT_OF_DATE",
    ]);
    expect(judged(actorToken({ claims: { exp: startSeconds + 1 } }), { at: start })).toEqual(["info ISSUER_SEEN"]);
  });

  test("the age of an expired token is worded in a fitting unit", () => {
    const words = (seconds: number): string => {
      const token = decodeToken(actorToken({ claims: { exp: startSeconds - seconds } }));
      const found = token.ok ? judgeToken(token.value, { at: start }) : [];
      return found.find(({ code }) => code === "TOKEN_OUT_OF_DATE")?.message ?? "";
    };
    expect(words(90)).toContain(", 90 s ago");
    expect(words(3_000)).toContain(", 50 min ago");
    expect(words(36_000)).toContain(", 10 h ago");
    expect(words(864_000)).toContain(", 10 days ago");
  });

  test("the realm is compared when it is given", () => {
    expect(judged(actorToken(), { realm: tenant })).not.toContain("error REALM_MISMATCH");
    expect(judged(actorToken(), { realm: otherTenant })).toContain("error REALM_MISMATCH");
  });
});

describe("judgeValue: every kind of pasted value", () => {
  const judge = (text: string, context: ValueContext = {}) => judgeValue(decodeValue(text).subject, context);
  const judgedCodes = async (text: string, context: ValueContext = {}) =>
    (await judge(text, context)).map(({ code, severity }) => `${severity} ${code}`);
  const refusal = '2000006;reason="The application was not found.";error_category="invalid_client"';
  const challenge = `Bearer client_id="${exchange}", trusted_issuers="${acs}@*", authorization_uri="https://login.windows.net/common/oauth2/authorize"`;

  const values: readonly [name: string, text: string, findings: readonly string[]][] = [
    ["a well-known issuer", `${skype}@${tenant}`, []],
    ["an issuer in capital letters", `${skype.toUpperCase()}@${tenant}`, ["warning PRINCIPAL_MIXED_CASE"]],
    ["an unknown issuer", `${otherTenant}@${tenant}`, ["warning CALLER_UNKNOWN"]],
    ["an issuer with a digit missing", `${skype.slice(0, -1)}@${tenant}`, ["warning CALLER_UNKNOWN"]],
    ["a good challenge", challenge, []],
    [
      "a challenge that trusts nobody",
      `Bearer client_id="${exchange}", trusted_issuers="",Basic realm=""`,
      ["warning TRUSTED_ISSUERS_UNKNOWN", "info AUTHORIZATION_URI_MISSING", "info BASIC_OFFERED"],
    ],
    ["a challenge of Windows alone", "Negotiate, NTLM", []],
    [
      "a challenge whose error says that a token was refused",
      `${challenge}, error="invalid_token"`,
      ["error REFUSED_WITHOUT_REASON"],
    ],
    [
      "the refusal of another resource, which trusts whom it will",
      'HTTP/2 401\nWWW-Authenticate: Bearer client_id="6d20b7f4-91a3-4e5c-8b72-f03c9e1d5a68",\ntoken_types="app_asserted_user_v1",\nauthorization_uri="https://login.microsoftonline.com/common/oauth2/authorize",\nerror="invalid_token"',
      ["error REFUSED_WITHOUT_REASON", "warning CHALLENGE_OF_ANOTHER_APPLICATION"],
    ],
    ["a refusal", `x-ms-diagnostics: ${refusal}`, ["error PARTNER_APPLICATION_UNKNOWN"]],
    ["a password", basic, ["warning BASIC_USED"]],
    ["Basic that cannot be decoded", "Basic !!!", []],
    [
      "a token request with a password",
      "grant_type=password&username=a@contoso.com&password=x",
      ["alarm PASSWORD_GRANT"],
    ],
    [
      "a token request with an assertion",
      `grant_type=http://oauth.net/grant_type/jwt/1.0/bearer&assertion=${assertion()}&resource=${exchange}/${mail}@${tenant}`,
      ["info ISSUER_SEEN"],
    ],
    [
      "a token service's refusal",
      '{"error":"invalid_client","error_description":"AADSTS700027: x"}',
      ["error STS_REFUSED_CERTIFICATE"],
    ],
    // "Resolve free/busy errors" (Microsoft support)
    [
      "a token service's refusal as Test-OAuthConnectivity prints it",
      "Error: Unable to get token from Auth Server. Error code: 'invalid_client'. Description: 'AADSTS70002:  Error validating credentials. AADSTS50012: Client assertion contains an invalid signature. [Reason - The key was not found., Thumbprint of key used by client: 'A1'.",
      ["error STS_REFUSED_CERTIFICATE"],
    ],
    ["a token service's token", `{"access_token":"${actorToken()}","token_type":"Bearer"}`, ["info ISSUER_SEEN"]],
    ["an NTLM message", ntlmLast, []],
  ];
  test.each(values)("%s", async (_name, text, findings) => {
    expect(await judgedCodes(text)).toEqual(findings);
  });

  // Every form in which the shared service principal can be pasted; "Exchange Online" has no host in the last two.
  const online = `${exchange}/outlook.office365.com@${tenant}`;
  const asks = (resource: string): string =>
    `grant_type=http://oauth.net/grant_type/jwt/1.0/bearer&assertion=${assertion({ caller: exchange })}&resource=${resource}`;
  test.each([
    ["an actor token", `Bearer ${actorToken({ caller: exchange, host: "outlook.office365.com" })}`],
    ["an outer token", outerToken({ caller: exchange, host: "partner.outlook.cn" })],
    ["a token request", asks(online)],
    ["a token request of a sovereign cloud", asks(`${exchange}/autodiscover-s.outlook.sovcloud.de@${tenant}`)],
    ["a token request with a URL", asks("https://outlook.cloud.microsoft/")],
    [
      "a token request with a client id",
      `grant_type=client_credentials&client_id=${exchange}&scope=${exchange}/.default`,
    ],
    ["a token request for the id alone", asks(exchange)],
    [
      "a token service's token",
      `{"access_token":"${actorToken({ caller: exchange, host: "outlook.office365.com" })}"}`,
    ],
  ])("the shared service principal: %s", async (_name, text) => {
    const found = (await judge(text)).filter(({ code }) => code === "SHARED_SERVICE_PRINCIPAL");
    expect(found.map(({ severity }) => severity)).toEqual(["error"]);
    expect(found[0]?.remedy).toContain("-ResetFirstPartyServicePrincipalKeyCredentials");
  });

  test.each([
    ["its call to Exchange Server", actorToken({ caller: exchange })],
    ["another caller of Exchange Online", actorToken({ host: "outlook.office365.com" })],
    ["a token request for Exchange Server", asks(`${exchange}/${mail}@${tenant}`)],
  ])("not the shared service principal: %s", async (_name, text) => {
    expect(await judgedCodes(text)).not.toContain("error SHARED_SERVICE_PRINCIPAL");
  });

  test("an answer of the gate of EWS is told from an answer alone, and by its server where that is known", async () => {
    const answer = "HTTP/1.1 403 Forbidden\nX-EWS-Policy-Reason: EWS is disabled for this user or tenant\n";
    expect(await judgedCodes(answer)).toEqual(["error EWS_OFF_FOR_TENANT"]);
    expect(await judgedCodes(answer.replace("disabled", "blocked by policy"))).toEqual(["error EWS_APP_NOT_ALLOWED"]);
    const asked = (host: string) => `${request(host)}Authorization: Bearer ${actorToken({ host })}\n\n${answer}`;
    expect(await judgedCodes(asked("outlook.office365.com"))).toContain("error EWS_OFF_FOR_TENANT");
    expect(await judgedCodes(asked(mail))).toContain("warning EWS_BLOCKED_BY_POLICY");
    expect(await judgedCodes(asked(mail))).not.toContain("error EWS_OFF_FOR_TENANT");
    expect(await judgedCodes(answer.replace("403", "200"))).toEqual([]);
  });

  test("a pasted refusal is judged by its text and by the token beside it", async () => {
    const grant = (reason: string) => `x-ms-diagnostics: 2000008;reason="${reason}";error_category="invalid_grant"`;
    expect(
      await judgedCodes(grant("The token contains no permissions, or permissions can not be understood.")),
    ).toEqual(["error REFUSED_PERMISSIONS"]);
    const partner = "00000003-0000-0000-c000-000000000000";
    const named = await judge(
      grant(
        `The token should have valid permissions or linked account associated with partner application '${partner}'.`,
      ),
    );
    expect(named[0]?.message).toContain(`the partner application ${partner} (Microsoft Graph)`);
    expect(named[0]?.remedy).toContain(`Where-Object ApplicationIdentifier -eq ${partner}`);
    expect(named[0]?.remedy).not.toMatch(/\| Set-/);
    expect(await judgedCodes('WWW-Authenticate: Bearer error="insufficient_claims", claims="e30="')).toContain(
      "error CLAIMS_CHALLENGE",
    );
  });

  test("a near miss names the most similar application and is not taken for it", async () => {
    const slip = await judge("00000004-0000-0ff1-ce00-00000000000@contoso.com");
    expect(slip[0]?.message).toContain(`a near miss of ${skype} (Skype for Business Online)`);
    expect((await judge(`0${voicemail.slice(1)}@contoso.com`))[0]?.message).toContain("(Cloud Voicemail)");
    // One of Microsoft's numbered applications that the table lacks is another one, no slip.
    expect((await judge("00000009-0000-0ff1-ce00-000000000000@contoso.com"))[0]?.message).not.toContain("near miss");
  });

  test("the realm of an issuer is compared when it is given", async () => {
    expect(await judgedCodes(`${skype}@${tenant}`, { realm: otherTenant })).toEqual(["error REALM_MISMATCH"]);
    expect(await judgedCodes(`${skype}@*`, { realm: otherTenant })).toEqual([]);
  });

  test("a configured application is known", async () => {
    const applications = new Map([[otherTenant, "our hybrid app"]]);
    const { subject } = decodeValue(`${otherTenant}@${tenant}`, { applications });
    expect(await judgeValue(subject, { applications })).toEqual([]);
  });

  const request = (host: string) =>
    `POST /EWS/Exchange.asmx HTTP/1.1\nHost: ${host}\nUser-Agent: SkypeSpaces/1.0a$*+\n`;
  const answer = `HTTP/1.1 401 Unauthorized\nServer: Microsoft-IIS/10.0\nWWW-Authenticate: ${challenge}\nx-ms-diagnostics: ${refusal}\n`;

  test("a block of request and answer is judged like traffic, once", async () => {
    const found = await judge(`${request(mail)}Authorization: Bearer ${actorToken()}\n\n${answer}`);
    expect(found.map(({ code }) => code)).toEqual(["PARTNER_APPLICATION_UNKNOWN", "ISSUER_SEEN"]);
    expect(found[0]?.remedy).toContain(`-ApplicationIdentifier ${skype}`);
    expect(found[0]?.message).toContain(`${mail} refused ${skype}@${tenant}`);
    expect(found.every(({ evidence }) => evidence.length === 0)).toBe(true);
  });

  test("a block's token is compared with the host of its request and with the date of its answer", async () => {
    const block = `${request("owa.contoso.com")}Authorization: Bearer ${actorToken()}\n\nHTTP/1.1 200 OK\nDate: Thu, 15 Jan 2026 12:00:00 GMT\n`;
    expect(await judgedCodes(block)).toContain("warning AUDIENCE_HOST_MISMATCH");
    expect(await judgedCodes(block)).not.toContain("warning TOKEN_EXPIRED");
    expect(await judgedCodes(block.replace("2026 12", "2027 12"))).toContain("warning TOKEN_EXPIRED");
    expect(await judgedCodes(block.replace(/Date.*/, ""))).not.toContain("warning TOKEN_EXPIRED");
  });

  test("an answer alone, or header lines without a start line, are judged by their content", async () => {
    expect(await judgedCodes(answer)).toEqual(["error PARTNER_APPLICATION_UNKNOWN"]);
    expect(await judgedCodes(`Authorization: ${basic}\nWWW-Authenticate: Basic realm=x`)).toEqual([
      "info BASIC_OFFERED",
      "warning BASIC_USED",
    ]);
    expect(await judgedCodes(`Authorization: Bearer ${outerToken()}\nAccept: */*`)).toEqual(["info ISSUER_SEEN"]);
  });

  test("masked credentials are reported as masked, and the refusal of the answer is named", async () => {
    expect(await judgedCodes(`${request(mail)}Authorization: Bearer REDACTED\n\n${answer}`)).toEqual([
      "warning CREDENTIALS_REMOVED",
      "error PARTNER_APPLICATION_UNKNOWN",
    ]);
  });

  test("a person's client id is known by its name", async () => {
    const token = jwt(
      { alg: "RS256", kid: "k" },
      {
        ver: "1.0",
        iss: `https://sts.windows.net/${tenant}/`,
        aud: `https://${mail}/`,
        appid: "d3590ed6-52b3-4102-aeff-aad2292ab01c",
        scp: "EWS.AccessAsUser.All",
        exp: startSeconds + 3600,
      },
    );
    expect(await judgedCodes(token)).toEqual(["info USER_CLIENT_SEEN"]);
  });

  test("a request alone is not blamed for having no answer", async () => {
    expect(await judgedCodes(`${request(mail)}Authorization: Bearer ${actorToken()}\n`)).toEqual(["info ISSUER_SEEN"]);
    expect(await judgedCodes(`${request(mail)}Authorization: ${basic}\n`)).toEqual(["alarm BASIC_FALLBACK"]);
  });
});

describe("the direction of a pasted message", () => {
  const online = "outlook.office365.com";
  const message = (host: string, status: string): string =>
    `POST /EWS/Exchange.asmx HTTP/1.1\r\n${host === "" ? "" : `Host: ${host}\r\n`}Authorization: Bearer ${actorToken({ host: host || mail })}\r\n\r\nHTTP/1.1 ${status}\r\n\r\n`;
  const directionsOf = (text: string) => directionsOfValue(decodeValue(text).subject);

  test("is that of the called server, with the verdict of its answer", async () => {
    expect(await directionsOf(message(mail, "200 OK"))).toEqual({
      inbound: { verdict: "oauth-confirmed", routes: ["ews"], tokenServices: ["acs"], hosts: [mail], evidence: [] },
      outbound: null,
    });
    expect(await directionsOf(message(online, "401 Unauthorized"))).toEqual({
      inbound: null,
      outbound: { verdict: "oauth-rejected", routes: ["ews"], tokenServices: ["acs"], hosts: [online], evidence: [] },
    });
  });

  test.each([
    ["a message without a host", message("", "200 OK")],
    ["a token alone", actorToken()],
    ["a request without a sign-in", `GET /owa/ HTTP/1.1\r\nHost: ${mail}\r\n\r\n`],
  ])("%s has none", async (_name, text) => {
    expect(await directionsOf(text)).toBeNull();
  });
});
