import { setFlagsFromString } from "node:v8";

/**
 * Keeps V8 from letting garbage grow to ten times the memory that a capture keeps (docs/decisions/0008): the young generation
 * does not grow, and the old one is collected once it has grown by a seventh.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  keepOldHeapSmall();
}

/**
 * The same, but the young generation may grow: where threads read ahead, that saves three of four collections for 30 MB
 * (docs/decisions/0026). One thread collects the young generation: it is small, and further threads cost more than they save.
 */
export function keepOldHeapSmall(): void {
  setFlagsFromString("--heap-growing-percent=15");
  setFlagsFromString("--no-parallel-scavenge");
}

/**
 * Halves how much V8 inlines into a function that it optimises (docs/decisions/0026): reading and judging are spread over
 * hundreds of functions, and a replay of two seconds never gains what the larger ones cost to compile. Holds for all threads
 * and for everything that is compiled afterwards.
 */
export function compileLess(): void {
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=460");
}
