// The parts of the screen and their sizes for a size of the terminal.

/** Size of the terminal in cells. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The parts of the screen that can have the focus. */
export type Region = "table" | "detail" | "ladder" | "findings";

/** `tiny` shows only the verdicts; `zoomed` and `compact` one part at a time. docs/screen.md has pictures of the others. */
export type LayoutKind = "tiny" | "compact" | "zoomed" | "stacked" | "tall" | "wide" | "huge";

/** Lines of each part without heads and rules; `leftWidth`: columns of the left part where two are side by side. */
export interface Layout {
  readonly kind: LayoutKind;
  readonly table: number;
  /** Lines of pending requests below the rows of the table. */
  readonly pending: number;
  readonly detail: number;
  readonly ladder: number;
  readonly findings: number;
  readonly leftWidth: number;
}

export interface LayoutOptions {
  /** The part with the focus fills the screen. */
  readonly isZoomed: boolean;
  readonly focus: Region;
  /** `auto`: as many parts as fit; `_` chooses fewer. */
  readonly preference: "auto" | "stacked" | "compact";
}

export const minimum: Size = { columns: 60, rows: 16 };

/**
 * The layout for a size. A frame is one line less than the terminal, because at full height Ink erases the terminal and its
 * scroll-back. Verdicts and status take three lines, the hints one.
 */
export function chooseLayout(size: Size, wishes: LayoutOptions): Layout {
  const height = size.rows - 1;
  const kind = kindOf(size, wishes);
  const nothing = { kind, table: 0, pending: 0, detail: 0, ladder: 0, findings: 0, leftWidth: size.columns };
  switch (kind) {
    case "tiny":
      return nothing;
    case "compact":
    case "zoomed":
      return wishes.focus === "table" ? { ...nothing, table: height - 5 } : { ...nothing, [wishes.focus]: height - 5 };
    case "stacked": {
      const rest = height - 6;
      const detail = Math.max(5, Math.round(rest * 0.38));
      return { ...nothing, table: rest - detail, detail };
    }
    case "tall": {
      const rest = height - 8;
      const [detail, ladder, findings] = [Math.round(rest * 0.24), 11, Math.round(rest * 0.14)];
      return { ...nothing, table: rest - detail - ladder - findings, detail, ladder, findings };
    }
    case "wide": {
      const findings = Math.max(3, Math.round(height * 0.1));
      const rest = height - 9 - findings;
      const lower = Math.min(14, Math.max(11, Math.round(rest * 0.5)));
      return { ...nothing, table: rest - lower, detail: lower, ladder: lower, findings, leftWidth: ladderWidth(size) };
    }
    case "huge": {
      const lower = 12;
      const table = height - 8 - lower;
      const leftWidth = Math.round(size.columns * 0.62);
      return { ...nothing, table, detail: table + 1, ladder: lower, findings: lower, leftWidth };
    }
  }
}

/** The ladder is at most 72 columns wide; the tab beside it takes the rest. */
function ladderWidth({ columns }: Size): number {
  return Math.min(72, Math.max(60, Math.round(columns * 0.5)));
}

/** Columns of the ladder beside the findings. */
export function ladderColumns(columns: number): number {
  return Math.min(88, Math.round(columns * 0.42));
}

function kindOf(size: Size, { isZoomed, preference }: LayoutOptions): LayoutKind {
  const { columns, rows } = size;
  if (columns < minimum.columns || rows < minimum.rows) return "tiny";
  if (columns < 80 || rows < 24 || preference === "compact") return "compact";
  if (isZoomed) return "zoomed";
  if (preference === "stacked") return "stacked";
  if (columns >= 170 && rows >= 44) return "huge";
  if (columns >= 110 && rows >= 32) return "wide";
  return rows >= 46 ? "tall" : "stacked";
}

/** The visible parts. */
export function regionsOf(kind: LayoutKind): readonly Region[] {
  return kind === "tall" || kind === "wide" || kind === "huge"
    ? ["table", "ladder", "detail", "findings"]
    : ["table", "detail"];
}
