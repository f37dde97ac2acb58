import type { View } from "../../app/live/view.ts";
import { toolVersion } from "../../app/version.ts";
import type { CommonOptions } from "../options/common-options.ts";

/** What of a run decides how it is shown as lines or JSON. */
export interface LineRun {
  readonly isLive: boolean;
  /** More members of the final JSON object. */
  readonly extra?: () => object;
  /** Writes lines; without it they go to standard output, which may make this process wait. */
  readonly write?: (text: string) => void;
}

/** The view for lines or JSON. The caller decides whether to open a screen instead (`wantsScreen`). */
export async function chooseLineView(options: CommonOptions, run: LineRun): Promise<View> {
  const write = run.write ?? ((text: string): void => void process.stdout.write(text));
  const isQuiet = options.quiet === true;
  if (options.json === true) {
    const { jsonView } = await import("./json-view.ts");
    return jsonView({ version: toolVersion(), isQuiet, ...run, write });
  }
  const { plainView } = await import("./plain-view.ts");
  const hasBell = options.bell === true && process.stdout.isTTY === true;
  const bell = hasBell ? (await import("../../tui/terminal/bell.ts")).startBell(() => write("\u0007")) : null;
  const showsRows = run.isLive || options.verbose === true;
  return plainView({ isQuiet, showsRows, write, ...(bell === null ? {} : { bell }) });
}

/** True on a terminal that can show the screen, unless --json, --plain or --quiet is given. */
export function wantsScreen(options: CommonOptions): boolean {
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true && process.env.TERM !== "dumb";
  return isTerminal && options.json !== true && options.plain !== true && options.quiet !== true;
}
