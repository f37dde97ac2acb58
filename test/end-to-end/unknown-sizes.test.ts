// HAR 1.2 has -1 for a size that the exporter does not know. It is not 0: on no surface, and in no copy of the capture.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { bodyBytes } from "../../src/core/http-transaction.ts";
import { openCapture } from "../../src/sources/open-capture.ts";
import { exportAll } from "../support/export-all.ts";
import { openTestScreen } from "../support/terminal-screen.ts";
import { analysis, subject } from "../tui/row-maker.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-sizes-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entry = (status: number, requestSize: number, answer: object): object => ({
  startedDateTime: `2026-01-15T12:00:00.${status}Z`,
  time: 3,
  request: {
    ...{ method: "POST", url: "https://mail.contoso.com/EWS/Exchange.asmx", httpVersion: "HTTP/1.1" },
    headers: [{ name: "Authorization", value: "Bearer" }],
    ...{ queryString: [], cookies: [], headersSize: -1, bodySize: requestSize },
  },
  response: { status, statusText: "", httpVersion: "HTTP/1.1", headers: [], cookies: [], redirectURL: "", ...answer },
  ...{ cache: {}, timings: { send: 0, wait: 3, receive: 0 } },
});
const har = {
  log: {
    ...{ version: "1.2", creator: { name: "Playwright", version: "1.40" } },
    entries: [
      entry(401, 10, { content: { size: 20, mimeType: "text/html" }, bodySize: 20 }),
      entry(403, 10, { content: { size: -1, mimeType: "text/html" }, bodySize: -1 }),
      entry(500, -1, { content: { size: 0, mimeType: "text/html" }, bodySize: 0 }),
    ],
  },
};

async function sizesIn(path: string): Promise<readonly unknown[]> {
  const capture = await openCapture(path);
  const sizes: unknown[] = [];
  for await (const event of capture.events) if (event.kind === "transaction") sizes.push(bodyBytes(event.transaction));
  expect(capture.summary().problems).toEqual([]);
  return sizes;
}

test("a size that is not known stays unknown in every copy", async () => {
  const path = join(folder, "sizes.har");
  writeFileSync(path, JSON.stringify(har));
  expect(await sizesIn(path)).toEqual([30, null, null]);
  await exportAll(path, join(folder, "copy"));
  for (const format of ["har", "saz", "ndjson", "pcapng"])
    expect([format, await sizesIn(join(folder, `copy.${format}`))]).toEqual([format, [30, null, null]]);
});

test("the table has ? for it", async () => {
  const screen = openTestScreen({ columns: 160, rows: 30 });
  onTestFinished(() => screen.end());
  screen.tell(
    { type: "hello", title: "x", mode: "replay" },
    { type: "analysis", analysis: analysis() },
    { type: "rows", lost: 0, rows: [subject("t1", { bytes: null, path: "/one" }), subject("t2", { bytes: 1234 })] },
  );
  const lines = (await screen.text()).split("\n");
  expect(lines.find((line) => line.includes(" t1 "))).toMatch(/ \? /);
  expect(lines.find((line) => line.includes(" t2 "))).toMatch(/ 1\.2k /);
});
