// mitmproxy's flow files: one that mitmdump 8.1.1 wrote (loopback traffic, an invented token), and flows in the older and
// newer versions of the format, encoded here by its published layout.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SourceSummary } from "../../../src/core/capture-event.ts";
import type { HttpTransaction } from "../../../src/core/http-transaction.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";

let folder = "";
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-flow-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Read = { readonly transactions: HttpTransaction[]; readonly summary: SourceSummary };

async function readPath(path: string): Promise<Read> {
  const capture = await openCapture(path);
  const transactions: HttpTransaction[] = [];
  for await (const event of capture.events) if (event.kind === "transaction") transactions.push(event.transaction);
  return { transactions, summary: capture.summary() };
}

function read(content: string | Uint8Array): Promise<Read> {
  const path = join(folder, `${++files}.anything`);
  writeFileSync(path, content);
  return readPath(path);
}

/** Marks text that Python wrote as `str`; other text was `bytes`. */
class Str {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
const str = (text: string): Str => new Str(text);

function encode(value: unknown): Buffer {
  const [payload, type] = typed(value);
  return Buffer.concat([Buffer.from(`${payload.length}:`), payload, Buffer.from(type)]);
}

function typed(value: unknown): readonly [Buffer, string] {
  if (value === null) return [Buffer.alloc(0), "~"];
  if (value instanceof Str) return [Buffer.from(value.text), ";"];
  if (typeof value === "string") return [Buffer.from(value), ","];
  if (value instanceof Uint8Array) return [Buffer.from(value), ","];
  if (typeof value === "boolean") return [Buffer.from(String(value)), "!"];
  if (typeof value === "number") return [Buffer.from(String(value)), Number.isInteger(value) ? "#" : "^"];
  if (Array.isArray(value)) return [Buffer.concat(value.map(encode)), "]"];
  return [
    Buffer.concat(Object.entries(value as object).flatMap(([name, member]) => [encode(str(name)), encode(member)])),
    "}",
  ];
}

const at = Date.UTC(2026, 0, 15, 12) / 1000;
const request = {
  method: "POST",
  scheme: "https",
  host: str("mail.contoso.example"),
  port: 443,
  path: "/EWS/Exchange.asmx",
  http_version: "HTTP/1.1",
  headers: [
    ["Host", "mail.contoso.example"],
    ["Authorization", "Bearer"],
  ],
  content: "<x/>",
  timestamp_start: at + 0.25,
  timestamp_end: at + 0.3,
};
const response = {
  http_version: "HTTP/1.1",
  status_code: 401,
  reason: "Unauthorized",
  headers: [
    ["WWW-Authenticate", "Negotiate"],
    ["www-authenticate", "Bearer"],
  ],
  content: "hi",
  timestamp_start: at + 0.4,
  timestamp_end: at + 0.5,
};
const flow = (version: unknown, parts: object = {}): object => ({
  ...{ version, type: str("http"), id: str("a"), error: null, intercepted: false, request, response },
  ...{ client_conn: { id: str("one"), address: [str("192.0.2.9"), 50123], tls_established: true } },
  ...{ server_conn: { address: [str("192.0.2.1"), 443] }, ...parts },
});

test("a file of mitmdump 8.1.1 is read whole", async () => {
  const { transactions, summary } = await readPath(new URL("fixtures/mitmproxy-8.1.1.flow", import.meta.url).pathname);
  expect(summary).toMatchObject({ format: "mitmproxy", transactions: 4, truncated: false, problems: [] });
  const [probe, call, closed, refused] = transactions;
  expect(probe).toMatchObject({
    ...{ scheme: "http", host: "127.0.0.1", port: 18_081, client: expect.stringMatching(/^127\.0\.0\.1:\d+$/) },
    request: { method: "POST", target: "/EWS/Exchange.asmx", body: { totalBytes: 121 } },
    response: { status: 401, reason: "Unauthorized" },
  });
  expect(probe?.response?.headers.filter(([name]) => name === "WWW-Authenticate")).toHaveLength(3);
  expect(Buffer.from(call?.response?.body.bytes ?? []).toString()).toBe("<s:Envelope/>");
  expect(call?.response?.body.contentCoding).toBe(null);
  for (const failed of [closed, refused]) {
    expect(failed?.response).toBe(null);
    expect(failed?.failure).toMatch(
      /^the (?:server closed the connection|connection was refused), as mitmproxy recorded$/,
    );
  }
});

describe("versions", () => {
  const older = { request: { ...request, first_line_format: str("absolute"), is_replay: false } };
  const newer = { client_conn: { id: str("one"), peername: [str("192.0.2.9"), 50123] } };
  test.each([
    [7, older],
    [8, { request: { ...request, first_line_format: str("relative"), trailers: null } }],
    [9, {}],
    [12, { websocket: null }],
    [13, { marked: str(":default:") }],
    [14, { comment: str("") }],
    [16, { timestamp_created: at }],
    [17, {}],
    [18, newer],
    [19, newer],
    [20, newer],
    [21, newer],
  ])("version %i is read", async (version, parts) => {
    const { transactions, summary } = await read(encode(flow(version, parts)));
    expect(summary).toMatchObject({ transactions: 1, truncated: false, problems: [] });
    expect(transactions[0]).toMatchObject({
      ...{ id: "t1", connection: "one", client: "192.0.2.9:50123", startedAt: at * 1000 + 250, durationMs: 250 },
      ...{ scheme: "https", host: "mail.contoso.example", port: 443, failure: null },
      request: { method: "POST", target: "/EWS/Exchange.asmx", headers: request.headers, body: { totalBytes: 4 } },
      response: { status: 401, headers: response.headers, body: { bytes: new Uint8Array(Buffer.from("hi")) } },
    });
  });

  test.each([
    [[0, 18], /older mitmproxy/],
    [6, /older mitmproxy/],
    [22, /newer mitmproxy/],
  ])("version %j is refused with what to do", async (version, message) => {
    await expect(read(encode(flow(version)))).rejects.toMatchObject({ code: "flow-version", message });
  });
});

test("HTTP/2 without a Host field: the authority says where it went; trailers are kept", async () => {
  const { transactions } = await read(
    encode(
      flow(19, {
        request: {
          ...request,
          headers: [["accept", "*/*"]],
          host: str("10.0.0.1"),
          authority: "mail.contoso.example:443",
        },
        response: { ...response, trailers: [["grpc-status", "0"]] },
      }),
    ),
  );
  expect(transactions[0]).toMatchObject({
    host: "mail.contoso.example",
    response: { trailers: [["grpc-status", "0"]] },
  });
});

test.each([
  ["gzip", gzipSync],
  ["br", brotliCompressSync],
])("a body in %s is undone", async (coding, pack) => {
  const packed = { ...response, headers: [["Content-Encoding", coding]], content: pack("<answer/>") };
  const { transactions } = await read(encode(flow(21, { response: packed })));
  expect(Buffer.from(transactions[0]?.response?.body.bytes ?? []).toString()).toBe("<answer/>");
});

test("what is no HTTP, a CONNECT, and what lacks its parts is left out and counted", async () => {
  const { transactions, summary } = await read(
    Buffer.concat([
      encode(flow(21, { type: str("tcp") })),
      encode(flow(21, { request: { ...request, method: "CONNECT" } })),
      encode(flow(21, { request: null })),
      encode(flow(21)),
    ]),
  );
  expect(transactions.map(({ id }) => id)).toEqual(["t4"]);
  expect(summary.problems).toEqual([
    "flow 3 was skipped: its request has no method or no host",
    "1 flows that are not HTTP were skipped",
  ]);
});

test("a cut file gives its whole flows, wherever it was cut, and says so", async () => {
  const whole = Buffer.concat([encode(flow(21)), encode(flow(21))]);
  const one = whole.length / 2;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 16, max: whole.length - 1 }), async (cut) => {
      const { transactions, summary } = await read(whole.subarray(0, cut));
      expect(transactions).toHaveLength(cut < one ? 0 : 1);
      expect(summary.truncated).toBe(cut !== one);
    }),
    { numRuns: 60 },
  );
});

test.each([
  [
    "nested far too deep",
    flow(21, { metadata: Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], 1) }),
    "64 levels",
  ],
  ["with names of the prototype", flow(21, { ["__proto__"]: { polluted: true }, constructor: 1 }), null],
])("a flow %s does no harm", async (_name, made, problem) => {
  const { summary } = await read(Buffer.concat([encode(made), encode(flow(21))]));
  expect(summary.transactions).toBe(problem === null ? 2 : 1);
  expect(summary.problems.join()).toContain(problem ?? "");
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
});

test("a length that lies loses the rest and never throws", async () => {
  const { summary } = await read(`${encode(flow(21)).toString("latin1")}99999999999:4:type;`);
  expect(summary).toMatchObject({ transactions: 1, truncated: true });
  const { summary: other } = await read("9:4:type;9:xx}");
  expect(other.transactions).toBe(0);
});

test("a flow beyond the limit is passed over without being kept", async () => {
  const large = flow(21, { request: { ...request, content: Buffer.alloc(65 * 1024 * 1024, 120) } });
  const { transactions, summary } = await read(Buffer.concat([encode(large), encode(flow(21))]));
  expect(transactions.map(({ id }) => id)).toEqual(["t2"]);
  expect(summary.problems).toEqual(["flow 1 was skipped: it is longer than 64 MiB"]);
});
