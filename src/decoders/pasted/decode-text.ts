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
import { readMessages } from "./read-messages.ts";
import { cleaned } from "./text/variants.ts";

/** Recognises a text and decodes it. Never throws; judges and verifies nothing. */
export function decodeText(text: string, options: DecodeOptions = {}): DecodedValue {
  const value = cleaned(text).trim();
  if (value.length > maxPastedLength) return unknownValue(value, "longer than 1 MiB: not read");
  const alone = decodeValue(value, options);
  if (isOneValue(value, alone)) return alone;
  if (isConnectivityTest(value) && !/^HTTP\/[0-9]/m.test(value)) return decodeConnectivityTest(value, options);
  if (isTrace(value)) return decodeTrace(value, options.applications);
  const messages = readMessages(value);
  if (messages.transactions.length > 0) {
    const read = decodeMessages(messages, options);
    // One field that cannot be decoded: the problem of its value says more.
    const { transaction } = read.subject;
    const isOneField =
      !/[\r\n]/.test(value) && transaction?.request.method === "" && (transaction.response?.status ?? 0) === 0;
    if (!isOneField || read.subject.schemes.length + read.subject.tokens.length > 0) return read;
  }
  return alone.kind !== "unknown" ? alone : (decodeAmidProse(value, options) ?? alone);
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
