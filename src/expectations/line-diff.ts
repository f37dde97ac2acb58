// The difference of two short texts by lines: removed and added lines with a little context.

export interface LineChange {
  readonly kind: "kept" | "removed" | "added" | "skipped";
  readonly text: string;
}

const around = 2;
/** Beyond this size the middle is reported as replaced and not compared line by line. */
const mostCells = 4_000_000;

/** Removed and added lines with two kept lines around them; `skipped` stands for the rest. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly LineChange[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const middle = compare(before.slice(start, before.length - end), after.slice(start, after.length - end));
  const kept = (text: string): LineChange => ({ kind: "kept", text });
  return shorten([...before.slice(0, start).map(kept), ...middle, ...after.slice(after.length - end).map(kept)]);
}

function compare(before: readonly string[], after: readonly string[]): readonly LineChange[] {
  const removed = (text: string): LineChange => ({ kind: "removed", text });
  const added = (text: string): LineChange => ({ kind: "added", text });
  if (before.length * after.length > mostCells) return [...before.map(removed), ...after.map(added)];
  const common = commonParts(before, after);
  const changes: LineChange[] = [];
  let [b, a] = [0, 0];
  while (b < before.length && a < after.length) {
    const [one = "", other = ""] = [before[b], after[a]];
    if (one === other) {
      changes.push({ kind: "kept", text: one });
      b++;
      a++;
    } else if (common(b + 1, a) >= common(b, a + 1)) {
      changes.push(removed(one));
      b++;
    } else {
      changes.push(added(other));
      a++;
    }
  }
  return [...changes, ...before.slice(b).map(removed), ...after.slice(a).map(added)];
}

/** Length of the longest common subsequence after each pair of lines. */
function commonParts(before: readonly string[], after: readonly string[]): (b: number, a: number) => number {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (b: number, a: number): number => lengths[b * width + a] ?? 0;
  for (let b = before.length - 1; b >= 0; b--) {
    for (let a = after.length - 1; a >= 0; a--) {
      lengths[b * width + a] = before[b] === after[a] ? at(b + 1, a + 1) + 1 : Math.max(at(b + 1, a), at(b, a + 1));
    }
  }
  return at;
}

function shorten(changes: readonly LineChange[]): readonly LineChange[] {
  const isNear = changes.map((_, index) =>
    changes.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== "kept"),
  );
  const shortened: LineChange[] = [];
  for (const [index, change] of changes.entries()) {
    if (isNear[index] === true) shortened.push(change);
    else if (shortened.at(-1)?.kind !== "skipped") shortened.push({ kind: "skipped", text: "" });
  }
  return shortened;
}
