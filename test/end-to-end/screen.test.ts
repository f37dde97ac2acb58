// The built program on a real terminal.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { hasTmux, startTmux, type Tmux } from "../support/tmux.ts";

const program = `${process.execPath} ${new URL("../../dist/cli/main.js", import.meta.url).pathname}`;
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-screen-"));
  // Without a kept CA, `watch` reports for eight seconds that it made one, on the line that the tests below wait for.
  const made = spawnSync("sh", ["-c", `${home()} ${program} ca create --host mail.contoso.example`]);
  expect(made.status).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const home = (): string => `REALMSCOPE_HOME=${join(folder, "home")}`;

function start(args: string, size = { columns: 80, rows: 24 }, environment = ""): Tmux {
  const terminal = startTmux(`${home()} ${environment} ${program} ${args}; echo "left with $?"`, size);
  onTestFinished(() => terminal.end());
  return terminal;
}

const lineOf = (text: string, at: number): string => text.split("\n")[at] ?? "";
const hasEnded = (text: string): boolean => /^(?:ENDED|FILE) .*\d+ rows/m.test(text);
const isOpen = (text: string): boolean => /^REC watch/m.test(text);

async function expectRestored(terminal: Tmux): Promise<void> {
  expect(await terminal.value("alternate_on")).toBe("0");
  expect(await terminal.value("cursor_flag")).toBe("1");
  expect(await terminal.value("mouse_any_flag")).toBe("0");
  await terminal.keys("echo still-typing", "Enter");
  await terminal.screen((text) => /^(?:[#$] )?still-typing$/m.test(text));
}

describe.skipIf(!hasTmux)("on a terminal", () => {
  test("the demo ends in the verdict, q leaves it and says it again, the terminal is as it was", async () => {
    const terminal = start("demo --scenario trust-works");
    const screen = await terminal.screen(hasEnded);
    expect(lineOf(screen, 0)).toMatch(/^\[OK\] OAuth CONFIRMED {2}inbound via EWS \(ACS\) · outbound via UCWA \(ACS\)/);
    expect(lineOf(screen, 1)).toMatch(/^\[OK\] Basic NOT used/);
    expect(await terminal.value("alternate_on")).toBe("1");
    await terminal.keys(":", "mouse on", "Enter");
    await terminal.screen((text) => text.includes("the screen handles the mouse"));
    expect(await terminal.value("mouse_any_flag")).toBe("1");
    const clicked = screen.split("\n").findIndex((line) => / t2 /.test(line)) + 1;
    await terminal.keys(`\u001b[<0;8;${clicked}M\u001b[<0;8;${clicked}m`);
    await terminal.screen((text) => /^>.*t2 /m.test(text));
    await terminal.keys("q");
    const after = await terminal.screen((text) => text.includes("left with 0"));
    expect(after).toContain("[OK] OAuth CONFIRMED: the server accepted a token");
    expect(after).toMatch(/^\d+ requests, \d+ handshakes?; found: /m);
    expect(after).toContain("This capture was not saved; --save FILE keeps one.");
    await expectRestored(terminal);
  });

  test("a fallback has a line of its own and decides the exit code", async () => {
    const terminal = start("demo --scenario basic-fallback", { columns: 60, rows: 16 });
    const screen = await terminal.screen(hasEnded);
    expect(lineOf(screen, 0)).toMatch(/^\[XX\] OAuth FAILED/);
    expect(lineOf(screen, 1)).toMatch(/^\[!!\] BASIC FALLBACK/);
    await terminal.keys("q");
    await terminal.screen((text) => text.includes("left with 1"));
  });

  test("other sizes are drawn whole, and the panes, the filter and the clipboard answer to their keys", async () => {
    const terminal = start("demo --scenario trust-works", { columns: 100, rows: 30 });
    await terminal.screen(hasEnded);
    await terminal.command("set-option -s set-clipboard on");
    for (const [columns, rows] of [
      [60, 16],
      [130, 40],
    ] as const) {
      await terminal.resize(columns, rows);
      const screen = await terminal.screen(
        (text) => hasEnded(text) && text.split("\n").length >= rows - 1 && text.includes("q quit"),
      );
      expect(lineOf(screen, 0)).toMatch(/^\[OK\]/);
    }
    await terminal.keys("2");
    await terminal.screen((text) => text.includes("actor token") && text.includes("[OK] signature"));
    await terminal.keys("Escape");
    await terminal.screen((text) => text.includes("F follow"));
    await terminal.keys("/", "status=401", "Enter");
    expect(await terminal.screen((text) => text.includes("status is 401"))).toMatch(/\d of \d+ rows/);
    await terminal.keys("y");
    await terminal.screen((text) => text.includes("sent to the terminal's clipboard: row"));
    expect((await terminal.command("show-buffer")).join("\n")).toMatch(/ (?:GET|POST) https:.* 401 /);
  });

  test("rows that were marked are exported, made safe, into the data folder", async () => {
    const terminal = start("demo --scenario basic-fallback", { columns: 100, rows: 30 });
    await terminal.screen(hasEnded);
    await terminal.keys("a", "a", "e", "h");
    await terminal.screen((text) => text.includes("1 exported as har, made safe"));
    const exports = join(folder, "home", "exports");
    const [name = ""] = readdirSync(exports).filter((file) => file.endsWith(".har"));
    expect(JSON.parse(readFileSync(join(exports, name), "utf8")).log.entries).toHaveLength(1);
    expect(readFileSync(join(exports, name), "utf8")).not.toContain("password1");
  });

  test("the whole evidence for a support ticket is exported with one key", async () => {
    const terminal = start("demo --scenario basic-fallback", { columns: 100, rows: 30 });
    await terminal.screen(hasEnded);
    await terminal.keys("e");
    await terminal.screen((text) => text.includes("t ticket"));
    await terminal.keys("t");
    await terminal.screen((text) => text.includes("1 exported as ticket, made safe"));
    const exports = join(folder, "home", "exports");
    const [name = ""] = readdirSync(exports).filter((file) => file.endsWith(".zip"));
    expect(statSync(join(exports, name)).mode & 0o777).toBe(0o600);
    const files = unzipSync(readFileSync(join(exports, name)));
    expect(Object.keys(files)).toEqual([
      "MANIFEST.json",
      "capture.har",
      "capture.saz",
      "report.html",
      "report.md",
      "findings.json",
    ]);
    const manifest: unknown = JSON.parse(strFromU8(files["MANIFEST.json"] ?? new Uint8Array(0)));
    expect(manifest).toMatchObject({
      transactions: 1,
      isJudgedLikeOriginal: true,
      pseudonyms: { keyFingerprint: null },
    });
  });

  test("q asks whether the capture shall end; closing the screen lets it go on, and Ctrl-C ends it whole", async () => {
    const journal = join(folder, "watch.ndjson");
    const terminal = start(`watch --forward 0 --host mail.contoso.example --save ${journal}`);
    await terminal.screen((text) => lineOf(text, 0).startsWith("[..] WAITING") && isOpen(text));
    await terminal.keys("q");
    await terminal.screen((text) => text.includes("c close the screen, the capture goes on"));
    await terminal.keys("c");
    await terminal.screen((text) => text.includes("the screen is closed; the capture goes on"));
    expect(await terminal.value("alternate_on")).toBe("0");
    await terminal.keys("C-c");
    await terminal.screen((text) => /left with 130/.test(text));
    expect(readFileSync(journal, "utf8").trimEnd().split("\n").at(-1)).toContain('"k":"end"');
    await expectRestored(terminal);
  });

  test.each(["SIGKILL", "SIGTERM"] as const)(
    "when the screen's process gets %s the terminal is given back and the capture goes on in lines",
    async (signal) => {
      const terminal = start("watch --forward 0 --host mail.contoso.example");
      await terminal.screen(isOpen);
      process.kill(screenProcessOf(Number(await terminal.value("pane_pid"))), signal);
      await terminal.screen((text) => text.includes("the capture goes on"));
      expect(await terminal.value("alternate_on")).toBe("0");
      expect(await terminal.value("cursor_flag")).toBe("1");
      await terminal.keys("C-c");
      await terminal.screen((text) => text.includes("left with 130"));
      await expectRestored(terminal);
    },
  );

  test.each(["throw", "reject"])("a bug in the screen (%s) gives the terminal back before it is told", async (how) => {
    const crash = new URL("fixtures/crashing-screen.mjs", import.meta.url).pathname;
    const terminal = startTmux(`${process.execPath} ${crash} ${how}; echo "left with $?"`, { columns: 80, rows: 24 });
    onTestFinished(() => terminal.end());
    await terminal.screen((text) => text.includes("WAITING"));
    await terminal.keys("!");
    const told = await terminal.screen((text) => text.includes("left with 1"));
    expect(told).toMatch(/a bug in the screen: TypeError: (?:thrown \\x1b\[2Jin|rejected in) the screen/);
    expect(told).not.toContain("WAITING");
    await expectRestored(terminal);
  });

  test("a copy goes to the program of this machine where that is wanted, and into a file where it is too large", async () => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "xclip"), `#!/bin/sh\ncat > '${join(folder, "given")}'\n`, { mode: 0o755 });
    const copying = new URL("fixtures/copying-screen.mjs", import.meta.url).pathname;
    const copies = join(folder, "copies");
    const variables = `DISPLAY=:9 PATH="${bin}:$PATH" REALMSCOPE_SCREEN_COPIES=${copies}`;
    const [native, auto] = ["native", "auto"].map((way) =>
      startTmux(`${variables} ${process.execPath} ${copying} ${way}`, { columns: 100, rows: 30 }),
    );
    onTestFinished(() => {
      native?.end();
      auto?.end();
    });
    await native?.screen((text) => text.includes("1 rows"));
    await native?.keys("y");
    await native?.screen((text) => /copied: row t1, \d+ bytes \(xclip\)/.test(text));
    expect(readFileSync(join(folder, "given"), "utf8")).toBe("1970-01-01T00:00:00.000Z t1 POST https://h/ 200 - ");
    await auto?.screen((text) => text.includes("1 rows"));
    await auto?.keys("5");
    await auto?.screen((text) => text.includes("[5 Body]") && text.includes("zzzz"));
    // The digit is a count no longer, and the next key one of the pane.
    await auto?.screen((text) => !text.includes("5_"));
    await auto?.keys("j", "y");
    const told = await auto?.screen((text) => text.includes(`in ${copies}/copy-`));
    const [name = ""] = readdirSync(copies);
    expect(told).toContain(`in ${join(copies, name)}: line, 64000 bytes`);
    expect(readFileSync(join(copies, name), "utf8")).toBe("z".repeat(64_000));
    await auto?.keys("m");
    await auto?.screen((text) => text.includes("UNMASKED for 30 s"));
    await auto?.keys("j", "y");
    await auto?.screen((text) =>
      text.includes("not copied: unmasked text is never written to a file: line, 64000 bytes"),
    );
    expect(readdirSync(copies)).toHaveLength(1);
  });

  test.each(["SIGTERM", "SIGHUP"] as const)("%s to the program gives the terminal back", async (signal) => {
    const terminal = start("watch --forward 0 --host mail.contoso.example");
    await terminal.screen(isOpen);
    const [program_] = childrenOf(Number(await terminal.value("pane_pid")));
    process.kill(program_ ?? 0, signal);
    await terminal.screen((text) => /left with (?:130|143)/.test(text));
    await expectRestored(terminal);
  });

  test("another terminal attaches a screen, sees what came before, and leaves without ending the capture", async () => {
    const terminal = start("watch --forward 0 --host mail.contoso.example");
    await terminal.screen(isOpen);
    const run = join(folder, "home", "run");
    await expect.poll(() => existsSync(run) && readdirSync(run).some((name) => name.endsWith(".sock"))).toBe(true);
    const socket = join(run, readdirSync(run).find((name) => name.endsWith(".sock")) ?? "");
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    const [first, second] = [start("watch --attach"), start("watch --attach", { columns: 120, rows: 36 })];
    for (const attached of [first, second]) await attached.screen(isOpen);
    await first.keys("q", "c");
    await first.screen((text) => text.includes("left with 0"));
    await expectRestored(first);
    process.kill(screenProcessOf(Number(await second.value("pane_pid"))), "SIGKILL");
    await second.screen((text) => text.includes("the screen ended; the capture goes on"));
    await expectRestored(second);
    expect(await terminal.screen(isOpen)).toContain("REC watch");
    const third = start("watch --attach");
    await third.screen(isOpen);
    await terminal.keys("q", "s");
    await terminal.screen((text) => /left with \d/.test(text));
    await third.screen((text) => text.includes("the capturing process has ended"));
    await third.keys("q");
    await third.screen((text) => text.includes("left with 0"));
    expect(readdirSync(run).filter((name) => name.endsWith(".sock"))).toEqual([]);
  });

  test("a saved capture opens in the same screen: rows, panes read again from the file, a search in its bodies", async () => {
    const har = join(folder, "copy.har");
    const made = spawnSync(
      process.execPath,
      [...program.split(" ").slice(1), "export", "captures/basic-fallback.ndjson", "--to", "har", "-o", har],
      {
        env: { ...process.env, REALMSCOPE_HOME: join(folder, "home") },
      },
    );
    expect(made.status).toBe(0);
    for (const file of ["captures/basic-fallback.ndjson", har]) {
      const terminal = start(`replay ${file} --tui`, { columns: 120, rows: 36 });
      const screen = await terminal.screen(hasEnded);
      expect(lineOf(screen, 1)).toMatch(/^\[!!\] BASIC FALLBACK/);
      await terminal.keys("g", "2j");
      await terminal.screen((text) => /^>.*t4 /m.test(text));
      await terminal.keys("-", "i");
      await terminal.screen((text) => text.includes("/!iss="));
      await terminal.keys("Escape");
      await terminal.screen((text) => text.includes("/ no filter") && text.includes("q quit"));
      await terminal.keys("g", "4");
      await terminal.screen((text) => text.includes("User-Agent: SkypeSpaces"));
      await terminal.keys("m");
      await terminal.screen((text) => text.includes("nothing can be unmasked"));
      await terminal.keys("/", "header.x-ms-diagnostics~partner", "Enter");
      await terminal.screen((text) => text.includes("1 of 5 rows"));
      await terminal.keys("q", "q");
      const after = await terminal.screen((text) => text.includes("left with 1"));
      expect(after).toContain(`Open it again: realmscope replay ${file} --tui`);
      await expectRestored(terminal);
    }
    expect(readdirSync(join(folder, "home", "run")).filter((name) => name.startsWith("replay-"))).toEqual([]);
  });

  test("--bell rings the terminal at a fallback; with --quiet-clock nothing is drawn while nothing happens", async () => {
    const terminal = startTmux("echo begun", { columns: 120, rows: 36 });
    onTestFinished(() => terminal.end());
    await terminal.screen((text) => /^begun$/m.test(text));
    await terminal.command("set-hook -g alert-bell 'set-option -g @rung yes'");
    await terminal.keys(`${home()} ${program} demo --scenario basic-fallback --bell --quiet-clock`, "Enter");
    const screen = await terminal.screen(hasEnded);
    expect(screen).not.toMatch(/UTC|\d\/s/);
    await expect.poll(() => terminal.value("@rung"), { timeout: 20_000 }).toBe("yes");
  });

  test("CI in the environment changes nothing for a person at a terminal", async () => {
    const terminal = start("demo --scenario trust-works", undefined, "CI=true CONTINUOUS_INTEGRATION=1");
    expect(lineOf(await terminal.screen(hasEnded), 0)).toMatch(/^\[OK\] OAuth CONFIRMED/);
  });

  test("NO_COLOR and --ascii: no colour and no sign that is not ASCII", async () => {
    const terminal = start("demo --scenario trust-works --ascii", undefined, "NO_COLOR=1");
    const screen = await terminal.screen(hasEnded);
    expect(screen).toMatch(/^[\x20-\x7e\n]*$/);
    const coloured = (await terminal.command("capture-pane -e -p")).join("\n");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: SGR colours
    expect(coloured).not.toMatch(/\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7]|10[0-7])(?:;\d+)*m/);
  });

  test("keys of the configuration are taken, and a clash is told before anything begins", async () => {
    const good = join(folder, "good.json");
    const bad = join(folder, "bad.json");
    writeFileSync(good, JSON.stringify({ keys: { quit: "Q" }, theme: "mono" }));
    writeFileSync(bad, JSON.stringify({ keys: { quit: "/" } }));
    const refused = start(`demo --config ${bad}`);
    const told = await refused.screen((text) => text.includes("left with 2"));
    expect(told.replaceAll("\n", "")).toContain('the key "/" belongs to both filter and quit');
    const terminal = start(`demo --scenario trust-works --config ${good}`);
    await terminal.screen((text) => hasEnded(text) && text.includes("Q quit"));
    await terminal.keys("Q");
    await terminal.screen((text) => text.includes("left with 0"));
  });
});

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}

/** The process below the program below the shell. */
function screenProcessOf(shell: number): number {
  const [screen] = childrenOf(shell).flatMap(childrenOf);
  if (screen === undefined) throw new Error("there is no process of the screen");
  return screen;
}
