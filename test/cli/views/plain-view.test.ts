// The lines for requests without an answer: one for each, after ten seconds.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { View } from "../../../src/app/live/view.ts";
import { plainView } from "../../../src/cli/views/plain-view.ts";
import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import { transaction } from "../../sanitising/transaction-maker.ts";
import { analysis, row, subject } from "../../tui/row-maker.ts";

const began = Date.UTC(2026, 0, 15, 12);

beforeEach(() => {
  vi.useFakeTimers({ now: began });
});
afterEach(() => {
  vi.useRealTimers();
});

function lines(options: { readonly isQuiet?: boolean } = {}): { readonly view: View; readonly written: string[] } {
  const written: string[] = [];
  const write = (text: string): void => void written.push(text);
  return { view: plainView({ isQuiet: false, showsRows: true, write, ...options }), written };
}

const slow = (id: string, at: number, status: number | null = null) =>
  subject(id, { at, status, durationMs: null, path: "/EWS/\u001b[2J" });
const reported = (id: string, time: string): string =>
  `${time} ${id} POST https://mail.contoso.example/EWS/\\x1b[2J has had no answer for 10 s  Bearer\n`;

test("a request that hangs is reported once, after ten seconds", () => {
  const { view, written } = lines();
  vi.advanceTimersByTime(2000);
  view.pending?.({ rows: [slow("t1", began)], more: 0 });
  vi.advanceTimersByTime(7900);
  expect(written).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(written).toEqual([reported("t1", "12:00:00.000")]);
  view.pending?.({ rows: [slow("t1", began), slow("t2", began + 5000)], more: 0 });
  vi.advanceTimersByTime(60_000);
  expect(written.slice(1)).toEqual([reported("t2", "12:00:05.000")]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a request that streams its answer, or ends in time, is not reported", () => {
  const { view, written } = lines();
  view.pending?.({ rows: [slow("t1", began), slow("t2", began), slow("t3", began, 200)], more: 0 });
  vi.advanceTimersByTime(5000);
  view.pending?.({ rows: [slow("t1", began), slow("t3", began, 200)], more: 0 });
  const event: CaptureEvent = { kind: "transaction", transaction: transaction({}) };
  view.change(event, {
    row: row("t1"),
    facts: null,
    findings: [],
    handshakes: [],
    absorbed: [],
    subject: null,
    place: null,
  });
  vi.advanceTimersByTime(60_000);
  expect(written.join("")).not.toContain("has had no answer");
  expect(written).toHaveLength(1);
});

test("nothing is reported with --quiet, nor after the end", async () => {
  const quiet = lines({ isQuiet: true });
  quiet.view.pending?.({ rows: [slow("t1", began)], more: 0 });
  const ended = lines();
  ended.view.pending?.({ rows: [slow("t1", began)], more: 0 });
  await ended.view.end(analysis(), [], "finished");
  const before = ended.written.length;
  vi.advanceTimersByTime(60_000);
  expect(quiet.written).toEqual([]);
  expect(ended.written).toHaveLength(before);
});
