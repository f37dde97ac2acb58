import { expect, test } from "vitest";
import { within } from "../../src/sinks/within.ts";

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
const hourMs = 3_600_000;

test("waits for the promise and leaves no timer, also when it fails", async () => {
  const before = timers();
  await within(hourMs, Promise.resolve());
  await expect(within(hourMs, Promise.reject(new Error("full")))).rejects.toThrow("full");
  expect(timers()).toBeLessThanOrEqual(before);
});

test("waits no longer than the limit", async () => {
  const started = performance.now();
  await within(20, new Promise(() => undefined));
  expect(performance.now() - started).toBeGreaterThan(15);
});
