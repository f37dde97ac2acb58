// In East Asian settings some terminals draw ambiguous characters (UAX #11), such as lines and dots, two columns wide. The
// probe draws some of them and requests the position of the cursor.

/** Written on the first line, which is cleared again. The answer is a cursor position report (ECMA-48 §8.3.14). */
export const widthQuestion = "\u001b[H│…·\u001b[6n\u001b[H\u001b[2K";
const narrowColumn = 4;
const answerMs = 1000;

export interface WidthProbe {
  /** Takes the column of the terminal's cursor position report, from 1. */
  reportColumn(column: number): void;
  /** Resolves at the answer or at the limit: after that no late answer can be taken for typed text by the shell. */
  readonly settled: Promise<void>;
}

/** Calls `isWide` when the terminal draws them wide; a terminal that does not answer within `limitMs` counts as narrow. */
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
