// Lines of the common log writer of Exchange: comma-separated, a quoted cell holds commas, and `""` in it is one quote.

/** More cells than any log has columns; a longer line is of another shape. */
const mostCells = 512;

/** The cells of one line; null when a quote does not close, text follows a closing quote, or there are too many cells. */
export function csvCells(line: string): readonly string[] | null {
  const cells: string[] = [];
  let at = 0;
  while (cells.length < mostCells) {
    const isQuoted = line.startsWith('"', at);
    const end = isQuoted ? quotedEnd(line, at + 1) : plainEnd(line, at);
    if (end === -1) return null;
    cells.push(isQuoted ? line.slice(at + 1, end - 1).replaceAll('""', '"') : line.slice(at, end));
    if (end === line.length) return cells;
    if (line[end] !== ",") return null;
    at = end + 1;
  }
  return null;
}

function plainEnd(line: string, from: number): number {
  const comma = line.indexOf(",", from);
  return comma === -1 ? line.length : comma;
}

/** The index behind the closing quote; -1 without one. */
function quotedEnd(line: string, from: number): number {
  let at = line.indexOf('"', from);
  while (at !== -1 && line[at + 1] === '"') at = line.indexOf('"', at + 2);
  return at === -1 ? -1 : at + 1;
}
