import type { View } from "../../app/live/view.ts";
import { toolVersion } from "../../app/version.ts";
import type { CommonOptions } from "../options/common-options.ts";
import { jsonView } from "./json-view.ts";
import { plainView } from "./plain-view.ts";

export interface LineRun {
  readonly isLive: boolean;
  /** More members of the final JSON object. */
  readonly extra?: () => object;
  /** Writes lines; without it they go to standard output, which may make this process wait. */
  readonly write?: (text: string) => void;
}

/** The view for lines or JSON. The caller decides whether to open a screen instead (`wantsScreen`). */
export function chooseLineView(options: CommonOptions, run: LineRun): View {
  const write = run.write ?? ((text: string): void => void process.stdout.write(text));
  const isQuiet = options.quiet === true;
  if (options.json === true) return jsonView({ version: toolVersion(), isQuiet, ...run, write });
  const hasBell = options.bell === true && process.stdout.isTTY === true;
  const showsRows = run.isLive || options.verbose === true;
  return plainView({ isQuiet, showsRows, write, ...(hasBell ? { ring: () => write("\u0007") } : {}) });
}

/** True on a terminal that can show the screen, unless --json, --plain or --quiet is given. */
export function wantsScreen(options: CommonOptions): boolean {
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true && process.env.TERM !== "dumb";
  return isTerminal && options.json !== true && options.plain !== true && options.quiet !== true;
}
