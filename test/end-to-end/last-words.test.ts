// Whatever ends a capture under load, the journal gets every answered request and its end before the process is gone.
import { expect, test, vi } from "vitest";
import { keptOf, startWatched } from "../support/watched-load.ts";

// Each starts programs and waits for thousands of answers.
vi.setConfig({ testTimeout: 90_000 });

const clients = 16;
const whole = { missing: [], doubled: [], last: "end", torn: 0 };

test.each([
  ["an exception that nobody catches", "throw", 70],
  ["a promise that nobody awaits", "reject", 70],
  ["a call of process.exit", "exit", 9],
])("%s loses nothing that was answered", async (_name, planted, code) => {
  const watched = await startWatched({ preload: "planted-bug.mjs", environment: { PLANTED: planted } });
  const running = watched.load.run(clients);
  await watched.load.more(1500);
  process.kill(watched.pid, "SIGWINCH");
  expect(await watched.ended).toEqual({ code, signal: null });
  await running;
  expect(keptOf(watched.journal, watched.load.answered)).toMatchObject(whole);
  if (code === 70) expect(watched.told.stderr).toContain("a bug in the program");
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 143],
] as const)("%s, once and twice, loses nothing that was answered", async (signal, code) => {
  for (const times of [1, 2]) {
    const watched = await startWatched();
    const running = watched.load.run(clients);
    await watched.load.more(800);
    for (let count = 0; count < times; count += 1) process.kill(watched.pid, signal);
    expect(await watched.ended).toEqual({ code, signal: null });
    await running;
    expect(keptOf(watched.journal, watched.load.answered)).toMatchObject(whole);
  }
});

test("with a journal the capture goes on when nobody reads its output any more, and says so", async () => {
  const watched = await startWatched();
  const running = watched.load.run(clients);
  await watched.load.more(200);
  watched.child.stdout?.destroy();
  await watched.load.more(800);
  process.kill(watched.pid, "SIGTERM");
  expect(await watched.ended).toEqual({ code: 143, signal: null });
  await running;
  expect(watched.told.stderr).toContain("standard output was closed");
  expect(keptOf(watched.journal, watched.load.answered)).toMatchObject(whole);
});

test("without a journal a capture that nobody can read ends as if it had been terminated", async () => {
  const watched = await startWatched({ journal: null });
  const running = watched.load.run(clients);
  await watched.load.more(50);
  watched.child.stdout?.destroy();
  expect(await watched.ended).toEqual({ code: 143, signal: null });
  await running;
});

test("with standard error closed, too, the capture goes on", async () => {
  const watched = await startWatched();
  const running = watched.load.run(4);
  await watched.load.more(20);
  watched.child.stderr?.destroy();
  watched.child.stdout?.destroy();
  await watched.load.more(100);
  process.kill(watched.pid, "SIGTERM");
  expect(await watched.ended).toEqual({ code: 143, signal: null });
  await running;
  expect(keptOf(watched.journal, watched.load.answered)).toMatchObject(whole);
});

// Node's own answer to SIGUSR1 is a debugger on 127.0.0.1:9229, for every user of the machine.
test("SIGUSR1 opens no debugger, and SIGUSR2 ends nothing", async () => {
  const watched = await startWatched();
  const running = watched.load.run(2);
  await watched.load.more(1);
  process.kill(watched.pid, "SIGUSR1");
  process.kill(watched.pid, "SIGUSR2");
  await watched.load.more(50);
  process.kill(watched.pid, "SIGTERM");
  expect((await watched.ended).code).toBe(143);
  await running;
  expect(watched.told.stderr).toBe("");
});
