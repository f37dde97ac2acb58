export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Lines of each part, from top to bottom. */
export interface Layout {
  readonly verdicts: number;
  readonly table: number;
  readonly pane: number;
  readonly isTooSmall: boolean;
}

/** Lines that are always there: status, table head, tabs, hints. */
const fixed = 4;

/**
 * What goes where. The whole is one line less than the terminal has, because a frame as high as the terminal makes Ink
 * wipe it, scroll-back included.
 */
export function layoutOf(size: Size, wanted: { readonly verdicts: number; readonly isPaneLarge: boolean }): Layout {
  const height = size.rows - 1;
  if (size.columns < 40 || height < 10) return { verdicts: 1, table: 0, pane: 0, isTooSmall: true };
  const verdicts = Math.min(wanted.verdicts, height >= 20 ? 4 : 2);
  const rest = height - fixed - verdicts;
  const share = wanted.isPaneLarge ? 0.25 : 0.55;
  const table = Math.max(3, Math.round(rest * share));
  return { verdicts, table, pane: rest - table, isTooSmall: false };
}
