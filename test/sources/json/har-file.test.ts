// HAR files as other programs write them. The dialects are those that exporters were seen to write; the texts are ours.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SourceSummary } from "../../../src/core/capture-event.ts";
import type { HttpTransaction } from "../../../src/core/http-transaction.ts";
import { HarScanner } from "../../../src/sources/json/har-scanner.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";

let folder = "";
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-har-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(content: string | Uint8Array): string {
  const path = join(folder, `${++files}.anything`);
  writeFileSync(path, content);
  return path;
}

async function read(
  content: string | Uint8Array,
): Promise<{ transactions: HttpTransaction[]; summary: SourceSummary }> {
  const capture = await openCapture(file(content));
  const transactions: HttpTransaction[] = [];
  for await (const event of capture.events) if (event.kind === "transaction") transactions.push(event.transaction);
  return { transactions, summary: capture.summary() };
}

const har = (entries: readonly unknown[]): string =>
  JSON.stringify({ log: { version: "1.2", creator: { name: "x", version: "1" }, entries } });

const plain = {
  startedDateTime: "2026-01-15T12:00:00.000Z",
  time: 12,
  request: {
    method: "GET",
    url: "https://mail.contoso.example/EWS/Exchange.asmx?a=1#x",
    httpVersion: "HTTP/1.1",
    headers: [{ name: "Host", value: "mail.contoso.example" }],
  },
  response: {
    status: 401,
    statusText: "Unauthorized",
    httpVersion: "HTTP/1.1",
    headers: [
      { name: "WWW-Authenticate", value: "Negotiate" },
      { name: "www-authenticate", value: "Bearer" },
    ],
    content: { size: 2, mimeType: "text/plain", text: "hi" },
  },
};
const withParts = (parts: object, request: object = {}, response: object = {}): object => ({
  ...plain,
  ...parts,
  request: { ...plain.request, ...request },
  response: { ...plain.response, ...response },
});

async function one(entry: unknown): Promise<HttpTransaction> {
  const { transactions, summary } = await read(har([entry]));
  expect(summary).toMatchObject({ format: "har", transactions: 1, truncated: false, problems: [] });
  const [transaction] = transactions;
  if (transaction === undefined) throw new Error("no transaction");
  return transaction;
}

test("an entry becomes a transaction; order, repeats and letter case of fields are kept", async () => {
  expect(await one(plain)).toMatchObject({
    id: "t1",
    startedAt: Date.UTC(2026, 0, 15, 12),
    durationMs: 12,
    scheme: "https",
    host: "mail.contoso.example",
    port: 443,
    failure: null,
    request: { method: "GET", target: "/EWS/Exchange.asmx?a=1", headers: [["Host", "mail.contoso.example"]] },
    response: {
      status: 401,
      reason: "Unauthorized",
      headers: [
        ["WWW-Authenticate", "Negotiate"],
        ["www-authenticate", "Bearer"],
      ],
      body: { bytes: new TextEncoder().encode("hi"), totalBytes: 2 },
    },
  });
});

describe("dialects", () => {
  test.each([
    ["Chrome", "2026-01-15T12:00:00.250Z", 250],
    ["Firefox", "2026-01-15T05:00:00.250-07:00", 250],
    ["Fiddler, seven fraction digits", "2026-01-15T13:00:00.2504474+01:00", 250],
    ["mitmproxy, six fraction digits", "2026-01-15T12:00:00.250591+00:00", 250],
    ["no fraction", "2026-01-15T12:00:00Z", 0],
  ])("%s: the time is read", async (_name, startedDateTime, fraction) => {
    expect((await one(withParts({ startedDateTime }))).startedAt).toBe(Date.UTC(2026, 0, 15, 12, 0, 0, fraction));
  });

  test("Fiddler: a byte order mark is passed over", async () => {
    expect((await read(`\ufeff${har([plain])}`)).transactions).toHaveLength(1);
  });

  test.each([
    ["Chrome, blocked", { status: 0, statusText: "", httpVersion: "", headers: [], content: { size: 0 } }],
    ["mitmproxy, failed", { status: 0, content: {} }],
    ["without a response", null],
  ])("%s: a request without an answer has none", async (_name, response) => {
    const transaction = await one({ ...plain, response });
    expect(transaction.response).toBe(null);
    expect(transaction.failure).toBe("no answer was recorded");
  });

  test("Firefox: null and missing sizes are unknown and not an error", async () => {
    const request = { headersSize: null, bodySize: null, cookies: [] };
    const transaction = await one(withParts({ time: null, timings: {} }, request, { content: { mimeType: "" } }));
    expect(transaction.durationMs).toBe(null);
    expect(transaction.response?.body.totalBytes).toBe(null);
  });

  test("a size of -1 or null is 0 only where such a message has no body, and gives way to a body that is there", async () => {
    const unknown = { bodySize: -1, postData: undefined };
    const sizes = async (request: object, response: object) => {
      const transaction = await one(withParts({}, request, response));
      return [transaction.request.body.totalBytes, transaction.response?.body.totalBytes];
    };
    const nothing = { content: { size: -1 }, bodySize: -1 };
    expect(await sizes({ ...unknown, method: "POST" }, { ...nothing, status: 200 })).toEqual([null, null]);
    expect(await sizes({ ...unknown, method: "GET" }, { ...nothing, status: 304 })).toEqual([0, 0]);
    expect(await sizes({ bodySize: 9, method: "POST" }, { content: { size: -1 }, bodySize: 7 })).toEqual([9, 7]);
    expect(
      await sizes({ ...unknown, method: "POST" }, { content: { size: null, text: "abc" }, bodySize: null }),
    ).toEqual([null, 3]);
  });

  test("Charles and IE: members of another kind are left out", async () => {
    const request = { cookies: {}, postData: { mimeType: null, text: "a=1" }, queryString: null };
    const transaction = await one(withParts({}, request, { redirectURL: null, statusText: undefined }));
    expect(new TextDecoder().decode(transaction.request.body.bytes)).toBe("a=1");
    expect(transaction.response?.reason).toBe("");
  });

  test("Slack: fields as pairs", async () => {
    const headers = [["Authorization", "Bearer "], ["x", null], "nonsense", ["", "y"]];
    expect((await one(withParts({}, { headers }))).request.headers).toEqual([
      ["Authorization", "Bearer "],
      ["x", ""],
    ]);
  });

  test("HTTP/2: pseudo-fields are no fields", async () => {
    const headers = [
      { name: ":authority", value: "mail.contoso.example" },
      { name: "authorization", value: "Bearer" },
    ];
    expect((await one(withParts({}, { headers, httpVersion: "h2" }))).request.headers).toEqual([
      ["authorization", "Bearer"],
    ]);
  });

  test("a form is read from its fields when its text is missing, and its type is kept", async () => {
    const postData = {
      mimeType: "application/x-www-form-urlencoded",
      params: [
        { name: "grant_type", value: "a b" },
        { name: "half \ud800", value: "&" },
      ],
    };
    const { request } = await one(withParts({}, { method: "POST", postData }));
    expect(new TextDecoder().decode(request.body.bytes)).toBe("grant_type=a%20b&half%20%EF%BF%BD=%26");
    expect(request.headers).toContainEqual(["Content-Type", "application/x-www-form-urlencoded"]);
  });

  test("HTTP Toolkit: a binary request body and trailers", async () => {
    const request = { _content: { text: "AP8=", size: 2, encoding: "base64" }, _trailers: [{ name: "a", value: "b" }] };
    const transaction = await one(withParts({}, request));
    expect([...transaction.request.body.bytes]).toEqual([0, 255]);
    expect(transaction.request.trailers).toEqual([["a", "b"]]);
  });

  test("a base64 answer is decoded; one that is not base64 is told and the entry kept", async () => {
    const content = { size: 2, text: "AP8=", encoding: "base64" };
    expect([...((await one(withParts({}, {}, { content }))).response?.body.bytes ?? [])]).toEqual([0, 255]);
    const bad = await read(har([withParts({}, {}, { content: { ...content, text: "*" } })]));
    expect(bad.transactions).toHaveLength(1);
    expect(bad.summary.problems).toEqual([expect.stringContaining("entry 1: a body that is marked as base64 is not")]);
  });

  test("an entry without a time takes the answer's date", async () => {
    const headers = [{ name: "Date", value: "Thu, 15 Jan 2026 12:34:56 GMT" }];
    const { transactions, summary } = await read(har([withParts({ startedDateTime: "soon" }, {}, { headers })]));
    expect(transactions[0]?.startedAt).toBe(Date.UTC(2026, 0, 15, 12, 34, 56));
    expect(summary.problems).toEqual(["entry 1: no time that can be read"]);
  });
});

describe("URLs", () => {
  test.each([
    ["http://a.example", "http", "a.example", 80, "/"],
    ["HTTPS://A.Example:8443/x", "https", "a.example", 8443, "/x"],
    ["https://u:p@a.example/x", "https", "a.example", 443, "/x"],
    ["https://[2001:db8::1]:444/?q", "https", "2001:db8::1", 444, "/?q"],
    ["wss://a.example?x", "https", "a.example", 443, "/?x"],
  ])("%s", async (url, ...[scheme, host, port, target]) => {
    expect(await one(withParts({}, { url }))).toMatchObject({ scheme, host, port, request: { target } });
  });

  test.each(["", "data:text/plain,x", "chrome-extension://x/y", "https://", "https://a b/", "//a.example/"])(
    "%j is left out with its place",
    async (url) => {
      const { transactions, summary } = await read(har([withParts({}, { url }), plain]));
      expect(transactions).toHaveLength(1);
      expect(summary.problems).toEqual([
        expect.stringMatching(/^entry 1 \(byte \d+\) was skipped: its request has no URL/),
      ]);
    },
  );
});

describe("packed", () => {
  test.each([
    ["gzip", gzipSync(har([plain]))],
    ["zlib (.zhar)", deflateSync(har([plain]))],
  ])("%s is unpacked by its content", async (_name, bytes) => {
    expect((await read(bytes)).transactions).toHaveLength(1);
  });

  test("a cut gzip file gives its whole entries and is truncated", async () => {
    const many = har(Array.from({ length: 3000 }, (_, n) => withParts({ n, noise: Math.sin(n) })));
    const { transactions, summary } = await read(gzipSync(many).subarray(0, -2000));
    expect(transactions.length).toBeGreaterThan(10);
    expect(transactions.length).toBeLessThan(3000);
    expect(summary.truncated).toBe(true);
  });
});

describe("what is no HAR", () => {
  test.each([
    ["other JSON", '{"hello":"world"}'],
    ["entries that are not in log", '{"entries":[{}],"other":{"entries":[{}]}}'],
    ["log that is a list", '{"log":[{"entries":[]}]}'],
  ])("%s is refused", async (_name, text) => {
    await expect(read(text)).rejects.toThrow("is JSON without log.entries");
  });

  test.each([
    ["a cut head", '{"log":{"version":"1.2"', "is not JSON (it ends too early, in line 1), and so not a HAR file."],
    ["a comma too much", '{"hello":"world",\n}', "is not JSON (it breaks at line 2, column 1), and so not a HAR file."],
    ["too long to search", `{"a":"${"x".repeat(2 ** 21)}`, "begins as JSON, without log.entries"],
  ])("%s is refused with its place", async (_name, text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  test.each([
    ["nothing", ""],
    ["white space", " \n"],
    ["a picture", "GIF89a"],
    ["HTML", "<html>"],
  ])("%s is refused", async (_name, text) => {
    await expect(read(text)).rejects.toThrow(/is empty|is not a capture/);
  });

  test("a folder and a missing file are refused", async () => {
    await expect(openCapture(folder)).rejects.toThrow("is a folder");
    await expect(openCapture(join(folder, "none"))).rejects.toThrow("does not exist");
  });
});

describe("hostile", () => {
  test("a member called __proto__ reaches no prototype", async () => {
    const text = har([plain]).replace('"time":12', '"__proto__":{"polluted":1},"time":12');
    expect((await read(text)).transactions).toHaveLength(1);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  test("members are looked up in the entry alone", async () => {
    const { transactions } = await read(har([{ request: { url: "https://a.example/" } }]));
    expect(transactions[0]).toMatchObject({ request: { method: "GET", headers: [] }, response: null });
  });

  test("elements that are no entries are told", async () => {
    const { transactions, summary } = await read(har([plain, {}, "x", 7, null, [], plain]));
    expect(transactions).toHaveLength(2);
    expect(summary.problems).toHaveLength(1);
  });

  test("a hundred problems are told and the others counted", async () => {
    const { summary } = await read(har(Array.from({ length: 250 }, () => ({}))));
    expect(summary.problems).toHaveLength(101);
    expect(summary.problems.at(-1)).toBe("150 more problems");
  });

  test("deep nesting inside an entry is read or told, never fatal", async () => {
    const deep = "[".repeat(200_000) + "]".repeat(200_000);
    const { summary } = await read(har([plain]).replace('"time":12', `"x":${deep},"time":12`));
    expect(summary.transactions + summary.problems.length).toBe(1);
  });
});

test("a HAR cut at any byte gives the whole entries before the cut and says that it is cut", async () => {
  const whole = har([plain, plain, plain]);
  const start = whole.indexOf('"entries":[') + '"entries":['.length;
  const size = JSON.stringify(plain).length;
  for (let cut = start; cut < whole.length; cut += 53) {
    const { transactions, summary } = await read(whole.slice(0, cut));
    expect(transactions).toHaveLength(Math.min(3, Math.floor((cut - start + 1) / (size + 1))));
    expect(summary.truncated).toBe(true);
  }
});

test("the scanner finds the same elements however the bytes are cut, wherever log.entries stands", () => {
  const value = fc.jsonValue({ maxDepth: 4 });
  const document = fc.record({
    before: fc.dictionary(fc.string(), value),
    inside: fc.dictionary(
      fc.string().filter((name) => name !== "entries"),
      value,
    ),
    entries: fc.array(fc.dictionary(fc.string(), value)),
    after: fc.dictionary(fc.string(), value),
    step: fc.integer({ min: 1, max: 40 }),
    indent: fc.constantFrom(0, 2),
  });
  fc.assert(
    fc.property(document, ({ before, inside, entries, after, step, indent }) => {
      const log = { ...inside, entries, more: after };
      const text = JSON.stringify({ ...before, log, after }, null, indent);
      const bytes = Buffer.from(text);
      const scanner = new HarScanner({ elementLimit: 1e6 });
      const found: unknown[] = [];
      for (let at = 0; at < bytes.length; at += step) {
        for (const element of scanner.push(bytes.subarray(at, at + step))) {
          found.push(JSON.parse((element.bytes ?? Buffer.alloc(0)).toString("utf8")));
        }
      }
      expect(found).toEqual(JSON.parse(JSON.stringify(entries)));
      expect(scanner.isComplete).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("an element over the limit is told by its offset and not kept", () => {
  const scanner = new HarScanner({ elementLimit: 40 });
  const text = `{"log":{"\\u0065ntries":[{"a":1},{"b":"${"x".repeat(100)}"},{"c":3}]}}`;
  const elements = [...scanner.push(Buffer.from(text))].map(({ bytes, offset }) => [bytes?.toString() ?? null, offset]);
  const at = (needle: string): number => text.indexOf(needle);
  expect(elements).toEqual([
    ['{"a":1}', at('{"a"')],
    [null, at('{"b"')],
    ['{"c":3}', at('{"c"')],
  ]);
});
