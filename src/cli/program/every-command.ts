// What holds for every command of the tree: the output options that scripts pass without looking, and how defaults read.
import { type CommandUnknownOpts, Help, Option } from "@commander-js/extra-typings";

const everywhere: readonly (readonly [string, string])[] = [
  ["--plain", "lines instead of a screen"],
  ["--no-color", "no colours (also: NO_COLOR)"],
  ["--quiet", "less"],
  ["--verbose", "more detail"],
];

/** Lets each command below take the common output options; where one changes nothing it is left out of the help. */
export function takeEverywhere(command: CommandUnknownOpts): void {
  for (const child of command.commands) {
    for (const [flags, description] of everywhere) {
      if (child.options.every((option) => option.long !== flags)) {
        child.addOption(new Option(flags, description).hideHelp());
      }
    }
    takeEverywhere(child);
  }
}

/** How an option reads in the help: an empty list is no default worth a word. */
export function describeOption(option: Option): string {
  return new Help().optionDescription(option).replace(/ \(default: \[\]\)$/, "");
}
