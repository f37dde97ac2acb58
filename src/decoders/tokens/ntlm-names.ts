// Names inside NTLM messages ([MS-NLMP] 2.2.1), for a person who decodes one message.
import type { NtlmMessage } from "../facts.ts";
import { ntlmBytes } from "./ntlm.ts";
import { redactUser, safeDomain } from "./token-user.ts";

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
