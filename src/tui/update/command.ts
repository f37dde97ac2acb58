// The type of a command.
import type { ViewState } from "../model/view-state.ts";
import type { KeyContext, Update } from "./effects.ts";

/** Something that a key does. */
export interface Command {
  /** Its name under `keys` in realmscope.config.json. */
  readonly name: string;
  readonly keys: readonly string[];
  readonly help: string;
  /** Short text for the hint line; empty when only the help shows it. */
  readonly hint: string;
  /** Where it works: in the table, in a pane, or in both. */
  readonly where: "table" | "pane" | "both";
  readonly act: (state: ViewState, context: KeyContext) => Update;
}
