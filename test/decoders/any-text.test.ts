// Ten thousand texts a run, random ones and damaged good ones, through every decoder: none throws, none gives something that
// cannot be written as JSON, and no problem repeats what it was given. A failure prints its seed.
import fc from "fast-check";
import { SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, test } from "vitest";
import { parsePrincipal } from "../../src/core/principals.ts";
import { nearMissOf } from "../../src/core/well-known-applications.ts";
import { readFormFields } from "../../src/decoders/body-text.ts";
import { parseHttpDate } from "../../src/decoders/http-date.ts";
import { bearerChallengeOf, decodeChallenges } from "../../src/decoders/messages/bearer-challenge.ts";
import { decodeTransaction } from "../../src/decoders/messages/decode-transaction.ts";
import { decodeDiagnostics } from "../../src/decoders/messages/diagnostics.ts";
import { endpointOf, realmOfStsPath } from "../../src/decoders/messages/endpoint.ts";
import { decodeMetadata } from "../../src/decoders/messages/metadata-document.ts";
import { decodeSoapAnswer, decodeSoapRequest } from "../../src/decoders/messages/soap.ts";
import { decodeTokenAnswer, decodeTokenRequest } from "../../src/decoders/messages/token-request.ts";
import { decodeText as decodeValue } from "../../src/decoders/pasted/decode-text.ts";
import { tokensInText, withoutTokens } from "../../src/decoders/token-in-text.ts";
import { decodeAuthorization } from "../../src/decoders/tokens/authorization.ts";
import { decodeJwt, decodeJwtHeader, looksLikeJwt, nestedJwt } from "../../src/decoders/tokens/jwt.ts";
import { decodeNtlm } from "../../src/decoders/tokens/ntlm.ts";
import { decodeToken } from "../../src/decoders/tokens/s2s-token.ts";
import { startAnalysis } from "../../src/diagnosis/analyze.ts";
import { judgeValue } from "../../src/diagnosis/judge-value.ts";
import {
  actAsToken,
  actorClaims,
  actorToken,
  compact,
  exchange,
  segment,
  sfbOnline,
  signedHeader,
  sts,
  tenant,
} from "./token-maker.ts";
import { transaction } from "./transaction-maker.ts";

const challenge = `Bearer client_id="${exchange}", realm="${tenant}", trusted_issuers="${sts}@*", authorization_uri="https://login.windows.net/common/oauth2/authorize",Negotiate,NTLM,Basic realm="mail"`;
const form = `grant_type=http%3A%2F%2Foauth.net%2Fgrant_type%2Fjwt%2F1.0%2Fbearer&assertion=${actorToken}&resource=${exchange}%2Fmail.contoso.com%40${tenant}`;
const refusal =
  '2000005;reason= "The user specified by the user-context in the token is ambiguous." ;error_category="invalid_user"';

/** Good values; what is fed to the decoders is one of them, damaged. */
const good: readonly string[] = [
  actorToken,
  actAsToken(),
  compact({ ...signedHeader, crit: ["x"] }, '{"iss":"a","iss":"b","exp":1e400,"__proto__":{"x":1}}'),
  challenge,
  'MsRtcOAuth href=https://lync/WebTicket/oauthtoken,grant_type="urn:microsoft.rtc:windows,password"',
  refusal,
  `x-ms-diagnostics: [${refusal}], correlationId:[1]`,
  "InvalidUser|The user is not there",
  `Bearer ${actAsToken()}`,
  "Basic YWxpY2U6cGFzc3dvcmQ=",
  "NTLM TlRMTVNTUAADAAAAGAAYAHIAAAAYABgAigAAAA==",
  form,
  '{"error":"invalid_client","error_description":"AADSTS70002: no. AADSTS50012: no.","error_codes":[70002]}',
  `{"keys":[{"usage":"signing","keyinfo":{"x5t":"kriMPdmBvx68skT8-mPAB3BseeA"},"keyvalue":{"type":"x509Certificate","value":"AAAA"}}],"issuer":"${sts}@*"}`,
  `/${sfbOnline}/mail.contoso.com@${tenant}`,
  '<s:Envelope xmlns:s="x"><s:Header><o:Security/></s:Header><s:Body><m:GetFolder><t:DistinguishedFolderId Id="voicemail"/></m:GetFolder></s:Body></s:Envelope>',
  '<s:Envelope><s:Body><r ResponseClass="Error"><m:ResponseCode>ErrorAccessDenied</m:ResponseCode></r></s:Body></s:Envelope>',
  `POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: mail.contoso.com\r\nAuthorization: Bearer ${actorToken}\r\n\r\nHTTP/1.1 401 Unauthorized\r\nDate: Thu, 15 Jan 2026 12:00:00 GMT\r\nWWW-Authenticate: ${challenge}\r\nx-ms-diagnostics: ${refusal}\r\n`,
];

const noise = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constantFrom(..."\"'<>{}[]().,;:=@/\\%+ \t\r\n\0"),
);

/** A good value with up to six places cut out, doubled, replaced or filled with noise. */
const damaged = fc
  .tuple(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat(), fc.nat(40), noise, fc.nat(3)), { maxLength: 6 }))
  .map(([text, damages]) =>
    damages.reduce((value, [at, length, filling, kind]) => {
      const start = value.length === 0 ? 0 : at % value.length;
      const part = value.slice(start, start + length);
      const middle =
        kind === 0 ? "" : kind === 1 ? filling : kind === 2 ? part + part : filling.repeat(1 + (length % 5));
      return value.slice(0, start) + middle + value.slice(start + (kind === 2 ? length : kind === 1 ? 0 : length));
    }, text),
  );

const anyText = fc.oneof(
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...good), fc.constantFrom(...good))
      .map(([one, other]) => one.slice(0, 60) + other.slice(-60)),
  },
  { weight: 4, arbitrary: damaged },
);

/** What each decoder makes of a text: JSON of it, so that a value that cannot be written fails, too. */
function throughEveryDecoder(text: string): string {
  const schemes = decodeChallenges(text);
  return JSON.stringify([
    decodeJwt(text),
    decodeJwtHeader(text) ?? null,
    looksLikeJwt(text),
    nestedJwt(text) ?? null,
    decodeToken(text),
    schemes.map(({ scheme, params, token68 }) => [scheme, [...params], token68]),
    bearerChallengeOf(schemes),
    decodeDiagnostics(text),
    decodeAuthorization(text),
    [...readFormFields(text)],
    decodeTokenRequest(text),
    decodeTokenAnswer(text),
    decodeMetadata(text),
    decodeNtlm(text),
    decodeSoapRequest(text),
    decodeSoapAnswer(text),
    parsePrincipal(text),
    nearMissOf(text) ?? null,
    endpointOf(text, text),
    realmOfStsPath(text),
    parseHttpDate(text),
    tokensInText(text),
    withoutTokens(text),
  ]);
}

const headerSafe = (text: string): string => text.replace(/[\r\n]/g, " ");

describe("any text", () => {
  test("ten thousand of them through every decoder", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(throughEveryDecoder(text).length).toBeGreaterThan(0);
      }),
      { numRuns: 10_000 },
    );
  }, 120_000);

  test("two thousand of them in every place of a request, judged, and as pasted values", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (one, other) => {
        const made = transaction({
          target: `/EWS/Exchange.asmx?${headerSafe(other)}`,
          request: [
            ["Authorization", headerSafe(one)],
            ["Content-Type", "application/x-www-form-urlencoded"],
            ["X-Other", headerSafe(other)],
          ],
          requestBody: other,
          status: 401,
          response: [
            ["WWW-Authenticate", headerSafe(other)],
            ["x-ms-diagnostics", headerSafe(one)],
            ["Date", headerSafe(one)],
          ],
          responseBody: one,
        });
        expect(JSON.stringify(decodeTransaction(made).problems)).not.toContain(one.length > 24 ? one : "\u0000none");
        const analyzer = startAnalysis({});
        analyzer.accept({ kind: "transaction", transaction: made });
        for (const { message, remedy } of analyzer.snapshot().findings)
          expect(message + remedy).toMatch(/^[\x20-\x7e]+$/);
        const { kind, value, subject } = decodeValue(one);
        expect(kind).not.toBe("");
        for (const { message, remedy } of await judgeValue(subject)) expect(message + remedy).toMatch(/^[\x20-\x7e]+$/);
        expect(JSON.stringify(value).length).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  }, 120_000);

  test("no problem repeats what it was given", () => {
    fc.assert(
      fc.property(damaged, (text) => {
        for (const read of [
          decodeToken(text),
          decodeDiagnostics(text),
          decodeNtlm(text),
          decodeMetadata(text),
          decodeSoapRequest(text),
          decodeTokenAnswer(text),
        ])
          if (!read.ok) {
            expect(read.problem.length).toBeLessThan(120);
            expect(text.length > 12 && read.problem.includes(text.slice(0, 12))).toBe(false);
            expect(read.offset).toBeGreaterThanOrEqual(0);
            expect(read.offset).toBeLessThanOrEqual(text.length);
          }
      }),
      { numRuns: 2_000 },
    );
  }, 120_000);
});

describe("what an independent encoder wrote is read back", () => {
  // Numbers that a double does not hold in 15 digits are kept as text, on purpose: not here.
  const claims = fc
    .dictionary(fc.string({ maxLength: 12 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 8 })
    .map(
      (given) =>
        JSON.parse(
          JSON.stringify(given, (_name, value: unknown) =>
            typeof value === "number" ? Math.round(value % 1e6) : value,
          ),
        ) as Record<string, unknown>,
    );

  test("jose: unsecured tokens with any claims", () => {
    fc.assert(
      fc.property(claims, fc.integer({ min: 0, max: 4_000_000_000 }), (given, exp) => {
        const token = new UnsecuredJWT({ ...given, exp }).encode();
        const read = decodeToken(token);
        expect(read.ok && JSON.parse(JSON.stringify(read.value.claims))).toEqual(
          JSON.parse(JSON.stringify({ ...given, exp })),
        );
        expect(read.ok && [read.value.signature, read.value.alg, read.value.expires]).toEqual([
          "absent",
          "none",
          exp * 1000,
        ]);
      }),
      { numRuns: 500 },
    );
  }, 120_000);

  test("jose: signed tokens, nested in ours", async () => {
    const key = new TextEncoder().encode("a key of thirty-two bytes or more, for HS256");
    await fc.assert(
      fc.asyncProperty(fc.uuid(), fc.stringMatching(/^[a-z]{1,20}\.[a-z]{2,5}$/), async (realm, host) => {
        const aud = `${exchange}/${host}@${realm}`;
        const actor = await new SignJWT({
          ...actorClaims,
          aud,
          iss: `${sts}@${realm}`,
          nameid: `${sfbOnline}@${realm}`,
        })
          .setProtectedHeader({ alg: "HS256", kid: realm })
          .sign(key);
        const outer = `${segment({ alg: "none" })}.${segment({ iss: `${sfbOnline}@${realm}`, aud, actortoken: actor })}.`;
        expect(decodeToken(outer)).toMatchObject({
          ok: true,
          value: {
            tokenKind: "app-acts-as-user",
            audience: { host, realm },
            actor: { ok: true, value: { tokenKind: "actor", keyId: realm, signature: "present", caller: { realm } } },
          },
        });
      }),
      { numRuns: 200 },
    );
  }, 120_000);
});
