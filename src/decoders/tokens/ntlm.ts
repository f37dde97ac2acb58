import { type Decoded, decodedValue, decodeProblem } from "../../core/decoded.ts";
import { readBase64 } from "../base64.ts";
import type { NtlmMessage } from "../facts.ts";

const maxBlobLength = 128 * 1024; // a Kerberos ticket with a large PAC stays below; base64 text
const ntlmSignature = [0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0x00]; // [MS-NLMP] 2.2.1
const ntlmOid = [0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a]; // 1.3.6.1.4.1.311.2.2.10
const kerberosOid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02]; // RFC 4121 §4.1
const microsoftKerberosOid = [0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02]; // [MS-SPNG] 3.1.5.2: one bit off
const messageTypes = { 1: "negotiate", 2: "challenge", 3: "authenticate" } as const;

/** The kind of message in an NTLM or Negotiate blob. Names inside: `ntlm-names.ts`; challenge and response are read nowhere. */
export function decodeNtlm(blob: string): Decoded<NtlmMessage> {
  // The markers of a sanitised capture in place of a blob that was not NTLM.
  if (blob === "<negotiate:kerberos>") return decodedValue({ type: "kerberos", isNtlm: false });
  if (blob === "<negotiate:spnego>") return decodedValue({ type: "spnego", isNtlm: false });
  if (blob === "") return decodeProblem("no blob");
  if (blob.length > maxBlobLength) return decodeProblem(`a blob longer than ${maxBlobLength / 1024} KiB: not read`);
  const bytes = readBase64(blob);
  return bytes === null ? decodeProblem("the blob is not base64") : decodedValue(messageOf(bytes));
}

/** The NTLMSSP message in a blob, also in a SPNEGO token; null where there is none. May be followed by other bytes. */
export function ntlmBytes(blob: string): Uint8Array | null {
  const bytes = blob.length > maxBlobLength ? null : readBase64(blob);
  const at = bytes === null ? -1 : indexOfBytes(bytes, ntlmSignature);
  return bytes === null || at === -1 ? null : bytes.subarray(at);
}

function messageOf(bytes: Uint8Array): NtlmMessage {
  const at = indexOfBytes(bytes, ntlmSignature);
  if (at !== -1) return { type: ntlmType(bytes, at), isNtlm: true };
  const kerberosAt = firstOf(indexOfBytes(bytes, kerberosOid), indexOfBytes(bytes, microsoftKerberosOid));
  const ntlmAt = indexOfBytes(bytes, ntlmOid);
  // The first mechanism is the preferred one, and the enclosed token is its (RFC 4178 §4.2.1).
  if (kerberosAt !== -1 && (ntlmAt === -1 || kerberosAt < ntlmAt)) return { type: "kerberos", isNtlm: false };
  // NegTokenInit inside the GSS-API header, NegTokenInit bare, NegTokenResp.
  const isSpnego = bytes[0] === 0x60 || bytes[0] === 0xa0 || bytes[0] === 0xa1;
  return { type: isSpnego ? "spnego" : "unknown", isNtlm: false };
}

function ntlmType(bytes: Uint8Array, at: number): NtlmMessage["type"] {
  const type = bytes[at + 8];
  const isSmall = bytes[at + 9] === 0 && bytes[at + 10] === 0 && bytes[at + 11] === 0; // 32 bits, little-endian
  return isSmall && (type === 1 || type === 2 || type === 3) ? messageTypes[type] : "unknown";
}

function firstOf(one: number, other: number): number {
  if (one === -1) return other;
  return other === -1 ? one : Math.min(one, other);
}

function indexOfBytes(bytes: Uint8Array, wanted: readonly number[]): number {
  const first = wanted[0] ?? 0;
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
