import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { listPackage } from "../../../src/sources/logs/zip-package.ts";
import { acceptedCall, folderOf, logText, probe, readFiles, sumOf } from "./log-maker.ts";

const log = (time: string, server = "EX01"): Uint8Array =>
  Buffer.from(logText([probe(time), acceptedCall(time, { ServerHostName: server })]));

function write(content: Uint8Array): string {
  return join(folderOf({ "package.zip": content }), "package.zip");
}

test("logs in a ZIP file are found by their content, whatever their names, and read in place", async () => {
  const path = write(
    zipSync({
      "EX01/EWS_Proxy_Logs/HttpProxy_2026113009-1.LOG": log("09:00:02.000"),
      "EX02/renamed.txt": log("08:00:02.000", "EX02"),
      "EX01/readme.LOG": Buffer.from("Collected by support."),
      "EX01/wide": Buffer.from(logText([acceptedCall("10:00:00.000")]), "utf16le"),
    }),
  );
  const { rows, reports, problems } = await readFiles([path]);
  expect(rows.map(({ server, file }) => [server, file.slice(path.length)])).toEqual([
    ["ex02", "/EX02/renamed.txt"],
    ["ex01", "/EX01/EWS_Proxy_Logs/HttpProxy_2026113009-1.LOG"],
    ["ex01", "/EX01/wide"],
  ]);
  expect(sumOf(reports)).toEqual([3, 2, 0]);
  expect(problems).toEqual([]);
});

test.each([0, 9] as const)(
  "a ZIP file in a ZIP file is opened, packed at level %i; one in that is not",
  async (level) => {
    const deepest = zipSync({ "d.LOG": log("08:00:04.000") });
    const inner = zipSync({ "a.LOG": log("08:00:02.000"), "b.LOG": log("08:00:03.000"), "deep.zip": deepest });
    const path = write(zipSync({ "host_Logs_HttpProxy_EWS.zip": [inner, { level }], "c.LOG": log("08:00:01.000") }));
    const { rows } = await readFiles([path]);
    expect(rows.map(({ file }) => file.slice(path.length))).toEqual([
      "/c.LOG",
      "/host_Logs_HttpProxy_EWS.zip/a.LOG",
      "/host_Logs_HttpProxy_EWS.zip/b.LOG",
    ]);
  },
);

test("a ZIP file with more members than are looked at says so", async () => {
  const members = Object.fromEntries(Array.from({ length: 20_050 }, (_, index) => [`${index}`, Buffer.from("x")]));
  const { problems } = await listPackage(write(zipSync(members, { level: 0 })));
  expect(problems).toEqual([expect.stringMatching(/holds too much to be read as a whole: unpack it/)]);
});

test("a damaged member costs its own rows behind the damage and is said", async () => {
  const whole = Buffer.from(zipSync({ "a.LOG": log("08:00:02.000"), "b.LOG": log("08:00:03.000") }, { level: 0 }));
  const at = whole.indexOf("08:00:02.000");
  whole[at] = 0x31;
  const { rows, problems, isCut } = await readFiles([write(whole)]);
  expect(rows.map(({ file }) => file.endsWith("b.LOG"))).toContain(true);
  expect(problems.join()).toMatch(/a\.LOG" .*damaged/);
  expect(isCut).toBe(true);
});

test("a cut ZIP file among logs is said and the others are read", async () => {
  const whole = zipSync({ "a.LOG": log("08:00:02.000") });
  const folder = folderOf({ "b.LOG": log("08:00:03.000"), "cut.zip": whole });
  // A directory that lies about its place: the archive has an end, and nothing where it points to.
  const bytes = readFileSync(join(folder, "cut.zip"));
  writeFileSync(join(folder, "cut.zip"), bytes.subarray(40));
  appendFileSync(join(folder, "cut.zip"), "");
  const { logs, problems } = await listPackage(join(folder, "cut.zip"));
  expect(logs).toEqual([]);
  expect(problems).toEqual([expect.stringMatching(/cut\.zip" is a ZIP file that is cut or damaged/)]);
});

test("a member that is protected by a password is named", async () => {
  const path = write(await protectedZip());
  const { problems } = await listPackage(path);
  expect(problems).toEqual([expect.stringMatching(/a\.LOG" is protected by a password: unpack it/)]);
});

async function protectedZip(): Promise<Uint8Array> {
  const { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } = await import("@zip.js/zip.js");
  const writer = new ZipWriter(new Uint8ArrayWriter(), { password: "secret", useWebWorkers: false });
  await writer.add("a.LOG", new Uint8ArrayReader(log("08:00:02.000")));
  return writer.close();
}
