// One small file for each exporter of HAR, with what was seen to be its own in real files; names and texts are ours.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SourceSummary } from "../../../src/core/capture-event.ts";
import type { HttpTransaction } from "../../../src/core/http-transaction.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";

let folder = "";
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-dialects-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(
  content: string | Uint8Array,
): Promise<{ transactions: HttpTransaction[]; summary: SourceSummary }> {
  const path = join(folder, `${++files}.anything`);
  writeFileSync(path, content);
  const capture = await openCapture(path);
  const transactions: HttpTransaction[] = [];
  for await (const event of capture.events) if (event.kind === "transaction") transactions.push(event.transaction);
  return { transactions, summary: capture.summary() };
}

const at = Date.UTC(2026, 0, 15, 12);
const url = "https://mail.contoso.example/EWS/Exchange.asmx";
const authorization = { name: "Authorization", value: "Bearer" };
const challenges = [
  { name: "WWW-Authenticate", value: 'Bearer client_id="x"' },
  { name: "WWW-Authenticate", value: "NTLM" },
];
const request = { method: "POST", url, headers: [authorization] };
const response = { status: 401, statusText: "Unauthorized", headers: challenges };
/** What every exporter writes one way or another, and what must come out of it. */
const challenged = {
  ...{ scheme: "https", host: "mail.contoso.example", port: 443, failure: null },
  request: { method: "POST", target: "/EWS/Exchange.asmx" },
  response: { status: 401 },
};
const unanswered = { response: null, failure: "no answer was recorded" };

interface Dialect {
  readonly log: object;
  /** Around the document: what stands before it, how it is indented. */
  readonly before?: string;
  readonly indent?: number;
  readonly startedAt: number | null;
  readonly expected: readonly object[];
}

const dialects: Readonly<Record<string, Dialect>> = {
  Chrome: {
    indent: 2,
    startedAt: at + 250,
    log: {
      ...{ version: "1.2", creator: { name: "WebInspector", version: "537.36" }, pages: [] },
      entries: [
        {
          ...{ _connectionId: "42", _initiator: { type: "script", stack: { callFrames: [] } }, _priority: "High" },
          ...{ _resourceType: "xhr", cache: {}, connection: "443", serverIPAddress: "192.0.2.1", time: 12.5 },
          startedDateTime: "2026-01-15T12:00:00.250Z",
          request: {
            ...{ ...request, httpVersion: "http/2.0", cookies: [], queryString: [], headersSize: -1, bodySize: 9 },
            headers: [{ name: ":authority", value: "mail.contoso.example" }, authorization],
            postData: {
              ...{ mimeType: "application/x-www-form-urlencoded", text: "a=1&b=%20" },
              params: [{ name: "a", value: "1" }],
            },
          },
          response: {
            ...{ ...response, httpVersion: "http/2.0", cookies: [], redirectURL: "", headersSize: -1, bodySize: -1 },
            ...{ content: { size: 0, mimeType: "x-unknown" }, _transferSize: 300, _error: null },
          },
          timings: { blocked: 1, dns: -1, ssl: -1, connect: -1, send: 0.1, wait: 5, receive: 1 },
        },
        {
          ...{ _initiator: { type: "other" }, startedDateTime: "2026-01-15T12:00:01.000Z", time: 3 },
          request: { ...request, httpVersion: "", bodySize: -1 },
          response: { status: 0, statusText: "", httpVersion: "", headers: [], content: { size: 0 }, bodySize: -1 },
          ...{ serverIPAddress: "", timings: { send: 0, wait: 0, receive: 0 } },
        },
      ],
    },
    expected: [
      { ...challenged, durationMs: 12.5 },
      { ...unanswered, durationMs: 3 },
    ],
  },
  "Firefox 111": {
    startedAt: at + 303,
    log: {
      ...{ version: "1.2", creator: { name: "Firefox", version: "111.0" }, pages: [{ id: "page_1" }] },
      entries: [
        {
          ...{ startedDateTime: "2026-01-15T05:00:00.303-07:00", _securityState: "secure", time: null, timings: {} },
          request: { ...request, headersSize: null, bodySize: null },
          response: { ...response, content: { mimeType: "text/plain" }, bodySize: null },
          cache: { afterRequest: { expires: "Thu Jan 15 2026" } },
        },
      ],
    },
    expected: [{ ...challenged, durationMs: null }],
  },
  "Firefox 43": {
    startedAt: at,
    log: {
      ...{ version: "1.1", creator: { name: "Firefox", version: "43.0" } },
      entries: [
        {
          startedDateTime: "2026-01-15T13:00:00.000+01:00",
          ...{ request, response: { ...response, content: { size: 1024, mimeType: "text/xml" } } },
        },
      ],
    },
    expected: [{ ...challenged, response: { status: 401, body: { totalBytes: 1024, bytes: new Uint8Array(0) } } }],
  },
  Safari: {
    startedAt: at,
    log: {
      ...{ version: "1.2", creator: { name: "WebKit Web Inspector", version: "1.0" } },
      entries: [
        {
          ...{ startedDateTime: "2026-01-15T12:00:00.000Z", _fetchType: "Network Load", _priority: "medium" },
          request: { ...request, httpVersion: "", bodySize: -1 },
          response: { ...response, httpVersion: "", bodySize: -1, _transferSize: 10, content: { size: 0 } },
        },
      ],
    },
    expected: [challenged],
  },
  "Fiddler 4.6": {
    before: "\ufeff",
    startedAt: at + 722,
    log: {
      ...{ version: "1.2", creator: { name: "Fiddler", version: "4.6.0.0" }, comment: "exported" },
      entries: [
        {
          ...{ startedDateTime: "2026-01-15T13:00:00.7221474+01:00", connection: "ClientPort:50123;EgressPort:50124" },
          ...{ request, response: { ...response, content: { size: 2, text: "hi", comment: "Body length: 2" } } },
        },
      ],
    },
    expected: [{ ...challenged, connection: "ClientPort:50123;EgressPort:50124" }],
  },
  "Charles 4.6": {
    startedAt: at,
    log: {
      ...{ version: "1.2", creator: { name: "Charles Proxy", version: "4.6" } },
      entries: [
        {
          ...{ startedDateTime: "2026-01-15T05:00:00.000-07:00", _charlesStatus: "COMPLETE" },
          request: {
            ...request,
            ...{ cookies: [{ name: "a", value: null }], postData: { mimeType: null, text: "x" } },
          },
          response: { status: 401, headers: challenges, redirectURL: null, content: { size: 0 } },
        },
      ],
    },
    expected: [{ ...challenged, request: { ...challenged.request, body: { totalBytes: 1 } } }],
  },
  mitmproxy: {
    startedAt: at + 195,
    log: {
      ...{ version: "1.2", creator: { name: "mitmproxy", version: "0.1" } },
      entries: [
        {
          ...{ startedDateTime: "2026-01-15T12:00:00.195591+00:00", timings: { send: 1, receive: 1, wait: 1 } },
          request,
          response: { ...response, content: { size: 2, text: "AP8=", encoding: "base64" } },
        },
        {
          ...{ startedDateTime: "2026-01-15T12:00:01.195591+00:00", _error: "server closed connection" },
          ...{ request, response: { status: 0, content: {}, headers: [] } },
        },
      ],
    },
    expected: [
      { ...challenged, response: { status: 401, body: { bytes: Buffer.from([0, 255]) } } },
      { response: null, failure: "server closed connection" },
    ],
  },
  "HTTP Toolkit": {
    startedAt: at,
    log: {
      ...{ version: "1.2", creator: { name: "HTTP Toolkit", version: "1.12" }, _tlsErrors: [] },
      entries: [
        {
          ...{ startedDateTime: "2026-01-15T13:00:00.000+01:00", _pinned: true },
          request: {
            ...{ ...request, _requestBodyStatus: "discarded:not-representable" },
            ...{ _content: { text: "AP8=", size: 2, encoding: "base64" }, _trailers: [{ name: "a", value: "b" }] },
          },
          response: { ...response, content: { size: 600_000, comment: "body was too large" } },
        },
        {
          startedDateTime: "2026-01-15T13:00:00.000+01:00",
          request: { ...request, bodySize: 900, _requestBodyStatus: "discarded:not-decodable" },
          response: {
            ...response,
            content: {
              ...{ mimeType: "text/xml", size: 600_000 },
              comment: "Body discarded during HAR generation: longer than limit of 500000 bytes",
            },
          },
        },
      ],
    },
    expected: [
      {
        ...challenged,
        request: { ...challenged.request, body: { bytes: Buffer.from([0, 255]) }, trailers: [["a", "b"]] },
        response: { status: 401, body: { totalBytes: 600_000 } },
      },
      {
        request: { body: { truncated: true, totalBytes: 900 } },
        response: { status: 401, body: { truncated: true, totalBytes: 600_000 } },
      },
    ],
  },
  "IE 11": {
    startedAt: at + 810,
    log: {
      ...{ version: "1.1", creator: { name: "Internet Explorer Network Inspector", version: "11.0" } },
      entries: [
        {
          startedDateTime: "2026-01-15T12:00:00.810+00:00",
          request: { ...request, cookies: {} },
          response: { ...response, cookies: {}, content: {} },
        },
      ],
    },
    expected: [challenged],
  },
  Playwright: {
    startedAt: at,
    log: {
      ...{ version: "1.2", creator: { name: "Playwright", version: "1.40" } },
      entries: [
        {
          ...{ startedDateTime: "2026-01-15T12:00:00.000Z", _frameref: "f", _monotonicTime: 5, time: 2 },
          ...{ request, timings: { send: -1, wait: -1, receive: 2 }, _securityDetails: {} },
          response: { ...response, content: { size: -1, mimeType: "text/xml", _file: "0a1b.txt" } },
        },
      ],
    },
    expected: [{ ...challenged, response: { status: 401, body: { totalBytes: null } } }],
  },
  "Polly.js": {
    startedAt: at,
    log: {
      ...{ _recordingName: "calls", creator: { name: "Polly.JS", version: "6" }, browser: { name: "x" } },
      ...{ version: "1.2", pages: [] },
      entries: [
        {
          ...{ _id: "59aa5b8e", _order: 0, startedDateTime: "2026-01-15T12:00:00.000Z" },
          ...{ request, response: { ...response, content: { size: 0 } } },
        },
      ],
    },
    expected: [{ ...challenged, id: "59aa5b8e" }],
  },
  'k6 "LI-HAR"': {
    startedAt: null,
    log: { entries: [{ request, checks: [], variables: [] }] },
    expected: [{ ...unanswered, host: "mail.contoso.example" }],
  },
  "Slack, as mitmproxy reads it": {
    startedAt: at,
    log: {
      version: "1.2",
      entries: [
        {
          startedDateTime: "2026-01-15T12:00:00Z",
          request: { ...request, headers: [["Authorization", "Bearer"]] },
          response: { ...response, headers: challenges.map(({ name, value }) => [name, value]), content: {} },
        },
      ],
    },
    expected: [challenged],
  },
};

describe.each(Object.entries(dialects))("%s", (_name, { log, before = "", indent, startedAt, expected }) => {
  const document = before + JSON.stringify({ log }, null, indent);

  test("is read, with every field and challenge in its place", async () => {
    const { transactions, summary } = await read(document);
    expect(summary).toMatchObject({ format: "har", transactions: expected.length, truncated: false });
    expect(summary.problems).toEqual(startedAt === null ? ["entry 1: no time that can be read"] : []);
    for (const [index, parts] of expected.entries()) expect(transactions[index]).toMatchObject(parts);
    const [first] = transactions;
    if (startedAt !== null) expect(first?.startedAt).toBe(startedAt);
    expect(first?.request.headers.filter(([name]) => name === "Authorization")).toEqual([["Authorization", "Bearer"]]);
    if (first?.response !== null)
      expect(first?.response?.headers.map(([, value]) => value)).toEqual(['Bearer client_id="x"', "NTLM"]);
  });

  test.each([
    ["gzip", gzipSync(document)],
    ["zlib (.zhar)", deflateSync(document)],
    ["UTF-16, little end first", Buffer.from(`\ufeff${document.replace("\ufeff", "")}`, "utf16le")],
    ["UTF-16, big end first", Buffer.from(`\ufeff${document.replace("\ufeff", "")}`, "utf16le").swap16()],
  ])("in %s it says the same", async (_coding, bytes) => {
    const [plain, packed] = [await read(document), await read(bytes)];
    expect(packed.transactions).toEqual(plain.transactions);
  });
});

describe("hostile parts are contained, with one line each", () => {
  const entry = { startedDateTime: "2026-01-15T12:00:00Z", request, response: { ...response, content: {} } };
  const document = JSON.stringify({ log: { entries: [entry, entry] } });

  test("an entry that is nested too deep", async () => {
    const deep = document.replace(
      '"startedDateTime"',
      `"x":${"[".repeat(50_000)}${"]".repeat(50_000)},"startedDateTime"`,
    );
    const { transactions, summary } = await read(deep);
    expect(transactions).toHaveLength(1);
    expect(summary.problems).toEqual([expect.stringMatching(/^entry 1 \(byte \d+\) was skipped: it is nested deeper/)]);
  });

  test("a member named __proto__", async () => {
    const { transactions, summary } = await read(
      document.replace('"startedDateTime"', '"__proto__":{},"startedDateTime"'),
    );
    expect(transactions).toHaveLength(2);
    expect(summary.problems).toEqual(["entry 1: a member named __proto__ was ignored"]);
  });

  test("an entry of 70 MB", async () => {
    const large = document.replace('"startedDateTime"', `"x":"${"y".repeat(70_000_000)}","startedDateTime"`);
    const { transactions, summary } = await read(large);
    expect(transactions).toHaveLength(1);
    expect(summary.problems).toEqual([expect.stringContaining("it is longer than 64 MiB")]);
  });
});
