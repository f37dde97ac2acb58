// Text that people have in hand: messages in any dress, output of Microsoft's tests, values inside prose.
import type { Applications } from "../../core/principals.ts";
import type { DecodeOptions } from "../messages/decode-transaction.ts";
import { publicCodesIn } from "../messages/token-request.ts";
import { tokensInText } from "../token-in-text.ts";
import { isConnectivityTest } from "./connectivity-test.ts";
import { decodeMessages } from "./decode-messages.ts";
import { decodeConnectivityTest } from "./decode-test.ts";
import {
  decodeChallengeValue,
  decodeDiagnosticsValue,
  decodePrinted,
  decodeValue,
  isDiagnostics,
  maxPastedLength,
} from "./decode-value.ts";
import { type DecodedValue, unknownValue } from "./decoded-value.ts";
import { decodeDressedValue } from "./dressed-value.ts";
import { decodeRecords, decodeTextEvents } from "./event-records.ts";
import { decodeLogRows } from "./log-rows.ts";
import { readMessages } from "./read-messages.ts";
import { readHexDump } from "./text/hex-dump.ts";
import { cleaned, withoutMarkup } from "./text/variants.ts";
import { undressed } from "./text/whole-dress.ts";
import { messagesOfTrace } from "./trace-messages.ts";

/** Recognises a text and decodes it. Never throws; judges and verifies nothing. */
export function decodeText(text: string, options: DecodeOptions = {}): DecodedValue {
  const value = cleaned(text).trim();
  if (value.length > maxPastedLength) return unknownValue(value, "longer than 1 MiB: not read");
  const trace = messagesOfTrace(value);
  const traced = trace === null ? null : decodePastedMessages(trace, options);
  if (traced !== null) return traced;
  const dump = readHexDump(value);
  // The text column of a dump shows parts of the message, so the dump is read first.
  const dumped = dump === null ? null : decodeReading(dump.trim(), options);
  if (dumped !== null && dumped.kind !== "unknown") return dumped;
  const records = decodeRecords(value, options.applications);
  if (records !== null) return records;
  const read = decodeReading(value, options);
  const isFieldsAlone = read.kind === "headers" && read.value.method === "" && read.value.status === null;
  if (qualityOf(read) === certain && !isFieldsAlone) return read;
  // The same without what a mail, a log or a document put around every line.
  const readings = undressed(value).map((reading) => reading.trim());
  if (isFieldsAlone) return firstLog(readings, options) ?? read;
  const decoded = readings.map((reading) => decodeReading(reading, options));
  return decoded.reduce((best, one) => (qualityOf(one) > qualityOf(best) ? one : best), read);
}

/** Rows of a log look like header fields as well. */
function firstLog(readings: readonly string[], { applications }: DecodeOptions): DecodedValue | null {
  for (const reading of readings) {
    const rows = decodeRecords(reading, applications) ?? decodeLogRows(reading, applications);
    if (rows !== null) return rows;
  }
  return null;
}

const certain = 10;

/** How much of a value was read: diagnostics and texts of errors are found in any text, so their members count. */
function qualityOf({ kind, value }: DecodedValue): number {
  if (kind === "unknown") return 0;
  if (kind !== "diagnostics") return certain;
  const { code, category, reason, cause } = value;
  return 1 + [code, category, reason].filter((part) => part !== "").length + (cause === "unknown" ? 0 : 1);
}

function decodeReading(value: string, options: DecodeOptions): DecodedValue {
  const alone = decodeValue(value, options);
  const mayBeDressed = alone.kind === "unknown" || alone.kind === "issuer";
  const dressed = mayBeDressed ? decodeDressedValue(value, options.applications) : null;
  if (dressed !== null) return dressed;
  if (isOneValue(value, alone)) return alone;
  const read = decodeOutput(value, options) ?? decodePastedMessages(value, options);
  if (read !== null) return read;
  return alone.kind === "unknown" ? (decodeAmidProse(value, options) ?? alone) : alone;
}

/** Rows of a log, and what cmdlets print; null for any other text. */
function decodeOutput(value: string, options: DecodeOptions): DecodedValue | null {
  const log = decodeLogRows(value, options.applications);
  if (log !== null) return log;
  if (isConnectivityTest(value) && !/^HTTP\/[0-9]/m.test(value))
    return decodeConnectivityTest(withoutMarkup(value) ?? value, options);
  const events = decodeTextEvents(value, options.applications);
  if (events !== null) return events;
  return isTrace(value) ? decodeTrace(value, options.applications) : null;
}

function decodePastedMessages(value: string, options: DecodeOptions): DecodedValue | null {
  const messages = readMessages(value);
  if (messages.transactions.length === 0) return null;
  const read = decodeMessages(messages, options);
  const { transaction, schemes, tokens } = read.subject;
  const hasStart =
    transaction === null || transaction.request.method !== "" || (transaction.response?.status ?? 0) !== 0;
  const isRead = hasStart || value.includes("\n") || schemes.length + tokens.length > 0;
  // One field that cannot be decoded: the problem of its value says more.
  return isRead || /^x-ews-policy-reason/i.test(value) ? read : null;
}

const diagnosticsStart =
  /^(?:[0-9]{4,10}[ \t+]*;|"?(?:reason|error_category)[ \t]*=|x-ms-diagnostics|[A-Za-z][A-Za-z0-9]{2,60}\|)/i;

/** A line that is one value. Diagnostics are found anywhere in a line, so only its beginning shows that there is nothing else. */
function isOneValue(value: string, { kind }: DecodedValue): boolean {
  if (kind === "unknown" || value.includes("\n") || /HTTP\/[0-9]/.test(value)) return false;
  return kind !== "diagnostics" || diagnosticsStart.test(value);
}

/** The OAuth log of Exchange, as Test-OAuthConnectivity prints it. */
function isTrace(value: string): boolean {
  return /^[ \t]{0,40}(?:Information|Error|Warning): ?\[[A-Za-z]{1,60}/m.test(value);
}

/** The refusal in such a log, else the sent token, else the received challenge. */
function decodeTrace(value: string, applications: Applications | undefined): DecodedValue {
  if (isDiagnostics(value)) return decodeDiagnosticsValue(value);
  const challenge = /\breceived: (Bearer [^\r\n]{1,4096})/i.exec(value)?.[1];
  const printed = decodePrinted(value, applications);
  if (printed === null && challenge !== undefined) return decodeChallengeValue(challenge, applications);
  return printed ?? decodeValue(value, { ...(applications === undefined ? {} : { applications }) });
}

/** A value inside prose: diagnostics, a printed token, a code of the token service, a token. Null when there is none. */
function decodeAmidProse(value: string, options: DecodeOptions): DecodedValue | null {
  if (isDiagnostics(value)) return decodeDiagnosticsValue(value);
  const printed = decodePrinted(value, options.applications);
  if (printed !== null) return printed;
  const code = publicCodesIn(value.slice(0, 16 * 1024));
  if (code !== "") return decodeValue(value.slice(Math.max(0, value.indexOf(code) - 200)), options);
  for (const token of tokensInText(value).slice(0, 20)) {
    const read = decodeValue(token, options);
    if (read.kind === "jwt") return read;
  }
  return null;
}
