// Reads a ClientHello (RFC 8446 4.1.2, RFC 5246 7.4.1.2) from a copy of the first bytes of a connection.
import { normalHost } from "../connections/host-and-port.ts";

/** The parts of a ClientHello that a program chooses, without GREASE (RFC 8701), names, and data of a session. */
export interface ClientHello {
  readonly legacyVersion: number;
  readonly ciphers: readonly number[];
  /** Types in the order sent. */
  readonly extensions: readonly number[];
  readonly groups: readonly number[];
  readonly signatureAlgorithms: readonly number[];
  /** Of supported_versions; empty below TLS 1.3. */
  readonly versions: readonly number[];
  /** Protocols offered by ALPN, in the order sent; null without the extension. */
  readonly alpn: readonly string[] | null;
  /** The name that the client requests, in its normal form; null without a valid one. */
  readonly serverName: string | null;
  /** The client sends reserved values that a server must ignore. */
  readonly hasGrease: boolean;
}

/** A longer ClientHello is not read; that of Chromium with a post-quantum key has 2 KiB. */
const helloLimit = 16 * 1024;
const recordLimit = 64;
const handshakeRecord = 0x16;
const majorVersion = 3;
const clientHelloType = 1;

export type HelloStep =
  /** At least so many bytes from the beginning are needed. */
  | { readonly state: "more"; readonly need: number }
  | { readonly state: "whole"; readonly hello: ClientHello }
  /** Something else, or a malformed or too long ClientHello. */
  | { readonly state: "other" };

/** Looks at the first bytes of a connection; a ClientHello may span records. Never throws. */
export function lookForHello(bytes: Uint8Array): HelloStep {
  const pieces: Uint8Array[] = [];
  let [at, held] = [0, 0];
  for (let count = 0; count < recordLimit; count += 1) {
    const length = recordLength(bytes, at);
    if (typeof length !== "number") return length;
    const piece = bytes.subarray(at + 5, at + 5 + length);
    pieces.push(piece);
    held += piece.length;
    if (held > helloLimit) break;
    const step = held < 4 ? null : lookIn(Buffer.concat(pieces));
    if (step !== null) return step;
    if (piece.length < length) return { state: "more", need: at + 5 + length };
    at += 5 + length;
  }
  return { state: "other" };
}

/** The length of the record of a handshake that begins here, or what is to be done without one. */
function recordLength(bytes: Uint8Array, at: number): number | HelloStep {
  const isHandshake =
    (bytes.length <= at || bytes[at] === handshakeRecord) && (bytes.length <= at + 1 || bytes[at + 1] === majorVersion);
  if (!isHandshake) return { state: "other" };
  if (bytes.length < at + 5) return { state: "more", need: at + 5 };
  const length = uint16(bytes, at + 3);
  return length === 0 ? { state: "other" } : length;
}

/** Looks at the beginning of the handshake, of at least four bytes; null when more are needed. */
function lookIn(handshake: Uint8Array): HelloStep | null {
  const end = 4 + ((handshake[1] ?? 0) << 16) + uint16(handshake, 2);
  if (handshake[0] !== clientHelloType || end > helloLimit) return { state: "other" };
  if (handshake.length < end) return null;
  const hello = parseBody(handshake.subarray(4, end));
  return hello === null ? { state: "other" } : { state: "whole", hello };
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function parseBody(body: Uint8Array): ClientHello | null {
  const sessionEnd = 35 + (body[34] ?? 0);
  const cipherStart = sessionEnd + 2;
  const cipherEnd = cipherStart + uint16(body, sessionEnd);
  const compressionEnd = cipherEnd + 1 + (body[cipherEnd] ?? 0);
  if (body.length < compressionEnd) return null;
  const ciphers = numbers(body.subarray(cipherStart, cipherEnd));
  const extensions = readExtensions(body.subarray(compressionEnd));
  if (extensions === null) return null;
  const listOf = (type: number, skip: number): number[] => numbers((extensions.get(type) ?? none).subarray(skip));
  const [groups, signatureAlgorithms, versions] = [listOf(10, 2), listOf(13, 2), listOf(43, 1)];
  const types = [...extensions.keys()];
  const protocols = extensions.get(16);
  return {
    legacyVersion: uint16(body, 0),
    ciphers: withoutGrease(ciphers),
    extensions: withoutGrease(types),
    groups: withoutGrease(groups),
    signatureAlgorithms: withoutGrease(signatureAlgorithms),
    versions: withoutGrease(versions),
    alpn: protocols === undefined ? null : readProtocols(protocols),
    serverName: readServerName(extensions.get(0) ?? none),
    hasGrease: [ciphers, types, groups].some((list) => list.some(isGrease)),
  };
}

const none = new Uint8Array(0);

/** Null when a length passes the end. A hello may end before its extensions. */
function readExtensions(bytes: Uint8Array): Map<number, Uint8Array> | null {
  const found = new Map<number, Uint8Array>();
  if (bytes.length === 0) return found;
  const end = 2 + uint16(bytes, 0);
  if (bytes.length < end) return null;
  let at = 2;
  while (at < end) {
    const next = at + 4 + uint16(bytes, at + 2);
    if (next > end) return null;
    found.set(uint16(bytes, at), bytes.subarray(at + 4, next));
    at = next;
  }
  return found;
}

/** RFC 6066 3: a list with one host name. */
function readServerName(bytes: Uint8Array): string | null {
  if (bytes.length < 5 || bytes[2] !== 0) return null;
  return normalHost(Buffer.from(bytes.subarray(5, 5 + uint16(bytes, 3))).toString("latin1"));
}

/** RFC 7301 3.1: a list of names, each after its length. */
function readProtocols(bytes: Uint8Array): string[] {
  const names: string[] = [];
  let at = 2;
  while (at < bytes.length) {
    const end = at + 1 + (bytes[at] ?? 0);
    names.push(Buffer.from(bytes.subarray(at + 1, end)).toString("latin1"));
    at = end;
  }
  return names;
}

function numbers(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length >> 1 }, (_, index) => uint16(bytes, index * 2));
}

/** RFC 8701: 0x0A0A, 0x1A1A … 0xFAFA. */
function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

function withoutGrease(values: readonly number[]): number[] {
  return values.filter((value) => !isGrease(value));
}
