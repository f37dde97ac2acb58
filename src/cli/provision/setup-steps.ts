// The steps of a run as the screen draws them, from the events that the run tells.
import type { RunEvent } from "../../provisioning/engine/run.ts";
import type { SetupProgress, SetupStep } from "../../tui/model/setup-progress.ts";

export interface SetupRun extends SetupProgress {
  /** Epoch milliseconds when the step under way began. */
  readonly startedAt: number;
}

/** A run of which nothing has happened yet. */
export function startSetup(title: string, items: readonly { readonly id: string; readonly title: string }[]): SetupRun {
  const steps = items.map((item): SetupStep => ({ ...item, state: "waiting", note: "", seconds: null }));
  return { title, steps, startedAt: 0 };
}

/** The run after an event. An event of a step that is not in the plan changes nothing. */
export function setupAfter(run: SetupRun, event: RunEvent, now: number): SetupRun {
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
        note: event.note ?? (event.isConfirmed ? "" : "done, but not shown by the server yet"),
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
