import type { View } from "../../app/live/view.ts";
import { safe } from "../../core/safe-text.ts";
import type { ScreenHost } from "../../tui/link/screen-link.ts";
import { type ScreenPlace, startScreen } from "../../tui/link/start-screen.ts";
import type { PendingRows } from "../../tui/model/messages.ts";
import { leavingLines } from "../../tui/words/leaving-lines.ts";
import { plainView } from "./plain-view.ts";

export interface ScreenViewOptions {
  readonly host: ScreenHost;
  readonly place: ScreenPlace;
  /** The path of the journal; null without one. */
  readonly journal: string | null;
  /** Another terminal can attach a screen, which the line at the end of this screen mentions. */
  readonly isAttachable: boolean;
  /** Writes lines after the screen has ended. */
  readonly write: (text: string) => void;
}

/** The live screen. When it is closed, or its process dies, the capture goes on and lines replace it. */
export function screenView({ host, place, journal, isAttachable, write }: ScreenViewOptions): View {
  const screen = startScreen(host, { ...place, write });
  let lines: View | null = null;
  let waitingNow: PendingRows | null = null;
  let isEnding = false;
  void screen.closed.then((how) => {
    if (how === "stopped") {
      host.stop();
      return;
    }
    if (isEnding) return;
    lines = plainView({ isQuiet: false, showsRows: true, write });
    if (waitingNow !== null) lines.pending?.(waitingNow);
    const what = how === "died" ? "the screen ended" : "the screen is closed";
    const again = isAttachable ? " `realmscope watch --attach` opens another;" : "";
    process.stderr.write(`realmscope: ${what}; the capture goes on.${again} Ctrl-C ends it.\n`);
  });
  return {
    ready(listener) {
      const target = listener.target === null ? "" : ` -> ${listener.target}`;
      const text = `${listener.kind} ${listener.address}:${listener.port}${target}`;
      if (lines === null) screen.link.send({ type: "notice", text });
      else lines.ready(listener);
    },
    notice(text) {
      if (lines === null) screen.link.send({ type: "notice", text });
      else lines.notice(text);
    },
    change(event, change) {
      if (lines !== null) {
        lines.change(event, change);
        return;
      }
      if (change.subject !== null) screen.link.row(change.subject);
      screen.link.markChanged();
    },
    pending(waiting) {
      waitingNow = waiting;
      if (lines === null) screen.link.pending(waiting);
      else lines.pending?.(waiting);
    },
    async end(analysis, sources, how) {
      isEnding = true;
      if (how === "interrupted") await screen.stop();
      else screen.link.end();
      await screen.closed;
      const files = journal === null ? [] : [journal];
      for (const line of leavingLines({ analysis, files })) write(`${line}\n`);
      for (const { path, problems } of sources)
        for (const problem of problems) write(`${safe(`${path}: ${problem}`)}\n`);
    },
  };
}
