// Header lines as they are on the wire, one field a line: with or without a start line, folded or wrapped, with a body after a
// blank line. Separators other than the colon are those of tools: `=`, `→`, a tab, or the value on a line of its own.
import { bodyEnd, isBodyLike, type LineBudget } from "../text/body-lines.ts";
import type { Claim, Part } from "../text/claim.ts";
import { isKnownField, isTellingField, type Side, sideOfField } from "../text/field-names.ts";
import { type Line, linesOf } from "../text/lines.ts";
import { readStartLine } from "../text/start-line.ts";

interface Head {
  readonly from: number;
  to: number;
  readonly parts: Part[];
  readonly hasStartLine: boolean;
  side: Side | null;
  indent: number;
  isEnded: boolean;
}

/** Every head in the text, each a claim of its own, with its body. */
export function readHeads(text: string): readonly Claim[] {
  const lines = linesOf(text);
  const reading: Reading = { text, lines, budget: { left: 4 * lines.length }, claims: [], head: null };
  for (let at = 0; at < lines.length; at++) at = readLine(reading, at);
  close(reading);
  return reading.claims;
}

interface Reading {
  readonly text: string;
  readonly lines: readonly Line[];
  readonly budget: LineBudget;
  readonly claims: Claim[];
  head: Head | null;
}

function close(reading: Reading): void {
  const { head } = reading;
  if (head !== null && isHead(head)) reading.claims.push({ from: head.from, to: head.to, parts: head.parts });
  reading.head = null;
}

/** Reads what begins at a line; gives the last line that it took. */
function readLine(reading: Reading, at: number): number {
  const line = reading.lines[at] as Line;
  const start = readStartLine(line.text);
  if (start !== null) {
    close(reading);
    reading.head = openHead(line, start);
    return at;
  }
  const { head } = reading;
  if (line.text === "") {
    if (head !== null) head.isEnded = true;
    return at;
  }
  const field = readField(reading.lines, at, head !== null && !head.isEnded);
  if (field !== null) return takeField(reading, field, at);
  if (head !== null) return takeOther(reading, head, at);
  return at;
}

function takeField(reading: Reading, field: Field, at: number): number {
  const line = reading.lines[at] as Line;
  if (reading.head !== null && !belongs(reading.head, field)) close(reading);
  reading.head ??= openHead(line, null);
  addField(reading.head, field, line);
  const last = at + field.lines - 1;
  reading.head.to = (reading.lines[last] as Line).to;
  return last;
}

/** A line that is not a field: the body, the rest of a value, or the end of the head. */
function takeOther(reading: Reading, head: Head, at: number): number {
  const line = reading.lines[at] as Line;
  if (!head.isEnded && continues(head, line)) {
    addToLast(head, line);
    return at;
  }
  const end = head.isEnded && isBodyLike(line.text) ? takeBody(reading, head, at) : at;
  close(reading);
  return end;
}

function openHead(line: Line, start: Part | null): Head {
  const side = start === null ? null : start.kind === "request" ? "request" : "response";
  const parts = start === null ? [] : [start];
  return {
    from: line.from,
    to: line.to,
    parts,
    hasStartLine: start !== null,
    side,
    indent: line.indent,
    isEnded: false,
  };
}

/** A start line, a field that says enough alone, or two known ones. */
function isHead({ hasStartLine, parts }: Head): boolean {
  const fields = parts.filter((part) => part.kind === "field");
  return (
    hasStartLine ||
    fields.some(({ name }) => isTellingField(name)) ||
    fields.filter(({ name }) => isKnownField(name)).length > 1
  );
}

interface Field {
  readonly name: string;
  readonly value: string;
  readonly lines: number;
}

const fieldLine = /^(:?[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128})[ \t]{0,40}(:(?!\/\/)|→|=>|=|\t|->)[ \t]{0,40}(.*)$/;
// Columns of a listing, and rows of a table: only for known names.
const columns = /^([A-Za-z][A-Za-z0-9-]{1,60}) {2,40}(\S.*)$/;
const tableRow = /^\|?[ \t]{0,40}([A-Za-z][A-Za-z0-9-]{1,60})[ \t]{0,40}\|[ \t]{0,40}(.*)$/;
const pseudo = /^:(?:method|path|authority|scheme|status)$/;

/** The field of a line. Inside a head any name with a colon is one; outside, and with other separators, only a known name. */
function readField(lines: readonly Line[], at: number, isInside: boolean): Field | null {
  const { text } = lines[at] as Line;
  const match = fieldLine.exec(text);
  const name = match?.[1] ?? text;
  const isKnown = isKnownField(name) || pseudo.test(name);
  if (match === null) return isKnown && isInside ? valueBelow(lines, at, name) : readColumns(text);
  if (!isKnown && !(isInside && match[2] === ":" && !name.startsWith(":"))) return null;
  const value = (match[3] ?? "").trim();
  return value === "" && isKnown ? valueBelow(lines, at, name) : { name, value, lines: 1 };
}

function readColumns(text: string): Field | null {
  const [, name = "", value = ""] = columns.exec(text) ?? tableRow.exec(text) ?? [];
  return isKnownField(name) ? { name, value: value.replace(/[ \t]{0,40}\|$/, "").trim(), lines: 1 } : null;
}

/** Browsers copy the value on the line below the name. */
function valueBelow(lines: readonly Line[], at: number, name: string): Field {
  const below = lines[at + 1]?.text ?? "";
  const isValue = below !== "" && readStartLine(below) === null && !isKnownField(fieldLine.exec(below)?.[1] ?? below);
  return isValue ? { name, value: below, lines: 2 } : { name, value: "", lines: 1 };
}

/** After a blank line only a known field of the same half continues a head (double-spaced copies). */
function belongs(head: Head, { name }: Field): boolean {
  if (!head.isEnded) return true;
  const side = sideOfField(name);
  return isKnownField(name) && (side === null || head.side === null || side === head.side);
}

function addField(head: Head, { name, value }: Field, line: Line): void {
  head.isEnded = false;
  head.side ??= sideOfField(name);
  if (head.parts.length === 0 || (head.hasStartLine && head.parts.length === 1)) head.indent = line.indent;
  head.parts.push(pseudoPart(name, value) ?? { kind: "field", name, value });
}

/** A pseudo-header of HTTP/2 (RFC 9113 8.3). */
function pseudoPart(name: string, value: string): Part | null {
  switch (name) {
    case ":method":
      return { kind: "request", method: value.slice(0, 20), target: "", isWhole: false };
    case ":path":
      return { kind: "request", method: "", target: value, isWhole: false };
    case ":authority":
      return { kind: "field", name: "Host", value };
    case ":status":
      return { kind: "status", status: Number(/^[1-9][0-9]{2}$/.exec(value)?.[0] ?? 0), isWhole: false };
    default:
      return name.startsWith(":") ? { kind: "field", name: name.slice(1), value } : null;
  }
}

/** Characters of a wrapped value; tokens are shorter. */
const longestWrapped = 32 * 1024;

/** Folded (RFC 9112 5.2) or wrapped by a console: the line is deeper, or the value before it is not complete. */
function continues(head: Head, line: Line): boolean {
  const last = head.parts.at(-1);
  if (last?.kind !== "field" || last.value.length > longestWrapped) return false;
  if (line.indent > head.indent) return true;
  return isUnfinished(last.value) || /^[A-Za-z_]{2,40}="/.test(line.text) || joinsToken(last.value, line.text);
}

function isUnfinished(value: string): boolean {
  return /[,;=]$/.test(value) || value.split('"').length % 2 === 0;
}

/** A token that is cut in the middle goes on without a blank. */
function joinsToken(value: string, text: string): boolean {
  return /(?:^|\s)e[yw][A-Za-z0-9_.-]{20,}$/.test(value.slice(-400)) && value.length > 40
    ? /^[A-Za-z0-9_.-]{8,}=?$/.test(text) && /[0-9A-Z_.-]/.test(text.slice(1))
    : /[A-Za-z0-9_.-]{60,}$/.test(value.slice(-400)) &&
        /^[A-Za-z0-9_.-]{8,}$/.test(text) &&
        /[0-9A-Z_.-]/.test(text.slice(1));
}

function addToLast(head: Head, line: Line): void {
  const last = head.parts.at(-1);
  if (last?.kind !== "field") return;
  const glue = joinsToken(last.value, line.text) ? "" : " ";
  head.parts[head.parts.length - 1] = { ...last, value: `${last.value}${glue}${line.text}` };
  head.to = line.to;
}

function takeBody({ lines, text, budget }: Reading, head: Head, at: number): number {
  const end = bodyEnd(lines, at, budget);
  const from = (lines[at] as Line).from;
  head.to = (lines[end] as Line).to;
  head.parts.push({ kind: "body", text: text.slice(from, head.to).trim(), side: head.side });
  return end;
}
