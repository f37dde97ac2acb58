import { once } from "node:events";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { reset } from "../../../src/proxy/connections/relay-bytes.ts";
import { buildTestCertificate } from "../../support/proxy-certificates.ts";
import {
  openBothThrough,
  openThrough,
  openTls,
  readAll,
  readBytes,
  readUntil,
  signal,
} from "../../support/proxy-client.ts";
import { connectAtOnce, distrustfulHandshake } from "../../support/proxy-handshake.ts";
import { startHttpsOrigin, startTlsOrigin } from "../../support/proxy-origin.ts";
import { startTestProxy } from "../../support/proxy-start.ts";

const get = "GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n";

/** A scripted TLS origin behind the proxy, and a client's connection to it through both. */
async function joined(serve: (socket: TLSSocket, raw: Socket) => void) {
  const origin = await startTlsOrigin(["origin.test"], serve);
  const proxied = await startTestProxy({
    upstreamCa: [origin.rootPem],
    resolve: new Map([["origin.test:443", origin]]),
  });
  const trust = { ca: proxied.authority.certificatePem };
  return { ...proxied, ...(await openBothThrough(proxied.forward, "origin.test:443", trust)) };
}

describe("bytes", () => {
  test("an answer's head arrives before its body exists", async () => {
    const headRead = signal();
    const { client, transactions } = await joined((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        void headRead.given.then(() => socket.write("5\r\nevent\r\n0\r\n\r\n"));
      });
    });
    client.write(get);
    await readUntil(client, "\r\n\r\n");
    headRead.give();
    expect(await readUntil(client, "0\r\n\r\n")).toBe("5\r\nevent\r\n0\r\n\r\n");
    expect(await transactions(1)).toMatchObject([{ failure: null, response: { status: 200 } }]);
  });

  test("an early answer arrives while the request is still being sent, and both are recorded whole", async () => {
    const { client, transactions } = await joined((socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"));
      socket.resume();
    });
    client.write("POST / HTTP/1.1\r\nHost: origin.test\r\nContent-Length: 8\r\n\r\nhalf");
    await readUntil(client, "\r\n\r\n");
    client.write("rest");
    const [only] = await transactions(1);
    expect(only).toMatchObject({ failure: null, request: { body: { totalBytes: 8 } }, response: { status: 413 } });
  });

  test("a half-closed client still gets its answer", async () => {
    const { client } = await joined((socket) => {
      socket.resume();
      socket.once("end", () => socket.end("HTTP/1.1 200 OK\r\n\r\nafter your end"));
    });
    client.end(get);
    expect((await readAll(client)).toString()).toBe("HTTP/1.1 200 OK\r\n\r\nafter your end");
  });

  test("a half-closed server still gets the rest of the request", async () => {
    const serverEnded = signal();
    const got: Buffer[] = [];
    const all = signal();
    const { client } = await joined((socket) => {
      socket.on("data", (bytes: Buffer) => got.push(bytes));
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
      socket.once("end", all.give);
    });
    client.write("POST / HTTP/1.1\r\nHost: origin.test\r\nContent-Length: 8\r\n\r\nhalf");
    client.resume();
    await once(client, "end");
    serverEnded.give();
    client.end("rest");
    await all.given;
    expect(Buffer.concat(got).toString()).toMatch(/halfrest$/);
  });

  test("after an upgrade any bytes pass, and the tunnel is named", async () => {
    const { client, event, transactions } = await joined((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
        socket.pipe(socket);
      });
    });
    client.write("GET / HTTP/1.1\r\nHost: origin.test\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
    await readUntil(client, "\r\n\r\n");
    const bytes = Buffer.from([0, 1, 2, 255, 13, 10, 13, 10, 128]);
    client.write(bytes);
    expect(await readBytes(client, bytes.length)).toEqual(bytes);
    expect(await event(({ kind }) => kind === "tunnel")).toMatchObject({ reason: "upgrade", host: "origin.test" });
    expect(await transactions(1)).toMatchObject([{ response: { status: 101 } }]);
  });

  test("an upgrade that no request offered passes, and is told as a gap, not as an ordinary one", async () => {
    const { client, event, seen, transactions } = await joined((socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"));
    });
    client.write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    await readUntil(client, "200 OK\r\n\r\n");
    expect(await transactions(1)).toMatchObject([{ response: { status: 101 } }]);
    expect(await event(({ kind }) => kind === "gap")).toMatchObject({
      reason: "the server changed the protocol although the request did not offer it; what follows is not read",
    });
    expect(seen.some(({ kind }) => kind === "tunnel")).toBe(false);
  });

  test("what the tap cannot read passes all the same, and the gap is told", async () => {
    const { client, event } = await joined((socket) => socket.pipe(socket));
    const bytes = Buffer.from("EHLO mail.contoso.example\r\n\x00\xff\r\n\r\n", "latin1");
    client.write(bytes);
    expect(await readBytes(client, bytes.length)).toEqual(bytes);
    expect(await event(({ kind }) => kind === "gap")).toMatchObject({ connection: "c1" });
  });
});

describe("breaks", () => {
  test("a client that breaks off breaks the server's connection", async () => {
    const [asked, broken] = [signal(), signal()];
    const { client, socket, transactions } = await joined((server) => {
      server.once("data", asked.give);
      server.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "ECONNRESET") broken.give();
      });
    });
    client.write(get);
    await asked.given;
    reset(socket);
    await broken.given;
    expect(await transactions(1)).toMatchObject([{ response: null, failure: "the client went away" }]);
  });

  test("a server that breaks off breaks the client's connection, and what came before arrives", async () => {
    const read = signal();
    const { client, transactions } = await joined((server, raw) => {
      server.once("data", () => server.write("HTTP/1.1 200 OK\r\n\r\npart"));
      void read.given.then(() => reset(raw));
    });
    client.write(get);
    await readUntil(client, "part");
    read.give();
    await expect(readAll(client)).rejects.toMatchObject({ code: "ECONNRESET" });
    const [only] = await transactions(1);
    expect(only).toMatchObject({ failure: "the server broke the connection", response: { status: 200 } });
    expect(only?.response?.body).toMatchObject({ totalBytes: 4, truncated: true });
  });

  test("a server that closes without answering is told apart", async () => {
    const { client, transactions } = await joined((socket) => socket.once("data", () => socket.end()));
    client.write(get);
    expect((await readAll(client)).length).toBe(0);
    client.end();
    expect(await transactions(1)).toMatchObject([
      { response: null, failure: "the server closed the connection before it answered" },
    ]);
  });

  test("a connection without traffic is closed after the idle time", async () => {
    const origin = await startTlsOrigin(["origin.test"], (socket) => socket.resume());
    const { forward, authority } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
      limits: { idleMs: 50 },
    });
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    client.on("error", () => undefined);
    await new Promise((resolve) => client.once("close", resolve));
  });
});

describe("back-pressure", () => {
  const size = 64 * 1024 * 1024;

  test("a slow reader slows the server down instead of filling the memory", async () => {
    const piece = Buffer.alloc(64 * 1024, 0x61);
    let written = 0;
    const stalled = signal();
    const { client } = await joined((socket) => {
      socket.once("data", () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        while (written < size && socket.write(piece)) written += piece.length;
        written += piece.length;
        stalled.give();
      });
    });
    client.pause();
    client.write(get);
    await stalled.given;
    // What fits into the buffers of three sockets, far below the 64 MiB that were to be sent.
    expect(written).toBeLessThan(size / 2);
  });
});

describe("TLS", () => {
  test("a client without SNI gets the certificate of its CONNECT target", async () => {
    const origin = await startHttpsOrigin(["127.0.0.1"], (_, response) => response.end("by address"));
    const { forward, authority } = await startTestProxy({ scope: ["127.0.0.1"], upstreamCa: [origin.rootPem] });
    const client = await openThrough(forward, `127.0.0.1:${origin.port}`, {
      ca: authority.certificatePem,
      servername: null,
    });
    expect(client.getPeerCertificate().subjectaltname).toBe("IP Address:127.0.0.1");
    client.write(get);
    expect(await readUntil(client, "by address")).toMatch(/^HTTP\/1.1 200 OK/);
  });

  test("a ClientHello sent together with the CONNECT still gets its 200 first", async () => {
    const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello"));
    const { forward, authority } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    const { client, answer } = await connectAtOnce(forward, "origin.test:443", authority.certificatePem);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    client.write(get);
    await readUntil(client, "hello");
  });

  test.each([
    [
      "self-signed",
      { isSelfSigned: true },
      { cause: "self-signed", reason: "the target's certificate is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT)" },
    ],
    ["expired", { days: -1 }, { cause: "expired", reason: "the target's certificate has expired (CERT_HAS_EXPIRED)" }],
    [
      "for another name",
      { hosts: ["other.test"] },
      {
        cause: "wrong-name",
        reason: "the target's certificate is for another name (ERR_TLS_CERT_ALTNAME_INVALID)",
      },
    ],
  ])(
    "a target whose certificate is %s gets no request, and the client a 502 with the reason",
    async (_, wrong, failure) => {
      const certificate = buildTestCertificate({ hosts: ["origin.test"], ...wrong });
      let received = 0;
      const origin = await startTlsOrigin(
        ["origin.test"],
        (socket) => socket.on("data", (bytes) => (received += bytes.length)),
        certificate,
      );
      const { reverse, forward, authority, event, seen } = await startTestProxy({
        target: { host: "origin.test", port: 443 },
        upstreamCa: [certificate.rootPem],
        resolve: new Map([["origin.test:443", origin]]),
      });
      for (const open of [
        () => openThrough(forward, "origin.test:443", { ca: authority.certificatePem }),
        () => openTls(reverse, { ca: authority.certificatePem, servername: "origin.test" }),
      ]) {
        const client = await open();
        client.write("GET / HTTP/1.1\r\nHost: origin.test\r\nAuthorization: Bearer secret\r\n\r\n");
        const got = (await readAll(client)).toString();
        expect(got).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/);
        expect(got).toContain(failure.reason);
      }
      expect(received).toBe(0);
      expect(await event(({ kind }) => kind === "tls-rejected")).toMatchObject({
        side: "upstream",
        host: "origin.test",
        port: 443,
        ...failure,
      });
      expect(seen.some(({ kind }) => kind === "transaction")).toBe(false);
    },
  );

  test("one host may be named whose certificate is not verified, and only that one", async () => {
    const certificate = buildTestCertificate({ hosts: ["origin.test", "other.test"], isSelfSigned: true });
    const origin = await startTlsOrigin([], (socket) => socket.end("HTTP/1.1 204 No Content\r\n\r\n"), certificate);
    const { forward, authority } = await startTestProxy({
      scope: ["origin.test", "other.test"],
      insecureUpstream: ["origin.test"],
      resolve: new Map([
        ["origin.test:443", origin],
        ["other.test:443", origin],
      ]),
    });
    const status = async (host: string): Promise<string> => {
      const client = await openThrough(forward, `${host}:443`, { ca: authority.certificatePem });
      client.write(get);
      return (await readAll(client)).toString().slice(9, 12);
    };
    expect(await status("origin.test")).toBe("204");
    expect(await status("other.test")).toBe("502");
  });

  test("a client that distrusts the CA is an event that names the host", async () => {
    const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello"));
    const { forward, event } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    await distrustfulHandshake(forward, "origin.test:443");
    expect(await event(({ kind }) => kind === "tls-rejected")).toMatchObject({
      side: "client",
      host: "origin.test",
      reason: expect.stringContaining("the client does not trust the inspection CA"),
    });
  });

  test("after three refusals the host passes through untouched, when that is wanted", async () => {
    const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello"));
    const { forward, event } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
      autoPassthrough: true,
    });
    for (let count = 0; count < 3; count += 1) await distrustfulHandshake(forward, "origin.test:443");
    // The same program: its ClientHello is that of the refusals.
    const client = await openThrough(forward, "origin.test:443", { ca: origin.rootPem, maxVersion: "TLSv1.2" });
    client.write(get);
    await readUntil(client, "hello");
    expect(await event(({ kind }) => kind === "tunnel")).toMatchObject({
      reason: "client-distrusts-ca",
      host: "origin.test",
    });
  });
});
