// The view of a live capture: a screen or lines on this terminal, and screens attached from other terminals.

import type { Configuration } from "../../app/configuration.ts";
import { openAttachServer } from "../../app/live/attach-server.ts";
import type { LiveRun } from "../../app/live/run-live.ts";
import { type LiveHost, startLiveHost } from "../../app/live/screen-host.ts";
import type { LiveViewSource, View } from "../../app/live/view.ts";
import type { ScreenServer } from "../../tui/link/screen-server.ts";
import type { LiveOptions } from "../options/live-options.ts";
import { screenPlace, screenSettings } from "../options/screen-settings.ts";
import { chooseLineView } from "./choose-view.ts";
import { openLiveOutput } from "./live-output.ts";
import { screenView } from "./screen-view.ts";

/** What decides the view of a run beside its options. */
export interface ViewedRun {
  readonly title: string;
  readonly mode: "demo" | "live";
  readonly configuration: Configuration;
  /** The screen is shown on this terminal. */
  readonly isWatched: boolean;
}

/** Chooses the view of a run; the run opens it. */
export function chooseLiveView(options: LiveOptions, run: ViewedRun): Pick<LiveRun, "openOutput" | "openView"> {
  return {
    openOutput: (onClosed) => openLiveOutput(options.json === true, onClosed),
    openView: (source) => openView(options, run, source),
  };
}

/** Opens the view of a run. Other terminals can attach screens to a live one. */
async function openView(
  options: LiveOptions,
  { title, mode, configuration, isWatched }: ViewedRun,
  { write, analysis, pseudonymise, stop }: LiveViewSource,
): Promise<View> {
  const lines = (): Promise<View> => chooseLineView(options, { isLive: true, write });
  // The lab's traffic needs no attached screen, so no requests are kept for one.
  if (mode === "demo" && !isWatched) return lines();
  const settings = screenSettings(options, configuration);
  const live = startLiveHost({ title, mode, settings, configuration, analysis, pseudonymise, stop });
  const server = mode === "live" ? await openAttachServer(live.host) : null;
  const journal = options.save ?? null;
  const isAttachable = server !== null && typeof server !== "string";
  const view = isWatched
    ? screenView({ host: live.host, place: screenPlace(options), journal, isAttachable, write })
    : await lines();
  if (typeof server === "string") view.notice(server);
  return withAttachedScreens(view, live, { server: isAttachable ? server : null, isWatched });
}

interface AttachedScreens {
  readonly server: ScreenServer | null;
  readonly isWatched: boolean;
}

/** A view that also sends everything to the attached screens. */
function withAttachedScreens(view: View, live: LiveHost, { server, isWatched }: AttachedScreens): View {
  return {
    ready: (listener) => view.ready(listener),
    notice(text) {
      view.notice(text);
      server?.send({ type: "notice", text });
    },
    captured(event, change) {
      if (change.subject !== null)
        live.accept(event, { subject: change.subject, place: change.place }, isWatched || (server?.screens ?? 0) > 0);
    },
    change(event, change) {
      if (server !== null && change.subject !== null) server.row(change.subject);
      server?.markChanged();
      view.change(event, change);
    },
    pending(waiting) {
      server?.pending(waiting);
      view.pending?.(waiting);
    },
    synced: (synced) => view.synced?.(synced),
    async end(analysis, sources, how) {
      server?.end();
      await view.end(analysis, sources, how);
      await server?.stop();
    },
  };
}
