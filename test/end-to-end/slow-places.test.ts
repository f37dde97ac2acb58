// A terminal, a pipe or a disk that does not take bytes costs the traffic nothing, and what it costs the capture is told.
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Kept, keptOf, startWatched, type Watched } from "../support/watched-load.ts";

// Each starts programs and waits for thousands of answers.
vi.setConfig({ testTimeout: 90_000 });

const clients = 8;
const whole: Partial<Kept> = { missing: [], doubled: [], last: "end", torn: 0 };
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

async function endWith(watched: Watched, signal: NodeJS.Signals): Promise<void> {
  process.kill(watched.pid, signal);
  await watched.ended;
}

/** util-linux's script(1) gives the program a terminal; while script is stopped nobody reads that. */
const hasScript = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;

const onTerminal = (args: readonly string[]): Promise<Watched> =>
  startWatched({
    args,
    // An end of its input would be told to the program as Ctrl-D.
    stdio: ["pipe", "ignore", "ignore"],
    wrap: (command) => ["script", "-qec", command.map((word) => `'${word}'`).join(" "), "/dev/null"],
  });

test.skipIf(!hasScript).each(["--plain", "--json"])(
  "%s on a terminal that nobody reads never stops the traffic, and ends when it is told to",
  async (format) => {
    const watched = await onTerminal([format]);
    const running = watched.load.run(clients);
    await watched.load.more(50);
    process.kill(watched.child.pid ?? 0, "SIGSTOP");
    // A terminal of Linux takes some 20 KB before it makes its writer wait.
    await watched.load.more(2000);
    watched.load.stop();
    await running;
    process.kill(watched.pid, "SIGTERM");
    await gone(watched.pid);
    expect(keptOf(watched.journal, watched.load.answered)).toMatchObject(whole);
  },
);

test.skipIf(!hasScript)(
  "a screen that dies on a terminal that nobody reads stops neither the traffic nor the end",
  async () => {
    const watched = await onTerminal([]);
    const running = watched.load.run(clients);
    await watched.load.more(50);
    process.kill(watched.child.pid ?? 0, "SIGSTOP");
    await watched.load.more(1000);
    const [screen] = readFileSync(`/proc/${watched.pid}/task/${watched.pid}/children`, "utf8").split(" ");
    process.kill(Number(screen), "SIGKILL");
    await watched.load.more(1000);
    watched.load.stop();
    await running;
    process.kill(watched.pid, "SIGTERM");
    await gone(watched.pid);
    expect(keptOf(watched.journal, watched.load.answered)).toMatchObject(whole);
  },
);

test.skipIf(!hasScript)("a screen that cannot draw on its terminal does not hold the end of the capture", async () => {
  const watched = await onTerminal([]);
  const running = watched.load.run(clients);
  await watched.load.more(50);
  process.kill(watched.child.pid ?? 0, "SIGSTOP");
  await watched.load.more(1000);
  watched.load.stop();
  await running;
  process.kill(watched.pid, "SIGTERM");
  await gone(watched.pid);
  expect(keptOf(watched.journal, watched.load.answered)).toMatchObject(whole);
});

async function gone(pid: number): Promise<void> {
  for (const until = Date.now() + 15_000; Date.now() < until; await new Promise((go) => setTimeout(go, 50))) {
    // Its parent is stopped: nobody asks for its exit code, and it stays as a name without a process.
    if (/^State:\s+Z/m.test(statusOf(pid)) || statusOf(pid) === "") return;
  }
  throw new Error(`${statusOf(pid)}`);
}

function statusOf(pid: number): string {
  return existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "";
}

test("a pipe that nobody reads never stops the traffic, and SIGTERM still ends the program", async () => {
  const watched = await startWatched({ wrap: (command) => command });
  watched.child.stdout?.pause();
  const running = watched.load.run(clients);
  await watched.load.more(1500);
  watched.load.stop();
  await running;
  process.kill(watched.pid, "SIGTERM");
  expect(await watched.ended).toEqual({ code: 143, signal: null });
  expect(keptOf(watched.journal, watched.load.answered)).toMatchObject(whole);
});

async function paceOn(environment: Readonly<Record<string, string>>): Promise<Watched & { readonly p50: number }> {
  const watched = await startWatched({ preload: "slow-disk.mjs", environment });
  const running = watched.load.run(clients);
  await watched.load.more(600);
  for (const until = Date.now() + 10_000; Date.now() < until && !watched.told.stdout.includes('"transaction"'); )
    await watched.load.more(20);
  watched.load.stop();
  await running;
  return { ...watched, p50: median(watched.load.latencies) };
}

test("a disk that takes 300 ms for a write slows no answer, and what is told is written", async () => {
  const fast = await paceOn({ SLOW_MS: "0" });
  await endWith(fast, "SIGTERM");
  expect(fast.told.stdout).toContain(`{"event":"written","records":`);
  const slow = await paceOn({ SLOW_MS: "300" });
  // On a busy machine both vary; an answer that waited for a write would have taken 300 ms.
  expect(slow.p50).toBeLessThan(Math.max(2 * fast.p50, 150));
  // What was told before the kill is in the journal, and what was not told may be missing.
  await endWith(slow, "SIGKILL");
  const journal = readFileSync(slow.journal, "utf8");
  const told = [...slow.told.stdout.matchAll(/"event":"transaction","id":"([^"]+)"/g)].map(([, id]) => id);
  expect(told.length).toBeGreaterThan(0);
  expect(told.filter((id) => !journal.includes(`"_id":"${id}"`))).toEqual([]);
});

test.each([
  ["SIGTERM", "", 143],
  ["SIGWINCH", "throw", 70],
] as const)(
  "%s while a slow write is under way: no line is torn, missing or doubled",
  async (signal, planted, code) => {
    const watched = await startWatched({
      preload: "slow-disk.mjs",
      environment: {
        SLOW_MS: "200",
        PLANTED: planted,
        NODE_OPTIONS: `--import ${new URL("../support/preload/planted-bug.mjs", import.meta.url).pathname}`,
      },
    });
    const running = watched.load.run(clients);
    await watched.load.more(400);
    process.kill(watched.pid, signal);
    expect(await watched.ended).toEqual({ code, signal: null });
    await running;
    expect(keptOf(watched.journal, watched.load.answered)).toMatchObject(whole);
  },
);

test("a disk that never answers stops neither the traffic nor the end, and is told", async () => {
  const watched = await startWatched({ preload: "slow-disk.mjs", environment: { SLOW_MS: "-1" } });
  const running = watched.load.run(clients);
  await watched.load.more(600);
  for (const until = Date.now() + 10_000; Date.now() < until && !watched.told.stdout.includes("does not answer"); )
    await watched.load.more(20);
  expect(watched.told.stdout).toContain("The journal cannot be written (the disk does not answer)");
  process.kill(watched.pid, "SIGTERM");
  const { code, signal } = await watched.ended;
  expect(code ?? signal).toBe("SIGTERM");
  await running;
});

test("a disk that cannot sync is told once, and nothing is told to be safe from then on", async () => {
  const watched = await startWatched({ preload: "slow-disk.mjs", environment: { SYNC_FAILS: "yes" } });
  const running = watched.load.run(2);
  for (const until = Date.now() + 10_000; Date.now() < until && !watched.told.stdout.includes("EIO"); )
    await watched.load.more(20);
  watched.load.stop();
  await running;
  await endWith(watched, "SIGTERM");
  const lines = watched.told.stdout.trim().split("\n");
  expect(lines.filter((line) => line.includes('"event":"notice"') && line.includes("(EIO)"))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('"event":"written"'))).toEqual([]);
  expect(lines.at(-1)).toContain("loss of power (EIO)");
});

/** A real disk that does not answer: a file system in a file, frozen by FIFREEZE. For root, on Linux. */
function freezable(context: { skip(note: string): void }, folder: string): string | null {
  const [image, place] = [join(folder, "disk.img"), join(folder, "disk")];
  try {
    writeFileSync(image, "");
    execFileSync("truncate", ["-s", "32M", image]);
    execFileSync("mkfs.ext4", ["-q", image], { stdio: "ignore" });
    mkdirSync(place);
    execFileSync("mount", ["-o", "loop", image, place], { stdio: "ignore" });
  } catch {
    context.skip("a file system cannot be made and mounted here (not root)");
    return null;
  }
  onTestFinished(() => {
    spawnSync("fsfreeze", ["-u", place]);
    spawnSync("umount", ["-l", place]);
  });
  return place;
}

test("a disk that stops for a while costs no answer and no record", async (context) => {
  const folder = execFileSync("mktemp", ["-d"]).toString().trim();
  onTestFinished(() => void spawnSync("rm", ["-rf", folder]));
  const disk = freezable(context, folder);
  if (disk === null) return;
  const watched = await startWatched({ journal: join(disk, "c.ndjson") });
  const running = watched.load.run(clients);
  await watched.load.more(300);
  const before = median(watched.load.latencies.slice(-200));
  execFileSync("fsfreeze", ["-f", disk]);
  await watched.load.more(1500);
  for (const until = Date.now() + 10_000; Date.now() < until && !watched.told.stdout.includes("does not answer"); )
    await watched.load.more(20);
  expect(median(watched.load.latencies.slice(-500))).toBeLessThan(Math.max(2 * before, 150));
  execFileSync("fsfreeze", ["-u", disk]);
  for (const until = Date.now() + 10_000; Date.now() < until && !watched.told.stdout.includes("written again"); )
    await watched.load.more(20);
  expect(watched.told.stdout).toContain("The journal is written again; nothing was lost.");
  watched.load.stop();
  await running;
  process.kill(watched.pid, "SIGTERM");
  expect(await watched.ended).toEqual({ code: 143, signal: null });
  expect(keptOf(watched.journal, watched.load.answered)).toMatchObject(whole);
});

test("lines that go into a file on a full disk cost no answer", async () => {
  if (!existsSync("/dev/full")) return;
  const full = openSync("/dev/full", "w");
  onTestFinished(() => closeSync(full));
  const watched = await startWatched({ stdio: ["ignore", full, "pipe"] });
  const running = watched.load.run(clients);
  await watched.load.more(300);
  process.kill(watched.pid, "SIGTERM");
  expect(await watched.ended).toEqual({ code: 143, signal: null });
  await running;
  expect(keptOf(watched.journal, watched.load.answered)).toMatchObject(whole);
});
