// The catalogue of network attacks and accidents, by id, as far as other tests do not hold them: F what clients send, C
// what they do with CONNECT, U what origins do, G what ends the program.
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { openTcp, openThrough, readAll, readBytes, readUntil, sendConnect, signal } from "../support/proxy-client.ts";
import { startHttpsOrigin, startTcpOrigin, startTlsOrigin } from "../support/proxy-origin.ts";
import { startHttpOrigin } from "../support/proxy-plain.ts";
import { startTestProxy } from "../support/proxy-start.ts";

/** A proxy before an `http://` origin that remembers each request it understood. */
async function startCounting() {
  const requests: string[] = [];
  const origin = await startHttpOrigin((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.rawHeaders.length / 2}`);
    request.resume().once("end", () => response.end("ok"));
  });
  const proxied = await startTestProxy({ resolve: new Map([["origin.test:80", origin]]) });
  const alive = async (): Promise<void> => {
    const client = await openTcp(proxied.forward);
    client.write("GET http://origin.test/alive HTTP/1.1\r\nHost: origin.test\r\nConnection: close\r\n\r\n");
    expect((await readAll(client)).toString()).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*ok/);
  };
  return { ...proxied, requests, alive };
}

/** Everything that comes back until the other side closes; a reset counts as closing. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
  });
  socket.on("error", () => undefined);
  // `once` of node:events would throw the reset.
  await new Promise<void>((resolve) => {
    socket.once("end", resolve).once("close", resolve);
  });
  return text;
}

const hidden = "GET http://origin.test/hidden HTTP/1.1\r\nHost: origin.test\r\n\r\n";
const post = (fields: string, rest: string): string =>
  `POST http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\n${fields}\r\n${rest}`;

describe("what two parsers could read differently is one request or none", () => {
  test.each([
    ["F01 CL and TE", post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${hidden}`)],
    ["F02 two Content-Length", post(`Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n`, hidden)],
    ["F03a xchunked", post("Transfer-Encoding: xchunked\r\n", hidden)],
    ["F03b chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", `0\r\n\r\n${hidden}`)],
    [
      "F03c two Transfer-Encoding",
      post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", `0\r\n\r\n${hidden}`),
    ],
    ["F03d a control character", post("Transfer-Encoding: \x0bchunked\r\n", `0\r\n\r\n${hidden}`)],
    ["F04 a folded field", post("X-A: 1\r\n Content-Length: 99\r\nContent-Length: 0\r\n", "")],
    ["F06 a bare CR in a value", post("X-A: 1\rContent-Length: 5\r\nContent-Length: 0\r\n", "")],
    ["F07 a NUL in a value", post("X-A: a\x00b\r\nContent-Length: 0\r\n", "")],
    ["F08 a space before the colon", post(`Content-Length : ${hidden.length}\r\n`, hidden)],
    ["F13 a chunk size that overflows", post("Transfer-Encoding: chunked\r\n", `FFFFFFFFFFFFFFFFF\r\n${hidden}`)],
    ["F15 +5", post("Content-Length: +5\r\n", "hello")],
    ["F15 -1", post("Content-Length: -1\r\n", hidden)],
    ["F15 0x5", post("Content-Length: 0x5\r\n", "hello")],
  ])("%s", async (_, bytes) => {
    const { forward, requests, alive } = await startCounting();
    const client = await openTcp(forward);
    client.end(Buffer.from(bytes, "latin1"));
    const got = await untilClosed(client);
    // Pipelined requests are answered both; what must not be is a second one that only one of two parsers saw.
    if (!/^HTTP\/1.1 200 /.test(got)) expect(requests.filter((line) => line.includes("hidden"))).toEqual([]);
    expect(got === "" || /^HTTP\/1.1 (?:200|400|431|501|502) /.test(got)).toBe(true);
    await alive();
  });

  test("F01 CL and TE is refused before the origin hears of it", async () => {
    const { forward, requests } = await startCounting();
    const client = await openTcp(forward);
    client.end(post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${hidden}`));
    expect(await untilClosed(client)).toMatch(/^HTTP\/1.1 400 /);
    expect(requests).toEqual([]);
  });
});

describe("too much", () => {
  test.each([1_000, 10_000])("F09 %i small fields all arrive, or none", async (count) => {
    const { forward, requests, alive } = await startCounting();
    const client = await openTcp(forward);
    // Who is refused early may be cut off while it still sends.
    client.on("error", () => undefined);
    const fields = Array.from({ length: count }, (_, index) => `x${index}: 1\r\n`).join("");
    client.write(`GET http://origin.test/many HTTP/1.1\r\nHost: origin.test\r\n${fields}\r\n`);
    const status = (await readUntil(client, "\r\n")).slice(9, 12);
    if (status === "200") expect(Number(requests[0]?.split(" ")[2])).toBeGreaterThanOrEqual(Math.min(count, 1_000));
    else expect(["400", "431", "502"]).toContain(status);
    if (count === 1_000) expect(status).toBe("200");
    await alive();
  });

  test("F10 a field of 1 MiB is refused and the proxy lives", async () => {
    const { forward, requests, alive } = await startCounting();
    const client = await openTcp(forward);
    client.on("error", () => undefined);
    client.write(`GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nX-Long: ${"y".repeat(1024 * 1024)}\r\n\r\n`);
    expect(await untilClosed(client)).toMatch(/^(?:HTTP\/1.1 431 |$)/);
    expect(requests).toEqual([]);
    await alive();
  });

  test("F12 a chunk extension of 4 MiB is not kept", async () => {
    const { forward, alive } = await startCounting();
    const client = await openTcp(forward);
    client.on("error", () => undefined);
    client.write(post("Transfer-Encoding: chunked\r\n", `1;${"e".repeat(4 * 1024 * 1024)}\r\na\r\n0\r\n\r\n`));
    client.end();
    await untilClosed(client);
    await alive();
  });

  test("F25 fifty clients that send one byte at a time do not hold up the others", async () => {
    const { forward, alive } = await startCounting();
    const slow = await Promise.all(Array.from({ length: 50 }, () => openTcp(forward)));
    for (const byte of "GET htt") {
      for (const socket of slow) socket.write(byte);
      await alive();
    }
  });
});

describe("no HTTP/1.1", () => {
  test.each([
    ["F16 an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["F17 HTTP/0.9", "GET http://origin.test/\r\n\r\n"],
    ["F17 HTTP/3.7", "GET http://origin.test/ HTTP/3.7\r\nHost: a\r\n\r\n"],
    ["F24 a ClientHello", "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03"],
    ["F24 random bytes", "\x00\xff\x10\x80 \r\n\r\n\x7f"],
  ])("%s is closed or answered, and the proxy lives", async (_, bytes) => {
    const { forward, requests, alive } = await startCounting();
    const client = await openTcp(forward);
    client.end(Buffer.from(bytes, "latin1"));
    expect(await untilClosed(client)).toMatch(/^(?:HTTP\/1.1 (?:4|5)\d\d |$)/);
    expect(requests).toEqual([]);
    await alive();
  });
});

describe("CONNECT", () => {
  test.each([":443", "a b:443", "[::1", "x:-1", "x:abc", "x", "x:99999", `${"x".repeat(300)}:443`, "xn--\xff:443"])(
    "C04 %j is refused",
    async (target) => {
      const { forward } = await startTestProxy();
      const client = await openTcp(forward);
      client.write(Buffer.from(`CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\n`, "latin1"));
      expect(await untilClosed(client)).toMatch(/^HTTP\/1.1 400 /);
    },
  );

  test("C05 C18 clients that end or break right after CONNECT, or in the handshake, leave nothing open", async () => {
    const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello"));
    const { forward, authority } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    const open = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    const before = open();
    for (let count = 0; count < 60; count += 1) {
      const { socket } = await sendConnect(forward, "origin.test:443");
      socket.on("error", () => undefined);
      if (count % 3 === 0) socket.end();
      else if (count % 3 === 1) socket.resetAndDestroy();
      else socket.end("\x16\x03\x01\x02\x00\x01");
      socket.resume();
    }
    await expect.poll(open, { timeout: 20_000 }).toBeLessThanOrEqual(before);
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    client.write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    await readUntil(client, "hello");
  });

  test.each([
    ["C06 an SSH client", false],
    ["C07 a server that speaks first", true],
  ])("%s inside CONNECT is tunnelled and named", async (_, serverFirst) => {
    const origin = await startTcpOrigin((socket) => {
      if (serverFirst) socket.write("220 ready\r\n");
      socket.on("data", (bytes: Buffer) => socket.write(bytes));
    });
    const { forward, event } = await startTestProxy({ resolve: new Map([["origin.test:443", origin]]) });
    const { socket } = await sendConnect(forward, "origin.test:443");
    if (serverFirst) expect(await readUntil(socket, "\r\n")).toBe("220 ready\r\n");
    socket.write("SSH-2.0-x\r\n");
    expect(await readUntil(socket, "\r\n")).toBe("SSH-2.0-x\r\n");
    expect(await event(({ kind }) => kind === "tunnel")).toMatchObject({ reason: "not-tls" });
  });

  test("C09 link-local addresses and denied hosts are refused, by CONNECT and by http://", async () => {
    const { forward } = await startTestProxy({ deny: ["denied.test"] });
    for (const host of ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "denied.test"]) {
      expect((await sendConnect(forward, `${host}:80`)).answer, host).toMatch(/^HTTP\/1.1 403 /);
      const client = await openTcp(forward);
      client.write(`GET http://${host}/latest/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      expect(await readUntil(client, "\r\n"), host).toBe("HTTP/1.1 403 Forbidden\r\n");
    }
  });

  test("C11 a client of TLS 1.0 is refused and told", async () => {
    const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello"));
    const { forward, event } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    const { socket } = await sendConnect(forward, "origin.test:443");
    const versions = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
    const client = connectTls({ socket, servername: "origin.test", ...versions });
    await once(client, "error");
    expect(await event(({ kind }) => kind === "tls-rejected")).toMatchObject({ side: "client", host: "origin.test" });
  });

  test("C16 two hundred CONNECTs at once to one host all succeed", async () => {
    const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello;"));
    const { forward, authority, transactions } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    await Promise.all(
      Array.from({ length: 200 }, async () => {
        const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
        client.write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
        await readUntil(client, "hello;");
        client.destroy();
      }),
    );
    expect(await transactions(200)).toHaveLength(200);
  });
});

describe("origins", () => {
  const text = "clear text ".repeat(100);
  test.each([
    ["gzip", gzipSync(text)],
    ["br", brotliCompressSync(text)],
    ["deflate", deflateSync(text)],
    ["zstd", Buffer.from("28b52ffd00", "hex")],
    ["x-unknown", Buffer.from("whatever")],
  ])("U14 a body coded as %s arrives as it was", async (coding, body) => {
    const origin = await startHttpsOrigin(["origin.test"], (_, response) => {
      response.writeHead(200, { "Content-Encoding": coding, "Content-Length": body.length }).end(body);
    });
    const { forward, authority, transactions } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    client.write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    expect(await readUntil(client, "\r\n\r\n")).toContain(`Content-Encoding: ${coding}\r\n`);
    expect((await readBytes(client, body.length)).equals(body)).toBe(true);
    const [only] = await transactions(1);
    const kept = Buffer.from(only?.response?.body.bytes ?? []);
    if (["gzip", "br", "deflate"].includes(coding)) expect(kept.toString()).toBe(text);
    else expect(kept.equals(body)).toBe(true);
  });

  test("U15 a small body that unpacks to 64 MiB is kept up to the cap", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const origin = await startHttpsOrigin(["origin.test"], (_, response) => {
      response.writeHead(200, { "Content-Encoding": "gzip", "Content-Length": bomb.length }).end(bomb);
    });
    const { forward, authority, transactions } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
      limits: { bodyBytes: 256 * 1024 },
    });
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    client.write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    await readUntil(client, "\r\n\r\n");
    expect((await readBytes(client, bomb.length)).equals(bomb)).toBe(true);
    const [only] = await transactions(1);
    expect(only?.response?.body.bytes.length).toBeLessThanOrEqual(256 * 1024);
    expect(only?.response?.body.truncated).toBe(true);
  });

  test("U17 an origin that does not read makes the client wait", async () => {
    const origin = await startTlsOrigin(["origin.test"], (socket) => socket.pause());
    const { forward, authority } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    const size = 64 * 1024 * 1024;
    const piece = Buffer.alloc(64 * 1024, 0x61);
    client.write(`POST / HTTP/1.1\r\nHost: origin.test\r\nContent-Length: ${size}\r\n\r\n`);
    let written = 0;
    const stalled = signal();
    const send = (): void => {
      while (written < size) {
        written += piece.length;
        if (!client.write(piece)) break;
      }
      const timer = setTimeout(stalled.give, 400);
      client.once("drain", () => {
        clearTimeout(timer);
        send();
      });
    };
    send();
    await stalled.given;
    expect(written).toBeLessThan(size / 2);
  });

  test("U19 an origin that closes before any byte is a 502 outside TLS and a closed connection inside", async () => {
    const plain = await startTcpOrigin((socket) => socket.once("data", () => socket.end()));
    const secure = await startTlsOrigin(["origin.test"], (socket) => socket.once("data", () => socket.end()));
    const { forward, authority } = await startTestProxy({
      upstreamCa: [secure.rootPem],
      resolve: new Map([
        ["origin.test:80", plain],
        ["origin.test:443", secure],
      ]),
    });
    const outside = await openTcp(forward);
    outside.write("GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    expect(await readUntil(outside, "\r\n")).toBe("HTTP/1.1 502 Bad Gateway\r\n");
    const inside = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    inside.write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    expect((await readAll(inside)).length).toBe(0);
  });
});

test("G03 stopping lets a download in flight finish", async () => {
  const rest = signal();
  const origin = await startTlsOrigin(["origin.test"], (socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
      void rest.given.then(() => socket.write("rest"));
    });
  });
  const { proxy, forward, authority, transactions } = await startTestProxy({
    upstreamCa: [origin.rootPem],
    resolve: new Map([["origin.test:443", origin]]),
    limits: { stopMs: 60_000 },
  });
  const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
  client.write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
  await readUntil(client, "half");
  const stopped = proxy.stop();
  rest.give();
  expect((await readAll(client)).toString()).toBe("rest");
  client.end();
  await stopped;
  expect(await transactions(1)).toMatchObject([{ failure: null }]);
});
