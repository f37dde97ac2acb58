// A terminal in memory that Ink draws on: what a person would see, and what the terminal was made to do.
import { EventEmitter, once } from "node:events";
import xterm from "@xterm/headless";
import { render } from "ink";
import { createElement } from "react";
import stringWidth from "string-width";
import { paint, type ScreenLine } from "../../src/tui/lines/screen-line.ts";
import { themeOf } from "../../src/tui/lines/theme.ts";
import type { Size } from "../../src/tui/model/layout.ts";
import type { FromScreen, ToScreen } from "../../src/tui/model/messages.ts";
import { App } from "../../src/tui/screen/app.tsx";
import { ScreenStore } from "../../src/tui/screen/screen-store.ts";
import type { Key } from "../../src/tui/terminal/parse-keys.ts";
import { withoutWiping } from "../../src/tui/terminal/terminal.ts";
import type { Effect } from "../../src/tui/update/effects.ts";
import { frame } from "../../src/tui/view/frame.ts";

class TerminalOutput extends EventEmitter {
  readonly isTTY = true;
  readonly terminal: InstanceType<typeof xterm.Terminal>;
  written = "";
  columns: number;
  rows: number;

  constructor({ columns, rows }: Size) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  }

  write(text: string): boolean {
    this.written += text;
    this.terminal.write(text, () => this.emit("drawn"));
    return true;
  }

  lines(): readonly string[] {
    const { active } = this.terminal.buffer;
    return Array.from(
      { length: this.rows },
      (_, at) =>
        active
          .getLine(active.baseY + at)
          ?.translateToString(true)
          .trimEnd() ?? "",
    );
  }
}

export interface TestScreen {
  readonly sent: readonly FromScreen[];
  readonly store: ScreenStore;
  tell(...messages: readonly ToScreen[]): void;
  /** Presses keys: single characters as they are, others by name. */
  press(...keys: readonly string[]): readonly Effect[];
  /** Types every character of the text. */
  type(text: string): void;
  /** What stands on the terminal once that is the frame of the state as it is; fails when it never is. */
  lines(): Promise<readonly string[]>;
  text(): Promise<string>;
  resize(size: Size): void;
  /** Bytes written so far. */
  written(): string;
  readonly titles: readonly string[];
  /** How often the terminal was rung. */
  bells(): number;
  /** Numbers of the operating system commands that the terminal was given. */
  readonly commands: readonly number[];
  end(): void;
}

export interface TestScreenOptions {
  readonly isMono?: boolean;
  /** A terminal that draws what Unicode calls ambiguous two columns wide. */
  readonly isWide?: boolean;
}

export function openTestScreen(first: Size, { isMono = false, isWide = false }: TestScreenOptions = {}): TestScreen {
  let size = first;
  const output = new TerminalOutput(size);
  if (isWide) drawWide(output.terminal);
  const sent: FromScreen[] = [];
  const titles: string[] = [];
  const commands: number[] = [];
  output.terminal.onTitleChange((title) => titles.push(title));
  for (const number of [0, 1, 2, 8, 9, 10, 52, 1337]) {
    output.terminal.parser.registerOscHandler(number, () => commands.push(number) > 0);
  }
  let bells = 0;
  output.terminal.onBell(() => {
    bells += 1;
  });
  const ring = (): void => void output.write("\u0007");
  const store = new ScreenStore({ send: (message) => sent.push(message), size: () => size, ring });
  const draw = () => createElement(App, { store, size, isMono });
  const app = render(draw(), {
    stdout: withoutWiping(output as unknown as NodeJS.WriteStream),
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps: 1000,
  });
  const press = (...keys: readonly string[]): readonly Effect[] => keys.flatMap((key) => store.press(keyOf(key)));
  const lines = async (): Promise<readonly string[]> => {
    const wanted = [...frame(store.state(), size).map((line) => plainText(line, size.columns, store.state())), ""].join(
      "\n",
    );
    while (output.lines().join("\n") !== wanted) await once(output, "drawn", { signal: AbortSignal.timeout(10_000) });
    return output.lines();
  };
  return {
    sent,
    store,
    titles,
    commands,
    tell(...messages) {
      for (const message of messages) store.receive(message);
      store.draw();
    },
    press,
    type: (text) => void press(...text),
    lines,
    text: async () => (await lines()).join("\n"),
    resize(next) {
      size = next;
      output.columns = next.columns;
      output.rows = next.rows;
      output.terminal.resize(next.columns, next.rows);
      output.terminal.write("\u001b[H\u001b[2J");
      output.emit("resize");
      app.clear();
      app.rerender(draw());
    },
    written: () => output.written,
    bells: () => bells,
    end: () => app.unmount(),
  };
}

/** Lets the terminal draw as those with East Asian settings do: every ambiguous character takes two cells. */
export function drawWide(terminal: InstanceType<typeof xterm.Terminal>): void {
  const wcwidth = (code: number): 0 | 1 | 2 => {
    const width = stringWidth(String.fromCodePoint(code), { ambiguousIsNarrow: false });
    return width === 0 ? 0 : width === 1 ? 1 : 2;
  };
  // The property has the width in its bits 1 and 2.
  terminal.unicode.register({ version: "wide", wcwidth, charProperties: (code) => wcwidth(code) << 1 });
  terminal.unicode.activeVersion = "wide";
}

export function keyOf(text: string): Key {
  return [...text].length === 1 ? { name: "character", character: text } : ({ name: text } as Key);
}

function plainText(line: ScreenLine, columns: number, signs: Parameters<typeof themeOf>[1]): string {
  const { colours, ...theme } = themeOf("mono", signs);
  const none = Object.fromEntries(Object.keys(colours).map((name) => [name, ""])) as typeof colours;
  return paint(line, columns, { ...theme, colours: none }).trimEnd();
}
