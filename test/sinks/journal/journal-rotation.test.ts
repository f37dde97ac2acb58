// A journal in parts, on a disk that fills up: real files, and a real small file system where one can be mounted.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { pseudonymsFromKey } from "../../../src/app/pseudonyms.ts";
import type { CaptureEvent, SourceSummary } from "../../../src/core/capture-event.ts";
import { keepSecrets, sanitiseEvent } from "../../../src/sanitising/sanitise.ts";
import { type JournalOptions, openJournal } from "../../../src/sinks/journal/journal.ts";
import type { SyncedRecords } from "../../../src/sinks/journal/journal-writer.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";
import { transaction } from "../../sanitising/transaction-maker.ts";

let folder = "";
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-rotation-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newFolder = (): string => mkdtempSync(join(folder, `${++files}-`));
const pseudonymise = pseudonymsFromKey(new Uint8Array(32));
const call = (id: string): ReturnType<typeof sanitiseEvent> =>
  sanitiseEvent({ kind: "transaction", transaction: { ...transaction({}), id } }, pseudonymise);
const ids = (count: number, from = 1): string[] => Array.from({ length: count }, (_, index) => `t${index + from}`);

async function readBack(path: string): Promise<{ ids: string[]; events: CaptureEvent[]; summary: SourceSummary }> {
  const capture = await openCapture(path);
  const events: CaptureEvent[] = [];
  for await (const event of capture.events) events.push(event);
  const found = events.flatMap((event) => (event.kind === "transaction" ? [event.transaction.id] : []));
  return { ids: found, events, summary: capture.summary() };
}

const inParts = (maxBytes: number, keepBytes: number | null = null): JournalOptions => ({
  tool: "1.2.3",
  rotation: { maxBytes, maxAgeMs: null, keepBytes },
});

describe("parts", () => {
  test("a part beyond the size is closed, gets a number, and all are read as one", async () => {
    const path = join(newFolder(), "c.ndjson");
    const journal = openJournal(path, inParts(2_000));
    for (const id of ids(20)) journal.write(call(id));
    await journal.close();
    const names = readdirSync(join(path, "..")).sort();
    expect(names.length).toBeGreaterThan(3);
    expect(names.slice(0, 3)).toEqual(["c.ndjson", "c.ndjson.000001", "c.ndjson.000002"]);
    for (const name of names) expect(statSync(join(path, "..", name)).mode & 0o777).toBe(0o600);
    const { ids: found, summary } = await readBack(path);
    expect(found).toEqual(ids(20));
    expect(summary).toMatchObject({ path, transactions: 20, truncated: false, problems: [] });
  });

  test("a part that is old enough is closed by its age", async () => {
    const path = join(newFolder(), "c.ndjson");
    let now = Date.UTC(2026, 0, 15);
    const rotation = { maxBytes: 1e9, maxAgeMs: 3_600_000, keepBytes: null };
    const journal = openJournal(path, { tool: "1", rotation, now: () => now });
    journal.write(call("t1"));
    now += 3_599_999;
    journal.write(call("t2"));
    now += 1;
    journal.write(call("t3"));
    await journal.close();
    expect(readdirSync(join(path, ".."))).toHaveLength(2);
    expect(readFileSync(`${path}.000001`, "utf8")).toContain('"_id":"t2"');
    expect((await readBack(path)).ids).toEqual(ids(3));
  });

  test("the oldest are deleted to stay within the limit, which is reported once; the others are read", async () => {
    const path = join(newFolder(), "c.ndjson");
    const told: string[] = [];
    const journal = openJournal(path, { ...inParts(4_000, 16_000), onTrouble: (text) => told.push(text) });
    for (const id of ids(100)) {
      journal.write(call(id));
      await journal.settled();
      const total = readdirSync(join(path, "..")).reduce((sum, name) => sum + statSync(join(path, "..", name)).size, 0);
      expect(total).toBeLessThanOrEqual(16_000 + 4_000);
    }
    await journal.close();
    expect(told).toEqual([expect.stringContaining("reached its limit (--keep)")]);
    const { ids: found, summary } = await readBack(path);
    expect(found.at(-1)).toBe("t100");
    expect(found).toEqual(ids(100).slice(-found.length));
    expect(summary).toMatchObject({ truncated: false });
    expect(summary.problems).toEqual([expect.stringMatching(/^the \d+ records before it are in older parts/)]);
  });

  test("a later run continues the numbers and never deletes a file that is not a part of the journal", async () => {
    const path = join(newFolder(), "c.ndjson");
    writeFileSync(`${path}.000001`, "my own notes");
    const journal = openJournal(path, inParts(1_500, 3_000));
    for (const id of ids(10)) journal.write(call(id));
    await journal.close();
    expect(readFileSync(`${path}.000001`, "utf8")).toBe("my own notes");
    const second = openJournal(path, inParts(1_500));
    for (const id of ids(4)) second.write(call(id));
    await second.close();
    rmSync(`${path}.000001`);
    const { ids: found, summary } = await readBack(path);
    expect(found.slice(-4)).toEqual(["r2.t1", "r2.t2", "r2.t3", "r2.t4"]);
    expect(summary.truncated).toBe(false);
  });

  test("a part that is missing in the middle is reported", async () => {
    const path = join(newFolder(), "c.ndjson");
    const journal = openJournal(path, inParts(1_500));
    for (const id of ids(12)) journal.write(call(id));
    await journal.close();
    rmSync(`${path}.000002`);
    const { summary } = await readBack(path);
    expect(summary).toMatchObject({
      truncated: true,
      problems: [expect.stringMatching(/^records \d+ to \d+ are missing/)],
    });
  });

  test("a writer that died between two parts leaves everything that was written", async () => {
    const path = join(newFolder(), "c.ndjson");
    const journal = openJournal(path, inParts(1_500));
    for (const id of ids(6)) journal.write(call(id));
    await journal.close();
    rmSync(path);
    const { ids: found, summary } = await readBack(path);
    expect(found).toEqual(ids(found.length));
    expect(summary).toMatchObject({ path, problems: [expect.stringContaining("not ended in an orderly way")] });
  });
});

test("records are reported as synced only after the sync", async () => {
  const path = join(newFolder(), "c.ndjson");
  const synced: SyncedRecords[] = [];
  let wake: () => void = () => undefined;
  const told = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const journal = openJournal(path, {
    ...{ tool: "1", syncEveryMs: 10 },
    onSynced(now) {
      synced.push(now);
      if (now.transactions === 2) wake();
    },
  });
  journal.write(call("t1"));
  journal.write(call("t2"));
  expect(synced).toEqual([]);
  await told;
  journal.write(call("t3"));
  await journal.close();
  expect(synced.at(-1)).toEqual({ records: 3, transactions: 3 });
});

test("a journal with secrets is marked in its head and when it is read", async () => {
  const path = join(newFolder(), "c.ndjson");
  const journal = openJournal(path, { tool: "1", isSanitised: false });
  const secret = transaction({ headers: [["Authorization", "Basic Y29udG9zb1xhbm5hOnB3"]] });
  journal.write(keepSecrets({ kind: "transaction", transaction: secret }));
  await journal.close();
  expect(readFileSync(path, "utf8")).toContain("Basic Y29udG9zb1xhbm5hOnB3");
  expect(JSON.parse(readFileSync(path, "utf8").split("\n")[0] ?? "")).toMatchObject({ k: "head", sanitised: false });
  expect((await readBack(path)).summary).toMatchObject({ holdsSecrets: true });
});

test("the torn end is never written through a link", async () => {
  const path = join(newFolder(), "c.ndjson");
  const target = join(newFolder(), "target");
  writeFileSync(target, "precious");
  const journal = openJournal(path, { tool: "1" });
  journal.write(call("t1"));
  await journal.close();
  writeFileSync(path, `${readFileSync(path, "utf8")}{"k":"ent`);
  symlinkSync(target, `${path}.torn`);
  expect(() => openJournal(path, { tool: "1" })).toThrow(/torn end cannot be kept/);
  expect(readFileSync(target, "utf8")).toBe("precious");
  expect(readFileSync(path, "utf8")).toContain('{"k":"ent');
});

function mountSmall(bytes: number): string | null {
  const path = newFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path], { stdio: "ignore" });
    return path;
  } catch {
    return null;
  }
}

describe("a full disk", () => {
  interface Full {
    readonly disk: string;
    readonly path: string;
    readonly told: string[];
    next(): Promise<string>;
    readonly options: JournalOptions;
  }

  function fullDisk(context: { skip(note: string): void }): Full | null {
    const disk = mountSmall(64 * 1024);
    if (disk === null) {
      context.skip("a small file system cannot be mounted here (not root)");
      return null;
    }
    onTestFinished(() => {
      execFileSync("umount", ["-l", disk]);
    });
    const told: string[] = [];
    const waiting: ((text: string) => void)[] = [];
    const onTrouble = (text: string): void => {
      told.push(text);
      waiting.shift()?.(text);
    };
    const next = (): Promise<string> => new Promise((resolve) => waiting.push(resolve));
    return { disk, path: join(disk, "c.ndjson"), told, next, options: { tool: "1", syncEveryMs: 10, onTrouble } };
  }

  test("the person is notified, nothing written is damaged, and everything is written when there is room again", async (context) => {
    const full = fullDisk(context);
    if (full === null) return;
    const journal = openJournal(full.path, full.options);
    for (const id of ids(10)) journal.write(call(id));
    await journal.settled();
    writeFileSync(join(full.disk, "filler"), Buffer.alloc(40 * 1024));
    for (const id of ids(100, 11)) journal.write(call(id));
    await journal.settled();
    expect(full.told).toEqual([expect.stringMatching(/cannot be written \(ENOSPC\).*continues in memory/)]);
    const whole = readFileSync(full.path, "utf8");
    expect(whole.endsWith("\n")).toBe(true);
    for (const line of whole.trim().split("\n")) JSON.parse(line);
    const resumed = full.next();
    execFileSync("mount", ["-o", "remount,size=4m", full.disk]);
    expect(await resumed).toBe("The journal is written again; nothing was lost.");
    journal.write(call("t111"));
    await journal.close();
    const { ids: found, summary } = await readBack(full.path);
    expect(found).toEqual(ids(111));
    expect(summary).toMatchObject({ truncated: false, problems: [] });
  });

  test("beyond the memory limit records are lost, counted, and marked as a gap in the journal", async (context) => {
    const full = fullDisk(context);
    if (full === null) return;
    const journal = openJournal(full.path, { ...full.options, pendingLimit: 20_000 });
    for (const id of ids(300)) {
      journal.write(call(id));
      await journal.settled();
    }
    expect(full.told).toHaveLength(2);
    expect(full.told[1]).toContain("is judged, but not kept");
    const resumed = full.next();
    execFileSync("mount", ["-o", "remount,size=4m", full.disk]);
    expect(await resumed).toMatch(/written again; \d+ records were lost/);
    journal.write(call("t301"));
    await journal.close();
    const { ids: found, events, summary } = await readBack(full.path);
    const gap = events.find((event) => event.kind === "gap");
    expect(gap).toMatchObject({ reason: "the journal could not be written" });
    expect(found).toHaveLength(301 - (gap?.kind === "gap" ? gap.lost : 0));
    expect(found.at(-1)).toBe("t301");
    expect(summary.truncated).toBe(false);
  });
});
