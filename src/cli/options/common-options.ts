// Options that many commands take, and what holds for every command of the tree.
import { type Command, type CommandUnknownOpts, Help, Option } from "@commander-js/extra-typings";
import { themeNames } from "../../tui/lines/theme.ts";

/** Options that every judging command takes. */
export type CommonOptions = {
  json?: true | undefined;
  plain?: true | undefined;
  color: boolean;
  quiet?: true | undefined;
  verbose?: true | undefined;
  config?: string | undefined;
  theme?: string | undefined;
  ascii?: true | undefined;
  bell?: true | undefined;
  quietClock?: true | undefined;
};

export function addCommonOptions(command: Command): Command<[], CommonOptions> {
  return command
    .option("--json", "machine output on standard output, nothing else there")
    .option("--plain", "lines instead of a screen")
    .option("--no-color", "no colours (also: NO_COLOR)")
    .addOption(new Option("--theme <name>", "colours of the screen").choices(themeNames))
    .option("--ascii", "draw the screen with ASCII alone")
    .option("--quiet", "only the verdict")
    .option("--verbose", "more detail")
    .option(
      "--config <file>",
      "configuration file, read whoever owns it (default: realmscope.config.json, upward from here, as data alone)",
    );
}

/** Adds what only commands that draw the traffic take. */
export function addScreenOptions(command: Command<[], CommonOptions>): Command<[], CommonOptions> {
  return command
    .option("--bell", "ring at the first Basic fallback and at the first refused token")
    .option("--quiet-clock", "nothing on the screen changes by itself: no clock, no rate");
}

export type SaveOptions = {
  save?: string | undefined;
  keepSecrets?: true | undefined;
  rotateSize?: string | undefined;
  rotateAge?: string | undefined;
  keep?: string | undefined;
};

export const defaultPartSize = "256M";
export const defaultKeep = "4G";

/** Adds --save and what belongs to it; `save-options.ts` reads the values. */
export function addSaveOptions(command: Command<[], CommonOptions>): Command<[], CommonOptions & SaveOptions> {
  return command
    .option("--save <file>", "write the capture to this journal")
    .option(
      "--keep-secrets",
      "keep passwords, tokens and cookies in the journal as they are; whoever has it can use them",
    )
    .option("--rotate-size <size>", `begin a new part of the journal beyond this size (default: ${defaultPartSize})`)
    .option("--rotate-age <duration>", "begin a new part of the journal after this long, for example 12h")
    .option("--keep <size>", `delete the oldest parts beyond this size in all; 0 keeps all (default: ${defaultKeep})`);
}

/** Output options that scripts pass to any command without checking whether it has them. */
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

/** How an option reads in the help: an empty list as its default is left out. */
export function describeOption(option: Option): string {
  return new Help().optionDescription(option).replace(/ \(default: \[\]\)$/, "");
}
