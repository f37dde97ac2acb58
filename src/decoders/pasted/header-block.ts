// Header lines copied out of a tool: with or without a start line, folded lines, a body after a blank line.
import type { Header, Headers } from "../../core/headers.ts";
import { emptyBody, type HttpTransaction } from "../../core/http-transaction.ts";
import { parseHttpDate } from "../http-date.ts";

export interface HeaderBlock {
  readonly method: string;
  readonly target: string;
  /** Null when the block has no status line. */
  readonly status: number | null;
  readonly requestHeaders: Headers;
  readonly responseHeaders: Headers;
  /** The text after the first blank line; empty when there is none. */
  readonly body: string;
}

const maxLines = 1000;
const requestLine = /^([A-Z]{3,20}) (\S{1,8192}) HTTP\/[0-9](?:\.[0-9])?$/;
const statusLine = /^HTTP\/[0-9](?:\.[0-9])? ([0-9]{3})(?: .*)?$/;
// Some tools copy a field as `Name →value`.
const headerLine = /^([A-Za-z0-9!#$%&'*+.^_`|~-]{1,128})(?:[ \t]{0,8}:(?!\/\/)| {0,8}→)[ \t]*(.*)$/;

/** Reads a block: a start line, or at least two header fields. Null for any other text. */
export function readHeaderBlock(text: string): HeaderBlock | null {
  const lines = withoutMarks(text.split(/\r\n|\n|\r/).slice(0, maxLines));
  const first = lines[0] ?? "";
  const hasStartLine = requestLine.test(first) || statusLine.test(first);
  if (!hasStartLine && !(headerLine.test(first) && lines.slice(1).some((line) => headerLine.test(line)))) return null;
  const block: Draft = { method: "", target: "", status: null, request: [], answer: [] };
  let at = 0;
  while (at < lines.length && !isBodyStart(lines, at)) addLine(block, lines[at++] ?? "");
  return {
    method: block.method,
    target: block.target,
    status: block.status,
    requestHeaders: block.request,
    // Without a start line the side is not known: the decoders of each side use their own fields.
    responseHeaders: hasStartLine ? block.answer : block.request,
    body: lines
      .slice(at + 1)
      .join("\n")
      .trim(),
  };
}

// curl -v prefixes sent lines with `> `, received lines with `< ` and its own remarks with `* `.
function withoutMarks(lines: readonly string[]): readonly string[] {
  if (!/^[<>*] /.test(lines[0] ?? "") || !lines.some((line) => /^< HTTP\//.test(line))) return lines;
  return lines.filter((line) => /^[<>]/.test(line)).map((line) => line.replace(/^[<>] ?/, ""));
}

interface Draft {
  method: string;
  target: string;
  status: number | null;
  readonly request: Header[];
  readonly answer: Header[];
}

/** A transaction for the decoders. Its time is the `Date` of the answer, else 0; client and address are unknown. */
export function blockTransaction(block: HeaderBlock): HttpTransaction {
  const host = /^[^:/\s]{1,253}/.exec(field(block.requestHeaders, "host"))?.[0] ?? "";
  const hasAnswer = block.status !== null || block.method === "";
  return {
    id: "t1",
    connection: "c1",
    client: "",
    startedAt: parseHttpDate(field(block.responseHeaders, "date")) ?? 0,
    durationMs: null,
    scheme: "https",
    host: host.toLowerCase(),
    port: 443,
    request: {
      method: block.method,
      target: block.target === "" ? "/" : block.target,
      version: "HTTP/1.1",
      headers: block.requestHeaders,
      trailers: [],
      body: block.status === null && block.body !== "" ? textBody(block.body) : emptyBody,
    },
    response: hasAnswer
      ? {
          version: "HTTP/1.1",
          status: block.status ?? 0,
          reason: "",
          headers: block.responseHeaders,
          trailers: [],
          body: block.status !== null && block.body !== "" ? textBody(block.body) : emptyBody,
          interim: [],
        }
      : null,
    failure: null,
  };
}

/** A blank line ends the fields, unless a status line follows. */
function isBodyStart(lines: readonly string[], at: number): boolean {
  return lines[at]?.trim() === "" && !statusLine.test(lines[at + 1] ?? "");
}

function addLine(block: Draft, line: string): void {
  const asked = requestLine.exec(line);
  const answered = statusLine.exec(line);
  if (asked !== null) {
    block.method = asked[1] ?? "";
    block.target = asked[2] ?? "";
  } else if (answered !== null) block.status = Number(answered[1]);
  else addField(block.status === null ? block.request : block.answer, line);
}

function addField(headers: Header[], line: string): void {
  const match = headerLine.exec(line);
  const last = headers.at(-1);
  if (match !== null) headers.push([match[1] ?? "", (match[2] ?? "").trim()]);
  // A line that is not a field continues the previous one (RFC 9112 §5.2, and wrapped copies).
  else if (last !== undefined && line.trim() !== "")
    headers[headers.length - 1] = [last[0], `${last[1]} ${line.trim()}`];
}

function field(headers: Headers, name: string): string {
  return headers.find(([candidate]) => candidate.toLowerCase() === name)?.[1] ?? "";
}

function textBody(text: string) {
  const bytes = new TextEncoder().encode(text);
  return { bytes, totalBytes: bytes.length, truncated: false, contentCoding: null };
}
