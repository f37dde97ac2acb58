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
