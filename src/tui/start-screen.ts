// The capturing side of the screen: it hands rows and conclusions to a process of their own, which runs with less right to
// the processor, so that drawing never slows the traffic. Nothing here waits for the screen.
import { type ChildProcess, fork } from "node:child_process";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { Analysis, TrafficRow } from "../diagnosis/analysis.ts";
import type { Redacted } from "../sanitising/sanitise.ts";
import type { FromScreen, ToScreen } from "./messages.ts";
import { leaveScreen, writeTerminal } from "./terminal.ts";

export interface ScreenOptions {
  readonly title: string;
  readonly mode: "demo" | "live" | "replay";
  /** Asked at most five times a second, when `changed` was called. */
  readonly analysis: () => Analysis;
  readonly detail: (id: string) => Redacted<HttpTransaction> | null;
  /** The compiled entry of the screen's process; the one beside this file when left out. */
  readonly entry?: string;
}

export interface Screen {
  row(row: TrafficRow): void;
  /** The analysis is another one than the screen has. */
  changed(): void;
  notice(text: string): void;
  ended(): void;
  /** Resolves when the screen is gone and the terminal is as it was: the person left, or its process died. */
  readonly closed: Promise<"quit" | "died">;
  /** Ends the screen at once. */
  stop(): Promise<void>;
}

const flushEveryMs = 100;
const waitingLimit = 5000;

/** Starts the screen's process on this terminal. */
export function startScreen(options: ScreenOptions): Screen {
  const terminal = takeTerminal();
  const entry = options.entry ?? fileURLToPath(new URL("./screen-main.js", import.meta.url));
  const { CI: _ci, CONTINUOUS_INTEGRATION: _ci2, ...environment } = process.env;
  const child = fork(entry, [], {
    serialization: "advanced",
    execArgv: [],
    // Ink draws nothing where CI is set, and React keeps records of every frame outside of production.
    env: { ...environment, NODE_ENV: "production" },
  });
  lowerPriority(child);
  const link = new ScreenLink(child, options);
  const closed = new Promise<"quit" | "died">((resolve) => {
    child.once("error", () => undefined);
    child.once("exit", (code) => {
      link.close();
      terminal.giveBack(code === 0);
      resolve(code === 0 ? "quit" : "died");
    });
  });
  link.send({ type: "hello", title: options.title, mode: options.mode });
  return {
    row: (row) => link.row(row),
    changed: () => link.changed(),
    notice: (text) => link.send({ type: "notice", text }),
    ended: () => link.ended(),
    closed,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      await closed;
    },
  };
}

/** Raw mode belongs to this process: whatever ends the other one, this one can undo it. */
function takeTerminal(): { giveBack(isOrderly: boolean): void } {
  const { stdin } = process;
  const isRaw = stdin.isTTY === true;
  if (isRaw) stdin.setRawMode(true);
  return {
    giveBack(isOrderly) {
      if (!isOrderly) writeTerminal(leaveScreen);
      if (isRaw) stdin.setRawMode(false);
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

class ScreenLink {
  readonly #child: ChildProcess;
  readonly #options: ScreenOptions;
  readonly #timer: NodeJS.Timeout;
  #rows: TrafficRow[] = [];
  #lost = 0;
  #isChanged = false;
  #flushes = 0;
  #isSending = false;

  constructor(child: ChildProcess, options: ScreenOptions) {
    this.#child = child;
    this.#options = options;
    this.#timer = setInterval(() => this.#flush(), flushEveryMs);
    this.#timer.unref();
    child.on("message", (message) => this.#receive(message as FromScreen));
  }

  row(row: TrafficRow): void {
    if (this.#rows.length < waitingLimit) this.#rows.push(row);
    else this.#lost += 1;
  }

  changed(): void {
    this.#isChanged = true;
  }

  ended(): void {
    this.#isChanged = true;
    this.#flushes = 0;
    this.#isSending = false;
    this.#flush();
    this.send({ type: "ended" });
  }

  send(message: ToScreen, sent?: () => void): void {
    if (this.#child.connected) this.#child.send(message, () => sent?.());
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Sends what has gathered, unless the last of it is still on its way: a slow screen costs rows, never time. */
  #flush(): void {
    if (this.#isSending) return;
    if (this.#rows.length > 0 || this.#lost > 0) {
      this.#isSending = true;
      this.send({ type: "rows", rows: this.#rows, lost: this.#lost }, () => {
        this.#isSending = false;
      });
      this.#rows = [];
      this.#lost = 0;
    }
    // Every second flush: five times a second.
    if (this.#isChanged && this.#flushes++ % 2 === 0) {
      this.#isChanged = false;
      this.send({ type: "analysis", analysis: this.#options.analysis() });
    }
  }

  #receive(message: FromScreen): void {
    if (message.type !== "want-detail") return;
    const { id } = message;
    this.send({ type: "detail", id, transaction: this.#options.detail(id) });
  }
}
