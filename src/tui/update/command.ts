import type { ViewState } from "../model/view-state.ts";
import type { KeyContext, Update } from "./effects.ts";

export interface Command {
  /** What `keys` in realmscope.config.json calls it. */
  readonly name: string;
  readonly keys: readonly string[];
  readonly help: string;
  /** Short words for the hint line; empty keeps it to the help. */
  readonly hint: string;
  /** Where it does something: in the table, in a pane, or in both. */
  readonly where: "table" | "pane" | "both";
  readonly act: (state: ViewState, context: KeyContext) => Update;
}
