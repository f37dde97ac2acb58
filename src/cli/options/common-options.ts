// Options that several commands share.
import { type Command, type CommandUnknownOpts, Help, Option } from "@commander-js/extra-typings";
import { severities } from "../../diagnosis/catalogue/finding-text.ts";
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

/**
 * Writes the lines about the files of a folder: beside the judgement, but not into JSON or the rows of a filter (`hasRows`).
 * Null where no such lines are wanted.
 */
export function folderOutput(
  options: Pick<CommonOptions, "json" | "quiet"> & { readonly hasRows?: boolean },
): ((text: string) => void) | null {
  if (options.quiet === true) return null;
  const stream = options.json === true || options.hasRows === true ? process.stderr : process.stdout;
  return (text) => void stream.write(text);
}

/** The parser of a repeatable option: all its values, in their order. */
export function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}

/** `--config <file>`: flags and description. */
export const configOption = [
  "--config <file>",
  "configuration file, whoever owns it (default: the nearest realmscope.config.json from here upwards, read as data only)",
] as const;

/** `--hybrid-app <id>`: flags and description. */
export const hybridAppOption = [
  "--hybrid-app <id>",
  "application id of the tenant's dedicated hybrid application, with which Exchange Server calls the cloud",
] as const;

/** `--fail-on <severity>`. */
export function failOnOption(usually: "error" | "never" = "error") {
  return new Option(
    "--fail-on <severity>",
    `exit with 1 when a finding is this bad or worse (default: ${usually})`,
  ).choices(severities);
}

/** Adds the options of CommonOptions, except --bell and --quiet-clock. */
export function addCommonOptions(command: Command): Command<[], CommonOptions> {
  return command
    .option("--json", "machine output on standard output, nothing else there")
    .option("--plain", "lines instead of a screen")
    .option("--no-color", "no colours (also: NO_COLOR)")
    .addOption(new Option("--theme <name>", "colours of the screen").choices(themeNames))
    .option("--ascii", "draw the screen with ASCII only")
    .option("--quiet", "only the verdict")
    .option("--verbose", "more detail")
    .option(...configOption);
}

/** Adds the options that only commands with a screen of the traffic take. */
export function addScreenOptions(command: Command<[], CommonOptions>): Command<[], CommonOptions> {
  return command
    .option("--bell", "ring at the first Basic fallback and at the first refused token")
    .option("--quiet-clock", "nothing on the screen changes by itself: no clock, no rate");
}

/** --save and the options that depend on it. */
export type SaveOptions = {
  save?: string | undefined;
  keepSecrets?: true | undefined;
  rotateSize?: string | undefined;
  rotateAge?: string | undefined;
  keep?: string | undefined;
};

/** The defaults of --rotate-size and --keep. */
export const defaultPartSize = "256M";
export const defaultKeep = "4G";

/** Adds --save and the options that depend on it; `save-options.ts` reads their values. */
export function addSaveOptions(command: Command<[], CommonOptions>): Command<[], CommonOptions & SaveOptions> {
  return command
    .option("--save <file>", "write the capture to this journal")
    .option(
      "--keep-secrets",
      "keep passwords, tokens and cookies in the journal as they are; whoever reads it can use them",
    )
    .option("--rotate-size <size>", `begin a new part of the journal above this size (default: ${defaultPartSize})`)
    .option("--rotate-age <duration>", "begin a new part of the journal after this long, for example 12h")
    .option(
      "--keep <size>",
      `delete the oldest parts when all parts together are larger than this; 0 keeps all (default: ${defaultKeep})`,
    );
}

/** Which logs are followed. */
export type LogOptions = {
  /** Folders; an empty text stands for the places where Exchange Server keeps its logs. */
  logs: readonly string[];
  since?: string | undefined;
};

/** Adds --logs and --since to a command that follows logs. */
export function addLogOptions(
  command: Command<[], CommonOptions & SaveOptions>,
): Command<[], CommonOptions & SaveOptions & LogOptions> {
  const followed =
    "follow the logs below this folder or share (\\\\server\\c$\\…), without a proxy or beside it; without a folder those of this Exchange server (repeatable)";
  return command
    .addOption(logsOption(followed))
    .option("--since <time>", "also the rows of the logs since then: 2h, 3d or 2026-11-30T08:00Z (UTC)");
}

/** `--logs [folder]`. */
export function logsOption(description: string) {
  const folders: readonly string[] = [];
  const collectFolders = (value: string, earlier: readonly string[]): readonly string[] => collect(value, earlier);
  return new Option("--logs [folder]", description).preset("").default(folders).argParser(collectFolders);
}

/** Output options that scripts may pass to any command. */
const outputOptions: readonly (readonly [string, string])[] = [
  ["--plain", "lines instead of a screen"],
  ["--no-color", "no colours (also: NO_COLOR)"],
  ["--quiet", "less output"],
  ["--verbose", "more detail"],
];

/** Adds the output options to each command below that lacks them, hidden from its help because they change nothing there. */
export function acceptOutputOptions(command: CommandUnknownOpts): void {
  for (const child of command.commands) {
    for (const [flags, description] of outputOptions) {
      if (child.options.every((option) => option.long !== flags)) {
        child.addOption(new Option(flags, description).hideHelp());
      }
    }
    acceptOutputOptions(child);
  }
}

/**
 * Hands the output options down: a group (`provision`, `ca`) takes them too, and commander gives an option to the outermost
 * command that has it, wherever it stands, so the command that runs would not see it.
 */
export function handDownOutputOptions(program: CommandUnknownOpts): void {
  program.hook("preAction", (_program, action) => {
    const names = action.options.filter(({ long }) => outputOptions.some(([flags]) => flags === long));
    for (let group = action.parent; group !== null; group = group.parent) {
      for (const name of names.map((option) => option.attributeName())) {
        if (group.getOptionValueSource(name) !== "cli") continue;
        action.setOptionValueWithSource(name, group.getOptionValue(name), "cli");
      }
    }
  });
}

/** The help text of an option, without the default `[]` of a repeatable one. */
export function describeOption(option: Option): string {
  return new Help().optionDescription(option).replace(/ \(default: \[\](?:, preset: "")?\)$/, "");
}
