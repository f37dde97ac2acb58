// One request and its answer: header fields, bodies, and the whole message byte by byte.
import type { Headers } from "../../../core/headers.ts";
import { type CapturedBody, type HttpTransaction, requestUrl } from "../../../core/http-transaction.ts";
import { safe, safeParts } from "../../../core/safe-text.ts";
import { bodyText } from "../../../decoders/body-text.ts";
import { type PaneLine, textLine } from "../../lines/pane-line.ts";
import type { Meaning, ScreenLine, Span } from "../../lines/screen-line.ts";
import { messageIndent, rawIndent, wrapSpans } from "../../lines/wrap-spans.ts";

/** Longer values are cut in Headers (characters); Raw shows them whole. */
const valueLimit = 4096;
const bodyLimit = 64 * 1024;

/** Request line, status line and all fields in order. */
export function headersPane(transaction: HttpTransaction, columns: number): readonly PaneLine[] {
  const { request, response, failure } = transaction;
  return [
    ...escapedLines(`${request.method} ${requestUrl(transaction)} ${request.version}`, columns, "strong"),
    ...fieldLines(request.headers, columns),
    textLine(""),
    ...(response === null
      ? [textLine("No answer.", "warning")]
      : [
          ...escapedLines(`${response.version} ${response.status} ${response.reason}`, columns, "strong"),
          ...fieldLines([...response.headers, ...response.trailers], columns),
        ]),
    ...(failure === null ? [] : escapedLines(failure, columns, "warning")),
  ];
}

function fieldLines(headers: Headers, columns: number): readonly PaneLine[] {
  return headers.flatMap(([name, value]) => {
    const shown = value.length > valueLimit ? `${value.slice(0, valueLimit)}… (${value.length} characters)` : value;
    const spans: readonly Span[] = [[safe(`${name}: `), "strong"], ...spansOf(shown, "plain")];
    const copy = { name: safe(name), text: value };
    const field = fieldOf(name);
    const more = field === null ? { copy } : { copy, cell: { field, value } };
    return wrapSpans(spans, columns, messageIndent).map((line) => ({ line, ...more }));
  });
}

/** The field of the filter language for a header; null where its value is masked and cannot match. */
function fieldOf(name: string): string | null {
  const isSecret = /authorization|cookie/i.test(name);
  return isSecret || !/^[\w.-]{1,64}$/.test(name) ? null : `header.${name.toLowerCase()}`;
}

/** A text of the traffic; escaped characters have their own meaning. */
function escapedLines(text: string, columns: number, meaning: Meaning): readonly PaneLine[] {
  const copy = { name: "line", text };
  return wrapSpans(spansOf(text, meaning), columns, messageIndent).map((line) => ({ line, copy }));
}

function spansOf(text: string, meaning: Meaning): readonly Span[] {
  return safeParts(text).map(([part, isEscape]): Span => [part, isEscape ? "escape" : meaning]);
}

/** Both bodies as text, up to 64 KiB each. */
export function bodyPane({ request, response }: HttpTransaction, columns: number): readonly PaneLine[] {
  return [
    ...bodyLines("request", request.body, columns),
    ...(response === null ? [] : bodyLines("answer", response.body, columns)),
  ];
}

function bodyLines(whose: string, body: CapturedBody, columns: number): readonly PaneLine[] {
  const text = bodyText(body, bodyLimit);
  const kept = text === "" ? (body.totalBytes === 0 ? "" : ", not captured") : ", as captured";
  const cut = body.truncated ? ", cut" : "";
  const title = textLine(`Body of the ${whose}: ${body.totalBytes ?? "?"} bytes${kept}${cut}`, "strong");
  const lines = text === "" ? [] : text.replaceAll("><", ">\n<").split(/\r?\n/);
  return [title, ...lines.flatMap((line) => escapedLines(line, columns, "plain"))];
}

export interface RawView {
  readonly columns: number;
  readonly isHex: boolean;
}

/** Both messages as bytes: line ends, control characters and bytes over 126 are escaped. A body is cut at 64 KiB. */
export function rawPane({ request, response }: HttpTransaction, view: RawView): readonly PaneLine[] {
  const { method, target, version } = request;
  const first = rawMessage({ ...request, line: `${method} ${target} ${version}`, whose: "Request" }, view);
  if (response === null) return [...first, textLine("No answer.", "warning")];
  const line = `${response.version} ${response.status} ${response.reason}`;
  return [...first, textLine(""), ...rawMessage({ ...response, line, whose: "Answer" }, view)];
}

interface RawMessage {
  readonly whose: string;
  readonly line: string;
  readonly headers: Headers;
  readonly trailers: Headers;
  readonly body: CapturedBody;
}

function rawMessage(message: RawMessage, { columns, isHex }: RawView): readonly PaneLine[] {
  const { whose, line, headers, trailers, body } = message;
  const head = [line, ...headers.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");
  const tail = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const kept =
    body.bytes.length < (body.totalBytes ?? 0)
      ? `, ${body.bytes.length} of ${body.totalBytes} body bytes captured`
      : "";
  const title = textLine(`${whose}${kept}${isHex ? "" : "   x: as hex"}`, "strong");
  const bytes = concatBytes(head, body.bytes.subarray(0, bodyLimit), tail);
  return [title, ...(isHex ? hexLines(bytes, columns) : byteLines(bytes, columns))];
}

const utf8 = new TextEncoder();

function concatBytes(head: string, body: Uint8Array, tail: string): Uint8Array {
  const parts = [fieldBytes(head), body, fieldBytes(tail)];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Header fields hold one byte a character (RFC 9110 §5.5); a text with larger characters was not read from a wire: UTF-8. */
function fieldBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > 0xff) return utf8.encode(text);
    bytes[at] = unit;
  }
  return bytes;
}

/** One line for each line of the message, with its line end escaped. */
function byteLines(bytes: Uint8Array, columns: number): readonly PaneLine[] {
  const lines: PaneLine[] = [];
  let from = 0;
  while (from < bytes.length) {
    const end = bytes.indexOf(10, from);
    const to = end === -1 ? bytes.length : end + 1;
    const spans = byteSpans(bytes.subarray(from, to));
    const copy = { name: "line", text: spans.map(([text]) => text).join("") };
    lines.push(...wrapSpans(spans, columns, rawIndent).map((line) => ({ line, copy })));
    from = to;
  }
  return lines;
}

const names: Readonly<Record<number, string>> = { 9: "\\t", 10: "\\n", 13: "\\r" };

function byteSpans(bytes: Uint8Array): readonly Span[] {
  const spans: [string, Meaning][] = [];
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte <= 0x7e;
    const text = isPlain ? String.fromCharCode(byte) : (names[byte] ?? `\\x${byte.toString(16).padStart(2, "0")}`);
    const meaning: Meaning = isPlain ? "plain" : "escape";
    const last = spans.at(-1);
    if (isPlain && last?.[1] === meaning) last[0] += text;
    else spans.push([text, meaning]);
  }
  return spans;
}

/** Offset, sixteen bytes (eight below 78 columns), and the same as text. */
function hexLines(bytes: Uint8Array, columns: number): readonly PaneLine[] {
  const width = columns >= 78 ? 16 : 8;
  return Array.from({ length: Math.ceil(bytes.length / width) }, (_, row): PaneLine => {
    const part = bytes.subarray(row * width, row * width + width);
    const hex = Array.from(part, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = Array.from(part, (byte) => (byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : ".")).join("");
    const line: ScreenLine = [
      [(row * width).toString(16).padStart(6, "0"), "dim"],
      [`  ${hex.padEnd(width * 3)} ${text}`, "plain"],
    ];
    return { line, copy: { name: "bytes", text: hex } };
  });
}
