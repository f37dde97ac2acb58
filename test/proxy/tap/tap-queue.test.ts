// A burst of traffic goes through first, and nothing of it is lost or mixed up: what waits, how long, and in whose memory.
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import { CopyStore } from "../../../src/proxy/tap/copy-store.ts";
import { Tap } from "../../../src/proxy/tap/tap.ts";
import { TapQueue } from "../../../src/proxy/tap/tap-queue.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const request = Buffer.from("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
const answer = Buffer.from("HTTP/1.1 204 No Content\r\n\r\n");

function started(limitBytes: number) {
  const seen: CaptureEvent[] = [];
  const queue = new TapQueue(limitBytes);
  const subject = { connection: "c1", client: "192.0.2.1:1", scheme: "https", host: "a.test", port: 443 } as const;
  let count = 0;
  const tap = new Tap(subject, {
    headLimit: 4096,
    bodyLimit: 4096,
    nextTransactionId: () => `t${++count}`,
    emit: (event) => seen.push(event),
  });
  const exchange = (): void => {
    queue.pushBytes(tap, "client", request);
    queue.pushBytes(tap, "server", answer);
  };
  return { seen, queue, tap, exchange };
}

test("copies are read in the pause after a burst", async () => {
  const { seen, exchange } = started(1024 * 1024);
  for (let burst = 0; burst < 20; burst += 1) {
    exchange();
    await vi.advanceTimersByTimeAsync(2);
  }
  expect(seen).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(10);
  expect(seen).toHaveLength(20);
});

test("traffic without a pause is read beside it after a twentieth of a second", async () => {
  const { seen, exchange } = started(1024 * 1024);
  for (let ms = 0; ms < 46; ms += 2) {
    exchange();
    await vi.advanceTimersByTimeAsync(2);
  }
  expect(seen).toHaveLength(0);
  for (let ms = 46; ms < 70; ms += 2) {
    exchange();
    await vi.advanceTimersByTimeAsync(2);
  }
  expect(seen.length).toBeGreaterThan(0);
});

test("more than a quarter of the bound does not wait for a pause, so that a lasting burst is not given up", async () => {
  const limit = 40 * (request.length + answer.length);
  const { seen, tap, exchange } = started(limit);
  for (let count = 0; count < 200; count += 1) {
    exchange();
    await vi.advanceTimersByTimeAsync(1);
  }
  await vi.advanceTimersByTimeAsync(10);
  expect(tap.isOver).toBe(false);
  expect(seen.filter(({ kind }) => kind === "transaction")).toHaveLength(200);
});

test("readAll does not wait for a pause of the traffic", async () => {
  const { seen, queue, exchange } = started(1024 * 1024);
  exchange();
  const idle = queue.whenIdle();
  await vi.advanceTimersByTimeAsync(4);
  await idle;
  expect(seen).toHaveLength(1);
});

test("a store returns the bytes that were put in, whatever else is put and taken, and never changes what it returned", () => {
  const step = fc.record({ length: fc.integer({ min: 0, max: 80_000 }), takes: fc.boolean(), place: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const store = new CopyStore();
      const kept: { readonly copy: ReturnType<CopyStore["put"]>; readonly bytes: Uint8Array }[] = [];
      const given: { readonly got: Uint8Array; readonly bytes: Uint8Array }[] = [];
      steps.forEach(({ length, takes, place }, index) => {
        const bytes = new Uint8Array(length).fill(index + 1);
        kept.push({ copy: store.put(bytes), bytes });
        if (!takes) return;
        const [taken] = kept.splice(place % kept.length, 1);
        if (taken !== undefined) given.push({ got: store.take(taken.copy), bytes: taken.bytes });
      });
      for (const { copy, bytes } of kept) given.push({ got: store.take(copy), bytes });
      return given.every(({ got, bytes }) => Buffer.compare(got, bytes) === 0);
    }),
    { numRuns: 60 },
  );
});

test("readAll is not delayed by traffic that never pauses", async () => {
  const { seen, queue, exchange } = started(1024 * 1024);
  const comes = (exchanges: number): void => {
    for (let count = 0; count < exchanges; count += 1) exchange();
  };
  comes(100);
  const told: string[] = [];
  void queue.readAll().then(() => told.push("all that came so far was read"));
  void queue.whenIdle().then(() => told.push("nothing waits"));
  // More comes in every turn than one turn reads.
  for (let turn = 0; turn < 50; turn += 1) {
    comes(70);
    await vi.advanceTimersToNextTimerAsync();
  }
  expect(told).toEqual(["all that came so far was read"]);
  expect(seen.length).toBeGreaterThanOrEqual(100);
  await vi.advanceTimersByTimeAsync(1000);
  expect(told[1]).toBe("nothing waits");
  expect(seen).toHaveLength(3600);
});
