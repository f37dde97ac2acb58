import { type Decoded, decodedValue, decodeProblem } from "../../core/decoded.ts";
import { readBase64 } from "../base64.ts";
import type { NtlmMessage } from "../facts.ts";
import { redactUser, safeDomain } from "./token-user.ts";

const maxBlobLength = 128 * 1024; // a Kerberos ticket with a large PAC stays below; base64 text
const ntlmSignature = [0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0x00]; // [MS-NLMP] 2.2.1
const ntlmOid = [0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a]; // 1.3.6.1.4.1.311.2.2.10
const kerberosOid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02]; // RFC 4121 §4.1
const microsoftKerberosOid = [0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02]; // [MS-SPNG] 3.1.5.2: one bit off
const messageTypes = { 1: "negotiate", 2: "challenge", 3: "authenticate" } as const;

/** The kind of message in an NTLM or Negotiate blob. Names inside: `ntlmNames`; challenge and response are read nowhere. */
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
function ntlmBytes(blob: string): Uint8Array | null {
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

// Names inside, for a person who decodes one message ([MS-NLMP] 2.2.1)

/** Safe to show. Each member is absent where the message does not hold it or where its place is outside of the message. */
export interface NtlmNames {
  /** Domain of the account (types 1 and 3) or of the server (type 2). */
  readonly domain?: string;
  /** Cut down as users are everywhere. */
  readonly user?: string;
  /** The client's machine, cut down as a user is: such names often are those of people. */
  readonly workstation?: string;
  /** The server's host name: by DNS where the message has it, else by NetBIOS. */
  readonly server?: string;
  readonly dnsDomain?: string;
}

/** Offsets of the fields Len, MaxLen and BufferOffset of a name. */
interface Layout {
  readonly flags: number;
  readonly domain: number;
  readonly user?: number;
  readonly workstation?: number;
  readonly targetInfo?: number;
}

const layouts: Readonly<Partial<Record<NtlmMessage["type"], Layout>>> = {
  negotiate: { flags: 12, domain: 16, workstation: 24 }, // 2.2.1.1
  challenge: { flags: 20, domain: 12, targetInfo: 40 }, // 2.2.1.2
  authenticate: { flags: 60, domain: 28, user: 36, workstation: 44 }, // 2.2.1.3
};
const unicodeFlag = 1; // NTLMSSP_NEGOTIATE_UNICODE, 2.2.2.5
const pairIds = { end: 0, computer: 1, domain: 2, dnsComputer: 3, dnsDomain: 4 } as const; // MsvAv…, 2.2.2.1
const mostPairs = 32;

/** The names in a message that `decodeNtlm` read as of this type; nothing for Kerberos and for damaged messages. */
export function ntlmNames(blob: string, type: NtlmMessage["type"]): NtlmNames {
  const layout = layouts[type];
  const bytes = layout === undefined ? null : ntlmBytes(blob);
  if (layout === undefined || bytes === null) return {};
  // The names of a first message are in the code page of the client, whatever is negotiated (2.2.1.1).
  const isUnicode = type !== "negotiate" && (numberAt(bytes, layout.flags, 2) & unicodeFlag) !== 0;
  const name = (field: number | undefined): string => textOf(buffered(bytes, field), isUnicode);
  const info = pairsOf(buffered(bytes, layout.targetInfo));
  const domain = name(layout.domain) || (info.get(pairIds.domain) ?? "");
  const user = name(layout.user);
  const workstation = name(layout.workstation);
  const server = info.get(pairIds.dnsComputer) || info.get(pairIds.computer) || "";
  const dnsDomain = info.get(pairIds.dnsDomain) ?? "";
  return {
    ...(domain === "" ? {} : { domain: safeDomain(domain) }),
    ...(user === "" ? {} : { user: redactUser(user) }),
    ...(workstation === "" ? {} : { workstation: redactUser(workstation) }),
    ...(server === "" ? {} : { server: safeDomain(server) }),
    ...(dnsDomain === "" ? {} : { dnsDomain: safeDomain(dnsDomain) }),
  };
}

function buffered(bytes: Uint8Array, field: number | undefined): Uint8Array {
  if (field === undefined || field + 8 > bytes.length) return new Uint8Array();
  const length = numberAt(bytes, field, 2);
  const start = numberAt(bytes, field + 4, 4);
  return start + length > bytes.length ? new Uint8Array() : bytes.subarray(start, start + length);
}

/** AV_PAIR structures: id, length, UTF-16 text. */
function pairsOf(info: Uint8Array): ReadonlyMap<number, string> {
  const pairs = new Map<number, string>();
  for (let at = 0; at + 4 <= info.length && pairs.size < mostPairs; ) {
    const id = numberAt(info, at, 2);
    const length = numberAt(info, at + 2, 2);
    if (id === pairIds.end || at + 4 + length > info.length) break;
    if (id <= pairIds.dnsDomain) pairs.set(id, textOf(info.subarray(at + 4, at + 4 + length), true));
    at += 4 + length;
  }
  return pairs;
}

function textOf(bytes: Uint8Array, isUnicode: boolean): string {
  return new TextDecoder(isUnicode ? "utf-16le" : "latin1").decode(bytes);
}

/** Little-endian; 0 beyond the end. */
function numberAt(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let index = length - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}
