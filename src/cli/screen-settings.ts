import { ToolError } from "../core/tool-error.ts";
import type { ScreenSettings } from "../tui/messages.ts";
import { themeNames } from "../tui/theme.ts";
import type { Configuration } from "./configuration.ts";
import type { CommonOptions } from "./program.ts";

/** What the screen shall look like: the command line first, then the configuration, then the environment. Throws ToolError. */
export function screenSettings(options: CommonOptions, configuration: Configuration): ScreenSettings {
  const theme = options.theme ?? configuration.theme ?? "default";
  if (!themeNames.includes(theme)) {
    throw new ToolError("usage", `There is no theme ${JSON.stringify(theme.slice(0, 20))}.`, {
      hint: `Themes: ${themeNames.join(", ")}.`,
    });
  }
  const isAscii = options.ascii === true || configuration.isAscii === true || !speaksUtf8(process.env);
  return { theme, isAscii, keys: configuration.keys };
}

/** POSIX: the first of these that is set names the encoding. Where none is, nothing is known and Unicode is tried. */
function speaksUtf8({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== "");
  return locale === undefined || process.platform === "win32" || /utf-?8/i.test(locale);
}

/** No colours were asked for; see no-color.org. */
export function isMono(options: CommonOptions): boolean {
  return !options.color || (process.env.NO_COLOR ?? "") !== "";
}
