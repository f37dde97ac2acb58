// The tail as a source of events: its clock is the test's, so that nothing here waits for a time.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import { startLogTail, type TailClock } from "../../../src/sources/logs/tail/start-log-tail.ts";
import { header, line } from "./tail-support.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-log-tail-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A clock that stands still until `pass`; `waited` resolves when the tail waits for its next turn. */
function manualClock() {
  let now = Date.now();
  let wake: (() => void) | null = null;
  let onWait: (() => void) | null = null;
  const clock: TailClock = {
    now: () => now,
    wait: (_ms, ended) =>
      new Promise((resolve) => {
        wake = resolve;
        ended.addEventListener("abort", () => resolve(), { once: true });
        onWait?.();
      }),
  };
  return {
    clock,
    waited: () =>
      new Promise<void>((resolve) => {
        onWait = resolve;
        if (wake !== null) resolve();
      }),
    pass(ms: number) {
      now += ms;
      const woken = wake;
      wake = null;
      woken?.();
    },
  };
}

function start() {
  const time = manualClock();
  const notices: string[] = [];
  const options = { folders: [folder], since: time.clock.now(), readsBack: false, readsTraces: false };
  const tail = startLogTail({ ...options, notice: (text) => notices.push(text) }, time.clock);
  return { ...time, tail, notices };
}

const file = "HttpProxy_2026113012-1.LOG";
const idOf = (event: CaptureEvent | undefined): string | null =>
  event?.kind === "log-row" ? event.row.requestId : (event?.kind ?? null);

test("each second is one turn, and a row comes in the turn after its five seconds", async () => {
  writeFileSync(join(folder, file), header);
  const { tail, waited, pass } = start();
  const events = tail.events[Symbol.asyncIterator]();
  const first = events.next();
  await waited();
  appendFileSync(join(folder, file), line("one"));
  pass(1000);
  await waited();
  pass(5000);
  const given = await first;
  expect(idOf(given.value)).toBe("one");
});

test("stop reads what was written up to then, gives the rows that wait, and ends", async () => {
  writeFileSync(join(folder, file), header);
  const { tail, waited } = start();
  const given: (string | null)[] = [];
  const consumed = (async () => {
    for await (const event of tail.events) given.push(idOf(event));
  })();
  await waited();
  appendFileSync(join(folder, file), line("last"));
  await tail.stop();
  await consumed;
  expect(given).toEqual(["last", "log-file"]);
  expect(tail.isBlocked()).toBe(false);
});

test("stop reads the log of a folder that was empty when it was last listed", async () => {
  mkdirSync(join(folder, "Ews"));
  const { tail, waited } = start();
  const given: (string | null)[] = [];
  const consumed = (async () => {
    for await (const event of tail.events) given.push(idOf(event));
  })();
  await waited();
  writeFileSync(join(folder, "Ews", file), header + line("last"));
  await tail.stop();
  await consumed;
  expect(given).toEqual(["last", "log-file"]);
});

test("a process that ends at once still gets the rows that were read", async () => {
  writeFileSync(join(folder, file), header);
  const { tail, waited, pass } = start();
  void tail.events[Symbol.asyncIterator]().next();
  await waited();
  appendFileSync(join(folder, file), line("waiting"));
  pass(1000);
  await waited();
  expect([...tail.takeNow()].map(idOf)).toContain("waiting");
});

test("a tail that was never read stops at once", async () => {
  const { tail } = start();
  await tail.stop();
});
