import type { CommonOptions } from "../program.ts";
import { toolVersion } from "../version.ts";
import { jsonView } from "./json-view.ts";
import { plainView } from "./plain-view.ts";
import type { View } from "./view.ts";

/** The view for lines or JSON; the screen is chosen by the live commands. */
export function chooseLineView(
  options: CommonOptions,
  run: { readonly isLive: boolean; readonly extra?: () => object },
): View {
  const write = (text: string): void => {
    process.stdout.write(text);
  };
  const isQuiet = options.quiet === true;
  if (options.json === true) return jsonView({ version: toolVersion(), write, isQuiet, ...run });
  const isHeard = options.bell === true && process.stdout.isTTY === true;
  const showsRows = run.isLive || options.verbose === true;
  return plainView({ isQuiet, showsRows, write, ...(isHeard ? { ring: () => write("\u0007") } : {}) });
}

/** True when a person sits before a terminal that can show the screen and did not ask for lines. */
export function wantsScreen(options: CommonOptions): boolean {
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true && process.env.TERM !== "dumb";
  return isTerminal && options.json !== true && options.plain !== true && options.quiet !== true;
}
