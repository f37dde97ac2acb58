// The themes: an SGR colour for each meaning.
import type { Theme } from "./screen-line.ts";

type Colours = Theme["colours"];

// The sixteen colours of the terminal. Good and bad differ in lightness and weight, not only as red and green.
const standard: Colours = {
  plain: "",
  dim: "2",
  strong: "1",
  good: "1;36",
  bad: "1;31",
  warning: "33",
  selected: "7",
  heading: "4",
  escape: "4;35",
  focus: "1;7",
};

/** Weight, underline and reverse only: NO_COLOR (no-color.org). */
const mono: Colours = {
  plain: "",
  dim: "",
  strong: "1",
  good: "1",
  bad: "1;4",
  warning: "1",
  selected: "7",
  heading: "4",
  escape: "4",
  focus: "1;7",
};

const themes: Readonly<Record<string, Colours>> = {
  default: standard,
  // Yellow is not readable on white.
  light: { ...standard, good: "1;34", warning: "1;35", bad: "1;31", dim: "" },
  // Blue and orange of the 256 colours: readable with red-green colour blindness.
  cb: { ...standard, good: "1;38;5;33", warning: "38;5;214", bad: "1;38;5;208" },
  contrast: { ...standard, dim: "", good: "1;96", warning: "1;93", bad: "1;7;91", plain: "" },
  mono,
};

export const themeNames: readonly string[] = Object.keys(themes);

/** The theme with this name; the default theme for an unknown name. */
export function themeOf(
  name: string,
  { isAscii, isWide }: { readonly isAscii: boolean; readonly isWide: boolean },
): Theme {
  return {
    colours: (Object.hasOwn(themes, name) ? themes[name] : undefined) ?? standard,
    isAscii,
    hasAsciiSigns: isWide,
  };
}

/** The next name in the list; after the last the first. */
export function nextTheme(name: string): string {
  return themeNames[(themeNames.indexOf(name) + 1) % themeNames.length] ?? "default";
}
