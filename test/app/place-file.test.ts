import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { writeWhole } from "../../src/app/checking/write-whole.ts";
import { readConfiguration } from "../../src/app/configuration.ts";
import { exportCapture } from "../../src/app/hand-over/export-capture.ts";
import { writeTicket } from "../../src/app/hand-over/write-ticket.ts";
import { placeNewFile, refuseUnwritable } from "../../src/app/place-file.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-place-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  path = join(folder, "out");
});

/** As another user does it while the program works. */
const takeName = (): void => writeFileSync(path, "theirs");

test("a name that was taken meanwhile keeps what is there, by export and by ticket", async () => {
  const task = {
    files: ["captures/one-way.ndjson"],
    realm: null,
    configuration: await readConfiguration(undefined, folder),
    pseudonymise: () => "x",
    title: "x",
    hidesDomains: false,
    beforeNaming: takeName,
  };
  const refused = { code: "exists", message: `${JSON.stringify(path)} exists.` };
  await expect(exportCapture({ ...task, isSanitised: true, outputs: [["har", path]] })).rejects.toMatchObject(refused);
  expect([readdirSync(folder), readFileSync(path, "utf8")]).toEqual([["out"], "theirs"]);
  rmSync(path);
  await expect(writeTicket({ ...task, output: path, keyFingerprint: null })).rejects.toMatchObject(refused);
  expect([readdirSync(folder), readFileSync(path, "utf8")]).toEqual([["out"], "theirs"]);
});

test("export --force replaces an ordinary file when the new one is whole, and neither a capture that is read, a link nor a folder", async () => {
  const original = join(folder, "capture.ndjson");
  writeFileSync(original, readFileSync("captures/one-way.ndjson"));
  const task = {
    files: [original],
    realm: null,
    configuration: await readConfiguration(undefined, folder),
    pseudonymise: () => "x",
    title: "x",
    hidesDomains: false,
    isSanitised: true,
    replaces: true,
  };
  const written = (to: string): Promise<unknown> => exportCapture({ ...task, outputs: [["har", to]] });
  writeFileSync(path, "older");
  await written(path);
  expect(JSON.parse(readFileSync(path, "utf8"))).toHaveProperty("log.entries");

  const link = join(folder, "link");
  symlinkSync(original, link);
  const before = readFileSync(original, "utf8");
  await expect(written(original)).rejects.toMatchObject({ code: "exists" });
  await expect(written(link)).rejects.toMatchObject({ code: "unwritable" });
  await expect(written(folder)).rejects.toMatchObject({ code: "unwritable" });
  expect(readFileSync(original, "utf8")).toBe(before);
  expect(readdirSync(folder).sort()).toEqual(["capture.ndjson", "link", "out"]);
});

test("a file gets its name and is no longer under the other one", () => {
  writeFileSync(`${path}.partial`, "mine");
  placeNewFile(`${path}.partial`, path);
  expect([readdirSync(folder), readFileSync(path, "utf8")]).toEqual([["out"], "mine"]);
});

test("what cannot be placed leaves nothing under the name", () => {
  expect(() => placeNewFile(join(folder, "nothing"), path)).toThrow("cannot be written");
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["missing/x", "its folder does not exist"],
  ["file/x", "its folder is not a folder"],
  ["x".repeat(300), "its name is too long"],
])("%s cannot be written and it is said why", (name, why) => {
  writeFileSync(join(folder, "file"), "");
  const wanted = join(folder, name);
  expect(() => refuseUnwritable(wanted, `${wanted}.partial`)).toThrow(
    `${JSON.stringify(wanted)} cannot be written: ${why}.`,
  );
});

test("a file is replaced whole, and nothing else than a file is", async () => {
  await writeWhole(path, "one", { mode: "new", fileMode: 0o600 });
  await expect(writeWhole(path, "two", { mode: "new" })).rejects.toThrow("exists already");
  await writeWhole(path, "two", { mode: "replace" });
  expect([readdirSync(folder), readFileSync(path, "utf8")]).toEqual([["out"], "two"]);
  await expect(writeWhole(folder, "x", { mode: "replace" })).rejects.toThrow("is a folder");
  await expect(writeWhole("/dev/null", "x", { mode: "replace" })).rejects.toThrow("is not a file");
  expect(existsSync("/dev/null")).toBe(true);
});
