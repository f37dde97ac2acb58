// What only those commands take that draw the traffic.
import type { Command } from "@commander-js/extra-typings";
import type { CommonOptions } from "../program.ts";

export function addScreenOptions(command: Command<[], CommonOptions>): Command<[], CommonOptions> {
  return command
    .option("--bell", "ring at the first Basic fallback and at the first refused token")
    .option("--quiet-clock", "nothing on the screen changes by itself: no clock, no rate");
}
