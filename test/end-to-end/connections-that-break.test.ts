// What one connection does ends that connection at most. A process of its own is watched: it must still answer afterwards.
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { capturedHellos } from "../proxy/interception/hellos.ts";
import { buildTestCertificate } from "../support/proxy-certificates.ts";
import { openTcp, readAll, readUntil, signal } from "../support/proxy-client.ts";
import { startTcpOrigin } from "../support/proxy-origin.ts";
import { askOnce, startWatch, type WatchProcess } from "../support/watch-process.ts";

const certificate = buildTestCertificate({ hosts: ["origin.test"] });

/** Plays origin.test at both ports; each test says how. */
let serve: (socket: Socket) => void = (socket) => socket.destroy();
const sockets = new Set<Socket>();
const origin = createServer({ allowHalfOpen: true }, (socket) => {
  sockets.add(socket);
  socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
  serve(socket);
});
const good = createHttpServer((_, response) => response.end("good"));

function serveRaw(next: (socket: Socket) => void): void {
  serve = next;
}

function serveHttp(listener: RequestListener): void {
  const server = createHttpServer(listener);
  serve = (socket) => server.emit("connection", socket);
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
let shared: WatchProcess | null = null;

beforeAll(async () => {
  for (const server of [origin, good]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await shared?.stop();
  for (const socket of sockets) socket.destroy();
  good.closeAllConnections();
  for (const server of [origin, good]) server.close();
});

type Watched = WatchProcess & { readonly reverse: number; alive(): Promise<void> };

/** `watch` with both listeners; all tests share one as long as it lives, but for those that need arguments of their own. */
async function watching(args: readonly string[] = []): Promise<Watched> {
  if (args.length === 0 && shared?.isRunning() === true) return watched(shared);
  const places = [`origin.test:80=127.0.0.1:${portOf(origin)}`, `origin.test:443=127.0.0.1:${portOf(origin)}`];
  // Behind another proxy names are for that one.
  if (!args.includes("--upstream-proxy")) places.push(`good.test:80=127.0.0.1:${portOf(good)}`);
  const watch = await startWatch({
    args: ["--host", "origin.test", ...places.flatMap((place) => ["--connect-to", place]), ...args],
    upstreamCa: certificate.rootPem,
    reverses: ["https://origin.test"],
  });
  if (args.length === 0) shared = watch;
  else
    onTestFinished(async () => {
      await watch.stop();
    });
  return watched(watch);
}

function watched(watch: WatchProcess): Watched {
  return {
    ...watch,
    reverse: watch.reverses[0] ?? Number.NaN,
    async alive() {
      const answer = await askOnce(
        watch.forward,
        "GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\nConnection: close\r\n\r\n",
      ).catch((error: unknown) => `${String(error)}: ${watch.stderr()}`);
      expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*good/);
      expect(watch.isRunning()).toBe(true);
    },
  };
}

const hello = Buffer.from(capturedHellos[0]?.bytes ?? "", "base64");

/** A port that passes a client's ClientHello on, and what follows it when `given` resolves. */
async function startSlowClient(port: number, given: Promise<void>): Promise<number> {
  const server = createServer((client) => {
    const proxy = connect(port, "127.0.0.1");
    for (const socket of [client, proxy]) socket.on("error", () => undefined);
    proxy.once("close", () => client.destroy()).pipe(client);
    client.once("close", () => proxy.destroy());
    client.once("data", (first: Buffer) => {
      client.pause();
      proxy.write(first);
      void given.then(() => client.pipe(proxy));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return portOf(server);
}

const at = (port: number) => ({ address: "127.0.0.1", port });

/** Resets a connection as soon as it is there, before a byte was sent. */
async function knock(port: number): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const closed = once(socket, "close");
  socket.resetAndDestroy();
  await closed;
}

async function closedBy(socket: Socket): Promise<void> {
  socket.on("error", () => undefined).resume();
  await new Promise<void>((resolve) => {
    socket.once("close", resolve).once("end", () => {
      socket.end();
    });
  });
}

/** An HTTP proxy that takes CONNECTs and does what the test says, but for those to good.test. */
function startUpstreamProxy(serve: (socket: Socket) => void) {
  return startTcpOrigin((socket) => {
    socket.once("data", (bytes: Buffer) => {
      if (!bytes.toString().startsWith("GET http://good.test/ ")) {
        serve(socket);
        return;
      }
      socket.unshift(bytes);
      socket.pipe(connect(portOf(good), "127.0.0.1")).pipe(socket);
    });
  });
}

const established = "HTTP/1.1 200 Connection established\r\n\r\n";
const connectOrigin = "CONNECT origin.test:443 HTTP/1.1\r\nHost: origin.test:443\r\n\r\n";

describe("a port check", () => {
  test("of the reverse listener that resets its connection harms nobody", async () => {
    serveRaw((socket) => socket.resume());
    const watch = await watching();
    for (let count = 0; count < 40; count += 1) await knock(watch.reverse);
    await watch.alive();
  });

  test.each([
    ["a reset", 600, (socket: Socket) => socket.resetAndDestroy()],
    ["an end", 600, (socket: Socket) => socket.end()],
    // libuv reports bytes and a reset that arrive together as an orderly end, which is seen when the bytes are read.
    [
      "a byte and a reset",
      2,
      (socket: Socket) => {
        socket.write("\x16", () => socket.resetAndDestroy());
      },
    ],
  ])("that leaves with %s while the target is still being connected to ends that, too", async (_, seconds, leave) => {
    const [asked, left] = [signal(), signal()];
    const proxy = await startUpstreamProxy((socket) => {
      socket.once("close", left.give).once("end", () => socket.end());
      asked.give();
    });
    const args = ["--upstream-proxy", `http://127.0.0.1:${proxy.port}`, "--limit", `connect-seconds=${seconds}`];
    const watch = await watching(args);
    const client = await openTcp(at(watch.reverse));
    client.on("error", () => undefined);
    // The target is connected to when a ClientHello has come.
    client.write(hello);
    await asked.given;
    leave(client);
    await left.given;
    await watch.alive();
  });
});

describe("a target that resets", () => {
  test("before the client's first byte inside CONNECT ends that tunnel alone", async () => {
    const accepted: Socket[] = [];
    serveRaw((socket) => accepted.push(socket));
    const watch = await watching();
    const client = await openTcp(at(watch.forward));
    client.write(connectOrigin);
    await readUntil(client, "\r\n\r\n");
    accepted[0]?.resetAndDestroy();
    await closedBy(client);
    await watch.alive();
  });

  test("behind an upstream proxy, before the client's first byte, ends that tunnel alone", async () => {
    const tunnels: Socket[] = [];
    const proxy = await startUpstreamProxy((socket) => {
      socket.write(established);
      tunnels.push(socket);
    });
    const watch = await watching(["--upstream-proxy", `http://127.0.0.1:${proxy.port}`]);
    const client = await openTcp(at(watch.forward));
    client.write(connectOrigin);
    await readUntil(client, "\r\n\r\n");
    tunnels[0]?.resetAndDestroy();
    await closedBy(client);
    await watch.alive();
  });

  test("after its handshake and before the client's ends that connection alone", async () => {
    const options = { key: certificate.key, cert: certificate.cert };
    for (let count = 0; count < 20; count += 1) {
      const gone = signal();
      serveRaw((raw) => {
        const server = createTlsServer(options, (socket) => {
          socket.on("error", () => undefined);
          raw.once("close", gone.give).resetAndDestroy();
        });
        server.on("tlsClientError", () => undefined).emit("connection", raw);
      });
      const watch = await watching();
      const slow = await startSlowClient(watch.reverse, gone.given);
      const client = connectTls({ host: "127.0.0.1", port: slow, servername: "origin.test", ca: watch.trust });
      await Promise.all([gone.given, closedBy(client)]);
    }
    await (await watching()).alive();
  });

  test.each([
    ["after a refusal", "HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\npart"],
    ["within the status line", "HTTP/1.1 4"],
    ["without a word", ""],
  ])("%s of a WebSocket ends that connection alone", async (_, words) => {
    const accepted: Socket[] = [];
    const asked = signal();
    serveRaw((socket) => {
      accepted.push(socket);
      socket.once("data", () => {
        socket.write(words);
        asked.give();
      });
    });
    const watch = await watching();
    const client = await openTcp(at(watch.forward));
    client.write(
      "GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    );
    await asked.given;
    if (words.includes("part")) await readUntil(client, "part");
    accepted[0]?.resetAndDestroy();
    await closedBy(client);
    await watch.alive();
  });
});

describe("an answer that announces trailers where there can be none", () => {
  const request = (method: string, version = "1.1"): string =>
    `${method} http://origin.test/ HTTP/${version}\r\nHost: origin.test\r\nConnection: close\r\n\r\n`;

  test.each([
    ["with a length", request("GET"), "200 OK\r\nTrailer: X-Sum\r\nContent-Length: 2\r\n\r\nok", "ok"],
    ["as 304", request("GET"), "304 Not Modified\r\nTrailer: X-Sum\r\n\r\n", ""],
    ["as 204", request("GET"), "204 No Content\r\ntrailer: X-Sum\r\n\r\n", ""],
    ["to HEAD", request("HEAD"), "200 OK\r\nTrailer: X-Sum\r\nContent-Length: 2\r\n\r\n", ""],
    [
      "in chunks to a client of HTTP/1.0",
      request("GET", "1.0"),
      "200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n",
      "ok",
    ],
    [
      "in another coding than chunks",
      request("GET"),
      "200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\nok",
      "ok",
    ],
  ])("%s reaches the client without them", async (_, asked, answer, body) => {
    serveRaw((socket) => {
      socket.once("data", () => socket.end(`HTTP/1.1 ${answer}`));
    });
    const watch = await watching();
    const client = await openTcp(at(watch.forward));
    client.write(asked);
    const got = (await readAll(client)).toString("latin1");
    expect(got.startsWith(`HTTP/1.1 ${answer.slice(0, 3)} `)).toBe(true);
    expect(got.split("\r\n\r\n")[1]).toBe(body);
    expect(got).not.toMatch(/^trailer:/im);
    await watch.alive();
  });
});

test("a request that announces trailers and has a length reaches its origin without the announcement", async () => {
  const seen: string[] = [];
  serveHttp((request, response) => {
    seen.push(...request.rawHeaders);
    request.resume().once("end", () => response.end("ok"));
  });
  const watch = await watching();
  const answer = await askOnce(
    watch.forward,
    "POST http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nTrailer: X-Sum\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
  );
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
  expect(seen).not.toContain("Trailer");
  await watch.alive();
});

describe("waits", () => {
  const linux = process.platform === "linux";
  const flood = 200;

  /** Connections that send a text, and after the answer a byte and their end. */
  async function abandoned(port: number, text: string): Promise<void> {
    for (let count = 0; count < flood; count += 1) {
      const socket = await openTcp(at(port));
      socket.on("error", () => undefined);
      socket.write(text);
      await readUntil(socket, "\r\n\r\n");
      socket.end("x");
    }
  }

  test.runIf(linux).each([
    ["a denied CONNECT", "CONNECT 169.254.1.1:443 HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["a CONNECT to no host", "CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["a CONNECT to a port where nobody listens", "CONNECT 127.0.0.1:443 HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["an upgrade of no address", "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"],
    [
      "an upgrade of a denied address",
      "GET http://169.254.1.1/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
    ["a denied http:// request", "GET http://169.254.1.1/ HTTP/1.1\r\nHost: x\r\n\r\n"],
  ])("%s leaves no connection behind, whatever the client does", async (_, text) => {
    const watch = await watching();
    const before = watch.sockets();
    await abandoned(watch.forward, text);
    await expect.poll(() => watch.sockets(), { timeout: 10_000 }).toBeLessThanOrEqual(before + 5);
    await watch.alive();
  });

  test.runIf(linux)("a client that is refused and neither reads nor ends is closed in the end", async () => {
    // A process of its own: connections of earlier tests that are still closing would be counted.
    const watch = await watching(["--limit", "connections=100"]);
    const before = watch.sockets();
    const socket = await openTcp(at(watch.forward));
    socket.on("error", () => undefined).pause();
    socket.write("CONNECT 169.254.1.1:443 HTTP/1.1\r\nHost: x\r\n\r\n");
    await expect.poll(() => watch.sockets(), { timeout: 10_000 }).toBeGreaterThan(before);
    await expect.poll(() => watch.sockets(), { timeout: 10_000 }).toBeLessThanOrEqual(before);
  });

  test.runIf(linux).each([
    ["half-open-seconds, when they end", ["--limit", "half-open-seconds=1"], true],
    ["idle-seconds, when they wait", ["--limit", "idle-seconds=1"], false],
  ])("http:// requests that are never answered are given back after %s", async (_, args, ends) => {
    let open = 0;
    serveRaw((socket) => {
      open += 1;
      socket.resume().on("close", () => {
        open -= 1;
      });
    });
    const watch = await watching(args);
    const before = watch.sockets();
    for (let count = 0; count < 20; count += 1) {
      const client = await openTcp(at(watch.forward));
      client.on("error", () => undefined).resume();
      client.write("GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\n\r\n");
      if (ends) client.end();
    }
    await expect.poll(() => open, { timeout: 10_000 }).toBe(20);
    await expect.poll(() => watch.sockets(), { timeout: 10_000 }).toBeLessThanOrEqual(before);
    await expect.poll(() => open, { timeout: 10_000 }).toBe(0);
    await watch.alive();
  });

  test.runIf(linux)("TLS clients that leave after their handshake do not wait for the target's", async () => {
    let open = 0;
    // Takes the connection and never speaks TLS.
    serveRaw((socket) => {
      open += 1;
      socket.resume().on("end", () => socket.end());
      socket.on("close", () => {
        open -= 1;
      });
    });
    // Without trials: their connections pass to the target, which never answers.
    const watch = await watching(["--limit", "handshake-seconds=600", "--no-auto-passthrough"]);
    const before = watch.sockets();
    for (let count = 0; count < 40; count += 1) {
      const tcp = await openTcp(at(watch.reverse));
      const client = connectTls({ socket: tcp, servername: "origin.test", ca: watch.trust });
      client.on("error", () => undefined);
      await once(client, "secureConnect");
      if (count % 3 === 0) tcp.resetAndDestroy();
      else if (count % 3 === 1) client.end();
      else client.destroy();
    }
    await expect.poll(() => watch.sockets(), { timeout: 10_000 }).toBeLessThanOrEqual(before);
    await expect.poll(() => open, { timeout: 10_000 }).toBe(0);
    const told = watch.events().filter(({ event }) => event === "tls-rejected");
    expect(told.every(({ side }) => side === "client")).toBe(true);
    await watch.alive();
  });

  test("the end of the program does not wait for clients that left in their handshake", async () => {
    serveRaw((socket) => socket.resume());
    const watch = await watching(["--limit", "handshake-seconds=600"]);
    const client = await openTcp(at(watch.reverse));
    client.write("\x16\x03\x01");
    client.end();
    await closedBy(client);
    expect(await watch.stop(8_000)).toBe(143);
  });
});

describe("offers of another protocol", () => {
  test("hundreds of h2c offers on one connection are served, and nothing piles up", async () => {
    serveHttp((_, response) => response.end("served;"));
    const watch = await watching();
    const client = await openTcp(at(watch.forward));
    const offer =
      "GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n";
    for (let count = 0; count < 300; count += 1) {
      client.write(offer);
      await readUntil(client, "served;");
    }
    expect(watch.stderr()).toBe("");
    await watch.alive();
  });

  test("fields that Connection names beside such an offer stay on this hop", async () => {
    const seen: string[] = [];
    serveHttp((request, response) => {
      seen.push(...request.rawHeaders);
      response.end("served");
    });
    const watch = await watching();
    await askOnce(
      watch.forward,
      "GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nConnection: Upgrade, X-Secret, close\r\nUpgrade: h2c\r\nX-Secret: 1\r\nX-Open: 1\r\n\r\n",
    );
    expect(seen).toContain("X-Open");
    expect(seen).not.toContain("X-Secret");
  });

  test.each([
    ["CONNECT", connectOrigin],
    [
      "a WebSocket",
      "GET http://origin.test/w HTTP/1.1\r\nHost: origin.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
  ])("%s before the answer to the request before it breaks that connection alone", async (_, second) => {
    const asked = signal();
    serveHttp(asked.give);
    const watch = await watching();
    const client = await openTcp(at(watch.forward));
    client.write("GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    await asked.given;
    client.write(second);
    await closedBy(client);
    await watch.alive();
  });
});
