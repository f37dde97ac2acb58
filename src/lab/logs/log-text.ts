// How Exchange Server writes text into the cells of its logs.

const byteOrderMark = "\uFEFF";
const longestCell = 16_384;

/** A line of cells separated by commas; a cell is cut, and quoted where it needs to be. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(",");
}

function csvCell(text: string): string {
  const cut = text.slice(0, longestCell);
  return /[",\r\n]/.test(cut) ? `"${cut.replaceAll('"', '""')}"` : cut;
}

/** Members of a cell such as GenericInfo: `name=value;`. A value loses commas and line breaks; `;` and `=` become spaces. */
export function members(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${name}=${value.replace(/[,\r\n]/g, "").replace(/[;=]/g, " ")};`).join("");
}

export interface HeaderOptions {
  /** `15.02.2562.041`. */
  readonly version: string;
  readonly logType: string;
  readonly columns: readonly string[];
  /** The bare line of column names follows the `#` lines instead of being the first. */
  readonly areNamesLast: boolean;
}

/** The block at the start of a file, and where a restarted writer continues. */
export function headerBlock(
  { version, logType, columns, areNamesLast }: HeaderOptions,
  at: number,
  isNew: boolean,
): string {
  const names = columns.join(",");
  const comments = [
    "#Software: Microsoft Exchange Server",
    `#Version: ${version}`,
    `#Log-type: ${logType}`,
    `#Date: ${logTime(at)}`,
    `#Fields: ${names}`,
  ];
  const lines = areNamesLast ? [...comments, names] : [names, ...comments];
  return `${isNew ? byteOrderMark : ""}${lines.map((line) => `${line}\r\n`).join("")}`;
}

/** `2026-11-30T22:00:00.000Z`. */
export function logTime(at: number): string {
  return new Date(at).toISOString();
}

/** `<prefix>2026113022-1.LOG`: a file each hour of UTC. */
export function hourFile(prefix: string, at: number): string {
  const [day = "", time = ""] = logTime(at).split("T");
  return `${prefix}${day.replaceAll("-", "")}${time.slice(0, 2)}-1.LOG`;
}

/** The cells of the named columns; columns without a value are empty. */
export function cellsOf(columns: readonly string[], values: Readonly<Record<string, string>>): string[] {
  return columns.map((column) => values[column] ?? "");
}
