// Connects the terminal, the capturing process, the store and Ink, and carries out the effects of keys.
import { render } from "ink";
import { safe } from "../../core/safe-text.ts";
import type { CaptureConnection } from "../link/capture-connection.ts";
import type { Size } from "../model/layout.ts";
import type { FromScreen, ScreenSettings, ToScreen } from "../model/messages.ts";
import type { ViewState } from "../model/view-state.ts";
import { enterScreen, leaveScreen, mouseOff, mouseOn, withoutWiping, writeTerminal } from "../terminal/terminal.ts";
import { startWidthProbe, widthQuestion } from "../terminal/width-probe.ts";
import type { Effect } from "../update/effects.ts";
import { App } from "./app.tsx";
import { type CopyPlace, copyText } from "./copying.ts";
import { ScreenStore } from "./screen-store.ts";
import { readKeys, redrawOnResize } from "./terminal-input.ts";

/** Rows of a saved capture, which is held whole; a live one has the default limit of `RowLog`. */
const savedRowLimit = 2_000_000;

export interface ScreenProcess {
  readonly connection: CaptureConnection;
  /** Attached to the capture of another process: its end does not end this screen. */
  readonly isAttached: boolean;
}

/** Runs the screen until the person leaves or the capturing process is gone, then exits this process. */
export function runScreen({ connection, isAttached }: ScreenProcess): void {
  const { stdin, stdout } = process;
  const store = openStore(connection);
  const isMono = (process.env.NO_COLOR ?? "") !== "";

  let isLeaving = false;
  const leave = (code: number): void => {
    if (isLeaving) return;
    isLeaving = true;
    app.unmount();
    writeTerminal(leaveScreen);
    // Exits after the last message (`stop-capture`) is sent, and after the terminal's answer to the width question, which the
    // shell would otherwise take for typed text.
    void probe.settled.then(() => setImmediate(() => process.exit(code)));
  };

  writeTerminal(enterScreen);
  const probe = startWidthProbe(() => {
    store.adoptWideCells();
    redraw();
  });
  if (stdin.isTTY === true) writeTerminal(widthQuestion);
  const draw = (): ReturnType<typeof App> => <App store={store} size={sizeNow()} isMono={isMono} />;
  const app = render(draw(), {
    stdout: withoutWiping(stdout),
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps: 30,
    onRender: ({ renderTime }) => store.recordFrameTime(renderTime),
  });
  const redraw = (): void => {
    writeTerminal("\u001b[H\u001b[2J");
    app.clear();
    app.rerender(draw());
  };
  redrawOnResize(redraw);

  const act = (effect: Effect): void => {
    switch (effect.type) {
      case "send":
        connection.send(effect.message);
        break;
      case "copy":
        void copyText(effect, copyPlace(store.state())).then((notice) => store.showNotice(notice));
        break;
      case "mouse":
        writeTerminal(effect.isOn ? mouseOn : mouseOff);
        break;
      case "redraw":
        redraw();
        break;
      case "suspend":
        writeTerminal(leaveScreen);
        process.send?.({ type: "suspend" });
        break;
      case "leave":
        leave(0);
    }
  };
  readKeys({ store, probe, act });
  process.on("SIGCONT", () => {
    writeTerminal(enterScreen + (store.state().hasMouse ? mouseOn : ""));
    redraw();
  });
  connection.listen(
    (message: ToScreen) => store.receive(withLocalSettings(message)),
    () => (isAttached ? showEnd(store) : leave(0)),
  );
  leaveOnEnd(leave, () => isLeaving);
  setInterval(() => store.tick(Date.now()), 1000).unref();
  stdin.on("end", () => leave(0));
  connection.send({ type: "ready" } satisfies FromScreen);
}

function showEnd(store: ScreenStore): void {
  store.receive({ type: "ended" });
  store.showNotice("the capturing process has ended; q leaves");
}

function sizeNow(): Size {
  return { columns: process.stdout.columns ?? 80, rows: process.stdout.rows ?? 24 };
}

function openStore(connection: CaptureConnection): ScreenStore {
  const isSaved = process.env.REALMSCOPE_SCREEN_ROWS === "all";
  return new ScreenStore({
    send: (message) => connection.send(message),
    size: sizeNow,
    ...(isSaved ? { rowLimit: savedRowLimit } : {}),
    ring: () => writeTerminal("\u0007"),
  });
}

/** Restores the terminal however this process ends. */
function leaveOnEnd(leave: (code: number) => void, isLeaving: () => boolean): void {
  // The parent owns the terminal, also when this screen is attached to another process.
  process.on("disconnect", () => leave(0));
  for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT"] as const) process.on(signal, () => leave(0));
  // The capturing process handles an interrupt from outside and then ends this one.
  process.on("SIGINT", () => undefined);
  for (const kind of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(kind, (error) => reportCrash(error, leave));
  }
  process.on("exit", () => writeTerminal(isLeaving() ? "" : leaveScreen));
}

/** Restores the terminal, then reports the error; the parent reports that the capture continues. */
function reportCrash(error: unknown, leave: (code: number) => void): void {
  leave(1);
  const name = error instanceof Error ? `${error.name}: ${error.message}` : "unknown error";
  writeTerminal(`realmscope: a bug in the screen: ${safe(name)}\r\n`);
}

function copyPlace({ copyWay: way }: ViewState): CopyPlace {
  const folder = process.env.REALMSCOPE_SCREEN_COPIES ?? null;
  return { way, environment: process.env, folder, write: writeTerminal };
}

/** Replaces settings in `hello` by those of this terminal. */
function withLocalSettings(message: ToScreen): ToScreen {
  const chosen = process.env.REALMSCOPE_SCREEN_SETTINGS;
  if (message.type !== "hello" || message.settings === undefined || chosen === undefined) return message;
  return { ...message, settings: { ...message.settings, ...(JSON.parse(chosen) as Partial<ScreenSettings>) } };
}
