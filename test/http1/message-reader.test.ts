import { describe, expect, test } from "vitest";
import { createRequestReader, createResponseReader, type ReadEvent } from "../../src/http1/message-reader.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const text = (body: Uint8Array): string => String.fromCharCode(...body);

function requests(wire: string, limits = {}) {
  const reader = createRequestReader(limits);
  return [...reader.push(bytes(wire), 5), ...reader.end(9)];
}

function answers(wire: string, methods: readonly string[] = ["GET"], limits = {}) {
  const reader = createResponseReader(limits);
  for (const method of methods) reader.expect(method);
  return [...reader.push(bytes(wire), 5), ...reader.end(9)];
}

function messages<Message>(events: readonly ReadEvent<Message>[]) {
  return events.flatMap((event) => (event.kind === "message" ? [event] : []));
}

function lostReason(events: readonly ReadEvent<unknown>[]): string | undefined {
  return events.flatMap((event) => (event.kind === "lost" ? [event.reason] : []))[0];
}

describe("requests", () => {
  test("a request keeps order, case and repeats of its fields", () => {
    const [only] = messages(requests("GET /a?b=c HTTP/1.1\r\nHost: x\r\nx-DUP: 1\r\nX-Dup:2 \r\n\r\n"));
    expect(only?.message).toMatchObject({
      method: "GET",
      target: "/a?b=c",
      version: "HTTP/1.1",
      headers: [
        ["Host", "x"],
        ["x-DUP", "1"],
        ["X-Dup", "2"],
      ],
    });
    expect(only?.isWhole).toBe(true);
  });

  test("pipelined requests come one after the other", () => {
    const wire = "POST /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n";
    const read = messages(requests(wire));
    expect(read.map((event) => [event.message.target, text(event.message.body.bytes)])).toEqual([
      ["/1", "abc"],
      ["/2", ""],
      ["/3", ""],
    ]);
  });

  test("empty lines before a request are ignored and do not start its clock", () => {
    const reader = createRequestReader();
    const early = reader.push(bytes("\r\n\n\r\n"), 1);
    const events = [...early, ...reader.push(bytes("GET / HTTP/1.1\r\n\r\n"), 7)];
    expect(messages(events)).toMatchObject([{ startedAt: 7, endedAt: 7 }]);
  });

  test("bare LF line ends and folded values are read", () => {
    const [only] = messages(requests("GET / HTTP/1.1\nA: one\n  two\n\tthree\nB: x\n\n"));
    expect(only?.message.headers).toEqual([
      ["A", "one two three"],
      ["B", "x"],
    ]);
  });

  test("a header block of 200 KiB is read, one over the limit is lost", () => {
    const large = `GET / HTTP/1.1\r\nAuthorization: Negotiate ${"A".repeat(200_000)}\r\n\r\n`;
    expect(messages(requests(large))).toHaveLength(1);
    expect(lostReason(requests(large, { headLimit: 100_000 }))).toBe("a header block larger than the limit");
  });

  test.each([
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "this is HTTP/2, which is not read"],
    ["TLS", "\x16\x03\x01\x02\x00\x01\n\n", "the first line is not an HTTP/1.1 request line"],
    ["HTTP/0.9", "GET /\r\n\r\n", "the first line is not an HTTP/1.1 request line"],
    [
      "two lengths",
      "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
      "two different Content-Length fields",
    ],
    ["a signed length", "POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc", "a Content-Length that is not a number"],
    [
      "xchunked",
      "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n",
      "the request has a transfer coding that is not chunked",
    ],
    ["no colon", "GET / HTTP/1.1\r\nnonsense\r\n\r\n", "a header line has no name or no colon"],
    [
      "a bad chunk size",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3g\r\nabc",
      "a chunk size that is not a number",
    ],
    [
      "a huge chunk size",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
      "a chunk size that is too large",
    ],
    [
      "a long chunk",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
      "a chunk that is longer than its size",
    ],
    ["the end inside a head", "GET / HTTP/1.1\r\nHos", "the stream ended inside a header block"],
  ])("%s is lost once, with the reason, and then silent", (_, wire, reason) => {
    const events = requests(`${wire}GET / HTTP/1.1\r\n\r\n`.slice(0, wire.includes("Hos") ? wire.length : undefined));
    expect(lostReason(events)).toBe(reason);
    expect(events.at(-1)?.kind).toBe("lost");
    expect(events.filter((event) => event.kind === "lost")).toHaveLength(1);
  });

  test("a body that is cut is given, marked not whole", () => {
    const [only] = messages(requests("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc"));
    expect(only).toMatchObject({ isWhole: false, message: { body: { totalBytes: 3, truncated: true } } });
  });

  test("a body over the limit keeps its first bytes and counts all", () => {
    const [only] = messages(requests(`POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789`, { bodyLimit: 4 }));
    expect(text(only?.message.body.bytes ?? bytes(""))).toBe("0123");
    expect(only?.message.body).toMatchObject({ totalBytes: 10, truncated: true });
  });
});

describe("answers", () => {
  test("chunks are joined, extensions skipped, trailers kept", () => {
    const wire =
      "HTTP/1.1 200 Fine, thanks\r\nTransfer-Encoding: chunked\r\n\r\n3;name=value\r\nabc\r\n2 \r\nde\r\n0\r\nX-Sum: 7\r\n\r\n";
    const [only] = messages(answers(wire));
    expect(only?.message).toMatchObject({ status: 200, reason: "Fine, thanks", trailers: [["X-Sum", "7"]] });
    expect(text(only?.message.body.bytes ?? bytes(""))).toBe("abcde");
  });

  test("interim answers are kept in the final one", () => {
    const wire =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
    expect(messages(answers(wire)).map((event) => [event.message.status, event.message.interim])).toEqual([
      [204, [100, 103]],
    ]);
  });

  test.each([
    ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"],
    ["GET", "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n"],
    ["GET", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ])("an answer to %s without a body ends with its head", (method, wire) => {
    const read = messages(answers(`${wire}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`, [method, "GET"]));
    expect(read.map((event) => event.isWhole)).toEqual([true, true]);
  });

  test("an answer without a length lasts until the end, and is whole only after a clean end", () => {
    const wire = "HTTP/1.1 200 OK\r\n\r\nall of it";
    expect(messages(answers(wire))).toMatchObject([{ isWhole: true, endedAt: 9 }]);
    const reader = createResponseReader();
    reader.push(bytes(wire), 1);
    expect(messages(reader.end(2, { isClean: false }))).toMatchObject([{ isWhole: false }]);
  });

  test.each([
    ["101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05hello", "GET"],
    ["a CONNECT that was granted", "HTTP/1.1 200 OK\r\n\r\nanything", "CONNECT"],
  ])("after %s nothing more is read", (_, wire, method) => {
    expect(answers(wire, [method]).map((event) => event.kind)).toEqual(["head", "message", "upgraded"]);
  });

  test.each(["HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 OK", "ICY 200 OK"])("%s is not a status line", (line) => {
    expect(lostReason(answers(`${line}\r\n\r\n`))).toBe("the first line is not an HTTP/1.1 status line");
  });

  test("a coding is named and not undone", () => {
    const [only] = messages(answers("HTTP/1.1 200 OK\r\nContent-Encoding: GZip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"));
    expect(only?.message.body.contentCoding).toBe("gzip");
  });
});
