import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { reset } from "../../../src/proxy/connections/relay-bytes.ts";
import { openTcp, readAll, readUntil, signal } from "../../support/proxy-client.ts";
import { startTcpOrigin } from "../../support/proxy-origin.ts";
import { startTestProxy } from "../../support/proxy-start.ts";

async function startHttpOrigin(serve: RequestListener): Promise<{ host: string; port: number }> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

/** A raw origin that answers the first request with the given text and keeps what it was sent. */
async function startRawOrigin(answer: string) {
  const received: string[] = [];
  const origin = await startTcpOrigin((socket) => {
    socket.once("data", (bytes: Buffer) => {
      received.push(bytes.toString("latin1"));
      socket.write(Buffer.from(answer, "latin1"));
    });
  });
  return { ...origin, received };
}

async function through(origin: { host: string; port: number }) {
  return startTestProxy({ resolve: new Map([["origin.test:80", origin]]) });
}

describe("what is passed on", () => {
  test("fields keep order, case and repeats both ways, the reason phrase stays, and nothing is added", async () => {
    const answer =
      'HTTP/1.1 401 Not You\r\nX-One: 1\r\nWWW-Authenticate: Bearer client_id="x"\r\nx-two: 2\r\n' +
      "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\nContent-Length: 2\r\n\r\nno";
    const origin = await startRawOrigin(answer);
    const { forward, transactions } = await through(origin);
    const client = await openTcp(forward);
    client.write(
      "GET http://origin.test/a?b HTTP/1.1\r\nX-CamelCase: 1\r\nHost: origin.test\r\nX-Dup: 1\r\nX-Dup: 2\r\nConnection: close\r\n\r\n",
    );
    const got = (await readAll(client)).toString("latin1");
    expect(got.replace(/^(Connection|Keep-Alive): .*\r\n/gim, "")).toBe(answer);
    expect(origin.received[0]?.replace(/^Connection: .*\r\n/gim, "")).toBe(
      "GET /a?b HTTP/1.1\r\nX-CamelCase: 1\r\nHost: origin.test\r\nX-Dup: 1\r\nX-Dup: 2\r\n\r\n",
    );
    const [only] = await transactions(1);
    expect(only).toMatchObject({ scheme: "http", host: "origin.test", port: 80, failure: null });
    expect(only?.request.target).toBe("http://origin.test/a?b");
    expect(only?.response).toMatchObject({ status: 401, reason: "Not You" });
  });

  test("fields of one hop do not reach the origin", async () => {
    const origin = await startRawOrigin("HTTP/1.1 204 No Content\r\n\r\n");
    const { forward } = await through(origin);
    const client = await openTcp(forward);
    client.write(
      "GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nConnection: X-Secret, close\r\nX-Secret: 1\r\n" +
        "Proxy-Authorization: Basic eDp5\r\nProxy-Connection: keep-alive\r\nX-Open: 1\r\n\r\n",
    );
    await readAll(client);
    expect(origin.received[0]).toContain("X-Open: 1");
    expect(origin.received[0]).not.toMatch(/secret|proxy-/i);
  });

  test("the Host field that reaches the origin is the one of the address", async () => {
    const origin = await startRawOrigin("HTTP/1.1 204 No Content\r\n\r\n");
    const { forward } = await through(origin);
    const client = await openTcp(forward);
    client.write("GET http://origin.test/ HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n\r\n");
    await readAll(client);
    expect(origin.received[0]).toContain("Host: origin.test\r\n");
    expect(origin.received[0]).not.toContain("other.test");
  });

  test("a HEAD answer and a 304 keep their Content-Length and get no body", async () => {
    const origin = await startHttpOrigin((_, response) => response.writeHead(304, { "Content-Length": "1234" }).end());
    const { forward } = await through(origin);
    const client = await openTcp(forward);
    client.write("HEAD http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nConnection: close\r\n\r\n");
    const got = (await readAll(client)).toString("latin1");
    expect(got).toMatch(/^HTTP\/1.1 304 /);
    expect(got).toContain("Content-Length: 1234\r\n");
    expect(got).not.toMatch(/transfer-encoding/i);
    expect(got.endsWith("\r\n\r\n")).toBe(true);
  });

  test("trailers and 100 Continue pass, and the body is asked for only by the origin", async () => {
    let isBodySent = false;
    let sentBeforeContinue: boolean | null = null;
    const server = createServer();
    server.on("checkContinue", (request: IncomingMessage, response) => {
      sentBeforeContinue = isBodySent;
      response.writeContinue();
      request.resume().once("end", () => {
        response.writeHead(200, { Trailer: "X-Sum", "Transfer-Encoding": "chunked" });
        response.write("body");
        response.addTrailers({ "X-Sum": "7" });
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { forward } = await through({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
    const client = await openTcp(forward);
    client.write(
      "POST http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n",
    );
    expect(await readUntil(client, "\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    isBodySent = true;
    client.write("data");
    expect((await readAll(client)).toString("latin1")).toContain("4\r\nbody\r\n0\r\nX-Sum: 7\r\n\r\n");
    expect(sentBeforeContinue).toBe(false);
  });

  test("pipelined requests are answered in order", async () => {
    const origin = await startHttpOrigin((request, response) => response.end(`<${request.url}>`));
    const { forward, transactions } = await through(origin);
    const client = await openTcp(forward);
    const request = (path: string, last = "") =>
      `GET http://origin.test/${path} HTTP/1.1\r\nHost: origin.test\r\n${last}\r\n`;
    client.write(request("1") + request("2") + request("3", "Connection: close\r\n"));
    expect((await readAll(client)).toString("latin1").match(/<\/\d>/g)).toEqual(["</1>", "</2>", "</3>"]);
    expect((await transactions(3)).map(({ id, connection }) => `${connection} ${id}`)).toEqual([
      "c1 t1",
      "c1 t2",
      "c1 t3",
    ]);
  });

  test("a compressed body passes as it is and is recorded in clear", async () => {
    const zipped = gzipSync("clear text");
    const origin = await startHttpOrigin((_, response) =>
      response.writeHead(200, { "Content-Encoding": "gzip" }).end(zipped),
    );
    const { forward, transactions } = await through(origin);
    const client = await openTcp(forward);
    client.write("GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nConnection: close\r\n\r\n");
    expect((await readAll(client)).includes(zipped)).toBe(true);
    const [only] = await transactions(1);
    expect(Buffer.from(only?.response?.body.bytes ?? []).toString()).toBe("clear text");
  });

  test("a host out of scope is served and not recorded", async () => {
    const origin = await startHttpOrigin((_, response) => response.end("revocation list"));
    const { forward, event, seen } = await startTestProxy({ resolve: new Map([["crl.elsewhere.test:80", origin]]) });
    const client = await openTcp(forward);
    client.write("GET http://crl.elsewhere.test/ HTTP/1.1\r\nHost: crl.elsewhere.test\r\nConnection: close\r\n\r\n");
    expect((await readAll(client)).toString()).toContain("revocation list");
    expect(await event(({ kind }) => kind === "tunnel")).toMatchObject({
      host: "crl.elsewhere.test",
      reason: "out-of-scope",
    });
    expect(seen.some(({ kind }) => kind === "transaction")).toBe(false);
  });
});

describe("breaks", () => {
  test.each([
    ["Content-Length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"],
    ["chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"],
  ])("a cut body (%s) stays cut", async (_, answer) => {
    const read = signal();
    const origin = await startTcpOrigin((socket) => {
      socket.once("data", () => socket.write(answer));
      // libuv reports bytes and a reset that arrive together as an orderly end.
      void read.given.then(() => reset(socket));
    });
    const { forward, transactions } = await through(origin);
    const client = await openTcp(forward);
    client.write("GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    await readUntil(client, "part");
    read.give();
    await expect(readAll(client)).rejects.toMatchObject({ code: "ECONNRESET" });
    const [only] = await transactions(1);
    expect(only?.failure).toBe("the target broke the connection");
  });

  test("a client that ends its direction after the request still gets the answer", async () => {
    const asked = signal();
    const origin = await startHttpOrigin((_, response) => {
      void asked.given.then(() => response.end("late answer"));
    });
    const { forward, transactions } = await through(origin);
    const client = await openTcp(forward);
    client.end("GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    setTimeout(asked.give, 100);
    expect((await readAll(client)).toString()).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*late answer/);
    expect(await transactions(1)).toMatchObject([{ failure: null }]);
  });

  test("an upload that the client breaks off is broken off at the origin", async () => {
    const [begun, broken] = [signal(), signal()];
    const origin = await startTcpOrigin((socket) => {
      socket.once("data", begun.give).on("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "ECONNRESET") broken.give();
      });
    });
    const { forward } = await through(origin);
    const client = await openTcp(forward);
    client.write("POST http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nContent-Length: 8\r\n\r\nhalf");
    await begun.given;
    client.resetAndDestroy();
    await broken.given;
  });

  test("when the client leaves, the origin is let go", async () => {
    const [asked, left] = [signal(), signal()];
    const origin = await startHttpOrigin((request) => {
      request.socket.once("close", left.give);
      asked.give();
    });
    const { forward, transactions } = await through(origin);
    const client = await openTcp(forward);
    client.write("GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    await asked.given;
    client.resetAndDestroy();
    await left.given;
    expect(await transactions(1)).toMatchObject([{ failure: "the client went away", response: null }]);
  });

  test.each(["000", "099", "999", "20", "2000", "101"])(
    "an origin that answers status %s gives a 502",
    async (status) => {
      const origin = await startRawOrigin(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`);
      const { forward } = await through(origin);
      const client = await openTcp(forward);
      client.write("GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\n\r\n");
      expect(await readUntil(client, "\r\n")).toBe("HTTP/1.1 502 Bad Gateway\r\n");
    },
  );
});

describe("what is refused", () => {
  test.each([
    ["origin form", "/ HTTP/1.1"],
    ["https in clear", "https://origin.test/ HTTP/1.1"],
    ["a user name", "http://origin.test@127.0.0.1/ HTTP/1.1"],
    ["a port that does not exist", "http://127.0.0.1:99999/ HTTP/1.1"],
    ["a number form of an address", "http://2130706433/ HTTP/1.1"],
    ["a short form of an address", "http://127.1/ HTTP/1.1"],
  ])("%s is answered 400, told as an event, and dials nobody", async (_, line) => {
    const { forward, event } = await startTestProxy();
    const client = await openTcp(forward);
    client.write(`GET ${line}\r\nHost: origin.test\r\nAuthorization: Basic c2VjcmV0\r\n\r\n`);
    const got = (await readAll(client)).toString("latin1");
    expect(got).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    expect(got).toContain("X-Content-Type-Options: nosniff");
    expect(await event(({ kind }) => kind === "refused")).toMatchObject({ kind: "refused" });
  });

  test("the proxy is not reached through itself, by any name", async () => {
    const proxied = await startTestProxy({ resolve: new Map([["me.test:80", { host: "127.0.0.1", port: 1 }]]) });
    const { port } = proxied.forward;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `0.0.0.0:${port}`, `[::ffff:127.0.0.1]:${port}`]) {
      const client = await openTcp(proxied.forward);
      client.write(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      expect(await readUntil(client, "\r\n"), host).toBe("HTTP/1.1 403 Forbidden\r\n");
    }
  });

  test("an error page repeats nothing of the request", async () => {
    const { forward } = await startTestProxy();
    const client = await openTcp(forward);
    client.write("GET http://<script>alert(1)</script>/ HTTP/1.1\r\nHost: x\r\n\r\n");
    expect((await readAll(client)).toString()).not.toContain("script");
  });
});

describe("upgrades", () => {
  test("a WebSocket's bytes pass after 101, and the tunnel is named", async () => {
    const origin = await startTcpOrigin((socket: Socket) => {
      socket.once("data", (bytes: Buffer) => {
        expect(bytes.toString()).toMatch(/^GET \/chat HTTP\/1.1\r\n[\s\S]*Sec-WebSocket-Protocol: a, b\r\n/);
        socket.write(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s\r\n\r\n",
        );
        socket.pipe(socket);
      });
    });
    const { forward, event, transactions } = await through(origin);
    const client = await openTcp(forward);
    client.write(
      "GET http://origin.test/chat HTTP/1.1\r\nHost: origin.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: a, b\r\n\r\n",
    );
    expect(await readUntil(client, "\r\n\r\n")).toContain("101 Switching Protocols");
    client.write(Buffer.from("\x81\x05hello", "latin1"));
    expect(await readUntil(client, "hello")).toBe("\x81\x05hello");
    expect(await transactions(1)).toMatchObject([{ response: { status: 101 } }]);
    expect(await event(({ kind }) => kind === "tunnel")).toMatchObject({ reason: "upgrade" });
  });

  test("a refused WebSocket gets the origin's refusal", async () => {
    const origin = await startHttpOrigin((_, response) => response.writeHead(403).end("not here"));
    const { forward } = await through(origin);
    const client = await openTcp(forward);
    client.write(
      "GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    );
    const got = (await readAll(client)).toString();
    expect(got).toMatch(/^HTTP\/1.1 403 Forbidden\r\n/);
    expect(got).toContain("not here");
  });

  test.each([
    ["without a Host field", "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"],
    [
      "to a port that does not exist",
      "GET http://127.0.0.1:99999/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
  ])("an upgrade %s is answered 400", async (_, request) => {
    const { forward } = await startTestProxy();
    const client = await openTcp(forward);
    client.write(request);
    expect(await readUntil(client, "\r\n")).toBe("HTTP/1.1 400 Bad Request\r\n");
  });

  test("an offer of h2c is taken out and the request served", async () => {
    const origin = await startHttpOrigin((request, response) => response.end(`upgrade=${request.headers.upgrade}`));
    const { forward } = await through(origin);
    const client = await openTcp(forward);
    client.write(
      "GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    );
    expect(await readUntil(client, "upgrade=undefined")).toMatch(/^HTTP\/1.1 200 OK/);
  });
});
