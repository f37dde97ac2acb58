export interface Problems {
  add(line: string): void;
  /** At most a hundred lines, then one with the number of the others. */
  lines(): readonly string[];
}

const limit = 100;

/** Collects the problems of a file, bounded, because a hostile file can have millions. */
export function collectProblems(): Problems {
  const kept: string[] = [];
  let more = 0;
  return {
    add(line) {
      if (kept.length < limit) kept.push(line);
      else more += 1;
    },
    lines: () => (more === 0 ? [...kept] : [...kept, `${more} more problems`]),
  };
}
