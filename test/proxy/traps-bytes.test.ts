// The traps of http-mitm-proxy 1.1.0 that change or lose bytes, B1 to B21, each held against our listeners: inside TLS,
// where bytes pass as they are, and outside, where the package's own pipeline serves `http://` requests behind our fence.
import type { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { createAuthority } from "../../src/proxy/certificates/certificate-authority.ts";
import { reset } from "../../src/proxy/connections/relay-bytes.ts";
import { defaultLimits } from "../../src/proxy/interception/limits.ts";
import { startProxy } from "../../src/proxy/start-proxy.ts";
import {
  openBothThrough,
  openTcp,
  openThrough,
  openTls,
  readAll,
  readUntil,
  sendConnect,
  signal,
} from "../support/proxy-client.ts";
import { connectAtOnce, distrustfulHandshake } from "../support/proxy-handshake.ts";
import { startHttpsOrigin, startTcpOrigin, startTlsOrigin } from "../support/proxy-origin.ts";
import { startTestProxy } from "../support/proxy-start.ts";

type Serve = (socket: Socket, raw: Socket) => void;

/** The two kinds of way in with the same scripted origin behind both; `start` is the start of a request line. */
const ways = ["inside TLS", "http://"] as const;

async function startWay(way: (typeof ways)[number], serve: Serve) {
  if (way === "http://") {
    const origin = await startTcpOrigin((socket) => serve(socket, socket));
    const proxied = await startTestProxy({ resolve: new Map([["origin.test:80", origin]]) });
    const client = await openTcp(proxied.forward);
    return { ...proxied, client, raw: client, base: "http://origin.test" };
  }
  const origin = await startTlsOrigin(["origin.test"], serve);
  const proxied = await startTestProxy({
    upstreamCa: [origin.rootPem],
    resolve: new Map([["origin.test:443", origin]]),
  });
  const trust = { ca: proxied.authority.certificatePem };
  const { client, socket } = await openBothThrough(proxied.forward, "origin.test:443", trust);
  return { ...proxied, client, raw: socket, base: "" };
}

const get = (base: string, last = ""): string => `GET ${base}/ HTTP/1.1\r\nHost: origin.test\r\n${last}\r\n`;

describe.each(ways)("%s", (way) => {
  test.each([
    ["Content-Length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"],
    ["chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"],
  ])("B1 a body cut inside its %s stays cut, with nothing added", async (_, answer) => {
    const read = signal();
    const { client, base } = await startWay(way, (socket, raw) => {
      socket.once("data", () => socket.write(answer));
      void read.given.then(() => reset(raw));
    });
    client.write(get(base));
    const got = await readUntil(client, "part");
    const rest: Buffer[] = [];
    client.on("data", (bytes: Buffer) => rest.push(bytes));
    const broken = once(client, "error");
    read.give();
    expect((await broken)[0]).toMatchObject({ code: "ECONNRESET" });
    expect((got + Buffer.concat(rest).toString("latin1")).replace(/^[\s\S]*?\r\n\r\n/, "")).toMatch(
      /^(4\r\n)?part(\r\n)?$/,
    );
  });

  test("B2 three challenges stay three, with order, case, repeats and the reason phrase", async () => {
    const answer =
      'HTTP/1.1 401 Not You\r\nWWW-Authenticate: Bearer client_id="x", trusted_issuers="y@*"\r\nX-Odd-CASE: 1\r\n' +
      "WWW-Authenticate: Negotiate\r\nwww-authenticate: NTLM\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 2\r\n\r\nno";
    const { client, base, transactions } = await startWay(way, (socket) =>
      socket.once("data", () => socket.write(answer)),
    );
    client.write(get(base));
    const got = await readUntil(client, "\r\n\r\nno");
    // For a message of one hop Node adds these two.
    expect(way === "http://" ? got.replace(/^(Connection|Keep-Alive): .*\r\n/gm, "") : got).toBe(answer);
    const [only] = await transactions(1);
    expect(only?.response?.headers.filter(([name]) => /^www-authenticate$/i.test(name))).toHaveLength(3);
  });

  test("B3 a body of many pieces arrives and is captured in order and whole", async () => {
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251));
    const { client, base, transactions } = await startWay(way, (socket) => {
      let received = Buffer.alloc(0);
      socket.on("data", (bytes: Buffer) => {
        received = Buffer.concat([received, bytes]);
        const start = received.indexOf("\r\n\r\n") + 4;
        if (received.length < start + body.length) return;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
        socket.write(received.subarray(start));
      });
    });
    client.write(`POST ${base}/ HTTP/1.1\r\nHost: origin.test\r\nContent-Length: ${body.length}\r\n\r\n`);
    for (let at = 0; at < body.length; at += 7919) client.write(body.subarray(at, at + 7919));
    await readUntil(client, "\r\n\r\n");
    const pieces: Buffer[] = [];
    let got = 0;
    for await (const piece of client as AsyncIterable<Buffer>) {
      pieces.push(piece);
      got += piece.length;
      if (got >= body.length) break;
    }
    expect(Buffer.concat(pieces).equals(body)).toBe(true);
    const [only] = await transactions(1);
    expect(Buffer.from(only?.request.body.bytes ?? []).equals(body)).toBe(true);
    expect(Buffer.from(only?.response?.body.bytes ?? []).equals(body)).toBe(true);
  });

  test.each([
    ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"],
    ["GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: x\r\n\r\n"],
    ["GET", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"],
  ])("B4 the length of an answer to %s stays as it was announced", async (method, answer) => {
    const { client, base } = await startWay(way, (socket) => socket.once("data", () => socket.write(answer)));
    client.write(get(base).replace("GET", method));
    const got = await readUntil(client, answer.endsWith("body") ? "body" : "\r\n\r\n");
    expect(got).toMatch(/\r\nContent-Length: \d+\r\n/);
    expect(got).not.toMatch(/transfer-encoding/i);
  });

  test("B5 a client that does not read makes the origin wait", async () => {
    const size = 64 * 1024 * 1024;
    const piece = Buffer.alloc(64 * 1024, 0x61);
    let written = 0;
    const stalled = signal();
    const { client, base } = await startWay(way, (socket) => {
      socket.once("data", () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        const send = (): void => {
          while (written < size) {
            written += piece.length;
            if (!socket.write(piece)) break;
          }
          // A socket that is full for so long will not drain by itself.
          const timer = setTimeout(stalled.give, 400);
          socket.once("drain", () => {
            clearTimeout(timer);
            send();
          });
        };
        send();
      });
    });
    client.pause();
    client.write(get(base));
    await stalled.given;
    expect(written).toBeLessThan(size / 2);
  });

  test("B6 when the client leaves, the origin is let go", async () => {
    const [asked, left] = [signal(), signal()];
    const { client, raw, base } = await startWay(way, (socket) => {
      socket.once("data", asked.give);
      socket
        .on("error", () => undefined)
        .once("close", left.give)
        .once("end", left.give)
        .resume();
    });
    client.write(get(base));
    await asked.given;
    reset(raw);
    await left.given;
  });

  test("B7 a streaming answer's head arrives before its first body byte, each notification at once", async () => {
    const next = [signal(), signal()];
    const { client, base } = await startWay(way, (socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n");
        void next[0]?.given.then(() => socket.write("5\r\nfirst\r\n"));
        void next[1]?.given.then(() => socket.write("6\r\nsecond\r\n0\r\n\r\n"));
      });
    });
    client.write(get(base));
    expect(await readUntil(client, "\r\n\r\n")).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    next[0]?.give();
    expect(await readUntil(client, "first\r\n")).toBe("5\r\nfirst\r\n");
    next[1]?.give();
    expect(await readUntil(client, "0\r\n\r\n")).toBe("6\r\nsecond\r\n0\r\n\r\n");
  });

  test("B8 a field of 60 KB passes and is recorded whole", async () => {
    const ticket = "T".repeat(60 * 1024);
    const got = signal();
    let received = "";
    const { client, base, transactions } = await startWay(way, (socket) => {
      socket.on("data", (bytes: Buffer) => {
        received += bytes.toString("latin1");
        if (!received.includes("\r\n\r\n")) return;
        socket.write("HTTP/1.1 204 No Content\r\n\r\n");
        got.give();
      });
    });
    client.write(get(base, `Authorization: Negotiate ${ticket}\r\n`));
    await got.given;
    expect(received).toContain(`Authorization: Negotiate ${ticket}\r\n`);
    const [only] = await transactions(1);
    expect(only?.request.headers.find(([name]) => name === "Authorization")?.[1]).toHaveLength(10 + ticket.length);
  });

  test("B9 a malformed request is answered, and its connection is not kept", async () => {
    const answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    const { client } = await startWay(way, (socket) => socket.once("data", () => socket.end(answer)));
    client.end("GET / HTTP/1.1\r\nBad Header\x01: 1\r\nno colon\r\n\r\n");
    expect((await readAll(client)).toString()).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  });

  test("B10 an idle connection outlives IIS's two minutes", async () => {
    const { client, base } = await startWay(way, (socket) =>
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")),
    );
    client.write(get(base));
    const got = await readUntil(client, "\r\n\r\nok");
    if (way === "http://") expect(Number(/^Keep-Alive: timeout=(\d+)/m.exec(got)?.[1])).toBeGreaterThan(120);
    // Inside TLS nothing but the proxy's own limit ends it; EWS keeps notification requests open for 30 minutes.
    expect(defaultLimits.idleMs).toBeGreaterThan(30 * 60_000);
    client.write(get(base));
    await readUntil(client, "\r\n\r\nok");
  });

  test("B14 a target that cannot be reached or does not prove itself is an answer, not silence", async () => {
    const distrusted = await startTlsOrigin(["origin.test"], (socket) => socket.resume());
    const closed = { host: "127.0.0.1", port: 1 };
    const { forward, authority } = await startTestProxy({
      scope: ["origin.test"],
      resolve: new Map([
        ["origin.test:443", distrusted],
        ["origin.test:8443", closed],
        ["origin.test:80", closed],
      ]),
    });
    if (way === "http://") {
      const client = await openTcp(forward);
      client.write(get("http://origin.test"));
      expect(await readUntil(client, "\r\n")).toBe("HTTP/1.1 502 Bad Gateway\r\n");
      return;
    }
    expect((await sendConnect(forward, "origin.test:8443")).answer).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/);
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    client.write(get(""));
    expect((await readAll(client)).toString()).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/);
  });

  test("B15 a WebSocket keeps its subprotocols, and 101 comes from the origin", async () => {
    let asked = "";
    const upgraded =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: b\r\nSec-WebSocket-Accept: s\r\n\r\n";
    const { client, base } = await startWay(way, (socket) => {
      socket.once("data", (bytes: Buffer) => {
        asked = bytes.toString("latin1");
        socket.write(upgraded);
        socket.pipe(socket);
      });
    });
    const fields = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: a, b\r\n";
    client.write(get(base, fields));
    expect(await readUntil(client, "\r\n\r\n")).toBe(upgraded);
    expect(asked).toContain("Sec-WebSocket-Protocol: a, b\r\n");
    client.write(Buffer.from([0x81, 2, 0x68, 0x69]));
    expect(await readUntil(client, "hi")).toBe("\x81\x02hi");
  });

  test("B15 an upgrade that the origin refuses is refused to the client, and an offer of h2c does no harm", async () => {
    const { client, base } = await startWay(way, (socket) =>
      socket.once("data", () => socket.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")),
    );
    client.write(get(base, "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
    expect(await readUntil(client, "\r\n\r\nno")).toMatch(/^HTTP\/1.1 403 Forbidden\r\n/);
    const other = await startWay(way, (socket) =>
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")),
    );
    other.client.write(
      get(other.base, "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"),
    );
    expect(await readUntil(other.client, "\r\n\r\nok")).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  });

  test("B19 the client's own address and port are recorded", async () => {
    const { raw, client, base, transactions } = await startWay(way, (socket) =>
      socket.once("data", () => socket.write("HTTP/1.1 204 No Content\r\n\r\n")),
    );
    client.write(get(base));
    expect((await transactions(1))[0]?.client).toBe(`127.0.0.1:${raw.localPort}`);
  });
});

describe("connections and certificates", () => {
  test("B11 a ClientHello in the packet of the CONNECT gets its 200 first", async () => {
    const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello"));
    const { forward, authority } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    const { client, answer } = await connectAtOnce(forward, "origin.test:443", authority.certificatePem);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    client.write(get(""));
    await readUntil(client, "hello");
  });

  test("B12 an IPv6 literal is a target like another, opened and tunnelled", async () => {
    const origin = await startHttpsOrigin(["::1"], (_, response) => response.end("by IPv6"));
    const resolve = new Map([[`[::1]:${origin.port}`, origin]]);
    const opened = await startTestProxy({ scope: ["[::1]"], upstreamCa: [origin.rootPem], resolve });
    const { client } = await openBothThrough(opened.forward, `[::1]:${origin.port}`, {
      ca: opened.authority.certificatePem,
      servername: null,
    });
    expect(client.getPeerCertificate().subjectaltname).toBe("IP Address:0:0:0:0:0:0:0:1");
    client.write(get(""));
    await readUntil(client, "by IPv6");
    expect((await opened.transactions(1))[0]).toMatchObject({ host: "::1", port: origin.port });
    const tunnelled = await startTestProxy({ resolve });
    expect((await sendConnect(tunnelled.forward, `[::1]:${origin.port}`)).answer).toMatch(/^HTTP\/1.1 200 /);
  });

  test.each(["127.0.0.1", "::1"])("B13 listening on %s serves TLS; nothing is dialled but the target", async (host) => {
    const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello"));
    const { forward, authority } = await startTestProxy({
      forward: [{ host, port: 0 }],
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    expect(forward.address).toBe(host);
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    client.write(get(""));
    await readUntil(client, "hello");
  });

  test("B16 B20 serials of leaves are positive and long; no leaf outlives its CA, and an old one is made anew", async () => {
    const names = Array.from({ length: 24 }, (_, index) => `h${index}.origin.test`);
    const authority = await createAuthority({ hosts: ["origin.test"], days: 2 });
    const origin = await startHttpsOrigin(names, (_, response) => response.end("hello"));
    const { forward } = await startTestProxy({
      authority,
      scope: ["*.origin.test"],
      upstreamCa: [origin.rootPem],
      resolve: new Map(names.map((name) => [`${name}:443`, origin])),
    });
    for (const name of names) {
      const client = await openThrough(forward, `${name}:443`, { ca: authority.certificatePem });
      const leaf = peerOf(client);
      expect(leaf.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
      expect(Date.parse(leaf.validTo)).toBeLessThanOrEqual(authority.notAfter);
      client.destroy();
    }
    const now = Date.now();
    const [young, stillYoung, old] = [now, now + 1000, now + 40 * 3_600_000].map((at) =>
      authority.leafContext("h0.origin.test", at),
    );
    expect(stillYoung).toBe(young);
    expect(old).not.toBe(young);
  });

  test("B17 many first connections to one host at once get one and the same leaf", async () => {
    const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello"));
    const { reverse, authority } = await startTestProxy({
      target: { host: "origin.test", port: 443 },
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => openTls(reverse, { ca: authority.certificatePem, servername: "origin.test" })),
    );
    expect(new Set(clients.map((client) => peerOf(client).fingerprint256)).size).toBe(1);
  });

  test("B18 a taken port is an error at once", async () => {
    const first = await startTestProxy();
    const options = { reverse: [], scope: [], deny: [], upstreamCa: [], resolve: new Map(), insecureUpstream: [] };
    const started = startProxy({
      ...options,
      forward: [{ host: "127.0.0.1", port: first.forward.port }],
      authority: first.authority,
      autoPassthrough: false,
    });
    await expect(started).rejects.toMatchObject({ code: "port-in-use" });
  });

  test("B21 a client that distrusts the CA is told with its host", async () => {
    const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello"));
    const { forward, event } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    await distrustfulHandshake(forward, "origin.test:443");
    expect(await event(({ kind }) => kind === "tls-rejected")).toMatchObject({ side: "client", host: "origin.test" });
  });
});

function peerOf(client: TLSSocket): X509Certificate {
  const certificate = client.getPeerX509Certificate();
  if (certificate === undefined) throw new Error("no certificate was shown");
  return certificate;
}
