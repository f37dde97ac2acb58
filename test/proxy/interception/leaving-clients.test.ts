// A client that leaves, at any stage and in any way, is noticed at once: both connections end, and it is counted, not blamed.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { reset } from "../../../src/proxy/connections/relay-bytes.ts";
import { openTcp, openTls, readUntil, sendConnect, signal } from "../../support/proxy-client.ts";
import { clientHello } from "../../support/proxy-handshake.ts";
import { startHttpsOrigin } from "../../support/proxy-origin.ts";
import { startTestProxy, type TestProxy } from "../../support/proxy-start.ts";

const host = "origin.test";
const promptMs = 1_000;

/** An origin behind a relay that counts its connections; `isSilent`: it accepts and never sends a byte. */
async function startFront(port: number, isSilent: boolean) {
  let accepted = 0;
  const open = new Set<Socket>();
  const waiting = new Set<() => void>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted += 1;
    open.add(socket);
    const upstream = isSilent ? null : connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    upstream?.on("error", () => socket.destroy());
    if (upstream === null) socket.resume();
    else socket.pipe(upstream).pipe(socket);
    socket.on("error", () => undefined);
    socket.on("end", () => upstream ?? socket.end());
    socket.on("close", () => {
      upstream?.destroy();
      open.delete(socket);
      if (open.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting.clear();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => accepted,
    whenIdle: () => (open.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.add(resolve))),
  };
}

async function startWatched({ isSilent = false }: { readonly isSilent?: boolean } = {}) {
  const origin = await startHttpsOrigin([host], (_, response) => response.end("hello"));
  const front = await startFront(origin.port, isSilent);
  const proxied = await startTestProxy({
    target: { host, port: 443 },
    upstreamCa: [origin.rootPem],
    resolve: new Map([[`${host}:443`, { host: "127.0.0.1", port: front.port }]]),
    autoPassthrough: true,
  });
  return { ...proxied, front };
}

type Listener = "forward" | "reverse";

async function openRaw({ forward, reverse }: TestProxy, listener: Listener): Promise<Socket> {
  const socket = listener === "reverse" ? await openTcp(reverse) : (await sendConnect(forward, `${host}:443`)).socket;
  return socket.on("error", () => undefined);
}

/** Until the proxy has ended or broken its side. */
function whenClosed(socket: Socket): Promise<void> {
  if (socket.closed || socket.readableEnded) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once("end", resolve).once("close", resolve).resume();
  });
}

/** Both ends of what a client leaves are closed within a second. `stream` is the TLS stream over the socket, if any. */
async function expectPrompt(
  socket: Socket,
  leave: (socket: Socket) => void,
  { front, stream = socket }: { readonly front?: { whenIdle(): Promise<void> }; readonly stream?: Socket },
): Promise<void> {
  const begun = performance.now();
  leave(socket);
  await Promise.all([whenClosed(stream), front?.whenIdle()]);
  expect(performance.now() - begun).toBeLessThan(promptMs);
}

/** Sends a whole ClientHello and waits for the beginning of the answer. */
async function seeCertificate(socket: Socket, hello: Buffer): Promise<void> {
  socket.write(hello);
  const answered = once(socket, "data");
  socket.resume();
  await answered;
}

/** Until so many connections without a request are counted. */
async function whenCounted({ proxy }: TestProxy, member: "connects" | "handshakes", count: number): Promise<void> {
  const begun = performance.now();
  while (performance.now() - begun < promptMs) {
    if (proxy.countedProbes().some((probes) => probes[member] === count)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`not counted: ${JSON.stringify(proxy.countedProbes())}`);
}

const ways = [
  ["ends", (socket: Socket): void => void socket.end()],
  ["resets", (socket: Socket): void => reset(socket)],
] as const;
const listeners: readonly Listener[] = ["forward", "reverse"];
const each = ways.flatMap(([way, leave]) => listeners.map((listener) => ({ way, leave, listener })));

describe.each(each)("a client of the $listener listener that $way", ({ leave, listener }) => {
  test("before a byte is counted, and is no failure", async () => {
    const proxied = await startWatched();
    await expectPrompt(await openRaw(proxied, listener), leave, proxied);
    await whenCounted(proxied, "connects", 1);
    await proxied.stopped();
    expect(proxied.seen).toMatchObject([
      { kind: "probes", client: "127.0.0.1", host, port: 443, connects: 1, handshakes: 0 },
    ]);
    if (listener === "reverse") expect(proxied.front.accepted()).toBe(0);
  });

  test("in the middle of its ClientHello is counted", async () => {
    const proxied = await startWatched();
    const hello = await clientHello(host);
    for (const bytes of [hello.subarray(0, 1), hello.subarray(0, 100), hello.subarray(0, -1)]) {
      const socket = await openRaw(proxied, listener);
      await expectPrompt(socket, (one) => one.write(bytes, () => leave(one)), proxied);
    }
    await whenCounted(proxied, "connects", 3);
    await proxied.stopped();
    expect(proxied.seen.map(({ kind }) => kind)).not.toContain("tls-rejected");
  });

  test("after the server's flight left in the handshake, and refused nothing in words", async () => {
    const proxied = await startWatched();
    const socket = await openRaw(proxied, listener);
    await seeCertificate(socket, await clientHello(host));
    await expectPrompt(socket, leave, proxied);
    await proxied.stopped();
    expect(proxied.seen).toMatchObject([
      {
        ...{
          kind: "tls-rejected",
          side: "client",
          host,
          port: 443,
          cause: "left-in-handshake",
          certificate: "run-ca",
        },
        ...{ reason: expect.stringMatching(/^the client left during the TLS handshake/), hello: { program: "node" } },
      },
    ]);
  });

  test("after its Finished, while TLS with the target is being opened", async () => {
    const proxied = await startWatched({ isSilent: true });
    const socket = await openRaw(proxied, listener);
    const tls = connectTls({ socket, servername: host, ca: proxied.authority.certificatePem });
    tls.on("error", () => undefined);
    await once(tls, "secureConnect");
    await expectPrompt(socket, leave, { ...proxied, stream: tls });
  });

  test("after its Finished, over two finished handshakes", async () => {
    const proxied = await startWatched();
    const socket = await openRaw(proxied, listener);
    const tls = connectTls({ socket, servername: host, ca: proxied.authority.certificatePem });
    tls.on("error", () => undefined);
    await once(tls, "secureConnect");
    // Its first ticket follows the handshake.
    await once(tls, "session");
    await expectPrompt(socket, leave, { ...proxied, stream: tls });
  });
});

test("an orderly end after the handshake is a health check, however often it comes", async () => {
  const proxied = await startWatched();
  const tls = { ca: proxied.authority.certificatePem, servername: host };
  for (let count = 0; count < 10; count += 1) {
    const socket = await openTls(proxied.reverse, tls);
    const closed = whenClosed(socket);
    socket.end();
    await closed;
  }
  const client = await openTls(proxied.reverse, tls);
  client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await readUntil(client, "hello");
  await proxied.transactions(1);
  client.destroy();
  await proxied.stopped();
  expect(proxied.seen.filter(({ kind }) => kind !== "transaction")).toMatchObject([
    { kind: "probes", connects: 0, handshakes: 10 },
  ]);
});

test.each(ways)("a client that %s while the target is dialled ends the dial", async (_, leave) => {
  // A proxy that accepts and never answers stands for a target that is far away.
  const front = await startFront(0, true);
  const { forward, reverse } = await startTestProxy({
    target: { host, port: 443 },
    upstreamProxy: { host: "127.0.0.1", port: front.port, credentials: null },
  });
  const throughConnect = await openTcp(forward);
  throughConnect.on("error", () => undefined).write(`CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const straight = await openTcp(reverse);
  straight.on("error", () => undefined);
  await seeCertificate(straight, await clientHello(host));
  for (const socket of [throughConnect, straight]) await expectPrompt(socket, leave, {});
  await front.whenIdle();
  expect(front.accepted()).toBeGreaterThanOrEqual(1);
});

describe.each(ways)("an http:// client that %s", (_, leave) => {
  test.each([
    ["before a byte", ""],
    ["in the middle of its head", "GET http://origin.test/ HTT"],
  ])("%s is let go", async (__, bytes) => {
    const { forward } = await startTestProxy();
    const socket = await openTcp(forward);
    socket.on("error", () => undefined);
    await expectPrompt(socket, (one) => one.write(bytes, () => leave(one)), {});
  });
});

test("a server that speaks first is heard through CONNECT, although its client waits", async () => {
  const server = createServer((socket) => socket.end("220 ready\r\n")).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const place = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  const { forward } = await startTestProxy({ resolve: new Map([[`${host}:25`, place]]) });
  const { socket } = await sendConnect(forward, `${host}:25`);
  expect(await readUntil(socket, "\r\n")).toBe("220 ready\r\n");
});

const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;

test("a hundred clients that leave at once at every stage leave nothing open", async () => {
  const proxied = await startWatched();
  const before = sockets();
  const hello = await clientHello(host);
  const clients = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const socket = await openRaw(proxied, index % 2 === 0 ? "forward" : "reverse");
      const stage = index % 4;
      if (stage === 1) socket.write(hello.subarray(0, 80));
      if (stage === 2) socket.write(hello);
      if (stage === 3) await seeCertificate(socket, hello);
      return socket;
    }),
  );
  expect(sockets()).toBeGreaterThanOrEqual(before + 100);
  const begun = performance.now();
  for (const [index, socket] of clients.entries()) ways[index % 3 === 0 ? 1 : 0][1](socket);
  await Promise.all([...clients.map(whenClosed), proxied.front.whenIdle()]);
  while (sockets() > before && performance.now() - begun < 5_000) await new Promise((resolve) => setImmediate(resolve));
  expect(sockets()).toBeLessThanOrEqual(before);
});

test("the end of the capture waits for an open request, and for no connection without one", async () => {
  const proxied = await startWatched();
  const hello = await clientHello(host);
  for (const listener of listeners) {
    await openRaw(proxied, listener);
    (await openRaw(proxied, listener)).write(hello.subarray(0, 50));
    const shown = await openRaw(proxied, listener);
    await seeCertificate(shown, hello);
    const idle = await openRaw(proxied, listener);
    await once(connectTls({ socket: idle, servername: host, ca: proxied.authority.certificatePem }), "secureConnect");
  }
  const begun = performance.now();
  await proxied.stopped();
  expect(performance.now() - begun).toBeLessThan(promptMs);
  // That we closed them is not their failure.
  expect(proxied.seen.filter(({ kind }) => kind !== "probes")).toEqual([]);
});

describe("a tunnel that is not read", () => {
  const other = "elsewhere.test:443";

  test("holds the end of the capture while its client waits for an answer", async () => {
    const asked = signal();
    const stopping = signal();
    const server = createServer((socket) => {
      socket.once("data", asked.give);
      void stopping.given.then(() => socket.write("answer"));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.close();
    });
    const place = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
    const { forward, stopped } = await startTestProxy({ resolve: new Map([[other, place]]) });
    const { socket } = await sendConnect(forward, other);
    socket.write("question");
    await asked.given;
    const answered = readUntil(socket, "answer");
    const hasStopped = stopped();
    stopping.give();
    await Promise.all([hasStopped, answered]);
  });

  test("does not hold it otherwise", async () => {
    const server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.close();
    });
    const place = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
    const { forward, stopped } = await startTestProxy({ resolve: new Map([[other, place]]) });
    const { socket } = await sendConnect(forward, other);
    socket.write("echo");
    await readUntil(socket, "echo");
    const begun = performance.now();
    await stopped();
    expect(performance.now() - begun).toBeLessThan(promptMs);
  });
});

test("an upgraded http:// connection does not hold the end of the capture", async () => {
  const server = createServer((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const place = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  const { forward, stopped } = await startTestProxy({ resolve: new Map([[`${host}:80`, place]]) });
  const socket = await openTcp(forward);
  socket.write(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  await readUntil(socket, "\r\n\r\n");
  const begun = performance.now();
  await stopped();
  expect(performance.now() - begun).toBeLessThan(promptMs);
});
