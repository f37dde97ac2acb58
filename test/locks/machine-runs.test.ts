// Two users of one machine, as real processes of two accounts, and what a hostile user can put into the shared folder.
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { announceRun, machineFolder, otherRuns } from "../../src/locks/machine-runs.ts";
import { thisProcess } from "../../src/locks/process-lock.ts";
import { announce } from "../../src/provisioning/engine/run-lock.ts";

const isRoot = process.geteuid?.() === 0;
const nobody = 65534;
const built = join(process.cwd(), "dist", "locks");

/** As /run/lock: open to all, with the sticky bit. */
function sharedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-machine-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o1777);
  return folder;
}

/** A process of another account that runs `code` with the built module, prints a line, and stays. */
async function otherUser(
  code: string,
): Promise<{ readonly line: string; readonly pid: number; stop(): Promise<void> }> {
  // The other account need not be able to read this checkout.
  const copy = mkdtempSync(join(tmpdir(), "realmscope-other-"));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  for (const file of ["machine-runs.js", "process-lock.js"]) cpSync(join(built, file), join(copy, file));
  writeFileSync(join(copy, "package.json"), '{"type":"module"}');
  const module = join(copy, "other.js");
  writeFileSync(module, `import { announceRun } from "./machine-runs.js"; ${code} setInterval(() => undefined, 1000);`);
  chmodSync(copy, 0o755);
  const child = spawn(process.execPath, [module], { uid: nobody, gid: nobody, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const line = await new Promise<string>((resolve) =>
    child.stdout.once("data", (data: Buffer) => resolve(data.toString().trim())),
  );
  return {
    line,
    pid: child.pid ?? 0,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}

test.skipIf(!isRoot)(
  "a run of another user is seen with its user and since when, until its process has ended",
  { timeout: 30_000 },
  async () => {
    const folder = sharedFolder();
    const other = await otherUser(
      `console.log(announceRun({ folder: ${JSON.stringify(folder)}, root: "/theirs", run: "their-run" }).kind);`,
    );
    expect(other.line).toBe("announced");
    const mine = announceRun({ folder, root: "/mine", run: "my-run" });
    expect(mine).toMatchObject({
      kind: "announced",
      others: [{ pid: other.pid, run: "their-run", user: "nobody", since: expect.stringMatching(/^2\d{3}-/) }],
    });
    if (mine.kind === "announced") mine.release();
    const warnings: string[] = [];
    const place = { folder, root: "/mine", run: "my-run" };
    const warn = (text: string) => void warnings.push(text);
    expect(() => announce(place, { isBeside: false, warn })).toThrow(
      /"nobody" has a run under way on this machine since 2\d{3}-.*process \d+/,
    );
    announce(place, { isBeside: true, warn }).release();
    expect(warnings).toHaveLength(1);
    await other.stop();
    expect(otherRuns(folder)).toEqual([]);
    // Their file is theirs to remove; ours is gone.
    expect(readdirSync(folder)).toHaveLength(1);
  },
);

test.skipIf(!isRoot)(
  "each of two that begin at once sees the other, and own leftovers are removed",
  { timeout: 30_000 },
  async () => {
    const folder = sharedFolder();
    const mine = announceRun({ folder, root: "/mine", run: "r" });
    const other = await otherUser(
      `const a = announceRun({ folder: ${JSON.stringify(folder)}, root: "/theirs", run: "t" }); console.log(a.others.map((o) => o.pid + " " + o.user).join());`,
    );
    expect(other.line).toBe(`${process.pid} root`);
    if (mine.kind === "announced") mine.release();
    const left = join(folder, `realmscope-run-${"0".repeat(32)}.json`);
    writeFileSync(left, JSON.stringify({ ...thisProcess("old"), pid: 2 ** 22 + 1, user: "root" }));
    expect(otherRuns(folder)).toHaveLength(1);
    expect(existsSync(left)).toBe(false);
  },
);

test.skipIf(!isRoot)(
  "what a hostile user puts there stops nobody: links, pipes, floods, and runs in the name of others",
  () => {
    const folder = sharedFolder();
    const victim = join(folder, "victim");
    writeFileSync(victim, "precious");
    const name = (number: number): string => join(folder, `realmscope-run-${String(number).padStart(32, "0")}.json`);
    symlinkSync(victim, name(1));
    execFileSync("mkfifo", [name(2)]);
    writeFileSync(name(3), "x".repeat(5000));
    symlinkSync("/dev/zero", name(4));
    // In the name of process 1, which is root's: the file's owner is not.
    const forged = { ...thisProcess("x"), pid: 1, began: "", user: "admin" };
    writeFileSync(name(5), JSON.stringify(forged));
    execFileSync("chown", ["-h", "nobody", name(1), name(2), name(3), name(4), name(5)]);
    expect(otherRuns(folder)).toEqual([]);
    expect(announceRun({ folder, root: "/mine", run: "r" })).toMatchObject({ kind: "announced", others: [] });
    expect(readFileSync(victim, "utf8")).toBe("precious");
  },
);

test.skipIf(!isRoot)("a link at the place of the own announcement is not followed", { timeout: 30_000 }, () => {
  const folder = sharedFolder();
  const first = announceRun({ folder, root: "/mine", run: "r" });
  const [name = ""] = readdirSync(folder);
  expect(statSync(join(folder, name)).mode & 0o777).toBe(0o644);
  if (first.kind === "announced") first.release();
  const victim = join(folder, "victim");
  writeFileSync(victim, "precious");
  symlinkSync(victim, join(folder, name));
  const second = announceRun({ folder, root: "/mine", run: "r" });
  expect(second.kind).toBe("announced");
  expect(readFileSync(victim, "utf8")).toBe("precious");
  if (second.kind === "announced") second.release();
});

test("without a place the run goes on under the user's own lock, and one line says so", () => {
  const warnings: string[] = [];
  const warn = (text: string) => void warnings.push(text);
  announce({ folder: null, root: "/r", run: "r" }, { isBeside: false, warn }).release();
  announce({ folder: "/nowhere/at/all", root: "/r", run: "r" }, { isBeside: false, warn }).release();
  expect(warnings).toEqual([
    expect.stringMatching(/^Runs of other users of this machine cannot be seen: there is no folder/),
    expect.stringMatching(/cannot be written \(ENOENT\)\. Your own runs are still kept apart\.$/),
  ]);
});

test("the folder is the machine's, the same for every user", () => {
  expect(machineFolder({ ProgramData: "D:\\Data" }, "win32")).toBe("D:\\Data");
  expect(machineFolder({}, "win32")).toBe("C:\\ProgramData");
  expect(machineFolder({ ProgramData: "relative" }, "win32")).toBeNull();
  const here = machineFolder({}, "linux");
  if (here !== null) expect(statSync(here).mode & 0o1002).toBe(0o1002);
});
