import type { View } from "../../app/live/view.ts";
import { toolVersion } from "../../app/version.ts";
import type { CommonOptions } from "../options/common-options.ts";
import { jsonView } from "./json-view.ts";
import { plainView } from "./plain-view.ts";

export interface LineRun {
  readonly isLive: boolean;
  readonly extra?: () => object;
  /** Where lines go; to standard output, which may make this process wait, when left out. */
  readonly write?: (text: string) => void;
}

/** The view for lines or JSON; the screen is chosen by the live commands. */
export function chooseLineView(options: CommonOptions, run: LineRun): View {
  const write = run.write ?? ((text: string): void => void process.stdout.write(text));
  const isQuiet = options.quiet === true;
  if (options.json === true) return jsonView({ version: toolVersion(), isQuiet, ...run, write });
  const isHeard = options.bell === true && process.stdout.isTTY === true;
  const showsRows = run.isLive || options.verbose === true;
  return plainView({ isQuiet, showsRows, write, ...(isHeard ? { ring: () => write("\u0007") } : {}) });
}

/** True when a person sits before a terminal that can show the screen and did not ask for lines. */
export function wantsScreen(options: CommonOptions): boolean {
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true && process.env.TERM !== "dumb";
  return isTerminal && options.json !== true && options.plain !== true && options.quiet !== true;
}
