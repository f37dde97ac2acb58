import type { TrafficRow } from "../diagnosis/analysis.ts";
import { padEnd, padStart } from "./cut.ts";
import { safe } from "./safe-text.ts";
import type { Meaning, ScreenLine } from "./screen-line.ts";

interface Column {
  readonly title: string;
  readonly width: number;
  readonly isNumber?: true;
  readonly text: (row: TrafficRow) => string;
}

const fixedColumns: readonly Column[] = [
  { title: "#", width: 6, text: ({ id }) => id },
  { title: "time", width: 8, text: ({ at }) => new Date(at).toISOString().slice(11, 19) },
  { title: "meth", width: 6, text: ({ method }) => method },
  { title: "st", width: 3, text: ({ status }) => (status === null ? "..." : String(status)) },
  { title: "auth", width: 8, text: ({ auth }) => auth },
];
const sizeColumn: Column = { title: "size", width: 6, isNumber: true, text: ({ bytes }) => sizeText(bytes) };
const timeColumn: Column = {
  title: "ms",
  width: 5,
  isNumber: true,
  text: ({ durationMs }) => (durationMs === null ? "-" : String(Math.round(durationMs))),
};
const target = (width: number): Column => ({ title: "host", width, text: ({ host, path }) => host + path });
const detail = (width: number): Column => ({ title: "what", width, text: ({ detail: words }) => words });

/** The columns for so much width: what is said in words comes from 100 columns on, the target takes what is left. */
function columnsFor(columns: number): readonly Column[] {
  const used = fixedColumns.reduce((sum, { width }) => sum + width + 1, 2);
  const numbers = columns >= 72 ? [sizeColumn, timeColumn] : [];
  const left = columns - used - numbers.reduce((sum, { width }) => sum + width + 1, 0);
  if (columns < 100) return [...fixedColumns, target(Math.max(8, left)), ...numbers];
  const words = Math.floor((left - 1) * 0.45);
  return [...fixedColumns, target(left - 1 - words), detail(words), ...numbers];
}

const marks = { alarm: "!", error: "x", warning: "w", info: " " } as const;
const meanings: Readonly<Record<keyof typeof marks, Meaning>> = {
  alarm: "bad",
  error: "bad",
  warning: "warning",
  info: "plain",
};

export function tableHead(columns: number): ScreenLine {
  const titles = columnsFor(columns).map(({ title, width, isNumber }) =>
    isNumber === true ? padStart(title, width) : padEnd(title, width),
  );
  return [[`  ${titles.join(" ")}`, "heading"]];
}

/** One row: `>` marks the selected one, `!` `x` `w` alarms, errors and warnings, so that no colour is needed. */
export function tableRow(row: TrafficRow, columns: number, isSelected: boolean): ScreenLine {
  const worst = row.worst ?? "info";
  const cells = columnsFor(columns).map(({ text, width, isNumber }) =>
    isNumber === true ? padStart(safe(text(row)), width) : padEnd(safe(text(row)), width),
  );
  const line = `${isSelected ? ">" : " "}${marks[worst]}${cells.join(" ")}`;
  return [[line, isSelected ? "selected" : meanings[worst]]];
}

function sizeText(bytes: number): string {
  if (bytes < 1000) return String(bytes);
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)}k` : `${(bytes / 1_000_000).toFixed(1)}M`;
}
