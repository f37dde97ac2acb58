import { expect, test } from "vitest";
import { waitAtMost } from "../../src/sinks/wait-at-most.ts";

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
const hourMs = 3_600_000;

test("waits for the promise and leaves no timer, also when it fails", async () => {
  const before = timers();
  await waitAtMost(hourMs, Promise.resolve());
  await expect(waitAtMost(hourMs, Promise.reject(new Error("full")))).rejects.toThrow("full");
  expect(timers()).toBeLessThanOrEqual(before);
});

test("waits no longer than the limit", async () => {
  const started = performance.now();
  await waitAtMost(20, new Promise(() => undefined));
  expect(performance.now() - started).toBeGreaterThan(15);
});
