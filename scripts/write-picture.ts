// Makes docs/images/*.svg from the real program in a real terminal (tmux): npm run pictures.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import xterm from "@xterm/headless";
import { terminalSvg } from "./terminal-svg.ts";

const pictures = [
  {
    file: "oauth-confirmed.svg",
    columns: 120,
    rows: 36,
    args: "demo",
    until: /ended/i,
    title: "realmscope demo: OAuth confirmed for the legacy and the new principals",
  },
  {
    file: "basic-fallback.svg",
    columns: 120,
    rows: 36,
    args: "demo --scenario basic-fallback",
    until: /ended/i,
    title: "realmscope demo: a Basic fallback",
  },
];

const session = `realmscope-picture-${process.pid}`;
const tmux = (...args: string[]): string => execFileSync("tmux", ["-L", session, ...args], { encoding: "utf8" });

function capture(picture: (typeof pictures)[number]): string {
  tmux(
    "-f",
    "/dev/null",
    "new-session",
    "-d",
    "-x",
    String(picture.columns),
    "-y",
    String(picture.rows),
    `env -u CI TERM=xterm-256color node dist/cli/main.js ${picture.args}`,
  );
  try {
    for (let tries = 0; tries < 300; tries += 1) {
      const screen = tmux("capture-pane", "-p");
      if (picture.until.test(screen)) return tmux("capture-pane", "-e", "-p");
      execFileSync("sleep", ["0.1"]);
    }
    throw new Error(`the screen never showed ${picture.until}`);
  } finally {
    tmux("kill-server");
  }
}

mkdirSync("docs/images", { recursive: true });
for (const picture of pictures) {
  const text = capture(picture).replace(/\n$/, "").replaceAll("\n", "\r\n");
  const terminal = new xterm.Terminal({ cols: picture.columns, rows: picture.rows, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  writeFileSync(`docs/images/${picture.file}`, terminalSvg(terminal, picture.title));
  process.stdout.write(`docs/images/${picture.file}\n`);
}
