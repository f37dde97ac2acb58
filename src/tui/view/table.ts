// The traffic table: one row a line, in the columns that fit.

import { safe } from "../../core/safe-text.ts";
import type { FilterSubject } from "../../filter/subject.ts";
import { cutToCells, padEnd, padStart } from "../lines/cell-text.ts";
import { invertLine, type Meaning, type ScreenLine } from "../lines/screen-line.ts";
import { type ColumnChoice, type ColumnName, columnKinds, placeColumns } from "../model/columns.ts";
import type { LineGroup, TableLine } from "../model/table-lines.ts";
import type { Sort } from "../model/view-parts.ts";

/** Width, columns and sort of the table, the same for its head and all its rows. */
export interface TableView {
  readonly columns: number;
  readonly choice: ColumnChoice;
  readonly sort: Sort | null;
}

/** The titles, with an arrow at the sorted column. */
export function tableHead(view: TableView): ScreenLine {
  const titles = placeColumns(view.columns, view.choice).map(({ name, title, width, isNumber }) => {
    const marked = view.sort?.column === name ? `${cutToCells(title, width - 1)}${arrow(view.sort)}` : title;
    return isNumber ? padStart(marked, width) : padEnd(marked, width);
  });
  const front = view.sort?.column === "severity" ? ` ${arrow(view.sort)} ` : "   ";
  return [[padEnd(`${front}${titles.join(" ")}`, view.columns), "heading"]];
}

function arrow({ isDescending }: Sort): string {
  return isDescending ? "↓" : "↑";
}

/** The row drawn for a group: its first row with the largest size and the longest time. */
function asGroup(first: FilterSubject, { slowest, largest }: LineGroup): FilterSubject {
  return { ...first, row: { ...first.row, durationMs: slowest, bytes: largest } };
}

const severityMarks = { alarm: "!", error: "!", warning: "w", info: " " } as const;
const meanings: Readonly<Record<keyof typeof severityMarks, Meaning>> = {
  alarm: "bad",
  error: "bad",
  warning: "warning",
  info: "plain",
};

/** How one row is drawn. */
export interface RowPlace extends TableView {
  readonly isSelected: boolean;
  /** Whether the table has the focus: the selected row is then in reverse, else only marked by `>`. */
  readonly hasFocus: boolean;
  /** The letter of its mark, or empty. */
  readonly letter: string;
  /** Whether the verdict lines name it. */
  readonly isEvidence: boolean;
  /** Its group, or whether it is a row of an open group. */
  readonly line: Pick<TableLine, "group" | "isMember">;
}

/**
 * One row. Before it: `>` when selected; `!` for an alarm or an error, `w` for a warning, `x` for no answer, `*` when it is
 * evidence of the verdict; the letter of a mark. Readable without colour.
 */
export function tableRow(first: FilterSubject, place: RowPlace): ScreenLine {
  const { group } = place.line;
  const subject = group === null || group.isOpen ? first : asGroup(first, group);
  const worst = subject.row.worst ?? "info";
  const front = `${place.isSelected ? ">" : " "}${markOf(subject, place)}${place.letter === "" ? " " : place.letter}`;
  const line: ScreenLine = [
    [front, worst === "info" ? "strong" : meanings[worst]],
    [cellsOf(subject, place).join(" "), meanings[worst]],
  ];
  return place.isSelected && place.hasFocus ? invertLine(line, place.columns) : line;
}

export interface PendingPlace extends TableView {
  /** Its age, short enough for the column of the duration. */
  readonly age: string;
}

/** A pending request: `.` before it, and `...` as its status until the answer begins. It cannot be selected. */
export function pendingRow(subject: FilterSubject, place: PendingPlace): ScreenLine {
  const { status } = subject.row;
  const instead = { ms: place.age, size: "...", ...(status === null ? { status: "..." } : {}) };
  const cells = cellsOf(subject, { ...place, line: { group: null, isMember: false } }, instead);
  return [
    [" . ", "strong"],
    [cells.join(" "), status === null ? "plain" : "dim"],
  ];
}

function markOf({ row }: FilterSubject, { isEvidence }: RowPlace): string {
  if (row.worst !== null && row.worst !== "info") return severityMarks[row.worst];
  if (row.status === null) return "x";
  return isEvidence ? "*" : " ";
}

type CellPlace = Pick<RowPlace, "columns" | "choice" | "line">;

function cellsOf(
  subject: FilterSubject,
  { columns, choice, line }: CellPlace,
  instead: Readonly<Partial<Record<ColumnName, string>>> = {},
): readonly string[] {
  const placed = placeColumns(columns, choice);
  const signed = placed.find(({ name }) => columnKinds[name].width === null)?.name;
  return placed.map(({ name, text, width, isNumber }) => {
    const shown = instead[name] ?? safe(text(subject));
    if (isNumber) return padStart(shown, width);
    // A row of a log must not be taken for a captured request.
    const badge = subject.row.log === undefined ? "" : "log ";
    return padEnd(name === signed ? groupSign(line) + badge + shown : shown, width);
  });
}

function groupSign({ group, isMember }: RowPlace["line"]): string {
  if (group !== null) return `${group.isOpen ? "▾" : "▸"}×${group.count} `;
  return isMember ? "· " : "";
}
