import { expect, test } from "vitest";
import { SecretCollector } from "../../src/sanitising/known-secrets.ts";
import { leakIn } from "../../src/sanitising/leak-check.ts";
import { transaction } from "./transaction-maker.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const secret = "s3cret-value-of-a-cookie";

test.each([
  ["a signed token", "x eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhYmMifQ.c2lnbmF0dXJlc2lnbg y"],
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----"],
  ["a Basic credential", `Basic ${btoa("user:password")}`],
  ["a known secret", `x=${secret}`],
  ["one in percent coding", encodeURIComponent(`${secret}`)],
  ["one in base64", btoa(secret)],
  ["one in base64, one byte later", btoa(`x${secret}y`)],
  ["one in base64, two bytes later", btoa(`xy${secret}z`)],
])("%s is found", (_name, text) => {
  expect(leakIn(bytes(`before ${text} after`), [secret])).not.toBe(null);
});

test.each([
  ["a token whose signature was replaced", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhYmMifQ.<sig:abcd>"],
  ["an unsigned token", "eyJhbGciOiJub25lIn0.eyJpc3MiOiJhYmMifQ."],
  ["a Basic credential made safe", `Basic ${btoa("user-abcdefghij:<password>")}`],
  ["the word Basic", 'Basic realm="mail.contoso.example"'],
])("%s is no leak", (_name, text) => {
  expect(leakIn(bytes(text), [secret])).toBe(null);
});

test("secrets are collected from where they stand", () => {
  const collector = new SecretCollector();
  collector.add(
    transaction({
      headers: [
        ["Authorization", `Basic ${btoa("svc:longpassword1")}`],
        ["Proxy-Authorization", "Bearer opaque-bearer-1"],
        ["Cookie", "a=cookie-value-1; b=short; c=<redacted len=9 tag=abcd>"],
      ],
      body: "grant_type=x&client_secret=client-secret-1&assertion=a.b.signature-text-1",
      answerHeaders: [
        ["Set-Cookie", "c=cookie-value-2; Path=/"],
        ["Authorization", `Negotiate ${"A".repeat(40)}${"B".repeat(40)}`],
      ],
      answer: '{"access_token": "opaque-access-token-1"}',
    }),
  );
  expect(collector.list()).toEqual([
    "longpassword1",
    "opaque-bearer-1",
    "cookie-value-1",
    "cookie-value-2",
    "B".repeat(40),
    "client-secret-1",
    "signature-text-1",
    "opaque-access-token-1",
  ]);
});
