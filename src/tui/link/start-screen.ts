// Starts the screen's process on this terminal. It runs with a lower priority, so that drawing never slows the traffic; this
// process restores the terminal however the screen's process ends.
import type { ChildProcess } from "node:child_process";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { startModule } from "../../programs/start-program.ts";
import type { FromScreen, ScreenSettings } from "../model/messages.ts";
import { leaveScreen, writeTerminal } from "../terminal/terminal.ts";
import { openScreenLink, type ScreenHost, type ScreenLink } from "./screen-link.ts";

/** How a screen ended: the person stopped the capture, closed the screen alone, or its process died. */
export type ScreenEnd = "stopped" | "closed" | "died";

/** A running screen. */
export interface Screen {
  readonly link: ScreenLink;
  /** Resolves when the screen has ended and the terminal is restored. */
  readonly closed: Promise<ScreenEnd>;
  /** Ends the screen at once. */
  stop(): Promise<void>;
}

/** How a screen runs on this terminal. */
export interface ScreenPlace {
  /** No colours: NO_COLOR. */
  readonly isMono: boolean;
  /** A saved capture: the screen keeps all its rows. */
  readonly holdsAllRows?: true;
  /** Folder for copies that are too long for a terminal's clipboard. */
  readonly copyFolder?: string;
  /** Settings of this terminal, which replace those of the capture. */
  readonly settings?: Partial<ScreenSettings>;
  /** Writes to this terminal after the screen has died, without delaying a capture; synchronous when left out. */
  readonly write?: (text: string) => void;
  /** The compiled entry of the screen's process; `../screen/screen-main.js` when left out. */
  readonly entry?: string;
}

const stopMs = 3000;

/** Starts a screen on the capture of this process. */
export function startScreen(host: ScreenHost, place: ScreenPlace): Screen {
  let isStopped = false;
  const { child, ...started } = startProcess(place, []);
  const link = openScreenLink(
    {
      get isOpen() {
        return child.connected;
      },
      send: (message, sent) => void child.send(message, () => sent()),
    },
    host,
  );
  child.on("message", (message) => {
    const request = message as FromScreen;
    isStopped ||= request.type === "stop-capture";
    link.receive(request);
  });
  const closed = started.closed.then((isOrderly): ScreenEnd => {
    link.close();
    if (!isOrderly) return "died";
    return isStopped ? "stopped" : "closed";
  });
  return {
    link,
    closed,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return void (await closed);
      child.kill("SIGTERM");
      // It does not handle a signal while it is blocked on a terminal that takes no output.
      const timer = setTimeout(() => child.kill("SIGKILL"), stopMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Runs a screen on the capture of another process, which listens at `socket`. Resolves at its end; false when it died. */
export function startAttachedScreen(socket: string, place: ScreenPlace): Promise<boolean> {
  return startProcess(place, [socket]).closed;
}

function startProcess(
  { isMono, holdsAllRows, copyFolder, settings, entry, write = writeTerminal }: ScreenPlace,
  args: readonly string[],
): { readonly child: ChildProcess; readonly closed: Promise<boolean> } {
  const terminal = takeTerminal(write);
  const child = startModule(entry ?? fileURLToPath(new URL("../screen/screen-main.js", import.meta.url)), args, {
    // React records every frame outside of production.
    NODE_ENV: "production",
    ...(isMono ? { NO_COLOR: "1" } : {}),
    ...(holdsAllRows === true ? { REALMSCOPE_SCREEN_ROWS: "all" } : {}),
    ...(copyFolder === undefined ? {} : { REALMSCOPE_SCREEN_COPIES: copyFolder }),
    ...(settings === undefined ? {} : { REALMSCOPE_SCREEN_SETTINGS: JSON.stringify(settings) }),
  });
  lowerPriority(child);
  child.on("message", (message: { readonly type: string }) => {
    if (message.type === "suspend") terminal.suspend();
  });
  const closed = new Promise<boolean>((resolve) => {
    child.once("error", () => undefined);
    child.once("exit", (code) => {
      terminal.giveBack(code === 0);
      resolve(code === 0);
    });
  });
  return { child, closed };
}

interface HeldTerminal {
  giveBack(isOrderly: boolean): void;
  /** Leaves raw mode and stops the process group (SIGTSTP); SIGCONT sets raw mode again. */
  suspend(): void;
}

/** Raw mode is set by this process, so that it can be undone however the screen's process ends. */
function takeTerminal(write: (text: string) => void): HeldTerminal {
  const { stdin } = process;
  const isRaw = stdin.isTTY === true;
  const setRaw = (raw: boolean): void => {
    if (isRaw) stdin.setRawMode(raw);
  };
  const resume = (): void => setRaw(true);
  setRaw(true);
  process.on("SIGCONT", resume);
  return {
    giveBack(isOrderly) {
      process.off("SIGCONT", resume);
      if (!isOrderly) write(leaveScreen);
      setRaw(false);
    },
    suspend() {
      setRaw(false);
      process.kill(0, "SIGTSTP");
    },
  };
}

function lowerPriority(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not permitted: the screen keeps the priority of the capture.
    return;
  }
}
