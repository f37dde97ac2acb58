import { expect, test } from "vitest";
import { renderProgress } from "../../../src/cli/views/progress.ts";

const line = (parts: Partial<Parameters<typeof renderProgress>[0]>): string =>
  renderProgress({ name: "a.har", done: 250e6, total: 1000e6, elapsedMs: 2000, columns: 80, ...parts });

test("name, share, rate and time left", () => {
  expect(line({})).toBe("reading a.har  [#####---------------]  25 %  125 MB/s  0:06 left");
  expect(line({ done: 1e6, elapsedMs: 1000 })).toContain("1.0 MB/s  16:39 left");
  expect(line({ done: 1e6, elapsedMs: 10_000 })).toContain("0.1 MB/s  2:46:30 left");
  expect(line({ done: 1000e6 })).toContain("[####################] 100 %");
});

test("standard input has no end that is known", () => {
  expect(line({ name: "-", total: null })).toBe("reading -  250 MB  125 MB/s");
});

test("the line is never wider than the terminal, and no name moves the cursor", () => {
  const name = `${"long/".repeat(40)}\u001b[2J.har`;
  for (const columns of [20, 40, 80, 200]) expect(line({ name, columns }).length).toBeLessThan(columns);
  expect(line({ name: "\u001b[2J.har" })).not.toContain("\u001b");
});
