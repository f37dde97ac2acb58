// Tickets built by another ZIP library, whole and hostile.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { expect, onTestFinished, test } from "vitest";
import type { SourceSummary } from "../../../src/core/capture-event.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";

const entry = (number: number): object => ({
  startedDateTime: `2026-01-15T12:00:${String(number % 60).padStart(2, "0")}.000Z`,
  time: 5,
  request: { method: "GET", url: "https://mail.contoso.example/EWS/", httpVersion: "HTTP/1.1", headers: [] },
  response: { status: 401, statusText: "Unauthorized", httpVersion: "HTTP/1.1", headers: [], content: { size: 0 } },
  padding: "x".repeat(1000),
});
const har = (entries: number): Buffer =>
  Buffer.from(
    JSON.stringify({ log: { version: "1.2", entries: Array.from({ length: entries }, (_, at) => entry(at)) } }),
  );
const manifest = Buffer.from('{"schema":"realmscope.ticket/1"}');

async function read(bytes: Uint8Array, name = "ticket.zip"): Promise<{ count: number; summary: SourceSummary }> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-ticket-file-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const capture = await openCapture(path);
  let count = 0;
  for await (const event of capture.events) if (event.kind === "transaction") count += 1;
  const { done, total } = capture.progress();
  if (!capture.summary().truncated) expect(done).toBe(total);
  return { count, summary: capture.summary() };
}

test.each([0, 6] as const)("the HAR of a ticket is read, packed at level %i", async (level) => {
  const ticket = zipSync({ "MANIFEST.json": manifest, "capture.har": har(1500) }, { level });
  const { count, summary } = await read(ticket);
  expect(count).toBe(1500);
  expect(summary).toMatchObject({ format: "har", transactions: 1500, truncated: false, problems: [] });
});

/** Overwrites the size after unpacking of the HAR, in its own header and in the directory. */
function stateSize(ticket: Uint8Array, size: number): Uint8Array {
  const bytes = Buffer.from(ticket);
  const local = bytes.indexOf("capture.har") - 30;
  const directory = bytes.lastIndexOf("capture.har") - 46;
  bytes.writeUInt32LE(size, local + 22);
  bytes.writeUInt32LE(size, directory + 24);
  return bytes;
}

test("a member that unpacks to more than it states is a bomb: no more than that is read, and the cut is told", async () => {
  const ticket = zipSync({ "MANIFEST.json": manifest, "capture.har": har(2000) });
  const { count, summary } = await read(stateSize(ticket, 200_000));
  expect(count).toBeLessThan(200);
  expect(summary.truncated).toBe(true);
  expect(summary.problems).toEqual([`the file ends too early; ${count} whole entries were read`]);
});

test("a damaged member gives its whole entries, and the damage is told", async () => {
  const ticket = Buffer.from(zipSync({ "MANIFEST.json": manifest, "capture.har": har(20) }, { level: 0 }));
  const padding = ticket.indexOf("xxxx");
  ticket[padding] = 0x79;
  expect(await read(ticket)).toMatchObject({ count: 20, summary: { truncated: true } });
});

test("a name that leads out of the archive is refused", async () => {
  const ticket = zipSync({ "MANIFEST.json": manifest, "../../capture.har": har(1) });
  await expect(read(ticket)).rejects.toThrow("is a ZIP file with names that lead out of it");
});

test.each([
  ["a ZIP with a HAR but no manifest", { "capture.har": har(1) }],
  ["a ZIP with a manifest alone", { "MANIFEST.json": manifest }],
])("%s is not a ticket", async (_, contents) => {
  await expect(read(zipSync(contents))).rejects.toThrow("is a ZIP file without Fiddler sessions");
});

test("a session of Charles that is a ZIP is named, with the way to a HAR", async () => {
  const session = zipSync({ "0-meta.json": Buffer.from("{}") });
  await expect(read(session, "calls.chlz")).rejects.toMatchObject({
    message: expect.stringContaining("is a session of Charles."),
    hint: expect.stringContaining("HTTP Archive (.har)"),
  });
});
