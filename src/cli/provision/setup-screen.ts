// `provision apply --tui`: the steps of a run in the screen. The run does not wait for the screen and continues when it is closed.

import { readConfiguration } from "../../app/configuration.ts";
import { startAnalysis } from "../../diagnosis/analyze.ts";
import type { RunEvent } from "../../provisioning/engine/run.ts";
import type { ScreenHost } from "../../tui/link/screen-link.ts";
import { startScreen } from "../../tui/link/start-screen.ts";
import type { SetupProgress, SetupStep } from "../../tui/model/messages.ts";
import type { CommonOptions } from "../options/common-options.ts";
import { screenPlace, screenSettings } from "../options/screen-settings.ts";

export interface SetupScreen {
  readonly onEvent: (event: RunEvent) => void;
  /** Marks the run as ended; resolves when the person has closed the screen. */
  ended(): Promise<void>;
}

/** Opens the screen with all steps waiting. `hide` removes secrets from each text; `stop` ends the run after its current step. */
export async function openSetupScreen(
  items: readonly { readonly id: string; readonly title: string }[],
  options: CommonOptions,
  { hide, stop }: { readonly hide: (text: string) => string; readonly stop: () => void },
): Promise<SetupScreen> {
  const analyzer = startAnalysis({});
  const host: ScreenHost = {
    title: "provision apply",
    mode: "setup",
    settings: screenSettings(options, await readConfiguration(options.config)),
    analysis: () => analyzer.snapshot(),
    detail: () => Promise.resolve(null),
    unmasked: () => null,
    search: () => ({ stop: () => undefined }),
    exportRows: () => Promise.resolve("there are no rows to export"),
    stop,
  };
  const screen = startScreen(host, screenPlace(options));
  let run = startSetup(
    hide("provision apply"),
    items.map(({ id, title }) => ({ id, title: hide(title) })),
  );
  const sendProgress = (): void => {
    const steps = run.steps.map((step) => ({ ...step, note: hide(step.note) }));
    screen.link.send({ type: "setup", progress: { title: run.title, steps } });
  };
  sendProgress();
  return {
    onEvent(event) {
      run = advanceSetup(run, event, Date.now());
      sendProgress();
    },
    async ended() {
      screen.link.end();
      await screen.closed;
    },
  };
}

/** The steps of a run as the screen draws them. */
export interface SetupRun extends SetupProgress {
  /** Epoch milliseconds when the current step began. */
  readonly startedAt: number;
}

/** A run before its first event. */
export function startSetup(title: string, items: readonly { readonly id: string; readonly title: string }[]): SetupRun {
  const steps = items.map((item): SetupStep => ({ ...item, state: "waiting", note: "", seconds: null }));
  return { title, steps, startedAt: 0 };
}

/** The run after an event. Events of steps that are not in the plan change nothing. */
export function advanceSetup(run: SetupRun, event: RunEvent, now: number): SetupRun {
  const change = (id: string, part: Partial<SetupStep>): SetupRun => ({
    ...run,
    startedAt: part.state === "running" ? now : run.startedAt,
    steps: run.steps.map((step) => (step.id === id ? { ...step, ...part } : step)),
  });
  const seconds = (now - run.startedAt) / 1000;
  switch (event.event) {
    case "item-started":
      return change(event.id, { state: "running" });
    case "item-done":
      return change(event.id, {
        state: event.outcome === "already" ? "skipped" : "done",
        note: event.note ?? (event.isConfirmed ? "" : "done, but not confirmed by the server yet"),
        seconds,
      });
    case "item-failed":
      return change(event.id, { state: "failed", note: event.reason.message, seconds });
    case "undone":
      return change(event.id, { state: event.outcome === "skipped" ? "skipped" : "undone", note: event.why });
    case "keys-lost":
    case "keys-restored":
      return run;
  }
}
