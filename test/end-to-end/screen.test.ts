// The built program on a real terminal.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { hasTmux, startTmux, type Tmux } from "../support/tmux.ts";

const program = `${process.execPath} ${new URL("../../dist/cli/main.js", import.meta.url).pathname}`;
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-screen-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(args: string, size = { columns: 80, rows: 24 }): Tmux {
  const terminal = startTmux(`REALMSCOPE_HOME=${join(folder, "home")} ${program} ${args}; echo "left with $?"`, size);
  onTestFinished(() => terminal.end());
  return terminal;
}

const firstLine = (text: string): string => text.split("\n")[0] ?? "";
const hasEnded = (text: string): boolean => / ended {2}\d+ requests/.test(text);

describe.skipIf(!hasTmux)("on a terminal", () => {
  test("the demo ends in the verdict, q leaves it and says it again, the terminal is as it was", async () => {
    const terminal = start("demo --scenario trust-works");
    const screen = await terminal.screen(hasEnded);
    expect(firstLine(screen)).toMatch(/^\[OK\] OAuth CONFIRMED.* realm 7f3c1e2a-…-90aa/);
    expect(await terminal.value("alternate_on")).toBe("1");
    await terminal.keys("q");
    const after = await terminal.screen((text) => text.includes("left with 0"));
    expect(after).toContain("[OK] OAuth CONFIRMED: the server accepted a token");
    expect(await terminal.value("alternate_on")).toBe("0");
    expect(await terminal.value("cursor_flag")).toBe("1");
    await terminal.keys("echo still-typing", "Enter");
    // The keys may arrive before the shell has printed its prompt.
    await terminal.screen((text) => /^(?:[#$] )?still-typing$/m.test(text));
  });

  test("a fallback is the first line and the exit code", async () => {
    const terminal = start("demo --scenario basic-fallback");
    expect(firstLine(await terminal.screen(hasEnded))).toMatch(/^\[!!\] BASIC FALLBACK/);
    await terminal.keys("q");
    await terminal.screen((text) => text.includes("left with 1"));
  });

  test("another size is drawn whole, and the panes answer to their keys", async () => {
    const terminal = start("demo --scenario trust-works", { columns: 100, rows: 30 });
    await terminal.screen(hasEnded);
    for (const [columns, rows] of [
      [60, 16],
      [130, 40],
    ] as const) {
      await terminal.resize(columns, rows);
      const screen = await terminal.screen(
        (text) => hasEnded(text) && text.split("\n").length >= rows - 1 && text.includes("q quit"),
      );
      expect(firstLine(screen)).toMatch(/^\[OK\]/);
    }
    await terminal.keys("3");
    await terminal.screen((text) => text.includes("life: ") && text.includes("iss  "));
    await terminal.keys("/", "status:401", "Enter");
    expect(await terminal.screen((text) => text.includes("filter status:401"))).toMatch(/\d of \d+ requests/);
  });

  test("Ctrl-C ends a running capture, and what it saved is whole", async () => {
    const journal = join(folder, "watch.ndjson");
    const terminal = start(`watch --forward 0 --host mail.contoso.example --save ${journal}`, {
      columns: 80,
      rows: 24,
    });
    await terminal.screen((text) => firstLine(text).startsWith("[..] WAITING") && text.includes("capturing"));
    await terminal.keys("C-c");
    await terminal.screen((text) => /left with \d/.test(text));
    expect(await terminal.value("alternate_on")).toBe("0");
    expect(readFileSync(journal, "utf8").trimEnd().split("\n").at(-1)).toContain('"k":"end"');
  });

  test("when the screen's process is killed the terminal is given back and the capture goes on in lines", async () => {
    const terminal = start("watch --forward 0 --host mail.contoso.example");
    await terminal.screen((text) => text.includes("capturing"));
    const shell = Number(await terminal.value("pane_pid"));
    process.kill(screenProcessOf(shell), "SIGKILL");
    await terminal.screen((text) => text.includes("the screen ended; the capture goes on"));
    expect(await terminal.value("alternate_on")).toBe("0");
    expect(await terminal.value("cursor_flag")).toBe("1");
    await terminal.keys("C-c");
    await terminal.screen((text) => text.includes("left with 130"));
  });
});

/** The process below the program below the shell. */
function screenProcessOf(shell: number): number {
  const children = (pid: number): number[] =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  const [screen] = children(shell).flatMap(children);
  if (screen === undefined) throw new Error("there is no process of the screen");
  return screen;
}
