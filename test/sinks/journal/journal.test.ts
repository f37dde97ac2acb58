// Real files in a real folder, read back by the product's own reader.
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pseudonymsFromKey } from "../../../src/app/pseudonyms.ts";
import type { CaptureEvent, SourceSummary } from "../../../src/core/capture-event.ts";
import { sanitiseEvent } from "../../../src/sanitising/sanitise.ts";
import { openJournal } from "../../../src/sinks/journal/journal.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";
import { logFile, logRow } from "../../sanitising/log-row-maker.ts";
import { type Parts, transaction } from "../../sanitising/transaction-maker.ts";

let folder = "";
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-journal-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newPath = (): string => join(folder, `${++files}.ndjson`);
const pseudonymise = pseudonymsFromKey(new Uint8Array(32));
const safe = (event: CaptureEvent): ReturnType<typeof sanitiseEvent> => sanitiseEvent(event, pseudonymise);
const call = (id: string, parts: Parts = {}): ReturnType<typeof sanitiseEvent> =>
  safe({ kind: "transaction", transaction: { ...transaction(parts), id } });

async function readBack(path: string): Promise<{ events: CaptureEvent[]; summary: SourceSummary }> {
  const capture = await openCapture(path);
  const events: CaptureEvent[] = [];
  for await (const event of capture.events) events.push(event);
  return { events, summary: capture.summary() };
}

const idsOf = (events: readonly CaptureEvent[]): readonly string[] =>
  events.flatMap((event) => (event.kind === "transaction" ? [event.transaction.id] : []));

async function written(events: readonly ReturnType<typeof sanitiseEvent>[]): Promise<string> {
  const path = newPath();
  const journal = openJournal(path, { tool: "1.2.3" });
  for (const event of events) journal.write(event);
  await journal.close();
  return path;
}

const everyKind: readonly CaptureEvent[] = [
  {
    kind: "transaction",
    transaction: transaction({
      status: 401,
      answerHeaders: [
        ["WWW-Authenticate", "Negotiate"],
        ["WWW-Authenticate", "NTLM"],
      ],
    }),
  },
  { kind: "tunnel", at: 5, client: "127.0.0.1:1", host: "other.example", port: 443, reason: "out-of-scope" },
  {
    kind: "tls-rejected",
    at: 6,
    client: "127.0.0.1:1",
    host: "a.example",
    side: "client",
    reason: "it does not trust the CA",
  },
  {
    kind: "tls-rejected",
    at: 6,
    client: "127.0.0.1:1",
    host: "a.example",
    side: "client",
    reason: "the client does not offer HTTP/1.1 (ERR_SSL_NO_APPLICATION_PROTOCOL)",
    cause: "no-http1",
    port: 8443,
    certificate: "run-ca",
    hello: { fingerprint: "00112233aabbccdd", program: null },
  },
  {
    kind: "tunnel",
    at: 6,
    client: "127.0.0.1:1",
    host: "a.example",
    port: 8443,
    reason: "client-leaves",
    hello: { fingerprint: "00112233aabbccdd", program: "java" },
    certificate: "own",
  },
  { kind: "probes", at: 7, since: 5, client: "127.0.0.1", host: "a.example", port: 443, connects: 60, handshakes: 2 },
  { kind: "upstream-failed", at: 7, client: "127.0.0.1:1", host: "a.example", port: 443, reason: "refused" },
  {
    ...{ kind: "upstream-failed", at: 7, client: "127.0.0.1:1", host: "b.example", port: 443, reason: "refused" },
    isOutOfScope: true,
  },
  { kind: "refused", at: 8, client: "127.0.0.1:1", reason: "its own address" },
  { kind: "gap", at: 9, connection: "c1", reason: "queue full", lost: 3 },
  { kind: "log-row", row: logRow() },
  {
    kind: "log-row",
    row: logRow({ id: "l2", status: 401, refusal: { code: 2000001, category: "InvalidToken", text: "" } }),
  },
  { kind: "log-file", report: logFile() },
  {
    kind: "signature",
    check: {
      transactionId: "t1",
      token: "authorization/actor",
      outcome: "verified",
      keyId: "k",
      keySource: "sts-metadata",
    },
  },
];

test("every kind of event is read back as it was written", async () => {
  const events = everyKind.map(safe);
  const path = await written(events);
  expect(await readBack(path)).toEqual({
    events,
    summary: { path, format: "journal", transactions: 1, truncated: false, problems: [] },
  });
});

test("members of a failed handshake that do not fit are left out, and the event stays", async () => {
  const path = newPath();
  const place = '"at":1,"client":"127.0.0.1:1","host":"a.example"';
  const bad = '"cause":"__proto__","port":"x","certificate":7,"hello":{"fingerprint":"\\u001b[2J","program":"java"}';
  writeFileSync(
    path,
    [
      oldHead,
      `{"k":"tls-rejected","n":1,${place},"side":"client","reason":"x",${bad}}`,
      `{"k":"tunnel","n":2,${place},"port":443,"reason":"client-leaves",${bad.replace('"port":"x",', "")}}`,
      `{"k":"probes","n":3,${place},"port":443,"connects":-1,"handshakes":"many"}`,
      "",
    ].join("\n"),
  );
  const { events } = await readBack(path);
  const parties = { at: 1, client: "127.0.0.1:1", host: "a.example" };
  expect(events).toEqual([
    { kind: "tls-rejected", ...parties, side: "client", reason: "x" },
    { kind: "tunnel", ...parties, port: 443, reason: "client-leaves" },
    { kind: "probes", ...parties, since: 1, port: 443, connects: 0, handshakes: 0 },
  ]);
});

test.each<[string, Parts]>([
  ["a Host field that is no host", { headers: [["Host", "a b<c>"]], host: "mail.contoso.example" }],
  ["an absolute target", { target: "http://mail.contoso.example/EWS/Exchange.asmx?x=1" }],
  ["an address", { host: "2001:db8::1" }],
  ["control characters in a value", { headers: [["User-Agent", "a\u001b]0;x\u0007\u2028b"]] }],
  ["a form", { headers: [["Content-Type", "application/x-www-form-urlencoded"]], body: "grant_type=a&resource=b" }],
  ["a body that was taken away", { answer: "anything" }],
])("a transaction with %s is read back", async (_name, parts) => {
  const event = call("t7", parts);
  const { events } = await readBack(await written([event]));
  expect(events).toEqual([event]);
});

test("interim answers, trailers, a cut body, an unknown coding and a failure are read back", async () => {
  const { response, ...rest } = transaction({ answer: "x" });
  if (response === null) throw new Error("a transaction without an answer");
  const body = { bytes: new Uint8Array(0), totalBytes: 900, truncated: true, contentCoding: "zstd" };
  const whole = safe({
    kind: "transaction",
    transaction: {
      ...rest,
      durationMs: null,
      failure: "the client left",
      response: { ...response, interim: [100, 103], trailers: [["Server", "y"]], body },
    },
  });
  const silent = safe({
    kind: "transaction",
    transaction: { ...rest, id: "t2", response: null, failure: "no answer" },
  });
  expect((await readBack(await written([whole, silent]))).events).toEqual([whole, silent]);
});

test("rows of logs in a later run of a journal have their own ids", async () => {
  const path = await written([safe({ kind: "log-row", row: logRow() })]);
  const journal = openJournal(path, { tool: "1" });
  journal.write(safe({ kind: "log-row", row: logRow() }));
  await journal.close();
  const { events } = await readBack(path);
  expect(events.map((event) => event.kind === "log-row" && event.row.id)).toEqual(["l1", "r2.l1"]);
});

test("every record is one line of ASCII, and the file has mode 0600", async () => {
  const path = await written([call("t1", { headers: [["User-Agent", "é\u0085\n"]] })]);
  expect(readFileSync(path, "latin1")).toMatch(/^(?:[\x20-\x7e]+\n){3}$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("what was reported as written is in the file before anything is closed", async () => {
  const path = newPath();
  const journal = openJournal(path, { tool: "1" });
  await new Promise<void>((resolve) => journal.write(call("t1"), resolve));
  const { events, summary } = await readBack(path);
  expect(events).toHaveLength(1);
  expect(summary).toMatchObject({
    truncated: false,
    problems: [expect.stringContaining("not ended in an orderly way")],
  });
  await journal.close();
  expect((await readBack(path)).summary.problems).toEqual([]);
});

test("a file cut at any byte gives every whole record before the cut", async () => {
  const path = await written([call("t1"), call("t2"), call("t3")]);
  const whole = readFileSync(path);
  const ends = [...whole.keys()].filter((at) => whole[at] === 10).map((at) => at + 1);
  for (let cut = (ends[0] ?? 0) + 1; cut < whole.length; cut += 97) {
    const torn = newPath();
    writeFileSync(torn, whole.subarray(0, cut));
    const { events, summary } = await readBack(torn);
    expect(events).toHaveLength(Math.min(3, ends.filter((end) => end <= cut).length - 1));
    expect(summary.truncated).toBe(!ends.includes(cut));
  }
});

test("a torn tail is moved aside when the journal is opened again, and the new run's ids stay apart", async () => {
  const path = await written([call("t1")]);
  const whole = readFileSync(path);
  appendFileSync(path, '{"k":"entry","n":2,"torn');
  const journal = openJournal(path, { tool: "1" });
  expect(journal.repaired).toEqual({ bytes: 24 });
  journal.write(call("t1"));
  await journal.close();
  expect(readFileSync(`${path}.torn`, "utf8")).toBe('{"k":"entry","n":2,"torn');
  expect(readFileSync(path).subarray(0, whole.length)).toEqual(whole);
  const { events, summary } = await readBack(path);
  expect(events.map((event) => event.kind === "transaction" && event.transaction.id)).toEqual(["t1", "r2.t1"]);
  expect(summary).toMatchObject({ truncated: false, problems: [] });
});

test("a record that is missing in the middle is noticed", async () => {
  const path = await written([call("t1"), call("t2"), call("t3")]);
  const lines = readFileSync(path, "utf8").split("\n");
  writeFileSync(path, lines.filter((_, index) => index !== 2).join("\n"));
  const { events, summary } = await readBack(path);
  expect(events).toHaveLength(2);
  expect(summary.truncated).toBe(true);
  expect(summary.problems).toEqual([expect.stringContaining("record 2 was expected and 3 found")]);
});

const oldHead = '{"k":"head","schema":"realmscope.journal/1","tool":{"name":"realmscope","version":"0.0.1"}}';

test("a flipped bit anywhere in a record is detected, the record is reported and skipped, and the rest is read", async () => {
  const path = await written([call("t1"), call("t2"), call("t3")]);
  const whole = readFileSync(path);
  const from = whole.indexOf('{"k":"entry","n":2,');
  const to = whole.indexOf("\n", from);
  let seen = 0;
  for (let at = from; at < to; at += 13) {
    const flipped = newPath();
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
    writeFileSync(flipped, bytes);
    const { events, summary } = await readBack(flipped);
    // A byte that became a line end splits a line in two; both are reported.
    const [problem = ""] = summary.problems;
    expect(problem, `byte ${at}`).toMatch(/^line 3: record 2 is not as it was written|^line 3 is not a record/);
    expect(summary.truncated).toBe(true);
    expect(idsOf(events).filter((id) => id !== "t2")).toEqual(["t1", "t3"]);
    expect(idsOf(events)).not.toContain("t2");
    seen += 1;
  }
  expect(seen).toBeGreaterThan(20);
});

test("a damaged head is reported, and its records are read", async () => {
  const path = await written([call("t1")]);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace('"version":"1.2.3"', '"version":"1.2.4"'));
  const { events, summary } = await readBack(path);
  expect(idsOf(events)).toEqual(["t1"]);
  expect(summary.truncated).toBe(true);
  expect(summary.problems[0]).toContain("line 1: the head of a run is not as it was written");
});

test("a run of an older program without checksums is read before and after a run with them", async () => {
  const old = (id: string): string =>
    `{"k":"entry","n":1,"_id":"${id}","startedDateTime":"2026-01-15T12:00:00Z","time":1,"request":{"method":"GET","url":"https://a.example/","headers":[]},"response":{"status":200,"headers":[]}}`;
  const path = newPath();
  writeFileSync(path, `${oldHead}\n${old("t1")}\n{"k":"end","n":2}\n`);
  const journal = openJournal(path, { tool: "1" });
  journal.write(call("t1"));
  await journal.close();
  appendFileSync(path, `${oldHead}\n${old("t1")}\n{"k":"end","n":2}\n`);
  const { events, summary } = await readBack(path);
  expect(idsOf(events)).toEqual(["t1", "r2.t1", "r3.t1"]);
  expect(summary).toMatchObject({ truncated: false, problems: [] });
});

test("a journal whose beginning was cut off is read from its first whole record, and the missing part is reported", async () => {
  const path = await written([call("t1"), call("t2"), call("t3")]);
  const lines = readFileSync(path, "utf8").split("\n");
  writeFileSync(path, lines.slice(2).join("\n"));
  const { events, summary } = await readBack(path);
  expect(idsOf(events)).toEqual(["t2", "t3"]);
  expect(summary).toMatchObject({
    format: "journal",
    truncated: true,
    problems: ["the beginning of the journal is missing, with its head and records 1 to 1"],
  });
});

test("a record without a checksum is not accepted in a run whose records have them", async () => {
  const path = await written([call("t1"), call("t2")]);
  writeFileSync(path, readFileSync(path, "utf8").replace(/("n":2,.*),"crc":"[0-9a-f]{8}"/, "$1"));
  const { events, summary } = await readBack(path);
  expect(idsOf(events)).toEqual(["t1"]);
  expect(summary.problems).toEqual(["line 3 is not a record of a journal"]);
});

test.each([
  ["no JSON", "x"],
  ["no record", "[1]"],
  ["an unknown kind", '{"k":"future","n":1}'],
  ["a prototype as kind", '{"k":"__proto__","n":1}'],
  ["an entry without a request", '{"k":"entry","n":1}'],
  ["a tunnel for an unknown reason", '{"k":"tunnel","n":1,"reason":"x"}'],
  ["a check without an outcome", '{"k":"signature","n":1,"check":{}}'],
  ["a rejection of no side", '{"k":"tls-rejected","n":1}'],
])("a line that holds %s is told and the rest read", async (_name, line) => {
  const path = newPath();
  writeFileSync(path, `${oldHead}\n${line}\n`);
  const { events, summary } = await readBack(path);
  expect(events).toEqual([]);
  expect(summary.truncated).toBe(true);
  expect(summary.problems[0]).toBe("line 2 is not a record of a journal");
});

test("a journal of another version is refused", async () => {
  const path = newPath();
  writeFileSync(path, '{"k":"head","schema":"realmscope.journal/99"}\n');
  await expect(readBack(path)).rejects.toThrow("another version");
});

test("a file that is not a journal is refused and left unchanged", () => {
  const path = newPath();
  writeFileSync(path, "notes\n");
  chmodSync(path, 0o644);
  expect(() => openJournal(path, { tool: "1" })).toThrow("not a journal of realmscope");
  expect(readFileSync(path, "utf8")).toBe("notes\n");
  expect(statSync(path).mode & 0o777).toBe(0o644);
});

test("a link, a folder and a missing folder are refused", () => {
  const target = newPath();
  const link = newPath();
  symlinkSync(target, link);
  for (const path of [link, folder, join(folder, "none", "x.ndjson")]) {
    expect(() => openJournal(path, { tool: "1" })).toThrow("cannot be used");
  }
  expect(existsSync(target)).toBe(false);
});

// On Linux, /dev/full fails every write(2) with ENOSPC, like a full disk.
test.skipIf(!existsSync("/dev/full"))("a device without room is refused at once", () => {
  expect(() => openJournal("/dev/full", { tool: "1" })).toThrow();
});

const nobody = 65_534;

// Only root can change to another user and back.
test.skipIf(process.getuid?.() !== 0)("a journal of another user is refused and left as it is", () => {
  const path = newPath();
  writeFileSync(path, "");
  chmodSync(path, 0o666);
  chmodSync(folder, 0o755);
  process.seteuid?.(nobody);
  try {
    expect(() => openJournal(path, { tool: "1" })).toThrow(expect.objectContaining({ code: "journal-open" }));
  } finally {
    process.seteuid?.(0);
  }
  expect([statSync(path).size, statSync(path).mode & 0o777]).toEqual([0, 0o666]);
});
