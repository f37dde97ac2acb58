// Dresses of a whole text: what a mail, a log, a listing, a table or a JSON document puts around every line of it. Each is taken off
// only where the whole text has it.
import { readJson } from "./json-strings.ts";

const mostLines = 20_000;

/** The text without each dress that it has, at most eight readings; the text itself is not among them. */
export function undressed(text: string): readonly string[] {
  const readings: string[] = [];
  const add = (reading: string | null): void => {
    if (reading !== null && reading.trim() !== "" && reading !== text && !readings.includes(reading))
      readings.push(reading);
  };
  for (const undress of [withoutQuotes, withoutLinePrefixes, readJson, withoutDoubledQuotes]) {
    const reading = undress(text);
    add(reading);
    // A quoted mail with a log in it, a log in a string of JSON.
    if (reading !== null) for (const second of [withoutQuotes, withoutLinePrefixes]) add(second(reading));
  }
  return readings.slice(0, 8);
}

/** The text without the prefix of its lines; none where the prefix may mark a direction (`curl -v`). */
export function bareLines(text: string): readonly string[] {
  const isCurl = /^[ \t]{0,8}(?:>[ \t]?){0,7}(?:<|\*)[ \t]/m.test(text);
  const unquoted = isCurl ? null : withoutQuotes(text);
  const bare = withoutLinePrefixes(unquoted ?? text) ?? unquoted;
  return bare === null || bare.trim() === "" ? [] : [bare];
}

const quote = /^[ \t]{0,8}(?:(?:>|&gt;|\|)[ \t]?){1,8}/;

/** Lines of a mail without their `>`; null where fewer than two have one. */
function withoutQuotes(text: string): string | null {
  const lines = text.split("\n");
  const quoted = lines.filter((line) => quote.test(line)).length;
  return quoted < 2 ? null : lines.map((line) => line.replace(quote, "")).join("\n");
}

const time = String.raw`\[?(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[T ])?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?\]?`;
const words = String.raw`(?:(?:\[[^\]\n]{0,60}\]|---|[A-Za-z0-9_.$/-]{1,60})[ \t]{1,8}){0,6}`;
/** From the longest to the shortest, so that of a log line no part of the prefix stays. */
const prefixes: readonly RegExp[] = [
  new RegExp(`^[ \\t]{0,8}${time}[ \\t]{1,8}${words}(?:-|:|\\|)(?:[ \\t]{1,8}|$)`),
  new RegExp(`^[ \\t]{0,8}${time}(?:[ \\t]{1,8}|$)`),
  /^[ \t]{0,8}[0-9]{1,6}[.:|)]?(?:[ \t]{1,8}|$)/,
  /^[ \t]{0,8}(?:#|\/\/|--|;|\*|rem)(?:[ \t]{1,8}|$)/i,
  /^(?: {2,40}|\t{1,8})/,
];

/** Lines without the time, number, mark of a comment or indent that each of them has; null where one of them has none. */
function withoutLinePrefixes(text: string): string | null {
  const lines = text.split("\n", mostLines);
  const filled = lines.filter((line) => line.trim() !== "");
  const prefix = filled.length < 2 ? undefined : prefixes.find((one) => filled.every((line) => one.test(line)));
  if (prefix === undefined) return null;
  return text
    .split("\n")
    .map((line) => line.replace(prefix, ""))
    .join("\n");
}

const cell = /(?:^|[,;\t\n])"[^"]|"""/;

/** The cells of a table in CSV as lines of their own; quotes inside are doubled. Null without such a cell over several lines or words. */
function withoutDoubledQuotes(text: string): string | null {
  if (!cell.test(text) || !text.trimEnd().endsWith('"')) return null;
  return text.replace(/"{1,3}(?=([,;\t\n]|$)?)/g, (quotes, end: string | undefined) => {
    if (quotes.length === 1) return "\n";
    if (quotes.length === 2) return '"';
    return end === undefined ? '\n"' : '"\n';
  });
}
