// A terminal in memory that Ink draws on: what a person would see, and what the terminal was made to do.
import { EventEmitter, once } from "node:events";
import xterm from "@xterm/headless";
import { render } from "ink";
import { createElement } from "react";
import { App } from "../../src/tui/app.tsx";
import { frame } from "../../src/tui/frame.ts";
import type { Size } from "../../src/tui/layout.ts";
import type { FromScreen, ToScreen } from "../../src/tui/messages.ts";
import { colourTheme, monoTheme, paint, type ScreenLine, type Theme } from "../../src/tui/screen-line.ts";
import { ScreenStore } from "../../src/tui/store.ts";

class TerminalOutput extends EventEmitter {
  readonly isTTY = true;
  readonly terminal: InstanceType<typeof xterm.Terminal>;
  written = "";

  readonly columns: number;
  readonly rows: number;

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
  /** What stands on the terminal once that is the frame of the state as it is; fails when it never is. */
  lines(): Promise<readonly string[]>;
  /** Bytes written so far. */
  written(): string;
  readonly titles: readonly string[];
  end(): void;
}

export function openTestScreen(size: Size, theme: Theme = colourTheme): TestScreen {
  const output = new TerminalOutput(size);
  const sent: FromScreen[] = [];
  const titles: string[] = [];
  output.terminal.onTitleChange((title) => titles.push(title));
  const store = new ScreenStore({ send: (message) => sent.push(message), size: () => size });
  const app = render(createElement(App, { store, size, theme }), {
    stdout: output as unknown as NodeJS.WriteStream,
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps: 1000,
  });
  return {
    sent,
    store,
    titles,
    tell(...messages) {
      for (const message of messages) store.receive(message);
      store.draw();
    },
    async lines() {
      const wanted = [...frame(store.state(), size).map((line) => plainText(line, size.columns)), ""].join("\n");
      while (output.lines().join("\n") !== wanted) await once(output, "drawn", { signal: AbortSignal.timeout(5000) });
      return output.lines();
    },
    written: () => output.written,
    end: () => app.unmount(),
  };
}

function plainText(line: ScreenLine, columns: number): string {
  return paint(line, columns, {
    ...monoTheme,
    strong: "",
    good: "",
    bad: "",
    warning: "",
    selected: "",
    heading: "",
  }).trimEnd();
}
