// Archives as Fiddler writes them, built by another ZIP library.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { TextReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { Zip, ZipDeflate, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { CaptureEvent, SourceSummary } from "../../../src/core/capture-event.ts";
import type { HttpTransaction } from "../../../src/core/http-transaction.ts";
import { type ByteInput, openInput } from "../../../src/sources/input/byte-input.ts";
import type { Capture } from "../../../src/sources/input/capture.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";
import { readSaz } from "../../../src/sources/saz/saz-file.ts";

let folder = "";
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-saz-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Contents = Readonly<Record<string, string | Uint8Array>>;

async function readBytes(
  bytes: Uint8Array,
): Promise<{ transactions: HttpTransaction[]; summary: SourceSummary; timeless: number }> {
  const path = join(folder, `${++files}.saz`);
  writeFileSync(path, bytes);
  const capture = await openCapture(path);
  const transactions: HttpTransaction[] = [];
  for await (const event of capture.events) if (event.kind === "transaction") transactions.push(event.transaction);
  const summary = capture.summary();
  // Most archives here are made without metadata; the test of times is about this line.
  const problems = summary.problems.filter(
    (line) => !/^(?:one session|\d+ sessions) without metadata: no time/.test(line),
  );
  return { transactions, summary: { ...summary, problems }, timeless: summary.problems.length - problems.length };
}

const zip = (contents: Contents): Uint8Array =>
  zipSync(
    Object.fromEntries(
      Object.entries(contents).map(([name, content]) => [
        name,
        typeof content === "string" ? Buffer.from(content, "latin1") : content,
      ]),
    ),
  );
const read = (contents: Contents): ReturnType<typeof readBytes> => readBytes(zip(contents));

const request =
  "GET https://mail.contoso.example/EWS/Exchange.asmx?a=1 HTTP/1.1\r\nHost: mail.contoso.example\r\nAuthorization: Bearer\r\n\r\n";
const answer =
  "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nwww-authenticate: Bearer\r\nContent-Length: 2\r\n\r\nhi";
const metadata = `<?xml version="1.0" encoding="utf-8"?>
<Session SID="5" BitFlags="59">
  <SessionTimers ClientConnected="2026-01-15T12:59:59.0000000+01:00" ClientBeginRequest="2026-01-15T13:00:00.2504474+01:00" ServerConnected="0001-01-01T00:00:00" ClientDoneResponse="2026-01-15T13:00:00.3004474+01:00" />
  <SessionFlags><SessionFlag N="x-clientip" V="192.0.2.9" /><SessionFlag N="x-clientport" V="50123" /></SessionFlags>
</Session>`;

test("a session becomes a transaction: times, client, order and repeats of fields", async () => {
  const { transactions, summary } = await read({
    "raw/": "",
    "_index.htm": "<html>",
    "raw/5_c.txt": request,
    "raw/5_s.txt": answer,
    "raw/5_m.xml": metadata,
  });
  expect(summary).toMatchObject({ format: "saz", transactions: 1, truncated: false, problems: [] });
  expect(transactions[0]).toMatchObject({
    id: "t5",
    connection: "p50123",
    client: "192.0.2.9",
    startedAt: Date.UTC(2026, 0, 15, 12, 0, 0, 250),
    durationMs: 50,
    scheme: "https",
    host: "mail.contoso.example",
    port: 443,
    request: {
      target: "/EWS/Exchange.asmx?a=1",
      headers: [
        ["Host", "mail.contoso.example"],
        ["Authorization", "Bearer"],
      ],
    },
    response: {
      status: 401,
      headers: [
        ["WWW-Authenticate", "Negotiate"],
        ["www-authenticate", "Bearer"],
        ["Content-Length", "2"],
      ],
      body: { bytes: new Uint8Array(Buffer.from("hi")), totalBytes: 2 },
    },
  });
});

test("sessions are in the order of their numbers, whatever the order in the archive", async () => {
  const { transactions } = await read({ "raw\\10_c.txt": request, "raw/2_c.txt": request, "raw/001_c.txt": request });
  expect(transactions.map(({ id }) => id)).toEqual(["t1", "t2", "t10"]);
  expect(transactions[0]).toMatchObject({ response: null, failure: "no answer was recorded", durationMs: null });
});

test("sessions without metadata take the time of the answer's Date, and are counted in one line", async () => {
  const path = join(folder, "timeless.saz");
  const dated = answer.replace("WWW-A", "Date: Thu, 15 Jan 2026 12:00:07 GMT\r\nWWW-A");
  const sessions = { "raw/1_c.txt": request, "raw/1_s.txt": dated, "raw/2_c.txt": request, "raw/3_c.txt": request };
  writeFileSync(path, zip({ ...sessions, "raw/3_m.xml": metadata }));
  const capture = await openCapture(path);
  const times: number[] = [];
  for await (const event of capture.events) if (event.kind === "transaction") times.push(event.transaction.startedAt);
  const seventh = Date.UTC(2026, 0, 15, 12, 0, 7);
  expect(times).toEqual([seventh, seventh, Date.UTC(2026, 0, 15, 12, 0, 0, 250)]);
  expect(capture.summary().problems).toEqual(["2 sessions without metadata: no time that can be read"]);
  expect((await read({ "raw/1_c.txt": request, "raw/1_m.xml": metadata })).timeless).toBe(0);
});

describe("answers as on the wire", () => {
  const body = "<Envelope>é</Envelope>";
  const coded = (coding: string, bytes: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${bytes.length}\r\n\r\n`),
      bytes,
    ]);
  test.each([
    ["gzip", coded("gzip", gzipSync(body))],
    ["deflate", coded("deflate", deflateSync(body))],
    ["br", coded("br", brotliCompressSync(body))],
    [
      "chunked",
      Buffer.from(
        `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${Buffer.byteLength(body).toString(16)};x=y\r\n${body}\r\n0\r\n\r\n`,
      ),
    ],
    ["until the end", Buffer.from(`HTTP/1.1 200 OK\r\n\r\n${body}`)],
  ])("%s", async (_name, bytes) => {
    const { transactions } = await read({ "raw/1_c.txt": request, "raw/1_s.txt": bytes });
    expect(new TextDecoder().decode(transactions[0]?.response?.body.bytes)).toBe(body);
    expect(transactions[0]?.response?.body.contentCoding).toBe(null);
  });
});

test("a CONNECT session is no transaction, and one that is none is told", async () => {
  const { transactions, summary } = await read({
    "raw/1_c.txt": "CONNECT mail.contoso.example:443 HTTP/1.1\r\n\r\n",
    "raw/2_c.txt": "nonsense",
    "raw/3_s.txt": answer,
    "raw/4_c.txt": "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n",
  });
  expect(transactions.map(({ id, host, scheme }) => [id, host, scheme])).toEqual([["t4", "a.example", "http"]]);
  expect(summary.problems).toEqual([
    "session 2 was skipped: its request cannot be read",
    "session 3 was skipped: it has no request",
  ]);
});

describe("hostile archives", () => {
  test("names that lead out of the archive are refused", async () => {
    await expect(read({ "../../raw/1_c.txt": request, "raw/1_c.txt": request })).rejects.toThrow("names that lead out");
  });

  test("a bomb is told and the rest read", async () => {
    const { transactions, summary } = await read({
      "raw/1_c.txt": Buffer.alloc(65 * 1024 * 1024),
      "raw/2_c.txt": request,
    });
    expect(transactions.map(({ id }) => id)).toEqual(["t2"]);
    expect(summary.problems).toEqual(["session 1 was skipped: it unpacks to more than 64 MiB"]);
    expect(summary.truncated).toBe(true);
  });

  test("a cut archive is refused", async () => {
    const whole = zip({ "raw/1_c.txt": request });
    await expect(readBytes(whole.subarray(0, whole.length - 10))).rejects.toThrow("cut or damaged");
  });

  test("another ZIP file is refused", async () => {
    await expect(read({ "word/document.xml": "<x/>" })).rejects.toThrow("without Fiddler sessions");
  });

  test("a damaged session is told", async () => {
    const whole = zipSync({ "raw/1_c.txt": Buffer.from(request.repeat(20)), "raw/2_c.txt": Buffer.from(request) });
    whole[60] = (whole[60] ?? 0) ^ 0xff;
    const { transactions, summary } = await readBytes(whole);
    expect(transactions.map(({ id }) => id)).toEqual(["t2"]);
    expect(summary.truncated).toBe(true);
  });
});

describe("archives as others write them", () => {
  test("sizes after the members (data descriptors)", async () => {
    const pieces: Uint8Array[] = [];
    const archive = new Zip((_error, piece) => pieces.push(piece));
    for (const [name, content] of [
      ["raw/1_c.txt", request],
      ["raw/1_s.txt", answer],
    ] as const) {
      const member = new ZipDeflate(name);
      archive.add(member);
      member.push(Buffer.from(content), true);
    }
    archive.end();
    const { transactions, summary } = await readBytes(Buffer.concat(pieces));
    expect(transactions[0]?.response?.status).toBe(401);
    expect(summary).toMatchObject({ truncated: false, problems: [] });
  });

  test("ZIP64 records and a comment", async () => {
    const writer = new ZipWriter(new Uint8ArrayWriter(), { zip64: true });
    await writer.add("raw/1_c.txt", new TextReader(request));
    const bytes = await writer.close(Buffer.from("Fiddler (v5.0)"));
    expect(Buffer.from(bytes).includes("PK\u0006\u0006", 0, "latin1"), "the ZIP64 end record").toBe(true);
    const { transactions, summary } = await readBytes(bytes);
    expect(transactions.map(({ id }) => id)).toEqual(["t1"]);
    expect(summary).toMatchObject({ truncated: false, problems: [] });
  });

  test("of two members with one name the later one is read", async () => {
    const bytes = zip({ "raw/1_c.txt": request, "raw/2_c.txt": request.replace("?a=1", "?a=2") });
    const twice = Buffer.from(
      bytes.map((byte, at) => (Buffer.from(bytes).toString("latin1", at - 4, at) === "raw/" ? 49 : byte)),
    );
    const { transactions, summary } = await readBytes(twice);
    expect(transactions.map(({ id, request: { target } }) => [id, target])).toEqual([["t1", "/EWS/Exchange.asmx?a=2"]]);
    expect(summary.problems).toEqual([]);
  });
});

describe("directories that lie", () => {
  /** The whole of two sessions, with four bytes of the first one's directory record replaced. */
  function lying(offset: number, value: number): Buffer {
    const bytes = Buffer.from(zip({ "raw/1_c.txt": request.repeat(3), "raw/2_c.txt": request }));
    const record = bytes.indexOf("PK\u0001\u0002", 0, "latin1");
    bytes.writeUInt32LE(value, record + offset);
    return bytes;
  }
  test.each([
    ["a checksum that is another's", 16, 1, "it cannot be unpacked"],
    ["more packed bytes than the file has", 20, 60_000_000, "it cannot be unpacked"],
    ["more packed bytes than may be", 20, 0xfffffff0, "it unpacks to more than 64 MiB"],
    ["fewer bytes than come out", 24, 10, "it cannot be unpacked"],
    ["more bytes than come out", 24, 50_000_000, "it cannot be unpacked"],
    ["a place where no member stands", 42, 7, "it cannot be unpacked"],
    ["a place behind the file", 42, 0xfffffff0, "it cannot be unpacked"],
  ])("%s", async (_name, offset, value, why) => {
    const { transactions, summary } = await readBytes(lying(offset, value));
    expect(transactions.map(({ id }) => id)).toEqual(["t2"]);
    expect(summary).toMatchObject({ truncated: true, problems: [`session 1 was skipped: ${why}`] });
  });

  test("more members than there are", async () => {
    const bytes = Buffer.from(zip({ "raw/1_c.txt": request }));
    bytes.writeUInt16LE(9, bytes.length - 12);
    await expect(readBytes(bytes)).rejects.toThrow("cut or damaged");
  });
});

test.each([
  ["AES", { encryptionStrength: 3 }],
  ["the old ZIP cipher", { zipCrypto: true }],
] as const)(
  "an archive protected by %s is opened with its password, and says so without",
  async (_name, protection) => {
    const writer = new ZipWriter(new Uint8ArrayWriter(), { password: "right", ...protection });
    await writer.add("raw/1_c.txt", new TextReader(request));
    const bytes = await writer.close();
    await expect(readBytes(bytes)).rejects.toThrow("protected by a password");
    process.env.REALMSCOPE_SAZ_PASSWORD = "right";
    try {
      expect((await readBytes(bytes)).transactions).toHaveLength(1);
    } finally {
      delete process.env.REALMSCOPE_SAZ_PASSWORD;
    }
  },
);

describe("on standard input", () => {
  /** What a pipe holds, in pieces as they come. */
  const piped = (bytes: Uint8Array, length: number): Promise<ByteInput> => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
      Buffer.from(bytes.subarray(index * length, (index + 1) * length)),
    );
    return openInput("-", { size: bytes.length, read: () => Readable.from(pieces), close: () => undefined });
  };
  const sessions = (count: number): Contents =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        [`raw/${index + 1}_c.txt`, request],
        [`raw/${index + 1}_s.txt`, `${answer}${randomBytes(50 * index).toString("hex")}`],
      ]).flat(),
    );
  const eventsOf = async ({ events }: Capture): Promise<readonly CaptureEvent[]> => {
    const read: CaptureEvent[] = [];
    for await (const event of events) read.push(event);
    return read;
  };

  test.each([5, 64, 1000, 1_000_000])("pieces of %i bytes are the same archive", async (length) => {
    const bytes = zip(sessions(40));
    const path = join(folder, `${++files}.saz`);
    writeFileSync(path, bytes);
    const fromPipe = await eventsOf(await readSaz("-", await piped(bytes, length)));
    expect(fromPipe).toHaveLength(40);
    expect(fromPipe).toEqual(await eventsOf(await openCapture(path)));
  });

  test("a protected one is opened, too", async () => {
    const writer = new ZipWriter(new Uint8ArrayWriter(), { password: "right", encryptionStrength: 3 });
    await writer.add("raw/1_c.txt", new TextReader(request));
    const bytes = await writer.close();
    vi.stubEnv("REALMSCOPE_SAZ_PASSWORD", "right");
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await eventsOf(await readSaz("-", await piped(bytes, 50)))).toHaveLength(1);
  });

  test("one beyond the limit is refused with what to do, and no more of it is read", async () => {
    const bytes = Buffer.concat([zip(sessions(1)), Buffer.alloc(3 * 1024 * 1024)]);
    const input = await piped(bytes, 64 * 1024);
    await expect(readSaz("-", input, { limit: 1024 * 1024 })).rejects.toMatchObject({
      code: "too-long",
      message: "The SAZ file on standard input is longer than 1 MiB.",
      hint: "Give the file instead of piping it.",
    });
    expect(input.progress().done).toBeLessThan(1.2 * 1024 * 1024);
  });
});
