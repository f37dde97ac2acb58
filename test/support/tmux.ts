// A real terminal for the built program: tmux in control mode, which tells when something was drawn.
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** tmux is a tool for tests alone: where it is missing they are skipped, visibly. */
export const hasTmux = spawnSync("tmux", ["-V"]).status === 0;

export interface Tmux {
  /** Waits until the screen is as wanted, asking again whenever something was drawn. */
  screen(isWanted: (text: string) => boolean): Promise<string>;
  keys(...keys: readonly string[]): Promise<void>;
  /** A command of tmux itself; gives what it prints. */
  command(text: string): Promise<readonly string[]>;
  resize(columns: number, rows: number): Promise<void>;
  /** One value of the pane, by its tmux format, for example `alternate_on`. */
  value(format: string): Promise<string>;
  end(): void;
}

const limitMs = 20_000;
let sessions = 0;

/** Runs a shell command in a terminal of its own; the shell stays when the command has ended. */
export function startTmux(command: string, size: { readonly columns: number; readonly rows: number }): Tmux {
  const socket = `realmscope-${process.pid}-${++sessions}`;
  const { CI: _ci, NO_COLOR: _no, ...environment } = process.env;
  const run = [
    ...["-L", socket, "-f", "/dev/null", "-C", "new-session"],
    ...["-x", String(size.columns), "-y", String(size.rows), "sh"],
  ];
  const child = spawn("tmux", run, {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...environment, PS1: "$ ", TERM: "xterm-256color" },
  });
  const control = new Control(child);
  // Keys that come before the shell has set its terminal up may be thrown away.
  const ready = control
    .shows((text) => /^[#$]/.test(text))
    .then(() => control.command(`send-keys ${quoted(command)} Enter`));
  return {
    async screen(isWanted) {
      await ready;
      return control.shows(isWanted);
    },
    async keys(...keys) {
      await control.command(`send-keys ${keys.map(quoted).join(" ")}`);
    },
    command: (text) => control.command(text),
    async resize(columns, rows) {
      await control.command(`refresh-client -C ${columns},${rows}`);
      await control.command(`resize-window -x ${columns} -y ${rows}`);
    },
    value: async (format) => (await control.command(`display-message -p ${quoted(`#{${format}}`)}`))[0] ?? "",
    end() {
      spawnSync("tmux", ["-L", socket, "kill-server"]);
    },
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** tmux(1) CONTROL MODE: answers stand between `%begin` and `%end`; `%output` says that a pane has drawn. */
class Control {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #events = new EventEmitter();
  readonly #waiting: ((lines: string[]) => void)[] = [];
  #answer: string[] | null = null;
  drawn = 0;

  constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    child.stdin.on("error", () => undefined);
    // The first answer is that of new-session itself.
    this.#waiting.push(() => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => this.#read(line));
  }

  command(text: string): Promise<string[]> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#child.stdin.write(`${text}\n`);
    });
  }

  /** The pane's text once it is as wanted; looked at after each drawing. */
  async shows(isWanted: (text: string) => boolean): Promise<string> {
    const signal = AbortSignal.timeout(limitMs);
    for (;;) {
      const seen = this.drawn;
      const text = (await this.command("capture-pane -p")).join("\n");
      if (isWanted(text)) return text;
      if (signal.aborted) throw new Error(`the screen never was as wanted; it is:\n${text}`);
      if (this.drawn === seen) await once(this.#events, "drawn", { signal }).catch(() => undefined);
    }
  }

  #read(line: string): void {
    if (line.startsWith("%begin ")) this.#answer = [];
    else if (line.startsWith("%end ") || line.startsWith("%error ")) {
      this.#waiting.shift()?.(this.#answer ?? []);
      this.#answer = null;
    } else if (this.#answer !== null) this.#answer.push(line);
    else if (line.startsWith("%output ")) {
      this.drawn += 1;
      this.#events.emit("drawn");
    }
  }
}
