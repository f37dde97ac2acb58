// The traces of the EWS Managed API and its ports: `<Trace Tag="EwsResponse" …>` around the body of the head before it.
import type { Claim } from "../text/claim.ts";
import { readStartLine } from "../text/start-line.ts";

const traceTag = /<Trace\b[^>\n]{0,400}\bTag="([A-Za-z]{1,60})"[^>\n]{0,400}>/g;
const longestTrace = 512 * 1024;

/** The bodies in a trace. Heads in it are read as everywhere. */
export function readEwsTrace(text: string): readonly Claim[] {
  const claims: Claim[] = [];
  traceTag.lastIndex = 0;
  for (let match = traceTag.exec(text); match !== null; match = traceTag.exec(text)) {
    const tag = match[1] ?? "";
    const from = match.index + match[0].length;
    const close = text.indexOf("</Trace>", from);
    if (close === -1) break;
    const content = text.slice(from, Math.min(close, from + longestTrace)).trim();
    traceTag.lastIndex = close;
    const isHead =
      /Http(?:Request|Response)?Headers$/i.test(tag) || readStartLine(content.split("\n", 1)[0]?.trim() ?? "") !== null;
    if (isHead || !content.startsWith("<")) continue;
    const side = /Response/i.test(tag) ? "response" : "request";
    claims.push({ from, to: close, parts: [{ kind: "body", text: content, side }] });
  }
  return claims;
}
