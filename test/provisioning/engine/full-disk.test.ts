// A disk that fills up in the middle of a line, and a data folder that cannot be written. The kernel's own limit of a file's size
// stands in for the disk: a write that reaches it writes a part, as on a full disk, and the next one is an error (setrlimit(2)).
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readDirectory } from "../../../src/lab/exchange-shell/directory-state.ts";
import { labControllers } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { openRunJournal, readRunJournal } from "../../../src/provisioning/engine/run-journal.ts";
import { labAnswers, makeHome } from "../../support/provisioning-answers.ts";
import { appIds, type ProvisioningLab, startProvisioningLab } from "../../support/provisioning-lab.ts";
import { type CliResult, collect, runCli, startCli } from "../../support/run-cli.ts";

const hasPrlimit = spawnSync("prlimit", ["--version"]).status === 0;
const built = new URL("../../../dist/", import.meta.url);

function limitFiles(pid: number | undefined, bytes: number | "unlimited"): void {
  execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:unlimited`]);
}

function environmentOf(home: string, token: string): Readonly<Record<string, string>> {
  return { REALMSCOPE_HOME: home, REALMSCOPE_GRAPH_TOKEN: token };
}

/** The one journal of a data folder. */
function journalIn(home: string): string {
  const runs = join(home, "provisioning", "runs");
  const [id = ""] = existsSync(runs) ? readdirSync(runs).filter((name) => !name.startsWith(".")) : [];
  return join(runs, id, "journal.ndjson");
}

function state(lab: ProvisioningLab): unknown {
  const held = readDirectory(lab.directory).replicas[labControllers[0]] ?? {};
  return [Object.keys(held).sort(), lab.cloud.store.now(appIds.skype)?.keyCredentials.map(({ key }) => key)];
}

describe.skipIf(!hasPrlimit)("a file that accepts no more bytes", () => {
  test("a line is written as a whole or not at all, and nothing is written after the first failure", async () => {
    const path = join(makeHome(), "run", "journal.ndjson");
    const script = `
      import { openRunJournal } from ${JSON.stringify(new URL("provisioning/engine/run-journal.js", built).href)};
      const journal = openRunJournal(${JSON.stringify(path)}, { now: Date.now, hide: (text) => text });
      const attempt = (itemId) => {
        try {
          journal.write({ kind: "already", itemId });
          process.stdout.write("wrote " + itemId + "\\n");
        } catch (error) {
          process.stdout.write("refused " + itemId + " " + error.reason?.code + "\\n");
        }
      };
      attempt("first");
      process.stdin.once("data", () => {
        attempt("second");
        attempt("third");
        process.stdin.once("data", () => {
          attempt("fourth");
          process.exit(0);
        });
      });
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    let said = "";
    const until = (word: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (said.includes(word)) resolve();
          else child.stdout.once("data", look);
        };
        look();
      });
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until("first");
    const whole = statSync(path).size;
    // Room for a part of the next line.
    limitFiles(child.pid, whole + 20);
    child.stdin.write("\n");
    await until("third");
    limitFiles(child.pid, "unlimited");
    child.stdin.write("\n");
    await until("fourth");
    expect(said.trim().split("\n")).toEqual([
      "wrote first",
      ...["second", "third", "fourth"].map((itemId) => `refused ${itemId} journal-unwritable`),
    ]);
    expect(statSync(path).size).toBe(whole);
    const journal = openRunJournal(path, { now: Date.now, hide: (text) => text });
    journal.write({ kind: "already", itemId: "fifth" });
    journal.close();
    expect(readRunJournal(path)).toMatchObject([{ itemId: "first" }, { itemId: "fifth" }]);
  });

  test("a run whose journal accepts a part of a line stops, and resume and undo find whole lines only", async () => {
    const lab = await startProvisioningLab();
    const home = makeHome();
    const environment = environmentOf(home, await lab.cloud.token());
    const provision = (...args: readonly string[]): Promise<CliResult> =>
      runCli(["provision", ...args, ...labAnswers(lab), "--yes", "--quiet"], { environment, limitMs: 60_000 });
    const beginning = state(lab);
    const child = startCli(["provision", "apply", ...labAnswers(lab), "--yes"], { environment, limitMs: 60_000 });
    child.stdin.end();
    child.stdout.on("data", (chunk: Buffer) => {
      if (chunk.includes("[3/")) limitFiles(child.pid, statSync(journalIn(home)).size + 30);
    });
    const { code, stderr } = await collect(child);
    expect(stderr).toMatch(/^realmscope: journal-unwritable: /);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(code).toBe(1);
    expect(readFileSync(journalIn(home), "utf8").endsWith("}\n")).toBe(true);
    const resumed = await provision("resume");
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toHaveLength(1);
    const undone = await provision("undo", "--allow-destructive");
    expect(undone.code, undone.stderr).toBe(0);
    expect(state(lab)).toEqual(beginning);
  }, 120_000);

  test("a partially written inspection CA is not used", async () => {
    const main = new URL("cli/main.js", built).pathname;
    const home = makeHome();
    const child = spawn("prlimit", ["--fsize=600", process.execPath, main, "ca", "create", "--host", "mail.example"], {
      env: { PATH: process.env.PATH, REALMSCOPE_HOME: home },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.end();
    const { code, stderr } = await collect(child);
    expect(stderr).toMatch(/^realmscope: The inspection CA cannot be written/);
    expect(code).toBe(2);
    expect(readdirSync(join(home, "ca"))).toEqual([]);
  });

  test("a disk that is full before the run is reported in one line, before anything is read or asked", async () => {
    const lab = await startProvisioningLab();
    const args = ["provision", "apply", ...labAnswers(lab), "--yes"];
    const main = new URL("cli/main.js", built).pathname;
    const home = makeHome();
    const child = spawn("prlimit", ["--fsize=16384", process.execPath, main, ...args], {
      env: { PATH: process.env.PATH, ...environmentOf(home, await lab.cloud.token()) },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.end();
    const { code, stderr } = await collect(child);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^realmscope: The data folder .* cannot be written \(EFBIG\)\. /);
    expect(readDirectory(lab.directory).calls).toEqual([]);
  });
});

test("the torn line that a crash leaves is moved aside, and the journal continues", () => {
  const path = join(makeHome(), "journal.ndjson");
  const options = { now: Date.now, hide: (text: string) => text };
  const first = openRunJournal(path, options);
  first.write({ kind: "already", itemId: "one" });
  first.close();
  writeFileSync(path, '{"seq":2,"at":"2026-1', { flag: "a" });
  const second = openRunJournal(path, options);
  second.write({ kind: "already", itemId: "two" });
  second.close();
  expect(readRunJournal(path)).toMatchObject([{ itemId: "one" }, { itemId: "two" }]);
  expect(readFileSync(`${path}.torn`, "utf8")).toBe('{"seq":2,"at":"2026-1');
});

/** A data folder that cannot be made: a file is in its place. */
function blockedHome(): string {
  const file = join(makeHome(), "file");
  writeFileSync(file, "");
  return join(file, "data");
}

/** One that is there, and may not be written; only for those whom the kernel asks. */
function closedHome(): string {
  const home = makeHome();
  mkdirSync(join(home, "provisioning", "runs"), { recursive: true });
  chmodSync(join(home, "provisioning", "runs"), 0o500);
  return home;
}

describe.each([
  ["that cannot be made", blockedHome],
  ...(process.getuid?.() === 0 ? [] : [["that may not be written", closedHome] as const]),
] as const)("a data folder %s", (_name, makeFolder) => {
  test.each(["apply", "resume", "undo"])("%s reports it in one line and exits with 2", async (verb) => {
    const lab = await startProvisioningLab();
    const environment = environmentOf(makeFolder(), await lab.cloud.token());
    const { code, stdout, stderr } = await runCli(["provision", verb, ...labAnswers(lab), "--yes"], { environment });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(/^realmscope: The data folder .* cannot be written \(\w+\)\. .*REALMSCOPE_HOME/);
    expect(readDirectory(lab.directory).calls).toEqual([]);
  });

  test("plan needs no data folder", async () => {
    const lab = await startProvisioningLab();
    const environment = environmentOf(makeFolder(), await lab.cloud.token());
    expect((await runCli(["provision", "plan", ...labAnswers(lab)], { environment })).code).toBe(2);
  });
});

test("a runs folder that is not a folder is reported, not read as an empty one", async () => {
  const home = makeHome();
  mkdirSync(join(home, "provisioning"));
  writeFileSync(join(home, "provisioning", "runs"), "");
  const { code, stderr } = await runCli(["provision", "status"], { environment: { REALMSCOPE_HOME: home } });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^realmscope: The runs in .* cannot be read \(ENOTDIR\)/);
});

test("a data folder that others may write is refused at once, with no shell left behind", async () => {
  const lab = await startProvisioningLab();
  const home = makeHome();
  chmodSync(home, 0o777);
  const environment = environmentOf(home, await lab.cloud.token());
  // A shell that was started and not ended would keep the program until its time limit.
  const { code, stderr } = await runCli(["provision", "plan", ...labAnswers(lab)], { environment, limitMs: 15_000 });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^realmscope: The data folder .*chmod go-w/);
});
