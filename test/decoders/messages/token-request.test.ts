import { describe, expect, test } from "vitest";
import { decodeTokenAnswer, decodeTokenRequest } from "../../../src/decoders/messages/token-request.ts";
import { actorToken, tenant } from "../token-maker.ts";

const resource = `00000002-0000-0ff1-ce00-000000000000/outlook.office365.com@${tenant}`;
const exchangeOnline = "00000002-0000-0ff1-ce00-000000000000";
const graph = "00000003-0000-0000-c000-000000000000";
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

describe("token requests", () => {
  test("an assertion for a resource, with a realm ([MS-XOAUTH] 3.2.5.2)", () => {
    expect(
      decodeTokenRequest(
        form({
          grant_type: "http://oauth.net/grant_type/jwt/1.0/bearer",
          assertion: actorToken,
          resource,
          realm: tenant,
        }),
      ),
    ).toEqual({
      grantType: "http://oauth.net/grant_type/jwt/1.0/bearer",
      resource: expect.objectContaining({
        id: "00000002-0000-0ff1-ce00-000000000000",
        host: "outlook.office365.com",
        realm: tenant,
      }),
      resourceText: resource,
      realm: tenant,
      clientId: "",
      isPasswordGrant: false,
    });
  });

  test.each([
    [
      "client credentials with an assertion",
      {
        grant_type: "client_credentials",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: actorToken,
      },
      "client_credentials",
      false,
    ],
    ["a refresh token", { grant_type: "refresh_token", refresh_token: "x" }, "refresh_token", false],
    [
      "an assertion that names no grant",
      { assertion: actorToken },
      "http://oauth.net/grant_type/jwt/1.0/bearer",
      false,
    ],
    ["a password grant", { grant_type: "password", username: "a", password: "b" }, "password", true],
    ["a password grant in capitals, the password taken out", { grant_type: "PASSWORD" }, "PASSWORD", true],
    [
      "MsRtcOAuth with a password",
      { grant_type: "urn:microsoft.rtc:windows,password", password: "b" },
      "urn:microsoft.rtc:windows,password",
      true,
    ],
    ["MsRtcOAuth by Windows login", { grant_type: "urn:microsoft.rtc:windows" }, "urn:microsoft.rtc:windows", false],
    ["an empty password field", { grant_type: "client_credentials", password: "" }, "client_credentials", false],
  ])("%s", (_, fields, grantType, isPasswordGrant) => {
    expect(decodeTokenRequest(form(fields))).toMatchObject({ grantType, isPasswordGrant });
  });

  test("a scope stands for the resource of newer requests", () => {
    expect(
      decodeTokenRequest(form({ grant_type: "client_credentials", scope: "https://outlook.office365.com/.default" })),
    ).toMatchObject({
      resourceText: "https://outlook.office365.com/.default",
      resource: { host: "outlook.office365.com" },
    });
  });

  // "Client credentials flow" and "Scopes and permissions in the Microsoft identity platform": v1 has resource, v2 has scope.
  test.each([
    ["v1, a URL", { resource: "https://outlook.office365.com" }, "", "outlook.office365.com"],
    ["v1, a URL that ends in a slash", { resource: "https://graph.microsoft.com/" }, "", "graph.microsoft.com"],
    ["v1, an id", { resource: exchangeOnline }, exchangeOnline, null],
    ["v1, the host of another cloud", { resource: "https://outlook.office365.us/" }, "", "outlook.office365.us"],
    ["v2, a URL", { scope: "https://graph.microsoft.com/.default" }, "", "graph.microsoft.com"],
    [
      "v2, a URL that ends in a slash",
      { scope: "https://outlook.office365.com//.default" },
      "",
      "outlook.office365.com",
    ],
    ["v2, an id", { scope: `${graph}/.default` }, graph, null],
    ["v2, an id with a scheme", { scope: `api://${graph}/.default` }, graph, null],
    ["v2, beside OpenID Connect", { scope: "openid https://graph.microsoft.com/.default" }, "", "graph.microsoft.com"],
    [
      "v2, a permission of a person",
      { scope: "offline_access https://graph.microsoft.com/Mail.Read" },
      "",
      "graph.microsoft.com",
    ],
    ["an empty resource beside a scope", { resource: "", scope: `${exchangeOnline}/.default` }, exchangeOnline, null],
  ])("the resource of Entra: %s", (_, fields, id, host) => {
    expect(decodeTokenRequest(form({ grant_type: "client_credentials", ...fields }))?.resource).toMatchObject({
      id,
      host,
    });
  });

  test("no password, assertion or secret is kept", () => {
    const request = decodeTokenRequest(
      form({
        grant_type: "password",
        username: "alice",
        password: "Sommer2026!",
        client_secret: "s3cr3t",
        assertion: actorToken,
      }),
    );
    const text = JSON.stringify(request);
    for (const secret of ["Sommer", "s3cr3t", "alice", actorToken]) expect(text).not.toContain(secret);
  });

  test.each(["", "username=a&password=b", "a=b", "{}", "&&&"])("%j is none", (text) => {
    expect(decodeTokenRequest(text)).toBeNull();
  });

  test("names in any letter case, values cut to a bounded length", () => {
    expect(decodeTokenRequest(`Grant_Type=${"x".repeat(10_000)}&REALM=r`)).toMatchObject({
      grantType: "x".repeat(512),
      realm: "r",
      resource: null,
    });
  });
});

describe("token answers", () => {
  test.each([
    [
      "ACS",
      {
        token_type: "Bearer",
        access_token: actorToken,
        expires_in: "86699",
        not_before: "1",
        expires_on: "2",
        resource,
      },
      { isIssued: true, tokenType: "Bearer", expiresInSeconds: 86_699, error: "", errorCode: "" },
    ],
    [
      "Entra",
      { token_type: "Bearer", access_token: actorToken, expires_in: 3599 },
      { isIssued: true, tokenType: "Bearer", expiresInSeconds: 3599, error: "", errorCode: "" },
    ],
    [
      "no lifetime",
      { access_token: "opaque" },
      { isIssued: true, tokenType: "", expiresInSeconds: null, error: "", errorCode: "" },
    ],
    // RFC 6749 §5.2
    [
      "RFC 6749 §5.2",
      { error: "invalid_request" },
      { isIssued: false, tokenType: "", expiresInSeconds: null, error: "invalid_request", errorCode: "" },
    ],
    [
      "an ACS error",
      { error: "invalid_client", error_description: "ACS50012: Authentication failed. ACS50008: …" },
      { isIssued: false, tokenType: "", expiresInSeconds: null, error: "invalid_client", errorCode: "ACS50012" },
    ],
    // Microsoft Entra error code documentation
    [
      "an Entra error",
      {
        error: "invalid_scope",
        error_description: "AADSTS70011: The provided value for the input parameter 'scope' isn't valid.",
        error_codes: [70011],
      },
      { isIssued: false, tokenType: "", expiresInSeconds: null, error: "invalid_scope", errorCode: "AADSTS70011" },
    ],
    // "Resolve free/busy errors" (Microsoft support): the first code says only that there is a second
    [
      "an error with a code that tells more behind one that tells nothing",
      {
        error: "invalid_client",
        error_description:
          "AADSTS70002: Error validating credentials. AADSTS50012: Client assertion contains an invalid signature. [Reason - The key was not found.]",
        error_codes: [70002, 50012],
      },
      { isIssued: false, tokenType: "", expiresInSeconds: null, error: "invalid_client", errorCode: "AADSTS50012" },
    ],
    [
      "the same, told by numbers alone",
      { error: "invalid_client", error_codes: [70002, 50012] },
      { isIssued: false, tokenType: "", expiresInSeconds: null, error: "invalid_client", errorCode: "AADSTS50012" },
    ],
    [
      "a code that tells nothing, alone",
      { error: "invalid_client", error_description: "AADSTS70002: Error validating credentials." },
      { isIssued: false, tokenType: "", expiresInSeconds: null, error: "invalid_client", errorCode: "AADSTS70002" },
    ],
    [
      "an Entra error told by number alone",
      { error: "invalid_client", error_description: "", error_codes: [700016] },
      { isIssued: false, tokenType: "", expiresInSeconds: null, error: "invalid_client", errorCode: "AADSTS700016" },
    ],
    [
      "an AD FS error",
      { error: "invalid_client", error_description: "MSIS9602: no" },
      { isIssued: false, tokenType: "", expiresInSeconds: null, error: "invalid_client", errorCode: "MSIS9602" },
    ],
    [
      "a nested error",
      { error: { code: "InvalidAuthenticationToken", message: "AADSTS500011: no such resource" } },
      {
        isIssued: false,
        tokenType: "",
        expiresInSeconds: null,
        error: "InvalidAuthenticationToken",
        errorCode: "AADSTS500011",
      },
    ],
    [
      "a code that only looks like one",
      { error: "x", error_description: "XACS50012 ACS500123 AADSTS1" },
      { isIssued: false, tokenType: "", expiresInSeconds: null, error: "x", errorCode: "" },
    ],
    [
      "codes of the wrong type",
      { error: "x", error_codes: ["70011"], expires_in: true },
      { isIssued: false, tokenType: "", expiresInSeconds: null, error: "x", errorCode: "" },
    ],
    [
      "a token wins over an error",
      { access_token: "x", error: "y", expires_in: "soon" },
      { isIssued: true, tokenType: "", expiresInSeconds: null, error: "", errorCode: "" },
    ],
  ])("%s", (_, members, value) => {
    expect(decodeTokenAnswer(JSON.stringify(members))).toEqual({ ok: true, value });
  });

  test.each(["", "<html>", "[]", "{}", '{"error":5}', '{"access_token":""}'])("%j is a problem", (text) => {
    expect(decodeTokenAnswer(text).ok).toBe(false);
  });

  test("no token and no description is kept", () => {
    const text = JSON.stringify(
      decodeTokenAnswer(JSON.stringify({ access_token: actorToken, refresh_token: "r3fr3sh" })),
    );
    expect(text).not.toContain(actorToken.slice(0, 20));
    expect(text).not.toContain("r3fr3sh");
  });
});
