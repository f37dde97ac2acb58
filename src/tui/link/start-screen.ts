// Starts the screen's process on this terminal. It runs with less right to the processor, so that drawing never slows the
// traffic, and this process gives the terminal back whatever ends that one.
import { type ChildProcess, fork } from "node:child_process";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import type { FromScreen, ScreenSettings } from "../model/messages.ts";
import { leaveScreen, writeTerminal } from "../terminal/terminal.ts";
import { openScreenLink, type ScreenHost, type ScreenLink } from "./screen-link.ts";

/** How a screen ended: the person stopped the capture, closed the screen alone, or its process died. */
export type ScreenEnd = "stopped" | "closed" | "died";

export interface Screen {
  readonly link: ScreenLink;
  /** Resolves when the screen is gone and the terminal is as it was. */
  readonly closed: Promise<ScreenEnd>;
  /** Ends the screen at once. */
  stop(): Promise<void>;
}

export interface ScreenPlace {
  /** No colours: NO_COLOR. */
  readonly isMono: boolean;
  /** A saved capture: the screen keeps every row of it. */
  readonly holdsAllRows?: true;
  /** Where copies go that are more than a terminal takes. */
  readonly copyFolder?: string;
  /** What this terminal's person has chosen, instead of what the capture was started with. */
  readonly settings?: Partial<ScreenSettings>;
  /** Writes to this terminal when the screen is gone; a capture must not wait for it. At once when left out. */
  readonly write?: (text: string) => void;
  /** The compiled entry of the screen's process; the one beside this file when left out. */
  readonly entry?: string;
}

const stopMs = 3000;

/** A screen on the capture of this process. */
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
    const asked = message as FromScreen;
    isStopped ||= asked.type === "stop-capture";
    link.receive(asked);
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
      // It cannot hear while it waits for a terminal that takes nothing.
      const timer = setTimeout(() => child.kill("SIGKILL"), stopMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** A screen on the capture of another process, which listens at `socket`. Resolves when it is closed; false when it died. */
export function startAttachedScreen(socket: string, place: ScreenPlace): Promise<boolean> {
  return startProcess(place, [socket]).closed;
}

function startProcess(
  { isMono, holdsAllRows, copyFolder, settings, entry, write = writeTerminal }: ScreenPlace,
  args: readonly string[],
): { readonly child: ChildProcess; readonly closed: Promise<boolean> } {
  const terminal = takeTerminal(write);
  const { CI: _ci, CONTINUOUS_INTEGRATION: _ci2, ...environment } = process.env;
  const child = fork(entry ?? fileURLToPath(new URL("../screen/screen-main.js", import.meta.url)), args, {
    serialization: "advanced",
    execArgv: [],
    // Ink draws nothing where CI is set, and React keeps records of every frame outside of production.
    env: {
      ...environment,
      NODE_ENV: "production",
      ...(isMono ? { NO_COLOR: "1" } : {}),
      ...(holdsAllRows === true ? { REALMSCOPE_SCREEN_ROWS: "all" } : {}),
      ...(copyFolder === undefined ? {} : { REALMSCOPE_SCREEN_COPIES: copyFolder }),
      ...(settings === undefined ? {} : { REALMSCOPE_SCREEN_SETTINGS: JSON.stringify(settings) }),
    },
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
  /** Gives it back, stops this process and the screen's until the shell lets them go on, and takes it again. */
  suspend(): void;
}

/** Raw mode belongs to this process: whatever ends the other one, this one can undo it. */
function takeTerminal(write: (text: string) => void): HeldTerminal {
  const { stdin } = process;
  const isRaw = stdin.isTTY === true;
  const setRaw = (raw: boolean): void => {
    if (isRaw) stdin.setRawMode(raw);
  };
  const goOn = (): void => setRaw(true);
  setRaw(true);
  process.on("SIGCONT", goOn);
  return {
    giveBack(isOrderly) {
      process.off("SIGCONT", goOn);
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
    // Not allowed here: the screen is then as important as the traffic, and still in its own process.
    return;
  }
}
