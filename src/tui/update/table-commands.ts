import type { Command } from "./command.ts";
import { only } from "./effects.ts";

/** What the table is like. */
export const tableCommands: readonly Command[] = [
  {
    name: "columns",
    keys: ["o"],
    help: "what the table is sorted by, and its columns",
    hint: "",
    where: "both",
    act: (state) => only({ ...state, input: { kind: "columns", cursor: 0 } }),
  },
];
