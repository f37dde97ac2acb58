// Packet captures of loopback traffic (invented tokens), read through the real tshark. The encrypted one carries the
// secrets of its one session inside, as Wireshark's editcap puts them there.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { SourceSummary } from "../../../src/core/capture-event.ts";
import type { HttpTransaction } from "../../../src/core/http-transaction.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";
import { runCli } from "../../support/run-cli.ts";

function hasTshark(): boolean {
  try {
    execFileSync("tshark", ["--version"], { stdio: "ignore", timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}

const isMissing = !hasTshark();
if (isMissing) process.stderr.write("skipped: tshark is not installed, so packet captures are not read here\n");

const fixture = (name: string): string => new URL(`fixtures/${name}`, import.meta.url).pathname;
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-packets-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(path: string): Promise<{ transactions: HttpTransaction[]; summary: SourceSummary }> {
  const capture = await openCapture(path);
  const transactions: HttpTransaction[] = [];
  for await (const event of capture.events) if (event.kind === "transaction") transactions.push(event.transaction);
  return { transactions, summary: capture.summary() };
}

test.skipIf(isMissing)(
  "requests and answers are put together; repeats of fields are kept; gzip is undone",
  async () => {
    const { transactions, summary } = await read(fixture("plain.pcapng"));
    expect(summary).toMatchObject({ format: "pcap", transactions: 3, truncated: false, problems: [] });
    const [probe, call, closed] = transactions;
    expect(probe).toMatchObject({
      ...{ connection: "s0", client: expect.stringMatching(/^127\.0\.0\.1:\d+$/), scheme: "http" },
      ...{ host: "mail.contoso.example", port: 18_081, failure: null },
      request: { method: "POST", target: "/EWS/Exchange.asmx", version: "HTTP/1.1", body: { totalBytes: 121 } },
      response: { status: 401, reason: "Unauthorized" },
    });
    expect(probe?.request.headers[0]).toEqual(["Host", "mail.contoso.example"]);
    expect(probe?.response?.headers.filter(([name]) => name === "WWW-Authenticate")).toHaveLength(3);
    expect(Buffer.from(call?.response?.body.bytes ?? []).toString()).toBe("<s:Envelope/>");
    expect(closed).toMatchObject({ response: null, failure: "no answer was recorded", request: { target: "/closed" } });
  },
);

test.skipIf(isMissing)("what is encrypted is read when its secrets are inside", async () => {
  const { transactions } = await read(fixture("tls-with-secrets.pcapng"));
  expect(transactions).toHaveLength(1);
  expect(transactions[0]).toMatchObject({
    ...{ scheme: "https", host: "mail.contoso.example" },
    response: { status: 401 },
  });
});

test.skipIf(isMissing)("packed, and from standard input", async () => {
  const packed = join(folder, "packed");
  writeFileSync(packed, gzipSync(readFileSync(fixture("plain.pcapng"))));
  expect((await read(packed)).summary.transactions).toBe(3);
  const piped = await runCli(["replay", "-", "--json"], { input: readFileSync(fixture("plain.pcapng")) });
  expect(JSON.parse(piped.stdout).sources).toMatchObject([{ path: "-", format: "pcap", transactions: 3 }]);
});

test.skipIf(isMissing)("a cut capture gives what is whole and says so", async () => {
  const cut = join(folder, "cut");
  writeFileSync(cut, readFileSync(fixture("plain.pcapng")).subarray(0, 3000));
  const { transactions, summary } = await read(cut);
  expect(transactions.length).toBeGreaterThan(0);
  expect(summary).toMatchObject({ truncated: true, problems: ["the packet capture is cut short"] });
  const broken = join(folder, "broken");
  writeFileSync(broken, Buffer.concat([Buffer.from("0a0d0d0a", "hex"), Buffer.alloc(100, 255)]));
  await expect(read(broken)).rejects.toMatchObject({ code: "not-packets" });
});

test("without tshark one line says what is missing and what to do", async () => {
  const path = join(folder, "no-tshark");
  copyFileSync(fixture("plain.pcapng"), path);
  const before = process.env.PATH;
  process.env.PATH = folder;
  onTestFinished(() => {
    process.env.PATH = before;
  });
  await expect(read(path)).rejects.toMatchObject({
    code: "tshark-missing",
    hint: expect.stringContaining("Install tshark"),
  });
});
