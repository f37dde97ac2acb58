export interface Problems {
  add(line: string): void;
  /** At most a hundred, then one that says how many more there were. */
  lines(): readonly string[];
}

const limit = 100;

/** Collects what is wrong with a file, bounded, because a hostile file can be wrong a million times. */
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
