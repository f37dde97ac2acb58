import { expect, test } from "vitest";
import { SecretCollector } from "../../../src/sanitising/search/known-secrets.ts";
import { leakIn } from "../../../src/sanitising/search/leak-check.ts";
import { ValueSearch } from "../../../src/sanitising/search/value-search.ts";
import { transaction } from "../transaction-maker.ts";

const secret = "s3cret-value-of-a-cookie";
const rules = {
  known: new ValueSearch([{ value: secret, replacement: "x", isWord: false, isCut: false }]),
  isPublic: (text: string): boolean => text.startsWith("PUBLIC"),
};
const leak = (text: string): string | null => leakIn(Buffer.from(text, "latin1"), rules);
const token = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
const random = "kJ8sQ2vX0bLw7ZrT5nMy3PcHd9Gf1AeU6iOoSx4V";

test.each([
  ["a signed token", "x eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhYmMifQ.c2lnbmF0dXJlc2lnbg y"],
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----"],
  ["a Basic credential", `Basic ${btoa("user:password")}`],
  [
    "an NTLM message with content",
    Buffer.concat([Buffer.from("NTLMSSP\0\x03\0\0\0"), Buffer.from("abc")]).toString("base64"),
  ],
  ["the value of a cookie", "Set-Cookie: sid=abcdef; Path=/"],
  ["a token with its signature in a cookie", "Set-Cookie: sid=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhYmMifQ.c2lnbg"],
  ["a token in a cookie with more text", "Set-Cookie: sid=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhYmMifQ.|abcdef"],
  ["the value of a cookie in HAR", '{"name":"Set-Cookie","value":"sid=abcdef"}'],
  ["text that looks like a key", random],
  ["text that looks like a key in a token", `${token({ alg: "none" })}.${token({ nonce: random })}.`],
  ["a known secret", `x=${secret}`],
  ["one in capitals", secret.toUpperCase()],
  ["one in percent coding", [...secret].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join("")],
  ["one in entities", [...secret].map((letter) => `&#${letter.charCodeAt(0)};`).join("")],
  ["one in UTF-16", Buffer.from(secret, "utf16le").toString("latin1")],
  ["one in UTF-16 in base64", Buffer.from(`a${secret}`, "utf16le").toString("base64")],
  ["one in base64", btoa(secret)],
  ["one in base64, one byte later", btoa(`x${secret}y`)],
  ["one in base64, two bytes later", btoa(`xy${secret}z`)],
  ["one in a token", `${token({ alg: "none" })}.${token({ iss: secret })}.`],
  ["one in a token in a token", `${token({ a: `${token({ alg: "none" })}.${token({ iss: secret })}.` })}`],
])("%s is found", (_name, text) => {
  expect(leak(`before ${text} after`)).not.toBe(null);
});

test.each([
  ["a token whose signature was replaced", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhYmMifQ.<sig:abcd>"],
  ["an unsigned token", "eyJhbGciOiJub25lIn0.eyJpc3MiOiJhYmMifQ."],
  ["a Basic credential made safe", `Basic ${btoa("user-abcdefghij:<password>")}`],
  ["the word Basic", 'Basic realm="mail.contoso.example"'],
  [
    "an NTLM message that was emptied",
    Buffer.concat([Buffer.from("NTLMSSP\0\x03"), Buffer.alloc(31)]).toString("base64"),
  ],
  ["a cookie whose token lost its signature", "Set-Cookie: sid=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhYmMifQ.<sig:abcd>"],
  ["a cookie without its value", "Set-Cookie: sid=<redacted len=6 tag=abcd>"],
  ["ids", "00000004-0000-0ff1-ce00-000000000000@7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa"],
  ["a long name", "MicrosoftExchangeTransportConfigContainer2016"],
  ["what is known to be public", `PUBLIC${random}`],
])("%s is no leak", (_name, text) => {
  expect(leak(text)).toBe(null);
});

test("secrets and people are collected from where they stand", () => {
  const collector = new SecretCollector();
  collector.add({
    kind: "transaction",
    transaction: transaction({
      target: "/x?access_token=query-token-1#access_token=fragment-token-1",
      headers: [
        ["Authorization", `Basic ${btoa("CONTOSO\\svc-voice:longpassword1")}`],
        ["Proxy-Authorization", "Bearer opaque-bearer-1"],
        ["Cookie", "a=cookie-value-1; b=short; c=<redacted len=9 tag=abcd>"],
        ["X-Unknown", "unknown-value-1"],
      ],
      body: "grant_type=x&client_secret=client-secret-1&assertion=a.b.signature-text-1&username=anna@contoso.example",
      answerHeaders: [
        ["Set-Cookie", "c=cookie-value-2; Path=/"],
        ["Location", "https://bert:userinfo-1@contoso.example/"],
      ],
      answer: '{"access_token": "opaque-access-token-1"}',
    }),
  });
  const values = collector.values((kind) => `${kind}-pseudonym`).map(({ value }) => value);
  expect(values.sort()).toEqual(
    [
      ...["anna", "bert", "client-secret-1", "cookie-value-1", "cookie-value-2", "fragment-token-1", "longpassword1"],
      ...["opaque-access-token-1", "opaque-bearer-1", "query-token-1", "a.b.signature-text-1", "svc-voice"],
      ...["unknown-value-1", "userinfo-1"],
    ].sort(),
  );
});

test("what is beyond all bounds is counted, each value once", () => {
  const collector = new SecretCollector({ later: 4 });
  const cookies = Array.from({ length: 7_007 }, (_, number) => `c${number}=cookie-value-${number}`).join("; ");
  const event = { kind: "transaction", transaction: transaction({ headers: [["Cookie", cookies]] }) } as const;
  collector.add(event);
  expect(collector.missedCount).toBe(3);
  collector.add(event);
  expect(collector.missedCount).toBe(3);
  expect(collector.values(() => "aaaaaaaaaa")).toHaveLength(7_000);
  expect(collector.overflowPortions().flat()).toHaveLength(4);
  expect(new SecretCollector().missedCount).toBe(0);
});

test("names of hosts and words of the protocol are no secrets, even as passwords", () => {
  const collector = new SecretCollector();
  for (const password of ["Exchange", "contoso", "mail.contoso.example"]) {
    collector.add({
      kind: "transaction",
      transaction: transaction({ headers: [["Authorization", `Basic ${btoa(`mail:${password}`)}`]] }),
    });
  }
  expect(collector.values(() => "aaaaaaaaaa")).toEqual([]);
});
