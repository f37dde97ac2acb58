// What a change holds is made once, however many views look at it.
import { expect, test } from "vitest";
import { startPipeline } from "../../src/app/run-pipeline.ts";
import type { SafeChange } from "../../src/app/safe-change.ts";
import { startAnalysis } from "../../src/diagnosis/analyze.ts";
import { openCapture } from "../../src/sources/open-capture.ts";

const capture = "captures/trust-works.ndjson";

test("all views of an event get one change with one row and one filter subject", async () => {
  const changed: SafeChange[] = [];
  const recorded: SafeChange[] = [];
  const pipeline = startPipeline({
    ...{ verification: {}, journal: null, pseudonymise: () => "aaaaaaaaaa" },
    onChange: (_, change) => changed.push(change),
    onRecorded: (_, change) => recorded.push(change),
  });
  for await (const event of (await openCapture(capture)).events) await pipeline.accept(event);
  const rows = changed.filter(({ row }) => row !== null);
  expect(rows.length).toBeGreaterThan(2);
  for (const [index, change] of changed.entries()) {
    expect(recorded[index]).toBe(change);
    expect(change.row).toBe(change.row);
    expect(change.subject).toBe(change.subject);
    expect(change.subject?.row ?? null).toBe(change.row);
  }
});

test("the row of an analysed transaction is made once", async () => {
  const analyzer = startAnalysis({});
  let rows = 0;
  for await (const event of (await openCapture(capture)).events) {
    const change = analyzer.accept(event);
    expect(change.row).toBe(change.row);
    if (change.row !== null) rows += 1;
  }
  expect(rows).toBeGreaterThan(2);
});
