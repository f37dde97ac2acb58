import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type CopyPlace, copyText } from "../../../src/tui/screen/copying.ts";
import { clipboardPrograms, isLocalTerminal, runClipboardProgram } from "../../../src/tui/terminal/system-clipboard.ts";

interface Desk {
  readonly folder: string;
  readonly environment: Record<string, string>;
  readonly written: string[];
  program(name: string, script: string): void;
  /** What the program was given. */
  given(): string;
}

/** A person at this machine, whose PATH begins with a folder of clipboard programs: real processes and pipes. */
function desk(): Desk {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-copy-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "bin"));
  return {
    folder,
    environment: { PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH ?? ""}`, DISPLAY: ":9", SECRET: "x" },
    written: [],
    program(name, script) {
      writeFileSync(join(folder, "bin", name), `#!/bin/sh\ncd '${folder}'\n${script}\n`);
      chmodSync(join(folder, "bin", name), 0o755);
    },
    given: () => readFileSync(join(folder, "given"), "utf8"),
  };
}

const placeOf = ({ folder, environment, written }: Desk, parts: Partial<CopyPlace> = {}): CopyPlace => ({
  way: "auto",
  environment,
  folder: join(folder, "copies"),
  write: (text) => void written.push(text),
  ...parts,
});
const wish = (text: string, isSecret = false) => ({ type: "copy", copy: { name: "iss", text }, isSecret }) as const;
const osc52 = (text: string): string => `\u001b]52;c;${Buffer.from(text).toString("base64")}\u0007`;

describe.skipIf(process.platform === "win32")("a program of this machine", () => {
  const takes = 'cat > given; echo "$@" > arguments; env > environment';

  test("gets the text as it is shown on its standard input, with its arguments and no more of the environment than it needs", async () => {
    const here = desk();
    here.program("xclip", takes);
    const text = "a$(touch x)\"'`\\\nb \u001b[2J\u202e é";
    expect(await copyText(wish(text), placeOf(here))).toBe("copied: iss, 34 bytes (xclip)");
    expect(here.given()).toBe("a$(touch x)\"'`\\\nb \\x1b[2J\\u202e é");
    expect(readFileSync(join(here.folder, "arguments"), "utf8")).toBe("-selection clipboard -in\n");
    expect(readFileSync(join(here.folder, "environment"), "utf8")).not.toContain("SECRET");
    expect([here.written, readdirSync(here.folder)]).toEqual([[], expect.not.arrayContaining(["x", "copies"])]);
  });

  test("wl-copy is tried first under Wayland; after a missing program the next is tried", async () => {
    const here = desk();
    here.environment.WAYLAND_DISPLAY = "wayland-0";
    here.program("xclip", takes);
    here.program("wl-copy", takes);
    expect(await copyText(wish("a"), placeOf(here))).toContain("(wl-copy)");
    rmSync(join(here.folder, "bin", "wl-copy"));
    expect(
      await copyText(
        wish("a"),
        placeOf({
          ...here,
          environment: { ...here.environment, PATH: `${join(here.folder, "bin")}${delimiter}/bin${delimiter}/usr/bin` },
        }),
      ),
    ).toContain("copied: iss");
  });

  test("after a failed or missing program the terminal is used, and a failure is reported", async () => {
    const here = desk();
    here.program("xclip", "exit 3");
    expect(await copyText(wish("a"), placeOf(here))).toBe(
      "sent to the terminal's clipboard: iss, 1 bytes (OSC 52; xclip ended with 3)",
    );
    expect(here.written).toEqual([osc52("a")]);
    expect(await copyText(wish("a"), placeOf(here, { way: "native" }))).toBe("not copied: xclip ended with 3");
    const none = desk();
    delete none.environment.DISPLAY;
    expect(await copyText(wish("a"), placeOf(none, { way: "native" }))).toMatch(
      /^not copied: no clipboard program was found/,
    );
  });

  test("one that never ends is ended", async () => {
    const here = desk();
    here.program("xclip", "exec sleep 600");
    const [program] = clipboardPrograms(here.environment, "linux");
    if (program === undefined) throw new Error("there is no program");
    expect(await runClipboardProgram(program, "a", { environment: here.environment, limitMs: 200 })).toEqual({
      failed: "xclip took too long",
    });
  });

  test("one that does not read breaks nothing", async () => {
    const here = desk();
    here.program("xclip", "exit 0");
    expect(await copyText(wish("y".repeat(2_000_000)), placeOf(here))).toContain("copied: iss, 2000000 bytes");
  });

  test("unmasked text is given to no clipboard program unless that way was chosen", async () => {
    const here = desk();
    here.program("xclip", takes);
    expect(await copyText(wish("secret", true), placeOf(here))).toMatch(
      /^sent to the terminal's clipboard: .*\(OSC 52\)$/,
    );
    expect(readdirSync(here.folder)).not.toContain("given");
    expect(await copyText(wish("secret", true), placeOf(here, { way: "native" }))).toContain("(xclip)");
  });

  test.each(["SSH_CONNECTION", "SSH_TTY", "TMUX", "STY", "WSL_DISTRO_NAME"])(
    "%s: the terminal is asked",
    async (name) => {
      const here = desk();
      here.program("xclip", takes);
      here.environment[name] = "set";
      expect(await copyText(wish("a"), placeOf(here))).toContain("(OSC 52)");
      expect(readdirSync(here.folder)).not.toContain("given");
    },
  );

  test("osc52 and off are obeyed", async () => {
    const here = desk();
    here.program("xclip", takes);
    expect(await copyText(wish("a"), placeOf(here, { way: "osc52" }))).toContain("(OSC 52)");
    expect(await copyText(wish("a"), placeOf(here, { way: "off" }))).toContain("switched off");
    expect([here.written, readdirSync(here.folder)]).toEqual([[osc52("a")], ["bin"]]);
  });
});

describe("more than a terminal takes", () => {
  test("is written to a file that only this user can read, with nothing from the traffic in its name", async () => {
    const here = desk();
    delete here.environment.DISPLAY;
    const text = "../".repeat(30_000);
    const told = await copyText({ ...wish(text), copy: { name: "../../evil", text } }, placeOf(here));
    const copies = join(here.folder, "copies");
    const [name = ""] = readdirSync(copies);
    expect(told).toBe(`in ${join(copies, name)}: ../../evil, 90000 bytes, too large for a terminal's clipboard`);
    expect(name).toMatch(/^copy-\d{8}T\d{6}-\d+-\d+\.txt$/);
    expect(readFileSync(join(copies, name), "utf8")).toBe(text);
    if (process.platform !== "win32") {
      expect(statSync(join(copies, name)).mode & 0o777).toBe(0o600);
      expect(statSync(copies).mode & 0o777).toBe(0o700);
    }
    await copyText(wish(text), placeOf(here));
    expect(readdirSync(copies)).toHaveLength(2);
    expect(here.written).toEqual([]);
  });

  test("but not unmasked text, and a folder that cannot be made is reported", async () => {
    const here = desk();
    delete here.environment.DISPLAY;
    const text = "s".repeat(60_000);
    expect(await copyText(wish(text, true), placeOf(here))).toMatch(
      /^not copied: unmasked text is never written to a file/,
    );
    expect(readdirSync(here.folder)).toEqual(["bin"]);
    writeFileSync(join(here.folder, "file"), "");
    expect(await copyText(wish(text), placeOf(here, { folder: join(here.folder, "file", "copies") }))).toMatch(
      /no file can be written \((?:ENOTDIR|ENOENT)\)/,
    );
    expect(await copyText(wish(text), placeOf(here, { folder: null }))).toContain("e exports it");
  });
});

test("which program belongs to which platform", () => {
  const names = (environment: Record<string, string>, platform: NodeJS.Platform): readonly string[] =>
    clipboardPrograms(environment, platform).map(({ file }) => file);
  expect(names({}, "darwin")).toEqual(["pbcopy"]);
  expect(names({ SystemRoot: "C:\\Windows" }, "win32")[0]).toMatch(/^C:\\Windows.System32.clip\.exe$/);
  expect(names({}, "linux")).toEqual([]);
  expect(names({ WAYLAND_DISPLAY: "w", DISPLAY: ":0", WSL_DISTRO_NAME: "d" }, "linux")).toEqual([
    "wl-copy",
    "xclip",
    "clip.exe",
  ]);
  expect(isLocalTerminal({ DISPLAY: ":0", TMUX: "" })).toBe(true);
});
