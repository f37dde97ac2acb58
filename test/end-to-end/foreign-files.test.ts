// Files that somebody else put where the program keeps its own: none is added to, waited for or believed.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { openJournal } from "../../src/sinks/journal/journal.ts";
import { type CliResult, runCli } from "../support/run-cli.ts";

const saved = resolve("captures/trust-works.ndjson");
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
let folder = "";
let journal = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-foreign-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "shared"));
  chmodSync(join(folder, "shared"), 0o777);
  journal = join(folder, "shared", "c.ndjson");
});

const run = (args: readonly string[]): Promise<CliResult> =>
  runCli(args, { environment: { REALMSCOPE_HOME: join(folder, "home") } });
const watch = (): Promise<CliResult> => run(["watch", "--forward", "0", "--for", "0.3", "--json", "--save", journal]);

function expectRefused({ code, stdout, stderr }: CliResult, ...words: readonly string[]): void {
  expect(stderr).toMatch(/^realmscope: .+\n$/);
  for (const word of words) expect(stderr).toContain(word);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
}

describe("the journal", () => {
  test("with a second name is refused and left as it is", async () => {
    writeFileSync(join(folder, "other-name"), "", { mode: 0o666 });
    linkSync(join(folder, "other-name"), journal);
    const before = statSync(journal);
    expectRefused(await watch(), JSON.stringify(journal).slice(1, -1), "has more than one name (hard links)");
    expect(statSync(journal)).toMatchObject({ mode: before.mode, size: 0 });
    expect(readdirSync(join(folder, "shared"))).toEqual(["c.ndjson"]);
  });

  test.skipIf(!isRoot).each([
    ["an empty file", ""],
    ["a journal", readFileSync(saved, "utf8")],
    ["a journal with a torn end", `${readFileSync(saved, "utf8")}{"k":"ent`],
  ])("of another user, %s, is refused and left as it is", async (_what, text) => {
    writeFileSync(journal, text);
    chmodSync(journal, 0o666);
    chownSync(journal, nobody, nobody);
    expectRefused(await watch(), "belongs to another user");
    expect(readFileSync(journal, "utf8")).toBe(text);
    expect(statSync(journal)).toMatchObject({ uid: nobody, mode: 0o100666 });
    expect(readdirSync(join(folder, "shared"))).toEqual(["c.ndjson"]);
  });

  test.skipIf(!isRoot)("has no part of another user, and none that is a link", async () => {
    copyFileSync(saved, `${journal}.000001`);
    chownSync(`${journal}.000001`, nobody, nobody);
    expectRefused(await watch(), `${journal}.000001`, "belongs to another user");
    rmSync(`${journal}.000001`);
    symlinkSync(saved, `${journal}.000001`);
    expectRefused(await watch(), `${journal}.000001`, "is not a regular file");
  });

  const bad: readonly (readonly [what: string, make: (path: string) => void])[] = [
    ["a pipe", (path) => execFileSync("mkfifo", [path])],
    ["a second name of a file", (path) => linkSync(join(folder, "precious"), path)],
    ["another user's", foreign],
  ];
  test.each(bad.filter(([what]) => isRoot || what !== "another user's"))(
    "keeps its torn end in no file that is %s",
    (_what, make) => {
      writeFileSync(join(folder, "precious"), "precious");
      writeFileSync(journal, `${readFileSync(saved, "utf8")}{"k":"ent`);
      make(`${journal}.torn`);
      expect(() => openJournal(journal, { tool: "1" })).toThrow(/torn end cannot be kept/);
      expect(readFileSync(journal, "utf8")).toMatch(/\{"k":"ent$/);
      expect(readFileSync(join(folder, "precious"), "utf8")).toBe("precious");
    },
  );

  test("that this user made is continued", async () => {
    expect((await watch()).stderr).toBe("");
    expect((await watch()).stderr).toBe("");
    expect(readFileSync(journal, "utf8").match(/"k":"head"/g)).toHaveLength(2);
  });
});

function foreign(path: string): void {
  writeFileSync(path, "x");
  chmodSync(path, 0o666);
  chownSync(path, nobody, nobody);
}

describe("the lock of a journal", () => {
  test.each([
    ["a pipe", (path: string) => void execFileSync("mkfifo", [path])],
    ["a link to a device without an end", (path: string) => symlinkSync("/dev/zero", path)],
    ["a link to a file", (path: string) => symlinkSync(saved, path)],
    ["longer than a lock", (path: string) => writeFileSync(path, " ".repeat(4097))],
  ])("that is %s is refused at once", async (_what, make) => {
    make(`${journal}.lock`);
    expectRefused(await watch(), JSON.stringify(`${journal}.lock`), "exists and cannot be read");
    expect(existsSync(journal)).toBe(false);
  });

  test.skipIf(!isRoot)("that belongs to another user is refused, whatever it says", async () => {
    writeFileSync(`${journal}.lock`, JSON.stringify({ pid: 1, host: "x", began: "" }));
    chownSync(`${journal}.lock`, nobody, nobody);
    expectRefused(await watch(), JSON.stringify(`${journal}.lock`), "belongs to another user");
  });
});

describe("the data folder", () => {
  test.each([
    ["the folder itself", "."],
    ["the folder of its sockets and certificates", "run"],
  ])("%s, open to all, is refused, and works when it is closed", async (_what, name) => {
    const shared = join(folder, "home", name);
    mkdirSync(shared, { recursive: true, mode: 0o700 });
    chmodSync(shared, 0o777);
    expectRefused(await watch(), "can be written by all users", "chmod go-w");
    chmodSync(shared, 0o700);
    expect((await watch()).stderr).toBe("");
  });

  test.each([
    ["ca", "show"],
    ["provision", "status"],
    ["provision", "undo"],
  ])("%s %s does not believe what lies in one", async (...args) => {
    const part = args[0] === "ca" ? "ca" : "provisioning";
    mkdirSync(join(folder, "home", part), { recursive: true });
    chmodSync(join(folder, "home", part), 0o777);
    expectRefused(await run(args), "can be written by all users");
  });

  test.skipIf(!isRoot)("of another user is refused", async () => {
    mkdirSync(join(folder, "home"), { mode: 0o700 });
    chownSync(join(folder, "home"), nobody, nobody);
    expectRefused(await watch(), "belongs to another user");
  });

  test("a link where the certificate of a run goes is not followed", async () => {
    mkdirSync(join(folder, "home", "run"), { recursive: true, mode: 0o700 });
    // The process ids that come next: one of them is that of the run.
    writeFileSync(join(folder, "precious"), "precious");
    for (let pid = process.pid; pid < process.pid + 2_000; pid += 1)
      symlinkSync(join(folder, "precious"), join(folder, "home", "run", `ca-${pid}.pem`));
    await watch();
    expect(readFileSync(join(folder, "precious"), "utf8")).toBe("precious");
  });

  test.skipIf(!isRoot)("a run of another user is not taken back", async () => {
    const runs = join(folder, "home", "provisioning", "runs", "20260115T120000-abcd");
    mkdirSync(runs, { recursive: true, mode: 0o700 });
    writeFileSync(join(runs, "journal.ndjson"), "{}\n");
    chownSync(join(runs, "journal.ndjson"), nobody, nobody);
    for (const verb of ["undo", "resume"])
      expectRefused(await run(["provision", verb, "--yes"]), "belongs to another user");
  });
});

describe("the key of the pseudonyms", () => {
  const put = (path: string): void => {
    writeFileSync(path, `realmscope-key-1 ${Buffer.alloc(32, 7).toString("base64")}\n`, { mode: 0o600 });
  };
  const bad: readonly (readonly [what: string, make: (path: string) => void])[] = [
    ["has a second name", (path) => [put(`${path}2`), linkSync(`${path}2`, path)]],
    ["is a pipe", (path) => execFileSync("mkfifo", ["-m", "600", path])],
    ["is a link to a device", (path) => symlinkSync("/dev/zero", path)],
    ["is another user's", (path) => [put(path), chownSync(path, nobody, nobody)]],
  ];
  test.each(bad.filter(([what]) => isRoot || what !== "is another user's"))(
    "that %s is refused",
    async (_what, make) => {
      const key = join(folder, "shared", "key");
      make(key);
      expectRefused(await run(["ticket", saved, "-o", join(folder, "t.zip"), "--key", key]), JSON.stringify(key));
      expect(existsSync(join(folder, "t.zip"))).toBe(false);
    },
  );
});
