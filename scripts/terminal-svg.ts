// Draws the cells of a terminal as SVG, for the pictures of the documentation.
import type { IBufferCell, Terminal } from "@xterm/headless";

const cellWidth = 8.4;
const cellHeight = 18;
const palette: readonly string[] = [
  "#1e2127",
  "#e06c75",
  "#98c379",
  "#d19a66",
  "#61afef",
  "#c678dd",
  "#56b6c2",
  "#abb2bf",
  "#5c6370",
  "#ff7b86",
  "#b5e08d",
  "#e5c07b",
  "#82c4ff",
  "#de9bf0",
  "#7fd6e0",
  "#ffffff",
];
const ink = "#d7dae0";
const paper = "#1e2127";

interface Run {
  readonly column: number;
  text: string;
  cells: number;
  readonly style: Style;
}

interface Style {
  readonly foreground: string;
  readonly background: string;
  readonly isBold: boolean;
  readonly isUnderlined: boolean;
  readonly isDim: boolean;
}

/** The visible screen of `terminal` as one self-contained SVG. */
export function terminalSvg(terminal: Terminal, title: string): string {
  const width = Math.ceil(terminal.cols * cellWidth + 20);
  const height = terminal.rows * cellHeight + 20;
  const rows: string[] = [];
  for (let row = 0; row < terminal.rows; row += 1) rows.push(...runsOf(terminal, row).map((run) => drawRun(run, row)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="100%" height="100%" rx="6" fill="${paper}"/>`,
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14" xml:space="preserve" style="white-space:pre">',
    ...rows,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function runsOf(terminal: Terminal, row: number): Run[] {
  const line = terminal.buffer.active.getLine(terminal.buffer.active.viewportY + row);
  const runs: Run[] = [];
  for (let column = 0; line !== undefined && column < terminal.cols; column += 1) {
    const cell = line.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const style = styleOf(cell);
    const last = runs.at(-1);
    const text = cell.getChars() === "" ? " " : cell.getChars();
    if (last !== undefined && isEqual(last.style, style)) {
      last.text += text;
      last.cells += cell.getWidth();
    } else runs.push({ column, text, cells: cell.getWidth(), style });
  }
  return runs;
}

function styleOf(cell: IBufferCell): Style {
  const own = colour(cell.isFgDefault(), cell.isFgRGB() ? -1 : cell.getFgColor(), ink);
  const behind = colour(cell.isBgDefault(), cell.isBgRGB() ? -1 : cell.getBgColor(), paper);
  const isInverse = cell.isInverse() !== 0;
  return {
    foreground: isInverse ? behind : own,
    background: isInverse ? own : behind,
    isBold: cell.isBold() !== 0,
    isUnderlined: cell.isUnderline() !== 0,
    isDim: cell.isDim() !== 0,
  };
}

function colour(isDefault: boolean, index: number, fallback: string): string {
  return isDefault ? fallback : (palette[index] ?? fallback);
}

function isEqual(a: Style, b: Style): boolean {
  return (
    a.foreground === b.foreground &&
    a.background === b.background &&
    a.isBold === b.isBold &&
    a.isUnderlined === b.isUnderlined &&
    a.isDim === b.isDim
  );
}

function drawRun(run: Run, row: number): string {
  const x = 10 + run.column * cellWidth;
  const y = 10 + row * cellHeight;
  const width = run.cells * cellWidth;
  const box =
    run.style.background === paper
      ? ""
      : `<rect x="${round(x)}" y="${y}" width="${round(width)}" height="${cellHeight}" fill="${run.style.background}"/>`;
  if (run.text.trim() === "" && !run.style.isUnderlined) return box;
  const weight = run.style.isBold ? ' font-weight="bold"' : "";
  const line = run.style.isUnderlined
    ? `<rect x="${round(x)}" y="${y + 16}" width="${round(width)}" height="1" fill="${run.style.foreground}"/>`
    : "";
  const dim = run.style.isDim ? ' opacity="0.7"' : "";
  const look = `fill="${run.style.foreground}"${weight}${dim}`;
  return `${box}${line}${piecesOf(run)
    .map((piece) => drawPiece(piece, y, look))
    .join("")}`;
}

interface Piece {
  readonly column: number;
  readonly text: string;
  readonly cells: number;
}

/** Pieces of text with single spaces only. Wider gaps are positioned instead, because viewers collapse spaces. */
function piecesOf({ text, column, cells }: Run): readonly Piece[] {
  if (text.length !== cells) return [{ column, text, cells }];
  return [...text.matchAll(/\S+(?: \S+)*/g)].map((match) => ({
    column: column + match.index,
    text: match[0],
    cells: match[0].length,
  }));
}

function drawPiece({ column, text, cells }: Piece, y: number, look: string): string {
  const x = round(10 + column * cellWidth);
  const length = round(cells * cellWidth);
  return `<text x="${x}" y="${y + 13}" textLength="${length}" ${look}>${escapeXml(text)}</text>`;
}

function round(value: number): string {
  return value.toFixed(1);
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
