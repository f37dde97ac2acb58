// In East Asian settings some terminals draw the signs that Unicode calls ambiguous, lines and dots among them, two columns
// wide. Only the terminal knows: some are drawn, and it is asked where its cursor is.

/** On an empty first line, which is empty again afterwards. The answer is a cursor position report (ECMA-48 §8.3.14). */
export const widthQuestion = "\u001b[H│…·\u001b[6n\u001b[H\u001b[2K";
const narrowColumn = 4;
const answerMs = 1000;

export interface WidthProbe {
  /** The terminal has reported its cursor in this column, from 1. */
  reportColumn(column: number): void;
  /** Resolves when it has answered, or will not: from then on no answer can come that a shell would take for typing. */
  readonly settled: Promise<void>;
}

/** Calls back when the terminal says that it draws them wide; one that says nothing in time is taken for a usual one. */
export function startWidthProbe(isWide: () => void, limitMs = answerMs): WidthProbe {
  let settle = (): void => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  let timer: NodeJS.Timeout | null = setTimeout(() => {
    timer = null;
    settle();
  }, limitMs);
  return {
    reportColumn(column) {
      if (timer === null) return;
      clearTimeout(timer);
      timer = null;
      settle();
      if (column > narrowColumn) isWide();
    },
    settled,
  };
}
