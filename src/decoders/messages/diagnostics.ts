// `x-ms-diagnostics: <code>;reason="…";error_category="…"` in every spelling seen: blanks around anything, `+` for blanks (IIS
// logs), lines wrapped by a shell, fields on lines of their own, quotes and semicolons inside the reason, quotes as JSON and HTML
// escape them, no number at all. Classified by number, then category, then text.
import { type Decoded, decoded, notDecoded } from "../../core/decoded.ts";
import type { Diagnostics } from "../facts.ts";
import { causeOfCategory, causeOfCode, causeOfText, detailOf } from "./diagnostics-cause.ts";

const maxLength = 16 * 1024;

/** What an `x-ms-diagnostics` value (or `x-ms-diagnostics-from-backend`: `Name|message`) says. */
export function decodeDiagnostics(value: string): Decoded<Diagnostics> {
  const text = unwrapped(plainQuotes(withoutPrefix(value).slice(0, maxLength)));
  if (text === "") return notDecoded("an empty diagnostics header");
  const code = /^[0-9]{1,10}(?![0-9A-Za-z])/.exec(text)?.[0] ?? "";
  const fields = readFields(text);
  // One word; a message in which the header was printed may go on behind its closing quote.
  const category = (fields.get("error_category") ?? "").split('"', 1)[0] ?? "";
  const reason =
    fields.get("reason") ??
    backendMessage(text) ??
    (code + category === "" && !text.startsWith('"') ? "" : leadingText(text, code));
  if (code === "" && category === "" && reason === "") {
    return notDecoded("no number, reason or error_category in the diagnostics header");
  }
  // A category that is none of Exchange's makes it another product's header: its text proves nothing here.
  const cause = causeOfCode(code) ?? causeOfCategory(category) ?? (category === "" ? causeOfText(reason) : "unknown");
  const detail = detailOf(reason);
  return decoded({ code, category, reason, cause, ...(detail === null ? {} : { detail }) });
}

// Exchange and its tools print the header inside a message: "(401) Unauthorized … diagnostics: 2000005;reason=…", or in
// brackets (published samples).
function withoutPrefix(value: string): string {
  const named =
    /\bdiagnostics(?:-from-backend)?["']?[ \t]{0,4}[:=→,][ \t]{0,4}["'[]{0,2}[ \t]{0,4}(?=[0-9]{4,10}[ \t+]{0,8};)/i.exec(
      value,
    );
  return named === null ? value : value.slice(named.index + named[0].length);
}

// Copied out of JSON or a page: \", \u0022 and &quot; are the quotes of the header.
function plainQuotes(value: string): string {
  if (!/=[ \t]{0,8}(?:\\{1,8}(?:"|u0022)|&(?:quot|#34);)/.test(value)) return value;
  return value.replace(/\\{1,8}(?:"|u0022)|&(?:quot|#34);/g, '"').replace(/\\{1,8}u0027|&(?:apos|#39);/g, "'");
}

// A field that begins a line is a field of its own; any other line is the wrapped rest of the one before.
function unwrapped(value: string): string {
  const line = value
    .replace(/[ \t;,]{0,8}[\r\n][\r\n \t]*(?=(?:reason|error_category)[ \t]{0,8}=)/gi, ";")
    .replace(/[\r\n]+[ \t]*/g, " ")
    .trim();
  return line.includes("+") && !/\s/.test(line) ? line.replaceAll("+", " ").trim() : line;
}

const fieldName = /(?:^|[;,])[ \t]*([A-Za-z_][A-Za-z0-9_-]{0,40})[ \t]{0,8}=[ \t]*/g;

/** Named fields, lower case. A quoted value ends at a quote that a `;` or the end follows, so that quotes may stand inside. */
function readFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  fieldName.lastIndex = 0;
  for (let match = fieldName.exec(text); match !== null; match = fieldName.exec(text)) {
    const start = match.index + match[0].length;
    const end = text[start] === '"' ? quotedEnd(text, start) : plainEnd(text, start);
    const name = (match[1] ?? "").toLowerCase();
    if (!fields.has(name)) fields.set(name, unquoted(text.slice(start, end)));
    fieldName.lastIndex = Math.max(end, start);
  }
  return fields;
}

const afterQuote =
  /[ \t]*(?:\.?[ \t]*$|\]|[;,][ \t]*(?:$|[0-9]{1,10}[ \t]{0,8};|[A-Za-z_][A-Za-z0-9_-]{0,40}[ \t]{0,8}=))/y;

function quotedEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    afterQuote.lastIndex = at + 1;
    if (afterQuote.test(text)) return at + 1;
  }
  return text.length;
}

function plainEnd(text: string, start: number): number {
  const rest = text.slice(start).search(/;[ \t]{0,8}(?:$|[A-Za-z_][A-Za-z0-9_-]{0,40}[ \t]{0,8}=)/);
  return rest === -1 ? text.length : start + rest;
}

function unquoted(value: string): string {
  const text = value.trim();
  if (!text.startsWith('"')) return text;
  return text.slice(1, text.length > 1 && text.endsWith('"') ? -1 : undefined);
}

/** The reason where it has no name: the text, mostly in quotes, before the first named field (published). */
function leadingText(text: string, code: string): string {
  const rest = text.slice(code.length).replace(/^[ \t;]+/, "");
  const end = rest.startsWith('"') ? quotedEnd(rest, 0) : plainEnd(rest, 0);
  const first = unquoted(rest.slice(0, end));
  return /^[A-Za-z_][A-Za-z0-9_-]{0,40}[ \t]{0,8}=/.test(first) ? "" : first;
}

// Between front end and back end the header carries the error's name and a message (observed).
function backendMessage(text: string): string | undefined {
  return /^[A-Za-z][A-Za-z0-9]{2,60}\|/.test(text) ? text.slice(text.indexOf("|") + 1).trim() : undefined;
}
