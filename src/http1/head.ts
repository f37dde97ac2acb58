// Header blocks as text: start line, fields, trailers (RFC 9112 2 to 5), one character for each byte.
import { type Decoded, decodedValue, decodeProblem } from "../core/decoded.ts";
import type { Header, Headers } from "../core/headers.ts";

const carriageReturn = 13;

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly headers: Headers;
}

export interface ResponseHead {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
}

/** Reads the header block of a request leniently: spaces inside the target, which some clients send, are kept. */
export function readRequestHead(block: Uint8Array): Decoded<RequestHead> {
  const { startLine, fieldLines } = linesOf(block);
  const line = trimmed(startLine);
  const first = line.search(/[ \t]/);
  const last = Math.max(line.lastIndexOf(" "), line.lastIndexOf("\t"));
  const version = line.slice(last + 1);
  const target = trimmed(line.slice(first + 1, last));
  if (first < 1 || target === "" || !isVersion(version)) {
    if (line === "PRI * HTTP/2.0") return decodeProblem("this is HTTP/2, which is not read");
    return decodeProblem("the first line is not an HTTP/1.1 request line");
  }
  const headers = readFields(fieldLines);
  return headers.ok ? decodedValue({ method: line.slice(0, first), target, version, headers: headers.value }) : headers;
}

function isVersion(text: string): boolean {
  return /^HTTP\/1\.\d$/.test(text);
}

/**
 * Reads the header block of an answer leniently: the reason phrase may be missing or odd; the status must be three
 * digits.
 */
export function readResponseHead(block: Uint8Array): Decoded<ResponseHead> {
  const { startLine, fieldLines } = linesOf(block);
  const match = /^(HTTP\/1\.\d)[ \t]+(\d{3})(?:[ \t]([^\n]*))?$/.exec(startLine);
  if (match === null) return decodeProblem("the first line is not an HTTP/1.1 status line");
  const [, version = "", status = "", reason = ""] = match;
  const headers = readFields(fieldLines);
  return headers.ok ? decodedValue({ version, status: Number(status), reason, headers: headers.value }) : headers;
}

/** Reads trailer fields: header fields without a start line. */
export function readTrailers(block: Uint8Array): Decoded<Headers> {
  return readFields(toLines(block));
}

function linesOf(block: Uint8Array): { startLine: string; fieldLines: readonly string[] } {
  const fieldLines = toLines(block);
  return { startLine: fieldLines.shift() ?? "", fieldLines };
}

function toLines(block: Uint8Array): string[] {
  const text = latin1(block);
  const lines: string[] = [];
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    lines.push(text.slice(start, text.charCodeAt(end - 1) === carriageReturn && end > start ? end - 1 : end));
    start = end + 1;
  }
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

function readFields(lines: readonly string[]): Decoded<Headers> {
  const fields: Header[] = [];
  for (const line of lines) {
    const previous = fields.at(-1);
    if (previous !== undefined && (line.startsWith(" ") || line.startsWith("\t"))) {
      // RFC 9112 5.2: a folded line continues the value; the fold reads as one space.
      fields[fields.length - 1] = [previous[0], `${previous[1]} ${trimmed(line)}`];
      continue;
    }
    const colon = line.indexOf(":");
    if (colon < 1) return decodeProblem("a header line has no name or no colon");
    fields.push([trimmed(line.slice(0, colon)), trimmed(line.slice(colon + 1))]);
  }
  return decodedValue(fields);
}

// RFC 9110 5.6.3: optional white space is space and tab; String.trim removes more.
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

const piece = 4096;
const ascii = new TextDecoder();

/** ISO-8859-1, the encoding of HTTP header fields; never fails. TextDecoder's "latin1" is windows-1252. */
function latin1(bytes: Uint8Array): string {
  // String.fromCharCode needs an array of arguments, eight bytes each: more garbage than the rest of reading a head.
  if (isAscii(bytes)) return ascii.decode(bytes);
  let text = "";
  for (let start = 0; start < bytes.length; start += piece) {
    // Reflect.apply instead of spread: spreading a typed array uses its iterator, which is several times slower.
    text += Reflect.apply(String.fromCharCode, null, bytes.subarray(start, start + piece));
  }
  return text;
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 1) if ((bytes[at] ?? 0) > 0x7f) return false;
  return true;
}
