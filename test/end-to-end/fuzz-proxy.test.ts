// The short form of `npm run fuzz:proxy`.
import { expect, test } from "vitest";
import { fuzzProxy } from "../support/fuzz/run.ts";

test.runIf(process.platform === "linux")(
  "random conversations that break at every moment end nothing but themselves, and change no byte of the others",
  { timeout: 180_000 },
  async () => {
    const seed = Date.now() % 1_000_000_000;
    const result = await fuzzProxy({ seed, conversations: 500, workers: 8 });
    expect(result.problems, `npm run fuzz:proxy -- --seed ${seed} --conversations 500 --workers 8`).toEqual([]);
    expect(result.conversations).toBe(500);
    expect(result.good).toBeGreaterThan(100);
  },
);
