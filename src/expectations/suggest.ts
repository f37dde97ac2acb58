// "Did you mean": the known word most similar to an unknown one.

/** The known word most similar to `word`, or null. Ignores letter case, `_` and `-`. */
export function suggest(word: string, known: readonly string[]): string | null {
  const wanted = plain(word).slice(0, 80);
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const distance = distanceBetween(wanted, plain(candidate));
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[_\s]/g, "-");
}

/** Letters to add, remove, change or swap (optimal string alignment). */
function distanceBetween(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      const changed = at(rows, row - 1, column - 1) + (isSame ? 0 : 1);
      let least = Math.min(at(rows, row - 1, column) + 1, (current[column - 1] ?? 0) + 1, changed);
      const isSwap = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (isSwap && row > 1 && column > 1) least = Math.min(least, at(rows, row - 2, column - 2) + 1);
      current.push(least);
    }
    rows.push(current);
  }
  return at(rows, one.length, other.length);
}

function at(rows: readonly (readonly number[])[], row: number, column: number): number {
  return rows[row]?.[column] ?? 0;
}
