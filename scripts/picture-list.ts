// The pictures of the documentation and how they are taken, from saved captures so that they can be reproduced.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import xterm from "@xterm/headless";
import { startTmux, type Tmux } from "../test/support/tmux.ts";
import { terminalSvg } from "./terminal-svg.ts";

export const folder = "docs/images";

export interface Picture {
  readonly name: string;
  readonly columns: number;
  readonly rows: number;
  readonly capture: string;
  readonly options: string;
  /** Keys to press after the capture was read, by their names in tmux, each with the text that must appear. */
  readonly keys: readonly (readonly [key: string, seen: RegExp])[];
  readonly title: string;
}

const good = "captures/legacy-and-new-principals.ndjson";
const bad = "captures/basic-fallback.ndjson";
const today = "captures/hybrid-app-graph.ndjson";
const token: Picture["keys"] = [
  ["k", />! t3/],
  ["2", /Authorization of the request/],
];

export const pictures: readonly Picture[] = [
  {
    name: "screen-today-120x36",
    columns: 120,
    rows: 36,
    capture: today,
    options: "",
    keys: [["2", /roles/]],
    title:
      "120x36: OAuth confirmed in both directions, inbound with tokens of ACS, outbound with a token of Entra for Microsoft Graph",
  },
  {
    name: "screen-confirmed-120x36",
    columns: 120,
    rows: 36,
    capture: good,
    options: "",
    keys: [
      ["k", />[ *] t21/],
      ["k", />[ *] t20/],
      ["k", />[ *] t19/],
      ["2", /└ ▾ Actor token/],
      ["Escape", /F follow/],
    ],
    title:
      "120x36: OAuth confirmed; the handshake with three lifelines, the token as a tree with a verdict for each claim",
  },
  {
    name: "screen-fallback-120x36",
    columns: 120,
    rows: 36,
    capture: bad,
    options: "",
    keys: [],
    title: "120x36: OAuth failed and a password was sent; the finding says what to do",
  },
  {
    name: "screen-fallback-80x24",
    columns: 80,
    rows: 24,
    capture: bad,
    options: "",
    keys: [],
    title: "80x24: the same in a small window",
  },
  {
    name: "screen-fallback-200x50",
    columns: 200,
    rows: 50,
    capture: bad,
    options: "",
    keys: token,
    title: "200x50: the same in a large window, with the token",
  },
  ...plainPictures("mono", "--no-color", "without colour"),
  ...plainPictures("ascii", "--ascii --no-color", "with ASCII alone, without colour"),
  {
    name: "screen-filter-120x36",
    columns: 120,
    rows: 36,
    capture: good,
    options: "",
    keys: [
      ["/", /\/_/],
      ["status=4xx | auth=basic", /3 of 22|4 of 22/],
    ],
    title: "120x36: a filter while it is typed, and how it was understood",
  },
  {
    name: "screen-sorted-120x36",
    columns: 120,
    rows: 36,
    capture: good,
    options: "",
    keys: [
      ["o", /Sort and columns/],
      ["jjjjj", /Sort and columns/],
      ["Enter", /st↓/],
    ],
    title: "120x36: sorted by status, with the columns to choose from",
  },
];

/** The fallback capture again, at every size. */
function plainPictures(kind: string, options: string, words: string): readonly Picture[] {
  const sizes = [
    [80, 24],
    [120, 36],
    [200, 50],
  ] as const;
  return sizes.map(([columns, rows]) => ({
    name: `screen-fallback-${kind}-${columns}x${rows}`,
    columns,
    rows,
    capture: bad,
    options,
    keys: columns === 200 ? token : [],
    title: `${columns}x${rows} ${words}`,
  }));
}

/** The screen as SVG, taken from the built program. */
export async function drawPicture({ columns, rows, capture, options, keys, title }: Picture): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "realmscope-picture-"));
  const program = `REALMSCOPE_HOME=${home} ${process.execPath} dist/cli/main.js replay ${capture} --tui ${options}`;
  const terminal = startTmux(program, { columns, rows });
  try {
    await terminal.screen((text) => /^FILE /m.test(text) && !text.includes("Reading ...") && /q quit/.test(text));
    for (const [key, seen] of keys) {
      await terminal.keys(key);
      await terminal.screen((text) => seen.test(text) && !text.includes("Reading ..."));
    }
    const text = (await settled(terminal)).join("\r\n");
    const drawn = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    await new Promise<void>((resolve) => drawn.write(text, resolve));
    return terminalSvg(drawn, title);
  } finally {
    terminal.end();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Waits until the screen no longer changes, so that no half-drawn frame is taken. */
async function settled(terminal: Tmux): Promise<readonly string[]> {
  for (let before = ""; ; ) {
    const lines = await terminal.command("capture-pane -e -p");
    const now = lines.join("\n");
    // The digit that opened a tab is shown for a moment, as it may begin a count.
    if (now === before && /q quit|Ctrl-U|Esc done/.test(now) && !/\d_ {2}|Reading \.\.\./.test(now)) return lines;
    before = now;
    await setTimeout(300);
  }
}

/** The checksum of the SVG that a PNG was made from. */
export function svgSum(svg: string): string {
  return createHash("sha256").update(svg).digest("hex");
}
