import type { Configuration } from "../../app/configuration.ts";
import { copiesFolder } from "../../app/data-folder.ts";
import type { ScreenPlace } from "../../tui/link/start-screen.ts";
import type { ScreenSettings } from "../../tui/model/messages.ts";
import type { CommonOptions } from "./common-options.ts";

/** What the screen shall look like: the command line first, then the configuration, then the environment. */
export function screenSettings(options: CommonOptions, configuration: Configuration): ScreenSettings {
  return { theme: "default", isAscii: false, keys: {}, ...ownSettings(options, configuration) };
}

/** What was chosen here, and nothing else: a screen on another process's capture takes the rest from that. */
export function ownSettings(options: CommonOptions, configuration: Configuration): Partial<ScreenSettings> {
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

/** Where a screen is opened: its terminal and this user's folder. */
export function screenPlace(options: CommonOptions): ScreenPlace {
  return { isMono: isMono(options), copyFolder: copiesFolder() };
}

/** POSIX: the first of these that is set names the encoding. Where none is, nothing is known and Unicode is tried. */
function speaksUtf8({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== "");
  return locale === undefined || process.platform === "win32" || /utf-?8/i.test(locale);
}

/** No colours were asked for; see no-color.org. */
function isMono(options: CommonOptions): boolean {
  return !options.color || (process.env.NO_COLOR ?? "") !== "";
}
