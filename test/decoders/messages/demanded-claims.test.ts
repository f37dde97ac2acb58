import { describe, expect, test } from "vitest";
import { bearerChallengeOf, decodeChallenges } from "../../../src/decoders/messages/bearer-challenge.ts";
import { decodeDemandedClaims } from "../../../src/decoders/messages/demanded-claims.ts";
import { decodeText as decodeValue } from "../../../src/decoders/pasted/decode-text.ts";

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

describe("the claims of a challenge", () => {
  // "Claims challenges, claims requests and client capabilities" (learn.microsoft.com)
  test.each([
    ["eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiY3AxIn19fQ==", ["acrs"], null],
    [base64({ access_token: { nbf: { essential: true, value: "1604106651" } } }), ["nbf"], 1_604_106_651_000],
    [
      base64({ access_token: { nbf: { essential: true, value: 1_604_106_651 }, xms_rp_ipaddr: { value: "1.2.3.4" } } }),
      ["nbf", "xms_rp_ipaddr"],
      1_604_106_651_000,
    ],
    [base64({ access_token: { nbf: { value: "1604106651" } } }).replace(/=+$/, ""), ["nbf"], 1_604_106_651_000],
    ['{"access_token":{"nbf":{"value":"1604106651"}}}', ["nbf"], 1_604_106_651_000],
    [base64({ access_token: { nbf: { value: "soon" } } }), ["nbf"], null],
    [base64({ access_token: { nbf: { value: 1e300 } } }), ["nbf"], null],
    [base64({ id_token: {} }), [], null],
    ["???", [], null],
    ["x".repeat(100_000), [], null],
  ])("%#", (value, names, notBefore) => {
    expect(decodeDemandedClaims(value)).toEqual({ names, notBefore });
  });

  test("no claims demand nothing", () => {
    expect(decodeDemandedClaims("")).toBeNull();
    expect(bearerChallengeOf(decodeChallenges('Bearer error="invalid_token"'))?.demanded).toBeNull();
  });

  test("at most sixteen names are kept", () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`c${index}`, {}]));
    expect(decodeDemandedClaims(base64({ access_token: many }))?.names).toHaveLength(16);
  });

  test("a pasted challenge shows what is demanded", () => {
    const claims = base64({ access_token: { nbf: { value: "1604106651" } } });
    const { value } = decodeValue(`WWW-Authenticate: Bearer error="insufficient_claims", claims="${claims}"`);
    expect(value).toMatchObject({
      schemes: [{ demanded: { claims: ["nbf"], issuedNotBefore: "2020-10-31T01:10:51.000Z" } }],
    });
  });
});
