// Packets read by another program: tshark must find every request, answer and credential.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emptyBody, type HttpTransaction } from "../../../src/core/http-transaction.ts";
import { keepSecrets } from "../../../src/sanitising/sanitise.ts";
import { openPcapngSink } from "../../../src/sinks/formats/pcapng-sink.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";
import { type Parts, transaction } from "../../sanitising/transaction-maker.ts";
import { judgeFile } from "../../support/judge-file.ts";
import { analysis } from "../../tui/row-maker.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-pcapng-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tshark = spawnSync("tshark", ["--version"]).status === 0;
const options = { version: "1.2.3", isSanitised: true, note: "A note." };

const checked = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];

/** Rows of the fields that tshark finds. */
function dissect(file: string, filter: string, fields: readonly string[]): readonly (readonly string[])[] {
  const names = fields.flatMap((field) => ["-e", field]);
  const run = spawnSync(
    "tshark",
    ["-n", ...checked, "-r", file, "-Y", filter, "-T", "fields", "-E", "aggregator=~", ...names],
    {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  expect(run.status, run.stderr).toBe(0);
  return run.stdout.split("\n").flatMap((line) => (line === "" ? [] : [line.split("\t")]));
}

async function written(name: string, transactions: readonly HttpTransaction[]): Promise<string> {
  const path = join(folder, name);
  const sink = openPcapngSink(path, options);
  for (const each of transactions) sink.write(keepSecrets({ kind: "transaction", transaction: each }));
  await sink.close(analysis(), []);
  return path;
}

const many = (count: number, parts: (index: number) => Parts): readonly HttpTransaction[] =>
  Array.from({ length: count }, (_, index) => ({
    ...transaction(parts(index)),
    id: `t${index + 1}`,
    connection: `c${index % 7}`,
    startedAt: Date.UTC(2026, 0, 15, 12) + index * 100,
  }));

test.skipIf(!tshark)("tshark (skipped without it) finds every request, answer and credential", async () => {
  const transactions = many(500, (index) => ({
    host: `mail${index % 3}.contoso.example`,
    headers: index % 20 === 0 ? [["Authorization", `Basic ${Buffer.from(`svc${index}:pw`).toString("base64")}`]] : [],
    body: index % 11 === 0 ? Buffer.alloc(100_000, index) : "x".repeat(index),
    status: index % 5 === 0 ? 401 : 200,
    answerHeaders:
      index % 5 === 0
        ? [
            ["WWW-Authenticate", 'Bearer client_id="00000002-0000-0ff1-ce00-000000000000"'],
            ["WWW-Authenticate", "NTLM"],
            ["WWW-Authenticate", "Basic realm=x"],
            ["Transfer-Encoding", "chunked"],
          ]
        : [["Content-Encoding", "gzip"]],
    answer: index % 13 === 0 ? Buffer.alloc(70_000, index) : "answer",
  }));
  const file = await written("many.pcapng", transactions);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const names = ["http.host", "http.request.method", "http.request.uri", "http.response.code", "http.authbasic"];
  const rows = dissect(file, "http", [...names, "http.www_authenticate"]);
  const requests = rows.filter(([host = ""]) => host !== "");
  expect(requests).toHaveLength(500);
  expect(requests[4]?.slice(0, 3)).toEqual(["mail1.contoso.example", "POST", "/EWS/Exchange.asmx"]);
  expect(rows.flatMap(([, , , status = ""]) => (status === "" ? [] : [status]))).toEqual(
    transactions.map(({ response }) => String(response?.status)),
  );
  expect(rows.flatMap(([, , , , credential = ""]) => (credential === "" ? [] : [credential]))).toEqual(
    Array.from({ length: 25 }, (_, index) => `svc${index * 20}:pw`),
  );
  const challenges = rows.flatMap(([, , , , , found = ""]) => (found === "" ? [] : [found]));
  expect(challenges).toHaveLength(100);
  for (const found of challenges) expect(found.split("~")).toHaveLength(3);
  const faults = "tcp.analysis.flags || _ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0";
  expect(dissect(file, faults, ["frame.number"])).toEqual([]);
});

test.skipIf(!tshark)("tshark (skipped without it) counts in the captures what replay counts", async () => {
  const transactions: HttpTransaction[] = [];
  const expected = { requests: 0, answers: 0, credentials: 0, challenges: 0 };
  for (const name of readdirSync("captures").filter((each) => each.endsWith(".ndjson"))) {
    for await (const event of (await openCapture(`captures/${name}`)).events) {
      if (event.kind !== "transaction") continue;
      const connection = `${name} ${event.transaction.connection}`;
      transactions.push({ ...event.transaction, connection });
      if (event.transaction.response !== null) expected.answers += 1;
    }
    const { counts } = (await judgeFile(`captures/${name}`)).analysis;
    expected.requests += counts.transactions;
    expected.credentials += counts.basicCredentials;
    expected.challenges += counts.challenges;
  }
  expect(expected.credentials).toBeGreaterThan(0);
  const file = await written("captures.pcapng", transactions);
  const fields = ["http.request", "http.response", "http.authbasic", "http.www_authenticate"];
  const found = dissect(file, "http", fields);
  const count = (index: number): number => found.filter((row) => (row[index] ?? "") !== "").length;
  expect({ requests: count(0), answers: count(1), credentials: count(2), challenges: count(3) }).toEqual(expected);
});

test.skipIf(!tshark)(
  "a capture is judged as before from its packets (skipped without tshark)",
  { timeout: 120_000 },
  async () => {
    const names = ["captures", "captures/findings"].flatMap((parent) =>
      readdirSync(parent).flatMap((name) => (name.endsWith(".ndjson") ? [`${parent}/${name}`] : [])),
    );
    let judged = 0;
    for (const [index, name] of names.entries()) {
      const before = (await judgeFile(name)).analysis;
      // A capture without requests has no packets. Every twelfth of the many captures is enough.
      const { transactions, logRows } = before.counts;
      // Rows of logs are not packets: `export` says that they are left out.
      if (transactions === 0 || logRows > 0 || (name.includes("findings/") && index % 12 !== 0)) continue;
      const path = join(folder, `judged-${index}`);
      const sink = openPcapngSink(path, options);
      for await (const event of (await openCapture(name)).events) sink.write(keepSecrets(event));
      await sink.close(analysis(), []);
      const { analysis: after, summary } = await judgeFile(path);
      expect(after, name).toEqual(before);
      expect(summary).toMatchObject({ truncated: false, problems: [] });
      judged += 1;
    }
    expect(judged).toBeGreaterThan(15);
  },
);

test("the file's comment states that its addresses are invented, and each request's comment has the data that packets lack", async () => {
  const file = await written(
    "words.pcapng",
    many(2, () => ({})),
  );
  const text = readFileSync(file).toString("latin1");
  expect(readFileSync(file).readUInt32LE(0)).toBe(0x0a0d0d0a);
  expect(text).toContain("A note. Decrypted HTTP in made-up TCP connections");
  expect(text.match(/realmscope \{"id":"t\d","connection":"c\d"/g)).toHaveLength(2);
});

test("a request without an answer, and an answer that changes the protocol, end the connection", async () => {
  const [one, two, three] = many(3, () => ({}));
  if (one === undefined || two === undefined || three === undefined) throw new Error("three are made");
  const same = { connection: "c1" };
  const upgraded = two.response === null ? null : { ...two.response, status: 101, body: emptyBody };
  const file = await written("ended.pcapng", [
    { ...one, ...same, response: null },
    { ...two, ...same, response: upgraded },
    { ...three, ...same },
  ]);
  const isSyn = (packet: Buffer): boolean => packet[33] === 0x02;
  expect(packetsOf(readFileSync(file)).filter(isSyn)).toHaveLength(3);
});

/** The packets of a file by the lengths of its blocks. */
function packetsOf(file: Buffer): readonly Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at < file.length; at += file.readUInt32LE(at + 4)) {
    if (file.readUInt32LE(at) === 6) packets.push(file.subarray(at + 28, at + 28 + file.readUInt32LE(at + 20)));
  }
  return packets;
}
