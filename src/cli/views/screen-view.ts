import { renderVerdictLines } from "../../tui/plain-text.ts";
import { safe } from "../../tui/safe-text.ts";
import { startScreen } from "../../tui/start-screen.ts";
import type { Pipeline } from "../run-pipeline.ts";
import { plainView } from "./plain-view.ts";
import type { View } from "./view.ts";

export interface ScreenViewOptions {
  readonly title: string;
  readonly mode: "demo" | "live";
  readonly pipeline: Pipeline;
  /** The person wants to leave. */
  readonly quit: () => void;
}

/** The live screen. When its process dies the capture goes on, and lines take its place. */
export function screenView({ title, mode, pipeline, quit }: ScreenViewOptions): View {
  const write = (text: string): void => {
    process.stdout.write(text);
  };
  const screen = startScreen({ title, mode, analysis: () => pipeline.snapshot(), detail: (id) => pipeline.detail(id) });
  let lines: View | null = null;
  void screen.closed.then((how) => {
    if (how === "quit") {
      quit();
      return;
    }
    lines = plainView({ isQuiet: false, showsRows: true, write });
    process.stderr.write("realmscope: the screen ended; the capture goes on. Ctrl-C ends it.\n");
  });
  return {
    ready(listener) {
      const target = listener.target === null ? "" : ` -> ${listener.target}`;
      if (lines === null) screen.notice(`${listener.kind} ${listener.address}:${listener.port}${target}`);
      else lines.ready(listener);
    },
    notice(text) {
      if (lines === null) screen.notice(text);
      else lines.notice(text);
    },
    change(event, change) {
      if (lines !== null) {
        lines.change(event, change);
        return;
      }
      if (change.row !== null) screen.row(change.row);
      screen.changed();
    },
    async end(analysis, sources, how) {
      if (how === "interrupted") await screen.stop();
      else screen.ended();
      await screen.closed;
      for (const line of renderVerdictLines(analysis)) write(`${line}\n`);
      for (const { path, problems } of sources)
        for (const problem of problems) write(`${safe(`${path}: ${problem}`)}\n`);
    },
  };
}
