import { CompactEncrypt, generateSecret, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import {
  decodeJwt,
  decodeJwtHeader,
  looksLikeJwt,
  maxTokenLength,
  nestedJwt,
} from "../../../src/decoders/tokens/jwt.ts";
import { actAsToken, compact, segment, signature, signedHeader } from "../token-maker.ts";

function read(text: string) {
  const result = decodeJwt(text);
  if (!result.ok) throw new Error(result.problem);
  return result.value;
}

function problem(text: string) {
  const result = decodeJwt(text);
  if (result.ok) throw new Error("decoded");
  return result;
}

const joe = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const joeClaims = { iss: "joe", exp: 1300819380, "http://example.com/is_root": true };

describe("vectors of the specifications", () => {
  test("RFC 7515 appendix A.1: signed", () => {
    const token = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${joe}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`;
    expect(read(token)).toEqual({
      header: { typ: "JWT", alg: "HS256" },
      claims: joeClaims,
      signature: "present",
      duplicates: [],
      shadowed: [],
      oddities: [],
    });
  });

  test("RFC 7519 §6.1: unsecured", () => {
    expect(read(`eyJhbGciOiJub25lIn0.${joe}.`)).toMatchObject({
      header: { alg: "none" },
      claims: joeClaims,
      signature: "absent",
    });
  });

  test("RFC 7516 appendix A.1: encrypted tokens are named, and their header is readable", () => {
    const header = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ";
    const token = `${header}.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGe.48V1_ALb6US04U3b.5eym8TW_c8SuK0lt.XFBoMYUZodetZdvTiFvSkQ`;
    expect(problem(token).problem).toContain("encrypted");
    expect(decodeJwtHeader(token)).toEqual({ alg: "RSA-OAEP", enc: "A256GCM" });
  });

  test("a header that cannot be read is not called encrypted", () => {
    expect(problem("a.b.c.d.e").problem).not.toContain("an encrypted token");
  });
});

describe("what jose wrote", () => {
  test("is read back", async () => {
    const key = new TextEncoder().encode("a key of thirty-two bytes or more, for HS256");
    const claims = { iss: "é…𝄞", nested: { a: [1, "2", null] } };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .setExpirationTime(2_000_000_000)
      .sign(key);
    expect(read(token)).toMatchObject({
      header: { alg: "HS256", kid: "k1" },
      claims: { ...claims, exp: 2_000_000_000 },
      signature: "present",
      oddities: [],
    });
  });

  test("encrypted is not decompressed or decrypted", async () => {
    const token = await new CompactEncrypt(new Uint8Array(100))
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .encrypt(await generateSecret("A256GCM"));
    expect(problem(token).problem).toContain("encrypted");
    expect(looksLikeJwt(token)).toBe(true);
  });
});

describe("the signature's place", () => {
  test.each([
    ["", "absent"],
    [signature, "present"],
    ["<sig:abcd>", "removed"],
    ["<sig:9f3kq2abc>", "removed"],
    ["<sig:A1B2>", "removed"],
    ["<sig>", "removed"],
  ] as const)("%j is %s", (third, state) => {
    expect(read(compact(signedHeader, { a: 1 }, third)).signature).toBe(state);
  });

  test.each(["<sig:abc>", "<sig:abcdefghij>", "<sig:ab-d>", "<other>", "a b", "AAA=", "AA+A", "AAAAA"])(
    "%j is refused",
    (third) => {
      expect(problem(compact(signedHeader, { a: 1 }, third)).problem).toBe("the signature segment is not base64url");
    },
  );
});

describe("refused, with the place and never with the text", () => {
  const header = segment(signedHeader);
  const hidden = "Zm9vc2VjcmV0";
  test.each([
    ["one segment", "abc", /1 segments/, 0],
    ["two segments", `${header}.${joe}`, /2 segments/, 0],
    ["six segments", `${header}.a.b.c.d.e`, /6 segments/, 0],
    ["an empty header", `.${joe}.AAAA`, /header segment is empty/, 0],
    ["empty claims", `${header}..AAAA`, /claims segment is empty/, header.length + 1],
    [
      "white space inside a segment",
      `${header}.${joe.slice(0, 8)}\n${joe.slice(8)}.`,
      /claims segment is not base64url/,
      header.length + 9,
    ],
    ["padding", `${header}.${hidden}==.`, /claims segment is not base64url/, header.length + 1 + hidden.length],
    ["the standard alphabet", `${header}.ab+/.`, /claims segment is not base64url/, header.length + 3],
    [
      "bytes that are not UTF-8",
      `${header}.${Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")}.`,
      /claims segment is not UTF-8/,
      header.length + 1,
    ],
    ["claims that are a list", `${header}.${segment([1])}.`, /not an object/, header.length + 1],
    ["claims that are null", `${header}.${segment(null)}.`, /not an object/, header.length + 1],
    ["claims that are no JSON", `${header}.${hidden}.`, /not JSON/, header.length + 1],
    ["a header that is no JSON", `${hidden}.${joe}.`, /header segment is not JSON/, 0],
    [
      "100,000 levels of JSON",
      `${header}.${segment(`{"a":${"[".repeat(100_000)}`)}.`,
      /deeper than 64/,
      header.length + 1,
    ],
    ["more than 256 KiB", `${header}.${"A".repeat(maxTokenLength)}.`, /longer than 256 KiB/, 0],
    ["20 MiB of dots", ".".repeat(20 * 1024 * 1024), /longer than 256 KiB/, 0],
  ])("%s", (_, text, message, offset) => {
    const answer = problem(text);
    expect(answer.problem).toMatch(message);
    expect(answer.offset).toBe(offset);
    expect(answer.problem).not.toContain(hidden);
  });
});

describe("read, with a remark", () => {
  test("non-canonical tail bits", () => {
    // RFC 4648 §3.5: {} is e30, and e31 reads as the same bytes
    expect(read("eyJhbGciOiJub25lIn0.e31.").oddities).toEqual(["non-canonical base64url in the claims segment"]);
    expect(read("eyJhbGciOiJub25lIn0.e30.AB").oddities).toEqual(["non-canonical base64url in the signature segment"]);
  });

  test.each([
    [{ alg: "nOnE" }, /another letter case/],
    [{ typ: "JWT" }, /alg is missing/],
    [{ alg: 5 }, /alg is missing or not text/],
    [{ alg: "RS256", crit: ["exp"] }, /crit/],
    [{ alg: "RS256", jku: "https://attacker.example/keys" }, /jku brings its own key source/],
    [{ alg: "RS256", x5u: "https://attacker.example/cert" }, /x5u brings/],
    [{ alg: "RS256", jwk: { kty: "RSA" } }, /jwk brings/],
    [{ alg: "RS256", x5c: ["AAAA"] }, /x5c brings/],
  ])("header %j", (header, remark) => {
    const { oddities } = read(compact(header, {}));
    expect(oddities).toContainEqual(expect.stringMatching(remark));
    expect(oddities.join()).not.toContain("attacker");
  });

  test("duplicates in header and claims, both values kept", () => {
    const token = read(compact('{"alg":"RS256","alg":"none"}', '{"iss":"a","iss":"b"}'));
    expect(token.duplicates).toEqual(["alg", "iss"]);
    expect(token.shadowed).toEqual([
      ["alg", "RS256"],
      ["iss", "a"],
    ]);
  });

  test("duplicate claims alone", () => {
    expect(read(compact(signedHeader, '{"iss":"a","iss":"b"}')).duplicates).toEqual(["iss"]);
  });

  test("huge numbers", () => {
    const token = read(compact(signedHeader, '{"exp":1e400}'));
    expect(token.claims.exp).toBe("1e400");
    expect(token.oddities).toEqual(["a number that cannot be held exactly is kept as text"]);
  });

  test("names that belong to objects are claims", () => {
    const token = read(compact(signedHeader, '{"__proto__":{"admin":true},"constructor":"x"}'));
    expect(Object.keys(token.claims)).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });
});

describe("a token as payload of a token", () => {
  const inner = compact(signedHeader, { iss: "x" });

  test("is named, and found (RFC 7519 §5.2)", () => {
    const outer = compact({ alg: "RS256", cty: "JWT" }, inner);
    expect(problem(outer).problem).toBe("the payload is another token");
    expect(nestedJwt(outer)).toBe(inner);
  });

  test("is not seen elsewhere", () => {
    expect(nestedJwt(inner)).toBeUndefined();
    expect(nestedJwt("a.b")).toBeUndefined();
    expect(nestedJwt("a.!!!.c")).toBeUndefined();
    expect(nestedJwt(`a.${Buffer.from([0xff]).toString("base64url")}.c`)).toBeUndefined();
    expect(nestedJwt("x".repeat(maxTokenLength + 1))).toBeUndefined();
  });
});

describe("the outline of a token", () => {
  test.each([
    [actAsToken(), true],
    [compact(signedHeader, {}, "<sig:abcd>"), true],
    [compact('{ "alg":"none"}', {}, ""), true],
    [compact('{\r\n"alg":"none"}', {}, ""), true],
    ["mail.contoso.com", false],
    ["eyJhbGciOiJub25lIn0", false],
    ["eyewitness-news", false],
    ["ey", false],
    ["eyJh bGci.e30.e30", false],
    [`ey${"A".repeat(maxTokenLength)}.e30.`, false],
  ])("%#", (text, expected) => {
    expect(looksLikeJwt(text)).toBe(expected);
  });

  test("a header alone is undefined where it cannot be read", () => {
    expect(decodeJwtHeader("abc")).toBeUndefined();
    expect(decodeJwtHeader("!!!.e30.")).toBeUndefined();
  });
});
