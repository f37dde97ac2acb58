// The proxy is invisible: the same conversations are led straight, through the forward listener (opened and passed
// through) and through the reverse listener, and both ends must see the same bytes and the same ends.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HttpTransaction } from "../../src/core/http-transaction.ts";
import { converse, type Party, type Step, startRoutes } from "../support/proxy-conversation.ts";

const client = (send: string): Step => ({ from: "client", send });
const server = (send: string): Step => ({ from: "server", send });
const ends = (from: Party): Step => ({ from, does: "end" });
const breaks = (from: Party): Step => ({ from, does: "reset" });

const head = (method: string, fields = "", target = "/EWS/Exchange.asmx"): string =>
  `${method} ${target} HTTP/1.1\r\nHost: origin.test\r\n${fields}\r\n`;
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

const scripted: Readonly<Record<string, readonly Step[]>> = {
  "header case, order, repeats, odd spaces and the reason phrase": [
    client(
      "GET /a?b=%41 HTTP/1.1\r\nhOsT: origin.test\r\nX-B:1\r\nx-a:  2  \r\nX-B: 3\r\nCookie: a=1\r\ncookie: b=2\r\n\r\n",
    ),
    server(
      "HTTP/1.1 401 Nope, not you!\r\nWWW-Authenticate: Bearer\r\nwww-authenticate: NTLM\r\nSERVER: x\r\nContent-Length: 0\r\n\r\n",
    ),
  ],
  "an answer without a reason phrase, and bytes above 127": [
    client(head("GET", "X-Name: J\xfcrgen\r\n")),
    server("HTTP/1.1 200\r\nX-Name: \xe9\r\nContent-Length: 0\r\n\r\n"),
  ],
  "1xx before the answer": [
    client(head("POST", "Content-Length: 4\r\n")),
    server("HTTP/1.1 102 Processing\r\n\r\n"),
    server("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    client("data"),
    server(ok),
  ],
  "trailers and chunk extensions, both ways": [
    client(head("POST", "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n")),
    client("4;name=value;flag\r\ndata\r\n0;last\r\nX-Sum: 1\r\n\r\n"),
    server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n"),
    server('2;a="b;c"\r\nok\r\n00;x\r\nX-End: yes\r\n\r\n'),
  ],
  "Expect: 100-continue is asked of the server": [
    client(head("POST", "Expect: 100-continue\r\nContent-Length: 4\r\n")),
    server("HTTP/1.1 100 Continue\r\n\r\n"),
    client("data"),
    server(ok),
  ],
  "Expect: 100-continue is refused by the server": [
    client(head("POST", "Expect: 100-continue\r\nContent-Length: 4\r\n")),
    server("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    ends("server"),
    ends("client"),
  ],
  "three pipelined requests": [
    client(`${head("GET") + head("POST", "Content-Length: 2\r\n")}ab${head("GET", "", "/3")}`),
    server(`${ok}HTTP/1.1 204 No Content\r\n\r\n`),
    server(ok),
  ],
  "HEAD with a length, then another request": [
    client(head("HEAD")),
    server("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"),
    client(head("GET")),
    server(ok),
  ],
  "204 and 304, the latter with a length": [
    client(head("GET")),
    server("HTTP/1.1 204 No Content\r\n\r\n"),
    client(head("GET")),
    server("HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\nETag: x\r\n\r\n"),
    client(head("GET")),
    server(ok),
  ],
  "an answer before the request has ended": [
    client(`${head("POST", "Content-Length: 8\r\n")}half`),
    server("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"),
    client("rest"),
    client(head("GET")),
    server(ok),
  ],
  "a body that lasts until the server closes": [
    client(head("GET")),
    server("HTTP/1.1 200 OK\r\n\r\nsome"),
    server("thing"),
    ends("server"),
    ends("client"),
  ],
  "a client that half-closes and is answered then": [client(head("GET")), ends("client"), server(ok), ends("server")],
  "a server that half-closes while the request goes on": [
    client(`${head("POST", "Content-Length: 8\r\n")}half`),
    server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ends("server"),
    client("rest"),
    ends("client"),
  ],
  "an upgrade, and bytes that are no HTTP after it": [
    client(head("GET", "Connection: Upgrade\r\nUpgrade: websocket\r\n")),
    server("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
    client("\x81\x85\x00\r\n\r\n\xff\xfe"),
    server("\x81\x00GET / HTTP/1.1\r\n\r\n"),
    ends("client"),
    ends("server"),
  ],
  "EWS streaming notifications: the head and each of them at once": [
    client(`${head("POST", "Content-Length: 2\r\n")}{}`),
    server("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"),
    server("5\r\n<a/>\n\r\n"),
    server("5\r\n<b/>\n\r\n"),
    server("0\r\n\r\n"),
  ],
  "a client that aborts its upload": [client(`${head("POST", "Content-Length: 8\r\n")}half`), breaks("client")],
  "a client that aborts a download": [
    client(head("GET")),
    server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"),
    breaks("client"),
  ],
  "a server that aborts a body with a length": [
    client(head("GET")),
    server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"),
    breaks("server"),
  ],
  "a server that aborts a chunked body": [
    client(head("GET")),
    server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"),
    breaks("server"),
  ],
  "a server that aborts before it answers": [client(head("GET")), breaks("server")],
  "a server that closes without a word": [client(head("GET")), ends("server"), ends("client")],
  "what two parsers could read differently": [
    client("POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    server("HTTP/1.1 400 Bad Request\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy"),
    client(" folded: line\nGET /\n\n\x00\x01"),
    server("HTTP/9.9 099 ?\n\n"),
  ],
  "a protocol that is not HTTP, the server first": [
    server("220 mail.contoso.example ESMTP\r\n"),
    client("EHLO x\r\n"),
    server("250-x\r\n250 OK\r\n"),
    ends("client"),
    ends("server"),
  ],
  "a head of 100 KB": [client(head("GET", `Authorization: Negotiate ${"T".repeat(100_000)}\r\n`)), server(ok)],
};

describe("scripted conversations", () => {
  test.each(Object.keys(scripted))("%s", async (name) => {
    const { routes } = await startRoutes();
    const steps = scripted[name] ?? [];
    const [straight, ...others] = routes;
    if (straight === undefined) throw new Error("no routes");
    const expected = await converse(straight, steps);
    for (const party of ["client", "server"] as const) {
      const sentTo = steps.map((step) => ("send" in step && step.from !== party ? step.send : "")).join("");
      expect(expected[party].bytes).toBe(sentTo);
    }
    for (const route of others) expect(await converse(route, steps), route.name).toEqual(expected);
  });
});

interface Message {
  readonly bytes: string;
  readonly body: string;
}

interface Generated {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly interim: readonly number[];
  readonly request: Message;
  readonly answer: Message;
  /** Where the bytes are cut into writes, as parts of their length. */
  readonly cuts: readonly number[];
}

const bodyText = fc.string({
  unit: fc.constantFrom("a", "Z", "\r", "\n", "0", ";", "\x00", "\xff", ":", " "),
  maxLength: 60,
});
const fields = fc
  .array(
    fc.tuple(
      fc.constantFrom("X-Case", "x-case", "ACCEPT", "Set-Cookie", "WWW-Authenticate", "client-request-id"),
      fc.constantFrom(":", ": ", ":\t "),
      fc.constantFrom("1", "Bearer", "a, b", "\xe4", ""),
    ),
    { maxLength: 4 },
  )
  .map((list) => list.map(([name, colon, value]) => `${name}${colon}${value}\r\n`).join(""));

/** A body in one of the two framings; chunks get odd sizes, extensions and trailers. */
const framed = fc
  .record({
    body: bodyText,
    isChunked: fc.boolean(),
    sizes: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }),
    extension: fc.constantFrom("", ";a", ';n="v;w"'),
    trailer: fc.constantFrom("", "X-Sum: 1\r\n"),
  })
  .map(({ body, isChunked, sizes, extension, trailer }) => {
    if (!isChunked) return { field: `Content-Length: ${body.length}\r\n`, wire: body, body };
    let wire = "";
    for (let at = 0, turn = 0; at < body.length; turn += 1) {
      const piece = body.slice(at, at + (sizes[turn % sizes.length] ?? 1));
      wire += `${piece.length.toString(16)}${extension}\r\n${piece}\r\n`;
      at += piece.length;
    }
    return { field: "Transfer-Encoding: chunked\r\n", wire: `${wire}0${extension}\r\n${trailer}\r\n`, body };
  });

const exchange: fc.Arbitrary<Generated> = fc
  .record({
    method: fc.constantFrom("GET", "POST", "HEAD", "OPTIONS", "PROPFIND"),
    target: fc.constantFrom("/", "/a?b=c%20d", "*", "/autodiscover/autodiscover.svc"),
    status: fc.constantFrom(200, 201, 204, 304, 401, 500),
    interim: fc.array(fc.constantFrom(100, 102, 103), { maxLength: 2 }),
    fields: fc.tuple(fields, fields),
    up: framed,
    down: framed,
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
  })
  .map(({ method, target, status, interim, fields: [asked, answered], up, down, cuts }) => {
    const isBodyless = method === "HEAD" || status === 204 || status === 304;
    const early = interim.map((code) => `HTTP/1.1 ${code} Wait\r\n\r\n`).join("");
    const answer = `${early}HTTP/1.1 ${status} Some Reason\r\n${answered}${down.field}\r\n${isBodyless ? "" : down.wire}`;
    return {
      ...{ method, target, status, interim, cuts },
      request: { bytes: `${method} ${target} HTTP/1.1\r\nHost: o\r\n${asked}${up.field}\r\n${up.wire}`, body: up.body },
      answer: { bytes: answer, body: isBodyless ? "" : down.body },
    };
  });

function pieces(text: string, cuts: readonly number[]): readonly string[] {
  const places = [0, ...cuts.map((part) => Math.floor(part * text.length)), text.length].sort((a, b) => a - b);
  return places
    .slice(1)
    .map((place, index) => text.slice(places[index], place))
    .filter((piece) => piece !== "");
}

function toSteps(exchanges: readonly Generated[], isPipelined: boolean, last: Step | null): readonly Step[] {
  const asked = exchanges.map(({ request, cuts }) => pieces(request.bytes, cuts).map(client));
  const answered = exchanges.map(({ answer, cuts }) => pieces(answer.bytes, cuts).map(server));
  const steps = isPipelined
    ? [...asked.flat(), ...answered.flat()]
    : asked.flatMap((request, index) => [...request, ...(answered[index] ?? [])]);
  return last === null ? steps : [...steps, last];
}

const latin1 = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("latin1");

test("generated conversations: the same bytes at both ends, and the capture says what was said", {
  timeout: 120_000,
}, async () => {
  const { routes, proxied } = await startRoutes();
  const [straight, forward, reverse, blind] = routes;
  if (straight === undefined || forward === undefined || reverse === undefined || blind === undefined) {
    throw new Error("no routes");
  }
  const lastStep = fc.constantFrom<Step | null>(
    null,
    ends("client"),
    ends("server"),
    breaks("client"),
    breaks("server"),
  );
  let known = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(exchange, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      lastStep,
      async (exchanges, isPipelined, last) => {
        const steps = toSteps(exchanges, isPipelined, last);
        const expected = await converse(straight, steps);
        for (const route of [forward, reverse, blind])
          expect(await converse(route, steps), route.name).toEqual(expected);
        const all = await proxied.transactions(known + 2 * exchanges.length);
        const fresh = all.slice(known, known + 2 * exchanges.length);
        known += 2 * exchanges.length;
        expect(fresh.map(said)).toEqual([...exchanges, ...exchanges].map(meant));
      },
    ),
    { numRuns: 40 },
  );
});

function said({ request, response, failure }: HttpTransaction) {
  return {
    ...{ method: request.method, target: request.target, asked: latin1(request.body.bytes) },
    ...{ status: response?.status, interim: response?.interim, answered: latin1(response?.body.bytes), failure },
  };
}

function meant({ method, target, status, interim, request, answer }: Generated) {
  return { method, target, asked: request.body, status, interim, answered: answer.body, failure: null };
}
