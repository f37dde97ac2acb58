// One table of what a person can do: hints, help, keys and the configuration's names cannot disagree.
import type { Command } from "./command.ts";
import { layoutCommands, tableCommands } from "./layout-commands.ts";
import { movementCommands } from "./movement-commands.ts";
import { rowCommands } from "./row-commands.ts";

export const commands: readonly Command[] = [...movementCommands, ...layoutCommands, ...rowCommands, ...tableCommands];
