// Recognises a server's log by its first bytes, never by its folder or name: support packages rename both.
import type { LogFormat } from "../../core/capture-event.ts";
import { isFailedRequest, recordMark, recordMarkLength } from "../../server-logs/records/record-mark.ts";

/** Bytes in which the mark of a log is found. */
const markLength = 4096;

/** The format of a log that begins with these unpacked bytes; null for any other file. */
export function logFormat(bytes: Buffer): LogFormat | null {
  const start = logStart(bytes);
  const type = logType(start);
  if (type !== null) return readTypes.test(type) ? "exchange-log" : null;
  if (isExchangeHeader(start)) return "exchange-log";
  if (/^#Software: Microsoft (?:Internet Information Services|HTTP API)\b/im.test(start)) return "iis-log";
  // Other programs write W3C logs, too: the columns tell.
  if (/^#Fields: (?=[^\r\n]*\bsc?-status\b)[^\r\n]*\b(?:cs-uri|cs-method)\b/im.test(start)) return "iis-log";
  return recordFormat(logStart(bytes, recordMarkLength));
}

/** True for the first bytes of a ZIP file. */
export function isZip(bytes: Buffer): boolean {
  return bytes.toString("latin1", 0, 4) === "PK\u0003\u0004";
}

/** Types of logs of Exchange that are read, as `#Log-type` names them. */
const readTypes = /^(?:HttpProxy|EWS|Autodiscover Protocol|OAuth Outbound) Logs$/i;
export const readLogTypes = "HttpProxy Logs, EWS Logs, Autodiscover Protocol Logs and OAuth Outbound Logs";

/** The name after `#Log-type:`, such as `HttpProxy Logs`; null without one. */
export function logType(start: string): string | null {
  return /^#Log-type: ?([^\r\n]{1,80}?) *$/im.exec(start)?.[1] ?? null;
}

/** The first characters of a log: UTF-16 is decoded, also without a byte order mark; bytes are Latin-1. */
export function logStart(bytes: Buffer, length = markLength): string {
  const wide = wideOf(bytes);
  const start = bytes.subarray(0, wide === null ? length : 2 * length);
  const text = wide === null ? start.toString("latin1") : new TextDecoder(wide).decode(start);
  return text.replace(/^(?:\u00ef\u00bb\u00bf|\ufeff)/, "");
}

/** The encoding of text in two bytes a character, by its mark or, without one, by the zero bytes of Latin letters. */
export function wideOf(bytes: Buffer): "utf-16le" | "utf-16be" | null {
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  if (mark === 0xfffe) return "utf-16le";
  if (mark === 0xfeff) return "utf-16be";
  const start = bytes.subarray(0, 4);
  if (/^[\x20-\x7e]\0[\x20-\x7e]\0/.test(start.toString("latin1"))) return "utf-16le";
  return /^\0[\x20-\x7e]\0[\x20-\x7e]/.test(start.toString("latin1")) ? "utf-16be" : null;
}

/** True for a bare line of column names of the common log writer, with which a file may begin, or which it has alone. */
function isExchangeHeader(start: string): boolean {
  const line = /^(?:\s*\n)*"?(?:DateTime|date-time)"?,[^\r\n]*/i.exec(start)?.[0] ?? "";
  return /,"?AuthenticationType"?(?:,|$)/i.test(line) || /,"?token-result"?(?:,|$)/i.test(line);
}

/** Formats whose records may span lines. */
function recordFormat(start: string): LogFormat | null {
  if (isFailedRequest(start)) return "failed-request";
  const log = recordMark(start)?.log;
  if (log === undefined) return null;
  return log === "windows-event" ? "windows-event" : "sign-in-log";
}
