/** Bugs in what looks at the traffic: told once, thrown when all is done, and never a reason to let the traffic fall. */
export interface Bugs {
  take(error: unknown): void;
  /** Throws the first bug, when there was one: the program then ends with its code for bugs. */
  rethrow(): void;
}

export function countBugs(tell: (text: string) => void): Bugs {
  const taken: unknown[] = [];
  let count = 0;
  return {
    take(error) {
      count += 1;
      if (count > 1) return;
      taken.push(error);
      const name =
        error instanceof Error ? error.name.replace(/[^A-Za-z]/g, "").slice(0, 40) : "a value that is no error";
      tell(`A bug in judging the traffic (${name}). The traffic goes on; what it hit is not judged. Please report it.`);
    },
    rethrow() {
      if (count > 0) throw taken[0];
    },
  };
}
