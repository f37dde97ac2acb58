import { setFlagsFromString } from "node:v8";

/**
 * Lets V8 put half as much of other functions into one that it optimises (docs/decisions/0026): what reads and judges is
 * spread over hundreds of functions, and a replay that is over in two seconds never gets back what the larger ones cost.
 * Holds for all threads, for what is compiled from then on.
 */
export function compileLess(): void {
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=460");
}
