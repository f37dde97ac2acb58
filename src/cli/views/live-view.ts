// How a live capture is shown: a screen or lines here, and screens that are attached from elsewhere.
import { filterSubject } from "../../filter/subject.ts";
import type { ScreenServer } from "../../tui/screen-server.ts";
import { openAttachServer } from "../attach-server.ts";
import { type LiveHost, type LiveHostOptions, startLiveHost } from "../live-host.ts";
import type { LiveRun } from "../live-run.ts";
import { safeSubject } from "../safe-change.ts";
import { screenPlace, screenSettings } from "../screen-settings.ts";
import { chooseLineView } from "./choose-view.ts";
import { screenView } from "./screen-view.ts";
import type { View } from "./view.ts";

export interface LiveViewOptions extends Pick<LiveHostOptions, "analysis" | "pseudonymise" | "stop"> {
  /** A person sits before a terminal that can show the screen. */
  readonly isWatched: boolean;
  /** Takes lines without making this process wait. */
  readonly write: (text: string) => void;
}

/** Opens the view of a run; while it is live other terminals can attach screens to it. */
export async function openView(run: LiveRun, options: LiveViewOptions): Promise<View> {
  const { configuration, title, mode } = run;
  const { write } = options;
  const lines = (): View => chooseLineView(run.options, { isLive: true, write });
  // The lab's own traffic needs no second screen, and without one nothing has to be kept for it.
  if (mode === "demo" && !options.isWatched) return lines();
  const settings = screenSettings(run.options, configuration);
  const live = startLiveHost({ ...options, title, mode, settings, configuration });
  const server = mode === "live" ? await openAttachServer(live.host) : null;
  const journal = run.options.save ?? null;
  const isAttachable = server !== null && typeof server !== "string";
  const view = options.isWatched
    ? screenView({ host: live.host, place: screenPlace(run.options), journal, isAttachable, write })
    : lines();
  if (typeof server === "string") view.notice(server);
  const { isWatched, pseudonymise } = options;
  return shared(view, live, { server: isAttachable ? server : null, isWatched, pseudonymise });
}

interface SharedWith extends Pick<LiveHostOptions, "pseudonymise"> {
  readonly server: ScreenServer | null;
  readonly isWatched: boolean;
}

/** The view, and the attached screens told the same. */
function shared(view: View, live: LiveHost, { server, isWatched, pseudonymise }: SharedWith): View {
  return {
    ready: (listener) => view.ready(listener),
    notice(text) {
      view.notice(text);
      server?.tell({ type: "notice", text });
    },
    captured(event, change) {
      if (change.row === null) return;
      const subject = safeSubject(filterSubject(change.row, change.facts, change.findings), pseudonymise);
      live.accept(event, subject, isWatched || (server?.screens ?? 0) > 0);
    },
    change(event, change) {
      if (change.row !== null)
        server?.row(safeSubject(filterSubject(change.row, change.facts, change.findings), pseudonymise));
      server?.changed();
      view.change(event, change);
    },
    waiting(waiting) {
      server?.waiting(waiting);
      view.waiting?.(waiting);
    },
    written: (synced) => view.written?.(synced),
    async end(analysis, sources, how) {
      server?.ended();
      await view.end(analysis, sources, how);
      await server?.stop();
    },
  };
}
