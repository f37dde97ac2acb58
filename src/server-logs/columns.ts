// Cells of a row by the name of their column: lists of columns differ by version and by cumulative update.

/** The writer of Exchange cuts a cell at this length. */
const longestCell = 16_384;

/** The names of the columns of one header, in lower case. */
export type ColumnNames = readonly string[];

/** The names of a header line. Letter case differs between builds (`BackEndCookie`, `BackendCookie`), and a name may be empty. */
export function columnNames(names: readonly string[]): ColumnNames {
  return names.map((name) => name.trim().toLowerCase());
}

/** A cell by the name of its column; empty when the header lacks the column. */
export type Cells = (column: string) => string;

/** Binds columns once for a header; the result reads the cells of one row. */
export function bindColumns(columns: ColumnNames): (cells: readonly string[]) => Cells {
  const places = new Map<string, number>();
  for (const [place, name] of columns.entries()) if (name !== "" && !places.has(name)) places.set(name, place);
  return (cells) => (column) => {
    const place = places.get(column);
    return place === undefined ? "" : (cells[place] ?? "").slice(0, longestCell).trim();
  };
}

/** The wanted columns that a header lacks, as they are wanted. */
export function missingColumns(columns: ColumnNames, wanted: readonly string[]): readonly string[] {
  return wanted.filter((name) => !columns.includes(name.toLowerCase()));
}

/** True when a row has a cell for each column. A last column without a name may have none. */
export function hasAllCells(columns: ColumnNames, cells: readonly string[]): boolean {
  return hasCellCount(columns, cells.length);
}

/** The same of a number of cells. */
export function hasCellCount(columns: ColumnNames, count: number): boolean {
  return count === columns.length || (columns.at(-1) === "" && count === columns.length - 1);
}
