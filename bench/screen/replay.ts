// `replay FILE --tui` of the built program on a journal of a gigabyte, in a real terminal (tmux): the time to the first
// screen, the time until all is read, and the peak memory of the two processes.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { cpuMs, watchPeak } from "../proxy/process-figures.ts";
import type { MadeFile } from "../read-files.ts";

export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  /** Socket name of the tmux server for this run. */
  readonly session: string;
  /** Called with the reading process as soon as it has started. */
  onStarted(pid: number): void;
}

const limitMs = 600_000;

/** Opens the file, waits until it is read completely, scrolls, opens rows and quits. Throws when a row is missing. */
export async function measureReplayScreen({ path, truth }: MadeFile, home: string, terminal: Terminal) {
  const tmux = (...args: string[]): string =>
    execFileSync("tmux", ["-L", terminal.session, ...args], { encoding: "utf8" });
  const shown = (): string => tmux("capture-pane", "-p");
  const program = `exec env -u CI -u NO_COLOR REALMSCOPE_HOME=${home} ${process.execPath} dist/cli/main.js replay ${path} --tui`;
  const start = performance.now();
  const until = async (isThere: (text: string) => boolean): Promise<number> => {
    while (!isThere(shown())) {
      if (performance.now() - start > limitMs)
        throw new Error(`the screen did not reach the expected state in time:\n${shown()}`);
      await setTimeout(20);
    }
    return performance.now() - start;
  };
  const size = ["-x", String(terminal.columns), "-y", String(terminal.rows)];
  tmux("-f", "/dev/null", "new-session", "-d", ...size, "sh", "-f", "-c", program);
  try {
    const pid = Number(tmux("display-message", "-p", "#{pane_pid}"));
    terminal.onStarted(pid);
    const readerPeak = watchPeak(pid);
    // A place among the rows: the first are there long before the last.
    const firstScreenMs = await until((text) => /^READ.* \d[\d,]* rows/m.test(text) && / t\d+ /.test(text));
    const screenPid = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
    const screenPeak = watchPeak(screenPid);
    const wholeMs = await until((text) => /^(?:ENDED|FILE) .*\d rows/m.test(text));
    const rows = Number(/([\d,]+) rows/.exec(shown())?.[1]?.replaceAll(",", ""));
    if (rows !== truth.transactions) throw new Error(`${rows} rows are shown and ${truth.transactions} were written`);
    const peaks = { readerMb: readerPeak(), screenMb: screenPeak() };
    const cpu = { readerSeconds: cpuMs(pid) / 1000, screenSeconds: cpuMs(screenPid) / 1000 };
    const pressed = performance.now();
    tmux("send-keys", "g", "4");
    await until((text) => / t1 /.test(text) && /Host: /i.test(text));
    const openFirstRowMs = performance.now() - pressed;
    return { rows, firstScreenMs, wholeMs, peaks, cpu, openFirstRowMs };
  } finally {
    spawnSync("tmux", ["-L", terminal.session, "kill-server"]);
  }
}
