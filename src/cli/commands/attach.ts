import { readConfiguration } from "../../app/configuration.ts";
import { exitCode } from "../../app/exit-codes.ts";
import { findRunningCapture } from "../../app/live/attach-server.ts";
import { ToolError } from "../../core/tool-error.ts";
import { startAttachedScreen } from "../../tui/link/start-screen.ts";
import type { CommonOptions } from "../options/common-options.ts";
import { chosenScreenSettings, screenPlace } from "../options/screen-settings.ts";
import { wantsScreen } from "../views/choose-view.ts";

/** `watch --attach`: opens another screen on a capture that runs in another process of this machine. Gives the exit code. */
export async function runAttach(attach: string | true, options: CommonOptions): Promise<number> {
  const pid = attach === true ? null : Number(attach);
  if (pid !== null && !(Number.isInteger(pid) && pid > 0)) {
    throw new ToolError("usage", `--attach ${JSON.stringify(String(attach).slice(0, 20))} is not a process id.`, {
      hint: "Give the number that the running capture printed, or leave it out.",
    });
  }
  if (!wantsScreen(options)) {
    throw new ToolError("usage", "--attach opens a screen, which needs a terminal.", {
      hint: "Run it in a terminal, without --plain, --json and --quiet.",
    });
  }
  const settings = chosenScreenSettings(options, await readConfiguration(options.config));
  const socket = await findRunningCapture(pid);
  const isOrderly = await startAttachedScreen(socket, { ...screenPlace(options), settings });
  if (isOrderly) return exitCode.trustShown;
  process.stderr.write("realmscope: the screen ended; the capture goes on.\n");
  return exitCode.cannotJudge;
}
