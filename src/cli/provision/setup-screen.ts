// `provision apply --tui`: the steps of the run in the screen. The run does not wait for it, and goes on when it is closed.

import { readConfiguration } from "../../app/configuration.ts";
import { startAnalysis } from "../../diagnosis/analyze.ts";
import type { RunEvent } from "../../provisioning/engine/run.ts";
import type { ScreenHost } from "../../tui/link/screen-link.ts";
import { startScreen } from "../../tui/link/start-screen.ts";
import type { CommonOptions } from "../options/common-options.ts";
import { screenPlace, screenSettings } from "../options/screen-settings.ts";
import { setupAfter, startSetup } from "./setup-steps.ts";

export interface SetupScreen {
  readonly onEvent: (event: RunEvent) => void;
  /** The run is over; resolves when the person has closed the screen. */
  ended(): Promise<void>;
}

/** Opens the screen with all steps waiting. `hide` takes secrets out of every text; `stop` ends the run after its step. */
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
  const tell = (): void => {
    const steps = run.steps.map((step) => ({ ...step, note: hide(step.note) }));
    screen.link.tell({ type: "setup", progress: { title: run.title, steps } });
  };
  tell();
  return {
    onEvent(event) {
      run = setupAfter(run, event, Date.now());
      tell();
    },
    async ended() {
      screen.link.ended();
      await screen.closed;
    },
  };
}
