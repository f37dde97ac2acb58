import { describe, expect, test } from "vitest";
import { decodeAuthorization } from "../../../src/decoders/tokens/authorization.ts";
import { actAsToken, actorToken, sfbOnline } from "../token-maker.ts";

const basic = (text: string) => `Basic ${Buffer.from(text, "utf8").toString("base64")}`;
// Davenport, "The NTLM Authentication Protocol", type 1 example
const type1 = "TlRMTVNTUAABAAAABzIAAAYABgArAAAACwALACAAAABXT1JLU1RBVElPTkRPTUFJTg==";

describe("Bearer", () => {
  // [MS-XOAUTH] 4.6: the header with no token asks for the challenge
  test.each(["Bearer", "Bearer ", "bearer", "BEARER \t ", "  Bearer"])(
    "%j with nothing after it is a probe",
    (value) => {
      expect(decodeAuthorization(value)).toEqual({ scheme: "bearer-probe" });
    },
  );

  test.each([`Bearer ${actorToken}`, `bearer ${actorToken}`, `BEARER  ${actorToken}`, `Bearer\t${actorToken} `])(
    "%#: any letter case and any blanks",
    (value) => {
      expect(decodeAuthorization(value)).toMatchObject({
        scheme: "bearer",
        token: { ok: true, value: { compact: actorToken } },
      });
    },
  );

  test("carries the nested token and the configured names", () => {
    const applications = new Map([[sfbOnline, "ours"]]);
    expect(decodeAuthorization(`Bearer ${actAsToken()}`, applications)).toMatchObject({
      token: { value: { caller: { name: "ours" }, actor: { value: { caller: { name: "ours" } } } } },
    });
  });

  test("an opaque token is a problem that does not repeat it", () => {
    const authorization = decodeAuthorization("Bearer opaque-secret-value");
    expect(authorization).toMatchObject({ scheme: "bearer", token: { ok: false } });
    expect(JSON.stringify(authorization)).not.toContain("secret");
  });
});

describe("Basic", () => {
  // RFC 7617 §2 and §2.1
  test.each([
    ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "A…", ""],
    ["Basic dGVzdDoxMjPCow==", "t…", ""],
    ["basic  QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "A…", ""],
    ["BASIC QWxhZGRpbjpvcGVuIHNlc2FtZQ", "A…", ""],
    [basic("CONTOSO\\svc-sfb:pass:word"), "s…", "CONTOSO"],
    [basic("svc@contoso.com:x"), "s…@contoso.com", "contoso.com"],
    [basic("CONTOSO\\svc@other.com:x"), "s…@other.com", "CONTOSO"],
    [basic(":x"), "…", ""],
    [basic("bad\u001b[31m\\user:x"), "u…", "bad??31m"],
    // What a sanitised capture holds
    [basic("user-ab3defghij:<password>"), "u…", ""],
  ])("%s", (value, user, domain) => {
    expect(decodeAuthorization(value)).toEqual({ scheme: "basic", isDecodable: true, user, domain });
  });

  test.each([
    "Basic",
    "Basic ",
    "Basic !!!",
    "Basic QWxhZGRpbg==",
    "Basic <redacted len=24 tag=ab3d>",
    `Basic ${"A".repeat(100_000)}`,
  ])("%# cannot be decoded", (value) => {
    expect(decodeAuthorization(value)).toEqual({ scheme: "basic", isDecodable: false, user: "", domain: "" });
  });

  test("no trace of the password is kept", () => {
    const shown = JSON.stringify(decodeAuthorization(basic("svc@contoso.com:Sommer2026!")));
    expect(shown).not.toContain("Sommer");
    expect(JSON.stringify(decodeAuthorization(basic("svc@contoso.com:x")))).toBe(shown);
  });
});

describe("other schemes", () => {
  test("NTLM and Negotiate carry a message", () => {
    expect(decodeAuthorization(`NTLM ${type1}`)).toEqual({
      scheme: "ntlm",
      message: { ok: true, value: { type: "negotiate", isNtlm: true } },
    });
    expect(decodeAuthorization(`negotiate ${type1}`)).toMatchObject({ scheme: "negotiate", message: { ok: true } });
    expect(decodeAuthorization("NTLM")).toMatchObject({ scheme: "ntlm", message: { ok: false } });
  });

  test.each([
    ["Digest username=x", "digest"],
    ["MSAuth1.0 actortoken=x", "msauth1.0"],
    ["Turbo x", "turbo"],
    ["Ba\u001b[31msic x", "ba31msic"],
  ])("%j is named %s", (value, name) => {
    expect(decodeAuthorization(value)).toEqual({ scheme: "other", name });
  });

  test("a raw token in place of a scheme is not repeated", () => {
    const authorization = decodeAuthorization(actorToken);
    expect(authorization).toEqual({ scheme: "other", name: "unknown" });
  });
});

test.each([undefined, "", "   "])("%j is no authorization", (value) => {
  expect(decodeAuthorization(value)).toEqual({ scheme: "none" });
});
