// Which key runs which command: the default keys, replaced by those of the configuration.

import { isKeyName } from "../terminal/parse-keys.ts";
import type { Command } from "./command.ts";
import { commands } from "./commands.ts";

/** Keys by command name, as in the configuration. */
export type CustomKeys = Readonly<Record<string, readonly string[]>>;

/** The keys of a command, of the configuration or the defaults. */
export function keysOf(command: Command, custom: CustomKeys): readonly string[] {
  return (Object.hasOwn(custom, command.name) ? custom[command.name] : undefined) ?? command.keys;
}

/** The command of a key; undefined without one. */
export function commandFor(key: string, custom: CustomKeys): Command | undefined {
  return commands.find((command) => keysOf(command, custom).includes(key));
}

/** The name of a key on the screen. */
export function keyLabel(key: string): string {
  const known: Readonly<Record<string, string>> = { suspend: "Ctrl-Z", redraw: "Ctrl-L", "back-tab": "Shift-Tab" };
  const label = Object.hasOwn(known, key) ? known[key] : undefined;
  if (label !== undefined) return label;
  if (key.startsWith("ctrl-")) return `Ctrl-${key.slice(5).toUpperCase()}`;
  const [first = "", ...rest] = key;
  return [...key].length === 1 ? key : first.toUpperCase() + rest.join("");
}

/** The first problem of the keys in a configuration as one sentence; null when they are valid. */
export function findKeyProblem(custom: CustomKeys): string | null {
  for (const [name, keys] of Object.entries(custom)) {
    if (!commands.some((command) => command.name === name)) {
      return `there is no command ${JSON.stringify(name)}; commands: ${commands.map((command) => command.name).join(" ")}`;
    }
    const wrong = keys.find((key) => !isKeyName(key));
    if (wrong !== undefined) {
      return `${JSON.stringify(wrong)} is not a key; a key is one character or a name such as page-down, ctrl-d, f2, space`;
    }
    if (keys.includes("interrupt")) return "Ctrl-C always leaves and cannot be given to a command";
  }
  return findClash(custom);
}

function findClash(custom: CustomKeys): string | null {
  const owners = new Map<string, string>();
  for (const command of commands) {
    for (const key of keysOf(command, custom)) {
      const other = owners.get(key);
      if (other !== undefined) return `the key ${JSON.stringify(key)} belongs to both ${other} and ${command.name}`;
      owners.set(key, command.name);
    }
  }
  return null;
}
