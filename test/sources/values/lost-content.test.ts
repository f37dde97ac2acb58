// What a file holds and the program does not keep is told, with the entry it belongs to.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wantedFields } from "../../../src/app/reading/judged-fields.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";

let folder = "";
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-lost-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(content: string | Uint8Array, isLean = false) {
  const path = join(folder, `${++files}.anything`);
  writeFileSync(path, content);
  const capture = await openCapture(path, null, isLean ? wantedFields : null);
  const failures: (string | null)[] = [];
  for await (const event of capture.events) if (event.kind === "transaction") failures.push(event.transaction.failure);
  return { failures, problems: capture.summary().problems };
}

describe.each([false, true])("HAR, lean: %s", (isLean) => {
  const response = { status: 101, headers: [], content: { size: 0 } };
  const entry = {
    startedDateTime: "2026-01-15T12:00:00Z",
    request: { method: "GET", url: "https://ucwa.contoso.example/socket", headers: [] },
    response,
  };
  const har = (...entries: object[]): string => JSON.stringify({ log: { entries } });
  const message = { type: "receive", time: 1, opcode: 1, data: "x" };

  test("messages of a WebSocket", async () => {
    const { problems } = await read(
      har(entry, { ...entry, _webSocketMessages: [message, message] }, { ...entry, _webSocketMessages: [] }),
      isLean,
    );
    expect(problems).toEqual(["entry 2: 2 WebSocket messages were not read, only the handshake"]);
  });

  test("the error of an answer that did not come", async () => {
    const failed = { ...entry, response: { ...response, status: 0, _error: "net::ERR_CONNECTION_RESET" } };
    const silent = { ...entry, response: { ...response, status: 0, _error: null } };
    const { failures } = await read(har(failed, silent, { ...entry, _error: "own", response: null }), isLean);
    expect(failures).toEqual(["net::ERR_CONNECTION_RESET", "no answer was recorded", "own"]);
  });

  test.each(["QUJDR", "QUJD!", "QU=JD"])("a body %s that is marked as base64", async (text) => {
    const content = { size: 3, encoding: "base64", text };
    const { problems } = await read(har({ ...entry, response: { ...response, content } }), isLean);
    expect(problems).toEqual([expect.stringContaining("entry 1: a body that is marked as base64 is not")]);
  });

  test.each(["QUJD", "QUI=", "QUI", "QU\r\nJD"])("base64 %j is read", async (text) => {
    const content = { size: 3, encoding: "base64", text };
    expect((await read(har({ ...entry, response: { ...response, content } }), isLean)).problems).toEqual([]);
  });

  test("the place where the JSON of an entry breaks", async () => {
    const document = har(entry, entry).replace('"status":101', '"status":1O1');
    const { problems } = await read(document, isLean);
    expect(problems).toHaveLength(1);
    const [, from = "0", at = "0"] =
      /^entry 1 \(byte (\d+)\) was skipped: it is not JSON from byte (\d+) on$/.exec(problems[0] ?? "") ?? [];
    const broken = document.indexOf("1O1");
    expect(Number(from)).toBe(document.indexOf('{"startedDateTime"'));
    expect(Number(at)).toBeGreaterThanOrEqual(broken);
    expect(Number(at)).toBeLessThanOrEqual(broken + 1);
  });
});

// The layout of tnetstrings: length, colon, payload, type.
function encode(value: unknown): Buffer {
  const [payload, type] = payloadOf(value);
  return Buffer.concat([Buffer.from(`${payload.length}:`), payload, Buffer.from(type)]);
}

function payloadOf(value: unknown): readonly [Buffer, string] {
  if (value === null) return [Buffer.alloc(0), "~"];
  if (Buffer.isBuffer(value)) return [value, ","];
  if (typeof value === "string") return [Buffer.from(value), ","];
  if (typeof value === "number") return [Buffer.from(String(value)), Number.isInteger(value) ? "#" : "^"];
  if (Array.isArray(value)) return [Buffer.concat(value.map(encode)), "]"];
  return [Buffer.concat(Object.entries(value as object).flatMap(([name, item]) => [encode(name), encode(item)])), "}"];
}

describe("mitmproxy", () => {
  const request = {
    ...{
      method: "GET",
      scheme: "https",
      host: "mail.contoso.example",
      port: 443,
      path: "/owa",
      http_version: "HTTP/1.1",
    },
    ...{ headers: [], content: "", timestamp_start: 1_768_478_400.5 },
  };
  const response = { status_code: 200, reason: "OK", http_version: "HTTP/1.1", headers: [], content: "" };
  const flow = (parts: object): Buffer =>
    encode({
      version: 18,
      type: "http",
      id: "a",
      error: null,
      request,
      response,
      client_conn: { id: "one" },
      ...parts,
    });

  test.each<[string, object, string]>([
    [
      "frames of a WebSocket",
      { websocket: { messages: [[1, 1, "x", 1.5, 0, 0]] } },
      "flow 1: 1 WebSocket message was not read, only the handshake",
    ],
    [
      "a coding that cannot be undone",
      { response: { ...response, headers: [["Content-Encoding", "gzip"]], content: "not gzip at all" } },
      "flow 1: the body of the answer was not read: its content coding gzip could not be undone",
    ],
    [
      "a coding that nobody knows, in a request",
      { request: { ...request, headers: [["Content-Encoding", "secret\u0007"]], content: "abc" } },
      "flow 1: the body of the request was not read",
    ],
    ["no time", { request: { ...request, timestamp_start: null } }, "flow 1: no time that can be read"],
  ])("%s", async (_, parts, problem) => {
    expect((await read(flow(parts))).problems).toEqual([expect.stringContaining(problem)]);
  });

  test("nothing is told of a flow that is kept whole", async () => {
    expect((await read(flow({ websocket: null }))).problems).toEqual([]);
  });
});

test("SAZ: a coding that cannot be undone, and metadata without a time", async () => {
  const { problems } = await read(
    zipSync({
      "raw/1_c.txt": Buffer.from("GET https://mail.contoso.example/owa HTTP/1.1\r\nHost: mail.contoso.example\r\n\r\n"),
      "raw/1_s.txt": Buffer.from("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 9\r\n\r\nnot br at"),
      "raw/1_m.xml": Buffer.from('<Session><SessionTimers ClientBeginRequest="0001-01-01T00:00:00" /></Session>'),
    }),
  );
  expect(problems).toEqual([
    "session 1: no time that can be read",
    "session 1: the body of the answer was not read: its content coding br could not be undone",
  ]);
});
