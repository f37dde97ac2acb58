// Values out of records of JSON and CSV: a missing or odd value is empty, never an error.
import { csvCells } from "./csv-cutter.ts";

export type JsonRecord = Readonly<Record<string, unknown>>;

/** Cells by the names of their columns, as letters and digits in lower case: `Date (UTC)` is `dateutc`. */
export type Cells = ReadonlyMap<string, string>;

/** The object of a record; null for any other JSON and for text that is none. */
export function parseRecord(text: string): JsonRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first own member of one of the names, in the letter case given or with a small first letter; undefined without one. */
export function memberOf(record: JsonRecord, names: readonly string[]): unknown {
  for (const name of names) {
    const spelled = [name, `${name.charAt(0).toLowerCase()}${name.slice(1)}`].find((one) => Object.hasOwn(record, one));
    if (spelled !== undefined && record[spelled] !== null) return record[spelled];
  }
  return undefined;
}

/** A text or a finite number as text; empty for anything else. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" && Number.isFinite(value) ? String(value) : "";
}

/**
 * Names the cells of a record. Of two columns of one name the first counts. A cell behind the last named one is the message: the Event
 * Viewer gives that column no name.
 */
export function cellsOf(record: string, names: readonly string[], separator: string): Cells {
  const cells = csvCells(record, separator);
  const named = new Map<string, string>();
  for (const [index, name] of names.entries()) if (!named.has(name)) named.set(name, cells[index] ?? "");
  const extra = cells[names.length];
  if (extra !== undefined && !named.has("message")) named.set("message", extra);
  return named;
}

/** The rows of `{"columns":[{"name":…}],"rows":[[…]]}`, an answer of Log Analytics, as objects. */
export function readTable(text: string): readonly JsonRecord[] {
  const table = parseRecord(text) ?? {};
  const { columns, rows } = table;
  if (!(Array.isArray(columns) && Array.isArray(rows))) return [];
  const names = columns.map((column: unknown) => (isRecord(column) ? textOf(column["name"]) : ""));
  return rows.filter(Array.isArray).map((row: readonly unknown[]) => {
    return Object.fromEntries(names.map((name, index) => [name, row[index]]));
  });
}

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const wholeGuid = new RegExp(`^\\s*[{(]?(${guid.source})[)}]?\\s*$`, "i");

/** A GUID in lower case, with or without braces; null for any other text. */
export function guidOf(text: string): string | null {
  return text.length > 64 ? null : (wholeGuid.exec(text)?.[1]?.toLowerCase() ?? null);
}
