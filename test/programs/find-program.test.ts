// Real files in real folders; for Windows the rules over paths, with a machine that a table describes.
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findProgram, lookHere, requireProgram, type SearchPlace } from "../../src/programs/find-program.ts";

const user = process.geteuid?.();

function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "realmscope-find-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function program(folder: string, name = "az", mode = 0o755): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, mode);
  return path;
}

const place = (path: string, workingFolder: string): SearchPlace => ({
  environment: { PATH: path },
  platform: "linux",
  workingFolder,
  user,
  look: lookHere,
});

test.skipIf(user === undefined)("the first file of PATH counts, by its full path", () => {
  const root = newFolder();
  const [first, second] = [program(join(root, "a")), program(join(root, "b"))];
  expect(findProgram("az", place(`${root}/none:${root}/a:${root}/b`, root))).toEqual({ kind: "found", path: first });
  program(join(root, "c"), "az", 0o644);
  expect(findProgram("az", place(`${root}/c:${root}/b`, root))).toEqual({ kind: "found", path: second });
  mkdirSync(join(root, "d", "az"), { recursive: true });
  expect(findProgram("nothing", place(`${root}/a`, root))).toEqual({ kind: "missing" });
});

test.skipIf(user === undefined)(
  "the working folder is never searched by a relative entry, and refused by its full path",
  () => {
    const root = newFolder();
    const path = program(root);
    for (const relative of ["", ":", ".", "./", "..", "tools", "::."])
      expect(findProgram("az", place(relative, root)), JSON.stringify(relative)).toEqual({ kind: "missing" });
    expect(findProgram("az", place(root, root))).toMatchObject({
      kind: "refused",
      path,
      why: "lies in the working folder",
    });
    // By a link from elsewhere, too.
    const other = join(root, "other");
    mkdirSync(other);
    symlinkSync(path, join(other, "az"));
    expect(findProgram("az", place(other, root))).toMatchObject({ kind: "refused", why: "lies in the working folder" });
    expect(() => requireProgram("az", place(root, root))).toThrow(/is not started: ".*az" lies in the working folder/);
    // A person who writes the path out means it.
    expect(findProgram("./az", place("", root))).toEqual({ kind: "found", path });
  },
);

test.skipIf(user === undefined)("a folder or file that others may write is refused", () => {
  const root = newFolder();
  const elsewhere = newFolder();
  for (const [name, mode, fileMode] of [
    ["all", 0o777, 0o755],
    ["sticky", 0o1777, 0o755],
    ["file", 0o755, 0o777],
  ] as const) {
    const folder = join(root, name);
    program(folder, "az", fileMode);
    chmodSync(folder, mode);
    expect(findProgram("az", place(folder, elsewhere)), name).toMatchObject({
      kind: "refused",
      why: expect.stringContaining("can be written by all users"),
    });
  }
  const inner = join(root, "open", "inner");
  program(inner);
  chmodSync(join(root, "open"), 0o777);
  expect(findProgram("az", place(inner, elsewhere))).toMatchObject({
    kind: "refused",
    why: expect.stringContaining("lies below"),
  });
});

/** A Windows machine with these files. */
const windows = (files: readonly string[], workingFolder: string, path: string): SearchPlace => ({
  environment: { Path: path, SystemRoot: "C:\\Windows", PUBLIC: "C:\\Users\\Public", ProgramData: "C:\\ProgramData" },
  platform: "win32",
  workingFolder,
  user: undefined,
  look: (wanted) =>
    files.some((file) => file.toLowerCase() === wanted.toLowerCase())
      ? { status: { uid: 0, gid: 0, mode: 0o100666, nlink: 1 }, realPath: wanted }
      : null,
});

const azure = "C:\\Program Files\\Azure\\wbin";

test.each([
  ["az", `${azure};C:\\x`, [`${azure}\\az.cmd`], { kind: "found", path: `${azure}\\az.cmd` }],
  ["az", `"${azure}"`, [`${azure}\\az.cmd`], { kind: "found" }],
  ["az", "C:\\Work", ["C:\\Work\\az.cmd"], { kind: "refused", why: "lies in the working folder" }],
  ["az", "c:\\work\\", ["C:\\Work\\az.exe"], { kind: "refused", why: "lies in the working folder" }],
  ["az", ".;;\\tools;C:tools;tools", ["C:\\Work\\az.cmd", "C:\\tools\\az.cmd"], { kind: "missing" }],
  ["az", "C:\\Users\\Public\\bin", ["C:\\Users\\Public\\bin\\az.cmd"], { kind: "refused" }],
  ["az", "C:\\", ["C:\\az.cmd"], { kind: "refused" }],
  ["az", "C:\\Windows\\Temp", ["C:\\Windows\\Temp\\az.cmd"], { kind: "refused" }],
  ["az", "C:\\ProgramData", ["C:\\ProgramData\\az.cmd"], { kind: "refused" }],
  ["az", azure, [`${azure}\\az.js`, `${azure}\\az`], { kind: "missing" }],
  ["ssh", "C:\\Windows\\System32\\OpenSSH", ["C:\\Windows\\System32\\OpenSSH\\ssh.exe"], { kind: "found" }],
] as const)("on Windows: %s in %s", (name, path, files, found) => {
  expect(findProgram(name, windows(files, "C:\\Work", path))).toMatchObject(found);
});

test("on Windows an elevated session that begins in System32 still finds what is there", () => {
  const ssh = "C:\\Windows\\System32\\ssh.exe";
  expect(findProgram("ssh", windows([ssh], "C:\\Windows\\System32", "C:\\Windows\\System32"))).toEqual({
    kind: "found",
    path: ssh,
  });
});
