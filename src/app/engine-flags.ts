import { setFlagsFromString } from "node:v8";

/**
 * Keeps V8 from letting garbage grow to ten times of what a capture keeps (docs/decisions/0008): the young generation
 * stays as it is, and the old one is collected once it has grown by a seventh.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  keepOldHeapSmall();
}

/**
 * The same, but the young generation may grow: where threads read ahead, that is four times fewer collections for 30 MB
 * (docs/decisions/0026). The young one is collected by one thread: it is small, and helpers cost more than they do.
 */
export function keepOldHeapSmall(): void {
  setFlagsFromString("--heap-growing-percent=15");
  setFlagsFromString("--no-parallel-scavenge");
}

/**
 * Lets V8 put half as much of other functions into one that it optimises (docs/decisions/0026): what reads and judges is
 * spread over hundreds of functions, and a replay that is over in two seconds never gets back what the larger ones cost.
 * Holds for all threads, for what is compiled from then on.
 */
export function compileLess(): void {
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=460");
}
