// What holds for the whole command tree, command by command.
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import { buildProgram } from "../../../src/cli/program/program.ts";

const commandsOf = (command: CommandUnknownOpts): readonly CommandUnknownOpts[] =>
  command.commands.flatMap((child) => [child, ...commandsOf(child)]);
const commands = commandsOf(buildProgram(() => undefined)).map((command) => [command.name(), command] as const);

test("there are commands", () => {
  expect(commands.length).toBeGreaterThan(20);
});

test.each(commands)("%s takes the common output options and has a description", (_name, command) => {
  const taken = command.options.map((option) => option.long);
  expect(taken).toEqual(expect.arrayContaining(["--plain", "--no-color", "--quiet", "--verbose"]));
  expect(new Set(taken).size).toBe(taken.length);
  expect(command.description()).not.toBe("");
});

test.each(commands)("the help of %s shows no empty default", (_name, command) => {
  expect(command.helpInformation()).toContain("Usage: realmscope");
  expect(command.helpInformation()).not.toContain("[])");
});
