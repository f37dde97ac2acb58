import { expect, test, vi } from "vitest";
import { ProbeCounts, type Probes } from "../../../src/proxy/connections/probe-counts.ts";

const target = { host: "exchange.test", port: 443 };
const one = { address: "192.0.2.1", target };
const two = { address: "192.0.2.2", target };
const unknown = { address: "", target };

function start(): { readonly counts: ProbeCounts; readonly reported: Probes[] } {
  const reported: Probes[] = [];
  return { counts: new ProbeCounts((probes) => reported.push(probes)), reported };
}

test("a check of every second for a minute is one count, reported at the end", () => {
  const { counts, reported } = start();
  for (let second = 0; second < 60; second += 1) {
    counts.add(one, second % 2 === 0 ? "connects" : "handshakes", 1_000 * second);
  }
  expect(reported).toEqual([]);
  expect(counts.snapshot()).toHaveLength(1);
  counts.end();
  expect(reported).toEqual([
    { kind: "probes", at: 59_000, since: 0, client: one.address, ...target, connects: 30, handshakes: 30 },
  ]);
});

test("clients, hosts and ports are counted apart", () => {
  const { counts, reported } = start();
  for (const source of [one, two, { ...one, target: { ...target, port: 8443 } }]) counts.add(source, "connects", 0);
  counts.end();
  expect(reported.map(({ connects }) => connects)).toEqual([1, 1, 1]);
});

test("a count is reported once in an hour, while checks go on", () => {
  vi.useFakeTimers({ now: 0 });
  try {
    const { counts, reported } = start();
    for (let minute = 0; minute < 150; minute += 1) {
      counts.add(one, "connects", Date.now());
      vi.advanceTimersByTime(60_000);
    }
    counts.end();
    expect(reported.map(({ connects }) => connects)).toEqual([60, 60, 30]);
  } finally {
    vi.useRealTimers();
  }
});

test("connections without an address are those of the only client that checks the target", () => {
  const { counts, reported } = start();
  counts.add(unknown, "connects", 1);
  counts.add(one, "connects", 2);
  counts.end();
  expect(reported).toMatchObject([{ client: one.address, since: 1, connects: 2 }]);
});

test("with two clients, or none, they stay without an address", () => {
  const { counts, reported } = start();
  for (const source of [unknown, one, two]) counts.add(source, "connects", 0);
  counts.add({ ...unknown, target: { ...target, port: 1 } }, "connects", 0);
  counts.end();
  expect(reported.map(({ client }) => client).sort()).toEqual(["", "", one.address, two.address]);
});

test("of more than 500 sources the one counted longest ago is reported, not lost", () => {
  const { counts, reported } = start();
  for (let port = 1; port <= 501; port += 1) counts.add({ ...one, target: { ...target, port } }, "connects", port);
  expect(reported).toMatchObject([{ port: 1, connects: 1 }]);
  counts.end();
  expect(reported).toHaveLength(501);
});
