import { describe, expect, test } from "vitest";
import type { TokenKind, TokenUser } from "../../../src/decoders/facts.ts";
import { redactUser, tokenUserOf } from "../../../src/decoders/tokens/token-user.ts";

describe("the user of a token that acts as one", () => {
  test.each<[string, object, TokenUser | null]>([
    [
      "a PUID",
      { nii: "urn:federation:MicrosoftOnline", nameid: "1003bffd80000001" },
      { kind: "puid", redacted: "1003…" },
    ],
    [
      "a PUID with the older nii",
      { nii: "urn:office:idp:orgid", nameid: "1003BFFD80000001" },
      { kind: "puid", redacted: "1003…" },
    ],
    [
      "a PUID that a sanitised capture replaced",
      { nii: "urn:federation:MicrosoftOnline", nameid: "user-abcdefghij" },
      { kind: "puid", redacted: "user…" },
    ],
    [
      "the same with the older nii",
      { nii: "urn:office:idp:orgid", nameid: "user-abcdefghij" },
      { kind: "puid", redacted: "user…" },
    ],
    [
      "a SID",
      { nii: "urn:office:idp:activedirectory", nameid: "s-1-5-21-1004336348-1177238915-682003330-512" },
      { kind: "sid", redacted: "s-1-5-21-…" },
    ],
    [
      "a SID that a sanitised capture replaced",
      { nii: "urn:office:idp:activedirectory", nameid: "user-abcdefghij" },
      { kind: "sid", redacted: "u…" },
    ],
    ["a PUID without nii", { nameid: "1003bffd80000001" }, { kind: "puid", redacted: "1003…" }],
    ["a SID without nii", { nameid: "S-1-5-21-1-2-3-500" }, { kind: "sid", redacted: "S-1-5-21-…" }],
    ["a UPN in nameid ([MS-XOAUTH] 2.2)", { nameid: "user@contoso.com" }, { kind: "upn", redacted: "u…@contoso.com" }],
    [
      "smtp before upn and sip",
      { smtp: "a@x.com", upn: "b@x.com", sip: "c@x.com" },
      { kind: "smtp", redacted: "a…@x.com" },
    ],
    ["upn before sip", { upn: "b@x.com", sip: "c@x.com" }, { kind: "upn", redacted: "b…@x.com" }],
    ["sip alone", { sip: "c@x.com" }, { kind: "sip", redacted: "c…@x.com" }],
    [
      "a nameid that is nothing known, with sip",
      { nameid: "zzz", sip: "c@x.com" },
      { kind: "sip", redacted: "c…@x.com" },
    ],
    ["claims that are no text", { nameid: 5, smtp: ["a"] }, null],
    ["no user", {}, null],
  ])("%s", (_, claims, user) => {
    expect(tokenUserOf(claims as Record<string, unknown>, "app-acts-as-user")).toEqual(user);
  });
});

describe("the user of Entra's and AD FS's tokens", () => {
  test.each<[string, object, TokenUser | null]>([
    ["upn", { upn: "alice@contoso.com", oid: "x", scp: "a" }, { kind: "upn", redacted: "a…@contoso.com" }],
    [
      "unique_name that is an address",
      { unique_name: "alice@contoso.com" },
      { kind: "upn", redacted: "a…@contoso.com" },
    ],
    [
      "preferred_username that is an address (v2)",
      { preferred_username: "alice@contoso.com", scp: "a" },
      { kind: "upn", redacted: "a…@contoso.com" },
    ],
    ["unique_name that is not", { unique_name: "CONTOSO\\alice" }, null],
    ["puid", { puid: "1003bffd80000001", scp: "a" }, { kind: "puid", redacted: "1003…" }],
    ["primarysid", { primarysid: "S-1-5-21-1-2-3-500" }, { kind: "sid", redacted: "S-1-5-21-…" }],
    ["onprem_sid", { onprem_sid: "S-1-5-21-1-2-3-500" }, { kind: "sid", redacted: "S-1-5-21-…" }],
    [
      "oid of a delegated token",
      { oid: "5de110f8-2e0f-4d45-891d-bcf2218e253d", scp: "EWS" },
      { kind: "oid", redacted: "5de1…" },
    ],
    [
      "oid of an application's token is its service principal",
      { oid: "5de110f8-2e0f-4d45-891d-bcf2218e253d", roles: ["x"] },
      null,
    ],
  ])("%s", (_, claims, user) => {
    for (const kind of ["entra-v1", "entra-v2", "app-asserted-user", "adfs"] as const) {
      expect(tokenUserOf(claims as Record<string, unknown>, kind)).toEqual(user);
    }
  });
});

test.each<TokenKind>(["actor", "self-issued", "direct-trust", "exchange-identity"])(
  "%s tokens speak for no user",
  (kind) => {
    expect(tokenUserOf({ nameid: "1003bffd80000001", smtp: "a@b.c" }, kind)).toBeNull();
  },
);

test("an unknown token's addresses are still cut down", () => {
  expect(tokenUserOf({ smtp: "alice@contoso.com" }, "unknown")).toEqual({ kind: "smtp", redacted: "a…@contoso.com" });
});

test.each([
  ["alice@contoso.com", "a…@contoso.com"],
  ["@contoso.com", "…@contoso.com"],
  ["alice", "a…"],
  ["", "…"],
  ["\u001b]52;c;x@evil\u0007.com", "?…@evil?.com"],
  ["é@bücher.example", "?…@b?cher.example"],
  [`a@${"x".repeat(500)}`, `a…@${"x".repeat(64)}`],
])("%j is shown as %j", (value, shown) => {
  expect(redactUser(value)).toBe(shown);
});
