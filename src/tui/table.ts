// The traffic: one row a line, cut to the columns that there is room for.
import type { FilterSubject } from "../filter/subject.ts";
import { padEnd, padStart } from "./cut.ts";
import { safe } from "./safe-text.ts";
import { inverted, type Meaning, type ScreenLine } from "./screen-line.ts";

interface Column {
  readonly title: string;
  readonly width: number;
  readonly isNumber?: true;
  readonly text: (subject: FilterSubject) => string;
}

const id: Column = { title: "#", width: 5, text: ({ row }) => row.id };
const method: Column = { title: "meth", width: 4, text: ({ row }) => row.method };
const status: Column = { title: "st", width: 3, text: ({ row }) => (row.status === null ? "err" : String(row.status)) };
const auth: Column = { title: "auth", width: 7, text: ({ row }) => row.auth };
const direction: Column = { title: "dir", width: 3, text: (subject) => subject.direction.replace(">", "→") };
const size: Column = { title: "size", width: 5, isNumber: true, text: ({ row }) => sizeText(row.bytes) };
const duration: Column = {
  title: "ms",
  width: 5,
  isNumber: true,
  text: ({ row }) => (row.durationMs === null ? "-" : String(Math.round(row.durationMs))),
};
const time = (width: 8 | 12): Column => ({
  title: "time",
  width,
  text: ({ row }) => new Date(row.at).toISOString().slice(11, 11 + width),
});

/** The columns for so much width: what is said in words comes from 110 columns on, host and path take what is left. */
function columnsFor(columns: number): readonly Column[] {
  if (columns < 80) return withTarget([id, status, auth], [duration], columns);
  if (columns < 110) return withTarget([id, time(8), direction, method, status, auth], [size, duration], columns);
  const fixed = [id, time(12), direction, method, status, auth];
  const numbers = [size, duration];
  const left = columns - widthOf([...fixed, ...numbers]) - 2;
  const words = Math.floor(left * 0.34);
  const host = Math.floor((left - words) * 0.5);
  return [
    ...fixed,
    { title: "what", width: words - 1, text: ({ row }) => row.detail },
    { title: "host", width: host - 1, text: ({ row }) => row.host },
    { title: "path", width: left - words - host - 1, text: ({ row }) => row.path },
    ...numbers,
  ];
}

function withTarget(front: readonly Column[], end: readonly Column[], columns: number): readonly Column[] {
  const width = columns - widthOf([...front, ...end]) - 3;
  return [...front, { title: "host and path", width, text: ({ row }) => row.host + row.path }, ...end];
}

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + width + 1, 0);
}

export function tableHead(columns: number): ScreenLine {
  const titles = columnsFor(columns).map(({ title, width, isNumber }) =>
    isNumber === true ? padStart(title, width) : padEnd(title, width),
  );
  return [[padEnd(`   ${titles.join(" ")}`, columns), "heading"]];
}

const severityMarks = { alarm: "!", error: "!", warning: "w", info: " " } as const;
const meanings: Readonly<Record<keyof typeof severityMarks, Meaning>> = {
  alarm: "bad",
  error: "bad",
  warning: "warning",
  info: "plain",
};

export interface RowPlace {
  readonly columns: number;
  readonly isSelected: boolean;
  /** The selected row is drawn in reverse while the table has the keys, else marked by `>` alone. */
  readonly hasFocus: boolean;
  /** The letter that the person marked it with, else empty. */
  readonly letter: string;
}

/**
 * One row. Before it: `>` the selected one, then `!` an alarm or an error, `w` a warning, `x` no answer, then the letter
 * of a mark. No colour is needed to read it.
 */
export function tableRow(subject: FilterSubject, place: RowPlace): ScreenLine {
  const { row } = subject;
  const worst = row.worst ?? "info";
  const cells = columnsFor(place.columns).map(({ text, width, isNumber }) =>
    isNumber === true ? padStart(safe(text(subject)), width) : padEnd(safe(text(subject)), width),
  );
  const mark = worst === "info" && row.status === null ? "x" : severityMarks[worst];
  const front = `${place.isSelected ? ">" : " "}${mark}${place.letter === "" ? " " : place.letter}`;
  const line: ScreenLine = [
    [front, worst === "info" ? "strong" : meanings[worst]],
    [cells.join(" "), meanings[worst]],
  ];
  return place.isSelected && place.hasFocus ? inverted(line, place.columns) : line;
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return String(bytes);
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)}k`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)}M` : `${(bytes / 1e9).toFixed(1)}G`;
}
