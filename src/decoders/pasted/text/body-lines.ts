// Where the body of a pasted message begins and ends: no length is right after a copy, so the text itself must tell.
import type { Line } from "./lines.ts";
import { readStartLine } from "./start-line.ts";

const xml = /^(?:b?['"])?<(?:[?!A-Za-z])/;
const json = /^[{[](?!\s*\d+ bytes)/;
const form = /^[A-Za-z][A-Za-z0-9_.-]{0,60}=[^\s]*(?:&\S*)?$/;
const traceTag = /^<\/?Trace\b/i;

/** A line that a body can begin with: XML, JSON or a form. */
export function isBodyLike(text: string): boolean {
  return ((xml.test(text) && !traceTag.test(text)) || json.test(text) || form.test(text)) && !/^\[PS\]/.test(text);
}

/** Lines that may still be read to find where bodies end: bodies that never close would be read again and again. */
export interface LineBudget {
  left: number;
}

/** The last line of the body that begins at `start`: where its elements or brackets close, else before a blank line. */
export function bodyEnd(lines: readonly Line[], start: number, budget: LineBudget): number {
  const first = lines[start]?.text ?? "";
  if (!xml.test(first) && !json.test(first)) return start;
  const depthOf = xml.test(first) ? elementsOpened : bracketsOpened;
  let depth = 0;
  for (let at = start; at < lines.length && budget.left > 0; at++) {
    budget.left--;
    const { text } = lines[at] as Line;
    if (at > start && (readStartLine(text) !== null || traceTag.test(text))) return lastOfText(lines, at - 1, start);
    depth += depthOf(text);
    const isPrologue = /^<\?[^>]*\?>$/.test(text);
    if (depth <= 0 && text !== "" && !isPrologue) return at;
  }
  // The elements never close: the body is cut, and what follows a blank line is something else.
  let last = start;
  while (last + 1 < lines.length && lines[last + 1]?.text !== "") last++;
  return last;
}

function lastOfText(lines: readonly Line[], at: number, start: number): number {
  let last = at;
  while (last > start && lines[last]?.text === "") last--;
  return last;
}

function elementsOpened(text: string): number {
  let depth = 0;
  for (const [tag] of text.matchAll(/<[!?/]?[A-Za-z][^<>]*>/g)) {
    if (tag.startsWith("</")) depth--;
    else if (!/^<[!?]/.test(tag) && !tag.endsWith("/>")) depth++;
  }
  return depth;
}

function bracketsOpened(text: string): number {
  let depth = 0;
  for (const mark of text.replace(/"(?:[^"\\]|\\.)*"/g, "")) {
    if (mark === "{" || mark === "[") depth++;
    else if (mark === "}" || mark === "]") depth--;
  }
  return depth;
}
