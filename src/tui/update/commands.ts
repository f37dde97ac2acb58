// All commands in one table, so that hints, help, keys and the names in the configuration agree.
import type { Command } from "./command.ts";
import { layoutCommands, tableCommands } from "./layout-commands.ts";
import { movementCommands } from "./movement-commands.ts";
import { rowCommands } from "./row-commands.ts";

export const commands: readonly Command[] = [...movementCommands, ...layoutCommands, ...rowCommands, ...tableCommands];
