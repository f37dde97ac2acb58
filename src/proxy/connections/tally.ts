/** Counts what happened within the last ten to twenty minutes. */
export interface Tally {
  add(now: number): void;
  count(now: number): number;
  clear(): void;
}

const spanMs = 10 * 60_000;

export function createTally(): Tally {
  let [since, current, previous] = [0, 0, 0];
  const turn = (now: number): void => {
    if (now - since < spanMs) return;
    previous = now - since < 2 * spanMs ? current : 0;
    [since, current] = [now, 0];
  };
  return {
    add(now) {
      turn(now);
      current += 1;
    },
    count(now) {
      turn(now);
      return current + previous;
    },
    clear() {
      [current, previous] = [0, 0];
    },
  };
}
