import { describe, expect, test } from "vitest";
import { decodeMetadata } from "../../../src/decoders/messages/metadata-document.ts";
import { sts, tenant } from "../token-maker.ts";

const der = Buffer.from(Array.from({ length: 90 }, (_, index) => index));
const value = der.toString("base64");
const x5t = "kriMPdmBvx68skT8-mPAB3BseeA";
const certificate = new Uint8Array(der);

function read(document: unknown) {
  const result = decodeMetadata(typeof document === "string" ? document : JSON.stringify(document));
  if (!result.ok) throw new Error(result.problem);
  return result.value;
}

describe("the variants of a metadata document", () => {
  test("Outlook add-in documentation: the whole form", () => {
    const document = {
      id: "_70b34511-d105-4e2b-9675-39f53305bb01",
      version: "1.0",
      name: "Exchange",
      realm: "*",
      serviceName: "00000002-0000-0ff1-ce00-000000000000",
      issuer: "00000002-0000-0ff1-ce00-000000000000@*",
      allowedAudiences: ["00000002-0000-0ff1-ce00-000000000000@*"],
      keys: [{ usage: "signing", keyinfo: { x5t }, keyvalue: { type: "x509Certificate", value } }],
      endpoints: [{ location: "https://x/tokens/OAuth/2", protocol: "OAuth2", usage: "issuance" }],
    };
    expect(read(document)).toEqual({
      issuer: expect.objectContaining({ id: "00000002-0000-0ff1-ce00-000000000000", realmKind: "wildcard" }),
      realm: "*",
      keys: [{ x5t, certificate }],
    });
  });

  test.each([
    [
      "ACS today: keyValue in camel case, no keyinfo",
      { usage: "signing", keyValue: { type: "x509Certificate", value } },
      null,
    ],
    ["SharePoint today: lower-case type, no usage", { keyvalue: { type: "x509certificate", value } }, null],
    [
      "capitals everywhere",
      { USAGE: "Signing", KEYINFO: { X5T: x5t }, KEYVALUE: { TYPE: "X509CERTIFICATE", VALUE: value } },
      x5t,
    ],
    ["x5t with padding", { keyinfo: { x5t: `${x5t}=` }, keyvalue: { value } }, x5t],
    [
      "x5t in the standard alphabet",
      { keyinfo: { x5t: `${x5t.replaceAll("-", "+").replaceAll("_", "/")}=` }, keyvalue: { value } },
      x5t,
    ],
    ["an x5t that is no thumbprint", { keyinfo: { x5t: "abc" }, keyvalue: { value } }, null],
    ["a wrapped certificate", { keyvalue: { value: value.replace(/(.{64})/g, "$1\r\n") } }, null],
    // RFC 7517 §4.7
    ["a JWKS", { kty: "RSA", use: "sig", kid: x5t, x5t, x5c: [value] }, x5t],
  ])("%s", (_, key, thumbprint) => {
    expect(read({ keys: [key] })).toEqual({ issuer: null, realm: "", keys: [{ x5t: thumbprint, certificate }] });
  });

  test("several keys, of which only the readable signing ones are taken", () => {
    const keys = [
      { usage: "signing", keyvalue: { type: "x509Certificate", value } },
      { usage: "encryption", keyvalue: { type: "x509Certificate", value } },
      { keyvalue: { type: "symmetric", value } },
      { keyvalue: { type: "x509Certificate", value: "not base64!" } },
      { x5c: [5] },
      {},
      null,
      { usage: "signing", keyinfo: { x5t }, keyvalue: { type: "x509Certificate", value } },
    ];
    expect(read({ keys }).keys).toEqual([
      { x5t: null, certificate },
      { x5t, certificate },
    ]);
  });

  test("a realm that is missing is the issuer's", () => {
    expect(read({ issuer: `${sts}@${tenant}`, keys: [] })).toMatchObject({ realm: tenant, issuer: { id: sts } });
  });

  test("a byte order mark is passed over", () => {
    expect(read(`\uFEFF${JSON.stringify({ keys: [] })}`).keys).toEqual([]);
  });
});

test.each([
  ["no JSON", "<html>", /not JSON/],
  ["no keys", "{}", /without a list of keys/],
  ["keys that are no list", '{"keys":{}}', /without a list of keys/],
  ["keys without any certificate", '{"keys":[{"kty":"RSA","n":"x","e":"AQAB"}]}', /without a signing certificate/],
  ["more than 4 MiB", " ".repeat(5 * 1024 * 1024), /longer than 4 MiB/],
  ["too deep", `{"keys":${"[".repeat(100)}`, /deeper/],
])("%s is a problem", (_, text, problem) => {
  expect(decodeMetadata(text)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
});
