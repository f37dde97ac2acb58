// Regular expressions of the user over hostile text: no pattern may run without a bound.
import { FilterProblem } from "./expression.ts";

export interface Pattern {
  matches(text: string): boolean;
  readonly words: string;
}

/** Length of the tested text by the number of unbounded repeats in the pattern, which is the exponent of the cost. */
const textLimits: readonly number[] = [65_536, 4096, 512, 160];

/** Reads a pattern that ignores letter case. Throws FilterProblem when it is invalid or could take very long over some text. */
export function readPattern(source: string, column: number): Pattern {
  const repeats = countRepeats(source, column);
  const limit = textLimits[repeats];
  if (limit === undefined) throw new FilterProblem(column, "a pattern has at most three *, + or {n,}");
  let expression: RegExp;
  try {
    expression = new RegExp(source, "iu");
  } catch {
    throw new FilterProblem(column, "the pattern is not a regular expression");
  }
  return { matches: (text) => expression.test(text.slice(0, limit)), words: `/${source}/i` };
}

const piece = /\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]?|[()|]|[*+]|\{\d*,?\d*\}|[\s\S]/g;

/** Counts repeats, except `?`. Refuses a repeated group that holds a choice or another repeat. */
function countRepeats(source: string, column: number): number {
  let repeats = 0;
  let isRiskyEnd = false;
  let groups: boolean[] = [];
  for (const [text] of source.matchAll(piece)) {
    if (/^\\[1-9k]/.test(text)) throw new FilterProblem(column, "a pattern cannot refer back to itself");
    const isRepeat = /^(?:[*+]|\{\d*,?\d*\})$/.test(text);
    if (isRepeat && isRiskyEnd) throw new FilterProblem(column, tooLong);
    if (isRepeat) repeats += 1;
    // Every open group contains it.
    if (isRepeat || text === "|") groups = groups.map(() => true);
    isRiskyEnd = text === ")" && groups.pop() === true;
    if (text === "(") groups.push(false);
  }
  return repeats;
}

const tooLong = "a repeated group may hold neither | nor another repeat: it could take very long";
