import type { Configuration } from "../../app/configuration.ts";
import { copiesFolder } from "../../app/data-folder.ts";
import type { ScreenPlace } from "../../tui/link/start-screen.ts";
import type { ScreenSettings } from "../../tui/model/messages.ts";
import type { CommonOptions } from "./common-options.ts";

/** The settings of a screen: from the command line, else the configuration, else the environment. */
export function screenSettings(options: CommonOptions, configuration: Configuration): ScreenSettings {
  return { theme: "default", isAscii: false, keys: {}, ...chosenScreenSettings(options, configuration) };
}

/** Only the settings that this user chose; a screen attached to another process takes the rest from that process. */
export function chosenScreenSettings(options: CommonOptions, configuration: Configuration): Partial<ScreenSettings> {
  const theme = options.theme ?? configuration.theme;
  const { keys, copy } = configuration;
  const isAscii = options.ascii ?? configuration.isAscii ?? (speaksUtf8(process.env) ? null : true);
  const hasBell = options.bell ?? configuration.hasBell;
  const isQuiet = options.quietClock ?? configuration.isQuiet;
  return {
    ...(theme === null ? {} : { theme }),
    ...(isAscii === null ? {} : { isAscii }),
    ...(Object.keys(keys).length === 0 ? {} : { keys }),
    ...(copy === null ? {} : { copy }),
    ...(hasBell === null ? {} : { hasBell }),
    ...(isQuiet === null ? {} : { isQuiet }),
  };
}

/** What a screen takes from this process: whether its terminal has colours, and this user's folder for copies. */
export function screenPlace(options: CommonOptions): ScreenPlace {
  return { isMono: isMono(options), copyFolder: copiesFolder() };
}

/** POSIX: the first of these variables that is set names the encoding. Unicode is assumed when none is set. */
function speaksUtf8({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== "");
  return locale === undefined || process.platform === "win32" || /utf-?8/i.test(locale);
}

/** True for --no-color and for NO_COLOR (no-color.org). */
function isMono(options: CommonOptions): boolean {
  return !options.color || (process.env.NO_COLOR ?? "") !== "";
}
