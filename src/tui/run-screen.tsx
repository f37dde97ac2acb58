import { render } from "ink";
import { App } from "./app.tsx";
import { KeyReader } from "./keys.ts";
import type { Size } from "./layout.ts";
import type { FromScreen, ToScreen } from "./messages.ts";
import { colourTheme, monoTheme } from "./screen-line.ts";
import { ScreenStore } from "./store.ts";
import { enterScreen, leaveScreen, writeTerminal } from "./terminal.ts";

const escapeWaitMs = 50;

/** Draws until the person leaves or the capturing process is gone; ends this process. */
export function runScreen(): void {
  const { stdin, stdout } = process;
  const sizeNow = (): Size => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
  const send = (message: FromScreen): void => {
    if (process.connected) process.send?.(message);
  };
  const store = new ScreenStore({ send, size: sizeNow });
  const theme = (process.env.NO_COLOR ?? "") === "" ? colourTheme : monoTheme;

  let isLeaving = false;
  const leave = (code: number): void => {
    if (isLeaving) return;
    isLeaving = true;
    app.unmount();
    writeTerminal(leaveScreen);
    process.exit(code);
  };

  writeTerminal(enterScreen);
  const draw = (): ReturnType<typeof App> => <App store={store} size={sizeNow()} theme={theme} />;
  const app = render(draw(), {
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps: 15,
    onRender: ({ renderTime }) => store.tookFrame(renderTime),
  });
  stdout.on("resize", () => {
    writeTerminal("\u001b[H\u001b[2J");
    app.clear();
    app.rerender(draw());
  });

  readKeys(store, () => {
    send({ type: "quit" });
    leave(0);
  });
  process.on("message", (message) => store.receive(message as ToScreen));
  process.on("disconnect", () => leave(0));
  for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT"] as const) process.on(signal, () => leave(0));
  // The capturing process decides what an interrupt from outside means; then it ends this one.
  process.on("SIGINT", () => undefined);
  process.on("uncaughtException", () => leave(1));
  process.on("exit", () => writeTerminal(isLeaving ? "" : leaveScreen));
  stdin.on("end", () => leave(0));
  send({ type: "ready" });
}

function readKeys(store: ScreenStore, quit: () => void): void {
  const { stdin } = process;
  const reader = new KeyReader();
  let timer: NodeJS.Timeout | null = null;
  if (stdin.isTTY === true) stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  stdin.on("data", (text: string) => {
    if (timer !== null) clearTimeout(timer);
    for (const key of reader.push(text)) if (store.press(key)) quit();
    // A lone escape is the key, unless the rest of a sequence follows at once.
    timer = reader.isWaiting
      ? setTimeout(() => {
          for (const key of reader.flush()) store.press(key);
        }, escapeWaitMs)
      : null;
  });
}
