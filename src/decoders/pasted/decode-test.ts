// The output of Microsoft's own tests, as `decode` prints and judges it: its result and every value that its log names.
import type { DecodeOptions } from "../messages/decode-transaction.ts";
import { publicCodesIn } from "../messages/token-request.ts";
import { readConnectivityTest, unwrappedOutput } from "./connectivity-test.ts";
import {
  decodeChallengeValue,
  decodeDiagnosticsValue,
  decodeErrorText,
  decodePrinted,
  isDiagnostics,
} from "./decode-value.ts";
import { type DecodedSubject, type DecodedValue, valueOfKind } from "./decoded-value.ts";

const maxCodeText = 64 * 1024;

/** A value of kind `connectivity-test`; `parts` are the refusal, the token service's error, the challenge and the sent token. */
export function decodeConnectivityTest(output: string, { applications }: DecodeOptions): DecodedValue {
  const text = unwrappedOutput(output);
  const test = readConnectivityTest(text);
  const challenge = /\breceived: (Bearer [^\r\n]{1,4096})/i.exec(text)?.[1];
  const code = publicCodesIn(text.slice(0, maxCodeText));
  const parts = [
    isDiagnostics(text) ? decodeDiagnosticsValue(text) : null,
    code === "" ? null : decodeErrorText(text, code),
    challenge === undefined ? null : decodeChallengeValue(challenge, applications),
    decodePrinted(text, applications),
  ].filter((part) => part !== null && part.kind !== "unknown");
  const shown = parts.flatMap((part) => (part === null ? [] : [{ kind: part.kind, value: part.value }]));
  const subject: Partial<DecodedSubject> = Object.assign({}, ...parts.map(filled));
  return valueOfKind("connectivity-test", { ...test, parts: shown }, { ...subject, test });
}

/** The members of a part that hold something. */
function filled(part: DecodedValue | null): Partial<DecodedSubject> {
  const members = Object.entries(part?.subject ?? {}).filter(
    ([, member]) => member !== null && member !== false && !(Array.isArray(member) && member.length === 0),
  );
  return Object.fromEntries(members);
}
