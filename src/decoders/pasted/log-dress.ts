// Rows of logs out of other programs: copied out of a table (tabs) or a CSV of another culture (semicolons), or printed by Format-List,
// one cell a line. Marks of mails are taken off before (text/whole-dress.ts).
import { isHeaderLine } from "../../server-logs/log-header.ts";

/** Lines as a log would have them; unchanged where no other dress is recognised. */
export function plainLogLines(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (lines.some((line) => isHeaderLine(line) && line.includes(","))) return lines;
  return listedRows(lines) ?? separatedRows(lines) ?? lines;
}

/** Cells between tabs or semicolons; null where no line of them names columns. */
function separatedRows(lines: readonly string[]): readonly string[] | null {
  for (const separator of ["\t", ";"]) {
    const at = lines.findIndex((line) => isSeparatedHeader(line, separator));
    if (at === -1) continue;
    return lines.slice(at).map((line) => csvLine(line.split(separator).map(unquoted)));
  }
  return null;
}

function isSeparatedHeader(line: string, separator: string): boolean {
  const names = line.split(separator, 200).map((name) => unquoted(name).replace(/^#Fields:\s*/i, ""));
  return names.length > 4 && isHeaderLine(csvLine(names));
}

function unquoted(cell: string): string {
  const text = cell.trim();
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
}

function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
}

const listLine = /^([A-Za-z][A-Za-z0-9()-]{1,60})\s{0,60}: ?(.*)$/;
/** A row in a list has at least its time, its id and what happened. */
const fewestNames = 5;

/** Records of `Format-List`, blank lines between them; null where the first one is not a row of a log. */
function listedRows(lines: readonly string[]): readonly string[] | null {
  const records: Map<string, string>[] = [];
  let last = "";
  for (const line of lines) {
    const [, name, value = ""] = listLine.exec(line) ?? [];
    const open = last === "" ? undefined : records.at(-1);
    if (name !== undefined) {
      if (open === undefined || open.has(name)) records.push(new Map());
      records.at(-1)?.set(name, value.trim());
      last = name;
      // A console breaks long values: the rest stands indented below.
    } else if (/^\s{4,}\S/.test(line)) open?.set(last, `${open.get(last) ?? ""}${line.trim()}`);
    else last = "";
  }
  const rows = records.filter((row) => row.size >= fewestNames && (row.has("DateTime") || row.has("date-time")));
  const [first] = rows;
  if (first === undefined) return null;
  const names = [...first.keys()].sort((a, b) => Number(isTime(b)) - Number(isTime(a)));
  return [csvLine(names), ...rows.map((row) => csvLine(names.map((name) => row.get(name) ?? "")))];
}

function isTime(name: string): boolean {
  return name === "DateTime" || name === "date-time";
}
