// `decode` shows what a token says and nothing that opens a door: the names are those of SharePoint context tokens, OAuth and
// OpenID Connect (RFC 6749, 7517, 7800), SAML and sessions.
import { expect, test } from "vitest";
import { decodeText as decodeValue } from "../../../src/decoders/pasted/decode-text.ts";

const secret = "Zx9-planted-Secret_42q";
const drawn = "kJ8sQ2vX0bLw7ZrT5nMy3PcHd9Gf1AeU6iOoSx4V";
const segment = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
const token = (claims: object, header: object = {}): string =>
  `${segment({ alg: "none", typ: "JWT", ...header })}.${segment({ iss: "a", aud: "b", ...claims })}.`;
const shown = (text: string): string => JSON.stringify(decodeValue(text).value);

test.each<[string, object]>([
  [
    "a SharePoint context token",
    { refreshtoken: secret, appctx: JSON.stringify({ CacheKey: secret, SecurityTokenServiceUri: "https://sts" }) },
  ],
  ["a context token whose appctx is cut off", { appctx: `{"CacheKey":"${secret}","SecurityTokenServiceUri":"ht` }],
  ["a context token whose appctx is quoted twice", { appctx: JSON.stringify(JSON.stringify({ CacheKey: secret })) }],
  [
    "a cut appctx that is quoted twice",
    { appctx: `${JSON.stringify(JSON.stringify({ CacheKey: secret })).slice(0, -2)}` },
  ],
  ["appctx as pairs", { appctx: `CacheKey=${secret};SecurityTokenServiceUri=https://sts` }],
  ["appctx as an object", { appctx: { CacheKey: secret, NextCacheKey: null } }],
  ["appctx as a list", { appctx: [JSON.stringify({ CacheKey: secret })] }],
  ["refresh_token", { refresh_token: secret }],
  ["RefreshToken in capitals", { REFRESHTOKEN: secret }],
  ["refresh-token", { "refresh-token": secret }],
  ["id_token", { id_token: secret }],
  ["access_token", { access_token: secret }],
  ["a token in a token", { inner: `${segment({ alg: "RS256" })}.${segment({ iss: secret })}.${segment({ a: 1 })}` }],
  ["client_secret", { client_secret: secret }],
  ["clientSecret", { clientSecret: secret }],
  ["a password as a number", { pwd: 421337 }],
  ["SAML assertion", { saml_assertion: secret }],
  ["SAML response", { SAMLResponse: secret }],
  ["assertion", { "http://schemas.example/claims/assertion": secret }],
  ["cookie", { cookies: { FedAuth: secret } }],
  ["canary", { "x-owa-canary": secret }],
  ["session key", { session_key: secret }],
  ["cache key", { "appctx.CacheKey": secret }],
  ["ticket", { ticket: secret }],
  ["nonce", { nonce: secret }],
  ["authorization code", { code: secret }],
  ["private members of cnf", { cnf: { jwk: { kty: "EC", x: "a", d: secret } } }],
  ["a symmetric key of cnf", { cnf: { jwk: { kty: "oct", k: secret } } }],
  ["JSON in a text", { context: JSON.stringify({ deep: { client_secret: secret } }) }],
  ["a list", { passwords: [secret] }],
  ["user information in a URL", { issuer_uri: `https://svc:a@${secret}@contoso.example/` }],
  ["drawn text that nobody knows", { unknown: drawn }],
])("%s", (_name, claims) => {
  const text = shown(token(claims));
  expect(text).not.toContain(secret);
  expect(text).not.toContain("421337");
  expect(text).not.toContain(drawn);
  expect(text).toContain('"iss":"a"');
});

test("a key in the header, a password in a URL of a header block and of diagnostics", () => {
  for (const text of [
    token({}, { jwk: { kty: "RSA", d: secret } }),
    `GET https://svc:a@${secret}@mail.contoso.example/EWS HTTP/1.1\nHost: mail.contoso.example\nAuthorization: Bearer`,
    `2000001;reason="No answer from https://svc:${secret}@contoso.example/";error_category="invalid_token"`,
  ]) {
    expect(shown(text)).not.toContain(secret);
  }
});

test("what names keys, requests and applications stays", () => {
  const claims = {
    ...{ uti: drawn, aio: drawn, rh: drawn, jti: drawn, xms_tcdt: 1, appid: "00000002-0000-0ff1-ce00-000000000000" },
    ...{
      scp: "EWS.AccessAsUser.All",
      token_type: "Bearer",
      appctxsender: "00000002-0000-0ff1-ce00-000000000000@contoso.example",
    },
    version: "ExIdTok.V1",
  };
  const text = shown(token(claims, { kid: drawn, x5t: drawn }));
  for (const value of Object.values(claims)) expect(text).toContain(String(value));
  expect(text).not.toContain("<redacted>");
});
