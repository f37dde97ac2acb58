// Every command of the program is parsed with every common output option, before and after its name: the command that runs
// must see the option, also where its group takes it too.
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import { buildProgram } from "../../../src/cli/program/program.ts";

interface Found {
  readonly command: CommandUnknownOpts;
  /** Names from the program down, without the program's own. */
  readonly path: readonly string[];
}

const commandsOf = (command: CommandUnknownOpts, path: readonly string[] = []): readonly Found[] =>
  command.commands.flatMap((child) => {
    const names = [...path, child.name()];
    return [{ command: child, path: names }, ...commandsOf(child, names)];
  });

const leaves = commandsOf(buildProgram(() => undefined)).filter(({ command }) => command.commands.length === 0);

const flags = [
  ["--plain", "plain", true],
  ["--no-color", "color", false],
  ["--quiet", "quiet", true],
  ["--verbose", "verbose", true],
] as const;

/** What the command's own action is given for a command line; the action itself is replaced. */
async function optionsSeen(path: readonly string[], line: (needed: readonly string[]) => readonly string[]) {
  const program = buildProgram(() => undefined);
  const found = commandsOf(program).find((one) => one.path.join(" ") === path.join(" "));
  if (found === undefined) throw new Error("no command");
  const { command } = found;
  let seen: Readonly<Record<string, unknown>> = {};
  command.action(() => {
    seen = command.opts();
  });
  const needed = [
    ...command.registeredArguments.flatMap((one) => (one.required ? ["x"] : [])),
    ...command.options.flatMap((one) => (one.mandatory ? [one.long ?? "", one.argChoices?.[0] ?? "x"] : [])),
  ];
  await program.parseAsync([...line(needed)], { from: "user" });
  return seen;
}

test("there are leaves, and verbs among them", () => {
  expect(leaves.length).toBeGreaterThan(18);
  expect(leaves.filter(({ path }) => path[0] === "provision").length).toBeGreaterThanOrEqual(9);
});

test.each(leaves.map(({ path }) => [path.join(" "), path] as const))(
  "%s sees each common output option",
  async (_name, path) => {
    for (const [flag, name, value] of flags) {
      const after = await optionsSeen(path, (needed) => [...path, ...needed, flag]);
      expect(after[name], `${flag} at the end`).toBe(value);
      const between = await optionsSeen(path, (needed) => [...path, flag, ...needed]);
      expect(between[name], `${flag} after the name`).toBe(value);
      const without = await optionsSeen(path, (needed) => [...path, ...needed]);
      expect(without[name], `without ${flag}`).not.toBe(value);
      if (path.length < 2) continue;
      const before = await optionsSeen(path, (needed) => [path[0] ?? "", flag, ...path.slice(1), ...needed]);
      expect(before[name], `${flag} before the verb`).toBe(value);
    }
  },
);
