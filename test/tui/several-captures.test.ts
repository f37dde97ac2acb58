// Several captures on the screen: each by itself, by name; and a capture that turns out not to be in order.
import { expect, test } from "vitest";
import { groupName, groupsOf, judgingOptions, readInto } from "../../src/app/reading/capture-group.ts";
import { startPipeline } from "../../src/app/run-pipeline.ts";
import type { Analysis } from "../../src/diagnosis/analysis.ts";
import { joinAnalyses } from "../../src/diagnosis/join-analyses.ts";
import { RowLog } from "../../src/tui/model/row-log.ts";
import { emptyState } from "../../src/tui/model/view-state.ts";
import { takeMessage } from "../../src/tui/update/take-message.ts";
import { findingsPane } from "../../src/tui/view/panes/findings-pane.ts";
import { leavingLines } from "../../src/tui/words/leaving-lines.ts";
import { verdictLines } from "../../src/tui/words/verdict-lines.ts";
import { subject } from "./row-maker.ts";

const files = ["captures/trust-works.ndjson", "captures/user-unknown.ndjson"];

async function judged(): Promise<Analysis> {
  const captures = [];
  for (const group of groupsOf(files, false)) {
    const pipeline = startPipeline({
      ...{ verification: {}, journal: null, ...judgingOptions(group) },
      pseudonymise: () => "",
      onChange: () => undefined,
    });
    await readInto(
      group,
      () =>
        ({ event }) =>
          pipeline.accept(event),
    );
    captures.push({ path: groupName(group), analysis: pipeline.snapshot() });
  }
  // As it is on the other side of a process.
  return structuredClone(joinAnalyses(captures));
}

test("the first line names the capture that it speaks of", async () => {
  const view = { analysis: await judged(), columns: 160, now: 0, hasEnded: true };
  const [oauth = []] = verdictLines(view);
  expect(oauth.map(([text]) => text).join("")).toMatch(/^\[XX\] OAuth FAILED.* in user-unknown\.ndjson .*f2\.t\d+/);
});

test("the findings begin with the verdict of each capture", async () => {
  const lines = findingsPane(await judged(), 120).map(({ line }) => line.map(([text]) => text).join(""));
  expect(lines.slice(0, 2)).toEqual([
    "oauth-confirmed  captures/trust-works.ndjson",
    "oauth-rejected  captures/user-unknown.ndjson",
  ]);
});

test("what stays on the terminal lists each, and how to open them again", async () => {
  const lines = leavingLines({ analysis: await judged(), files, isTogether: false });
  expect(lines[0]).toMatch(/^captures\/trust-works\.ndjson: \[OK\] OAuth CONFIRMED/);
  expect(lines.at(-1)).toBe(`Open it again: realmscope replay ${files.join(" ")} --tui`);
  expect(leavingLines({ analysis: await judged(), files, isTogether: true }).at(-1)).toBe(
    `Open it again: realmscope replay ${files.join(" ")} --together --tui`,
  );
});

test("rows in the wrong order are dropped, and sent again", () => {
  const first = takeMessage(
    emptyState(new RowLog()),
    { type: "rows", rows: [subject("t9"), subject("t8")], lost: 0 },
    0,
  );
  const again = takeMessage(first, { type: "restart" }, 0);
  expect(again.log.all()).toEqual([]);
  expect(again.notice).toContain("not in order of time");
  const rows = [subject("t8"), subject("t9"), subject("t10")];
  const last = takeMessage(again, { type: "rows", rows, lost: 0 }, 0);
  expect(last.log.all().map(({ row }) => row.id)).toEqual(["t8", "t9", "t10"]);
  expect(last.log.numberOf("t9")).toBe(last.log.first + 1);
});
