import { describe, expect, test } from "vitest";
import { decodeNtlm, ntlmNames } from "../../../src/decoders/tokens/ntlm.ts";

// Davenport, "The NTLM Authentication Protocol": the worked examples of type 1, 2 and 3
const type1 = "TlRMTVNTUAABAAAABzIAAAYABgArAAAACwALACAAAABXT1JLU1RBVElPTkRPTUFJTg==";
const type2 =
  "TlRMTVNTUAACAAAADAAMADAAAAABAoEAASNFZ4mrze8AAAAAAAAAAGIAYgA8AAAARABPAE0AQQBJAE4AAgAMAEQATwBNAEEASQBOAAEADABTAEUAUgBWAEUAUgAEABQAZABvAG0AYQBpAG4ALgBjAG8AbQADACIAcwBlAHIAdgBlAHIALgBkAG8AbQBhAGkAbgAuAGMAbwBtAAAAAAA=";
const type3 =
  "TlRMTVNTUAADAAAAGAAYAGoAAAAYABgAggAAAAwADABAAAAACAAIAEwAAAAWABYAVAAAAAAAAACaAAAAAQIAAEQATwBNAEEASQBOAHUAcwBlAHIAVwBPAFIASwBTAFQAQQBUAEkATwBOAMM3zVy9RPyXgqZnr21CfG3mfCDC0+d8ViWpjBwx6BhHRmspst9GgGPOZWPuMITqcxg==";

// A small DER writer, for SPNEGO (RFC 4178 §4.2) around a mechanism's token
function der(tag: number, ...contents: (readonly number[])[]): number[] {
  const content = contents.flat();
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return [tag, ...length, ...content];
}
const base64 = (bytes: readonly number[]) => Buffer.from(bytes).toString("base64");
const bytesOf = (text: string) => [...Buffer.from(text, "base64")];
const spnegoOid = der(0x06, [0x2b, 0x06, 0x01, 0x05, 0x05, 0x02]);
const ntlmOid = der(0x06, [0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a]);
const kerberosOid = der(0x06, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02]);
const microsoftKerberosOid = der(0x06, [0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02]);
const init = (mechanisms: readonly number[][], token: readonly number[] | null) =>
  der(
    0x60,
    spnegoOid,
    der(0xa0, der(0x30, der(0xa0, der(0x30, ...mechanisms)), token === null ? [] : der(0xa2, der(0x04, token)))),
  );

describe("NTLMSSP ([MS-NLMP] 2.2.1)", () => {
  test.each([
    ["type 1", type1, "negotiate"],
    ["type 2", type2, "challenge"],
    ["type 3", type3, "authenticate"],
    // The smallest that a sanitised capture keeps
    [
      "type 3 with everything else zero",
      base64([...Buffer.from("NTLMSSP\0"), 3, 0, 0, 0, ...new Array<number>(52).fill(0)]),
      "authenticate",
    ],
    ["a type that does not exist", base64([...Buffer.from("NTLMSSP\0"), 4, 0, 0, 0]), "unknown"],
    ["a type of more than one byte", base64([...Buffer.from("NTLMSSP\0"), 1, 1, 0, 0]), "unknown"],
    ["a signature and nothing more", base64([...Buffer.from("NTLMSSP\0")]), "unknown"],
  ])("%s", (_, blob, type) => {
    expect(decodeNtlm(blob)).toEqual({ ok: true, value: { type, isNtlm: true } });
  });
});

describe("SPNEGO (RFC 4178)", () => {
  test.each([
    [
      "NTLM type 1 wrapped",
      init([microsoftKerberosOid, kerberosOid, ntlmOid], bytesOf(type1)),
      { type: "negotiate", isNtlm: true },
    ],
    [
      "NTLM type 3 in the response form",
      der(0xa1, der(0x30, der(0xa2, der(0x04, bytesOf(type3))))),
      { type: "authenticate", isNtlm: true },
    ],
    [
      "Kerberos preferred and enclosed",
      init(
        [microsoftKerberosOid, kerberosOid, ntlmOid],
        der(0x60, kerberosOid, [1, 0], new Array<number>(300).fill(7)),
      ),
      { type: "kerberos", isNtlm: false },
    ],
    ["the standard Kerberos OID alone", init([kerberosOid], null), { type: "kerberos", isNtlm: false }],
    ["bare Kerberos (RFC 4121 §4.1)", der(0x60, kerberosOid, [1, 0, 0x6e]), { type: "kerberos", isNtlm: false }],
    ["NTLM preferred, no token yet", init([ntlmOid, kerberosOid], null), { type: "spnego", isNtlm: false }],
    ["accepted, nothing else", der(0xa1, der(0x30, der(0xa0, [0x0a, 1, 0]))), { type: "spnego", isNtlm: false }],
    ["other bytes", [1, 2, 3, 4], { type: "unknown", isNtlm: false }],
  ])("%s", (_, bytes, value) => {
    expect(decodeNtlm(base64(bytes))).toEqual({ ok: true, value });
  });

  test("RFC 4559 §5: a blob that is no SPNEGO token is unknown", () => {
    expect(decodeNtlm("a87421000492aa874209af8bc028")).toMatchObject({ ok: true, value: { type: "unknown" } });
  });
});

test.each([
  ["<negotiate:kerberos>", "kerberos"],
  ["<negotiate:spnego>", "spnego"],
])("a sanitised capture's %s is %s", (blob, type) => {
  expect(decodeNtlm(blob)).toEqual({ ok: true, value: { type, isNtlm: false } });
});

test.each([
  ["", /no blob/],
  ["not base64!", /not base64/],
  ["A".repeat(200_000), /longer than 128 KiB/],
])("%# is a problem", (blob, problem) => {
  expect(decodeNtlm(blob)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
});

describe("names ([MS-NLMP] 2.2.1.1 to 2.2.1.3; the values are Davenport's)", () => {
  const wrapped = base64(der(0xa1, der(0x30, der(0xa2, der(0x04, bytesOf(type3))))));
  test.each([
    ["type 1, in the client's code page", type1, "negotiate", { domain: "DOMAIN", workstation: "W…" }],
    [
      "type 2, with the pairs of its target",
      type2,
      "challenge",
      { domain: "DOMAIN", server: "server.domain.com", dnsDomain: "domain.com" },
    ],
    ["type 3", type3, "authenticate", { domain: "DOMAIN", user: "u…", workstation: "W…" }],
    ["type 3 inside SPNEGO", wrapped, "authenticate", { domain: "DOMAIN", user: "u…", workstation: "W…" }],
    ["Kerberos", base64(der(0x60, kerberosOid)), "kerberos", {}],
    ["a blob without a message", "AAAA", "authenticate", {}],
  ] as const)("%s", (_, blob, type, names) => {
    expect(ntlmNames(blob, type)).toEqual(names);
  });

  test("a message that ends anywhere gives those names only that are whole", () => {
    for (const [whole, type] of [
      [bytesOf(type2), "challenge"],
      [bytesOf(type3), "authenticate"],
    ] as const) {
      const all = ntlmNames(base64(whole), type);
      for (let length = 8; length < whole.length; length++) {
        const names = ntlmNames(base64(whole.slice(0, length)), type);
        for (const name of Object.keys(names)) {
          // A list of pairs that is cut is not read: its place is outside of the message.
          expect(names[name as keyof typeof names]).toBe(all[name as keyof typeof all]);
        }
      }
    }
  });

  test("no text of a message reaches a terminal as it is", () => {
    const hostile = Buffer.from(type3, "base64");
    hostile.write("\u001b]0;x", 64, "utf16le");
    expect(ntlmNames(hostile.toString("base64"), "authenticate").domain).toMatch(/^[A-Za-z0-9._?-]+$/);
  });
});
