// How a SOAP answer ended: EWS and Autodiscover say no with status 200, too.

import type { SoapAnswer } from "../facts.ts";

/** The part of an answer that is looked at: the codes stand at its beginning. */
export const maxSoapAnswer = 16 * 1024;

// [MS-OXWSCDATA] 2.2.5.24 ResponseCode, [MS-OXWSADISC] ErrorCode. Every part is bounded: the text is hostile.
const codes =
  /<(?:[A-Za-z0-9]{1,16}:)?(?:ResponseCode|ErrorCode)(?:\s[^<>]{0,200})?>\s{0,20}(NoError|Error[A-Z][A-Za-z]{1,60}|InvalidUser|InvalidRequest|InternalServerError)\s{0,20}</g;
const fault = /<(?:[A-Za-z0-9]{1,16}:)?Fault[\s>]/;

/** Reads the beginning of an answer's text; null when it is no SOAP answer that says how it ended. Never throws. */
export function decodeSoapAnswer(text: string): SoapAnswer | null {
  if (!text.trimStart().startsWith("<")) return null;
  const found = [...aroundCodes(text.slice(0, maxSoapAnswer)).matchAll(codes)].map(([, code = ""]) => code);
  const code = found.find((one) => one !== "NoError") ?? "";
  if (text.includes("Fault") && fault.test(text)) return { isError: true, code };
  if (text.includes('ResponseClass="Success"')) return { isError: false, code };
  const hasError = text.includes('ResponseClass="Error"');
  return hasError || found.length > 0 ? { isError: hasError || code !== "", code } : null;
}

const longestBefore = 26;
const longestAfter = 400;

/** The part of the text in which a code can stand: finding a word is far cheaper than trying the pattern at every tag. */
function aroundCodes(text: string): string {
  const first = text.indexOf("Code");
  if (first === -1) return "";
  let last = first;
  for (let next = first; next !== -1; next = text.indexOf("Code", next + 4)) last = next;
  return text.slice(Math.max(0, first - longestBefore), last + longestAfter);
}
