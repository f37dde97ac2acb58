import { expect, test } from "vitest";
import { advanceSetup, startSetup } from "../../../src/cli/provision/setup-screen.ts";
import type { RunEvent } from "../../../src/provisioning/engine/run.ts";

test("the steps follow the events of the run, and unknown steps change nothing", () => {
  const events: readonly (readonly [RunEvent, number])[] = [
    [{ event: "item-started", id: "a", title: "A", number: 1, of: 3 }, 1000],
    [{ event: "item-done", id: "a", outcome: "made", isConfirmed: false }, 3500],
    [{ event: "item-started", id: "b", title: "B", number: 2, of: 3 }, 4000],
    [{ event: "item-done", id: "b", outcome: "already", isConfirmed: true }, 4000],
    [{ event: "keys-restored", appId: "x", count: 1 }, 4000],
    [{ event: "item-started", id: "other", title: "?", number: 9, of: 9 }, 4100],
    [{ event: "item-started", id: "c", title: "C", number: 3, of: 3 }, 5000],
  ];
  const start = startSetup("apply", [
    { id: "a", title: "A" },
    { id: "b", title: "B" },
    { id: "c", title: "C" },
  ]);
  const run = events.reduce((before, [event, now]) => advanceSetup(before, event, now), start);
  expect(run.steps).toEqual([
    { id: "a", title: "A", state: "done", note: "done, but not confirmed by the server yet", seconds: 2.5 },
    { id: "b", title: "B", state: "skipped", note: "", seconds: 0 },
    { id: "c", title: "C", state: "running", note: "", seconds: null },
  ]);
  const undone = advanceSetup(run, { event: "undone", id: "a", title: "A", outcome: "undone", why: "" }, 6000);
  expect(undone.steps[0]?.state).toBe("undone");
});
