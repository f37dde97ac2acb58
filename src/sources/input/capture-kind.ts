// Recognises the kind of a capture by its first bytes, never by its name.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { constants, gunzipSync, inflateSync } from "node:zlib";
import type { LogFormat } from "../../core/capture-event.ts";
import { recordMarkLength } from "../../server-logs/records/record-mark.ts";
import { logFormat } from "./log-mark.ts";

export type CaptureKind = "journal" | "har" | "saz" | "mitmproxy" | "pcap" | "burp" | "postman";

/** Formats of server logs, which are judged as one group. */
const logFormats: ReadonlySet<string> = new Set<LogFormat>([
  "exchange-log",
  "iis-log",
  "failed-request",
  "windows-event",
  "sign-in-log",
]);

/** True for the kind of a server's log. */
export function isLogFormat(kind: CaptureKind | LogFormat | "empty" | null): kind is LogFormat {
  return kind !== null && logFormats.has(kind);
}

const startLength = 4096;

/** The kind of capture or log that begins with these unpacked bytes; null when unknown, `empty` when there are none. */
export function captureKind(bytes: Buffer): CaptureKind | LogFormat | "empty" | null {
  if (looksLikePackets(bytes)) return "pcap";
  const start = textStart(bytes);
  if (start === "") return "empty";
  if (start.startsWith('{"k":"head","schema":"realmscope.journal/') || isRecordOfJournal(start)) return "journal";
  if (start.startsWith("PK\u0003\u0004")) return "saz";
  const log = logFormat(bytes);
  if (log !== null) return log;
  if (start.startsWith("{")) return isPostman(bytes) ? "postman" : "har";
  if (isBurp(bytes)) return "burp";
  return looksLikeFlows(start) ? "mitmproxy" : null;
}

/** True for the first bytes of a collection of Postman (schema.getpostman.com, format 2), also within its API's answer. */
function isPostman(bytes: Buffer): boolean {
  const start = bytes.toString("latin1", 0, startLength);
  const isCollection =
    /^\W{0,8}\{\s{0,99}(?:"collection"\s{0,99}:\s{0,99}\{\s{0,99})?"(?:info|item|auth|event|variable)"/.test(start);
  return isCollection && /"_postman_id"|schema\.(?:get)?postman\.com\/json\/collection\//.test(start);
}

/** True for the first bytes of items saved by Burp; a document type comes before them. */
function isBurp(bytes: Buffer): boolean {
  const start = bytes.toString("latin1", 0, startLength);
  return /^\W{0,8}<(?:\?xml|!DOCTYPE items|items)\b/.test(start) && /<items\b[^>]{0,200}\bburpVersion=/.test(start);
}

/** True for a record of a journal whose head was cut off, as by logrotate's copytruncate. */
function isRecordOfJournal(start: string): boolean {
  return /^\{"k":"[a-z-]{3,20}","n":\d{1,15}[,}]/.test(start);
}

/** True for the first bytes of a pcap of either byte order and resolution, and of a pcapng. */
function looksLikePackets(start: Buffer): boolean {
  const magic = start.length < 4 ? 0 : start.readUInt32BE(0);
  return [0x0a0d0d0a, 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1].includes(magic);
}

/** True for the first bytes of a mitmproxy flow file: a length and a dictionary that begins with a name. */
function looksLikeFlows(start: string): boolean {
  return /^[1-9]\d{0,9}:\d{1,3}:[a-z_]+[;,]/.test(start);
}

/** The first characters, decoded from UTF-16LE or bytes, without byte order mark and leading blanks. */
function textStart(bytes: Buffer): string {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = bytes.toString(isWide ? "utf16le" : "latin1", isWide ? 2 : 0, 512);
  return text.replace(/^\u00ef\u00bb\u00bf/, "").trimStart();
}

/** What a file is; `log-package`: a ZIP file that may hold logs. */
export type FileKind = CaptureKind | LogFormat | "log-package";

/** True for a file that is read with the logs of a run. */
export function isOfLogs(kind: FileKind | null): kind is LogFormat | "log-package" {
  return kind === "log-package" || isLogFormat(kind);
}

/** The kind of a capture or log that was found in a folder, where other files are common; null for these. */
export function kindOfFile(path: string): FileKind | null {
  let start = unpackedStart(path, startLength);
  // Most files tell what they are in a few bytes; records of JSON do not.
  if (["har", "empty", null].includes(captureKind(start))) start = unpackedStart(path, recordMarkLength);
  const kind = captureKind(start);
  if (kind === null || kind === "empty") return null;
  // Other JSON than HAR, and other ZIP files than SAZ and tickets.
  if (kind === "har") return /^\{\s*"log"\s*:/.test(textStart(start)) ? kind : null;
  return kind === "saz" ? kindOfZip(path) : kind;
}

/** A ZIP by the names in its first and last bytes, where its directory is: a SAZ or a ticket has fixed names, a package of logs has not. */
function kindOfZip(path: string): FileKind | null {
  const names = `${readPart(path, 0, startLength).toString("latin1")}\n${readPart(path, -directoryLength, directoryLength).toString("latin1")}`;
  if (/raw[/\\]\d{1,9}_[csm]\.(?:txt|xml)/i.test(names)) return "saz";
  if (names.includes("MANIFEST.json") && names.includes("capture.har")) return "saz";
  // Documents of Office, of OpenDocument, programs of Java and Android are ZIP files as well.
  const isOther = /\[Content_Types\]\.xml|META-INF\/|mimetypeapplication\//.test(names);
  return isOther || !names.includes("PK\u0005\u0006") ? null : "log-package";
}

const directoryLength = 64 * 1024;

/** Bytes of a file from an offset, or from its end where that is negative; none when it cannot be read. */
export function readPart(path: string, from: number, length: number): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const bytes = Buffer.alloc(length);
    const place = from < 0 ? Math.max(0, fstatSync(descriptor).size + from) : from;
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, place));
  } catch {
    return Buffer.alloc(0);
  } finally {
    closeSync(descriptor);
  }
}

function unpackedStart(path: string, length: number): Buffer {
  try {
    return unpacked(readPart(path, 0, length));
  } catch {
    return Buffer.alloc(0);
  }
}

function unpacked(bytes: Buffer): Buffer {
  // The beginning of a packed file is enough, so its missing end is not an error.
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1024 * startLength };
  if (isGzip(bytes)) return gunzipSync(bytes.subarray(0, startLength), options);
  return isZlib(bytes) ? inflateSync(bytes.subarray(0, startLength), options) : bytes;
}

export function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** RFC 1950 §2.2: deflate with a window of 32 KiB, and the header's check bits. */
export function isZlib(bytes: Buffer): boolean {
  return bytes[0] === 0x78 && ((bytes[0] << 8) | (bytes[1] ?? 0)) % 31 === 0;
}
