// Targets that cannot be reached, or not over TLS: what the capture says of them, and what the client gets.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectHttp2, createSecureServer } from "node:http2";
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect, createServer, type TLSSocket, type TlsOptions } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import type { CaptureEvent } from "../../src/core/capture-event.ts";
import type { ProxyOptions } from "../../src/proxy/start-wire.ts";
import { openTcp, openThrough, readAll, readUntil, sendConnect } from "../support/proxy-client.ts";
import { startTcpOrigin } from "../support/proxy-origin.ts";
import { startTestProxy } from "../support/proxy-start.ts";
import { issueCertificate, issuerAddress, type TestCertificate } from "../support/test-pki.ts";

test.each([
  ["origin.test", {}],
  ["clients2.browser.test", { isOutOfScope: true }],
])("a failure to reach %s says whether the host is watched, for CONNECT, requests and upgrades", async (host, mark) => {
  const nowhere = { host: "127.0.0.1", port: 1 };
  const { forward, seen, event } = await startTestProxy({
    scope: ["origin.test"],
    resolve: new Map([443, 80].map((port) => [`${host}:${port}`, nowhere] as const)),
  });
  expect((await sendConnect(forward, `${host}:443`)).answer).toMatch(/^HTTP\/1.1 502 /);
  const offer = "Connection: Upgrade, close\r\nUpgrade: websocket\r\n";
  for (const fields of ["Connection: close\r\n", offer]) {
    const client = await openTcp(forward);
    client.write(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`);
    expect((await readAll(client)).toString("latin1")).toMatch(/^HTTP\/1.1 502 /);
  }
  const failures = (): readonly unknown[] => seen.filter(({ kind }) => kind === "upstream-failed");
  await event(() => failures().length === 3);
  const reason = "the target refused the connection (ECONNREFUSED)";
  const expected = (port: number) => ({
    ...{ kind: "upstream-failed", at: expect.any(Number), client: expect.any(String), host, port, reason },
    ...mark,
  });
  expect(failures()).toEqual([expected(443), expected(80), expected(80)]);
});

type Rejected = Extract<CaptureEvent, { kind: "tls-rejected" }>;

/** A TLS server for `origin.test`; its connections end with the test. */
async function startTarget(options: TlsOptions, serve: (socket: TLSSocket) => void = () => undefined) {
  const server = createServer(options, (socket) => {
    socket.on("error", () => undefined);
    serve(socket);
  });
  server.on("tlsClientError", () => undefined);
  return listen(server);
}

async function listen(server: Server) {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket.on("error", () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port, connections: () => sockets.size };
}

/** A proxy in front of the target. `call` gives what a client gets that trusts the inspection CA and the target's root. */
async function inFrontOf(target: { host: string; port: number }, options: Partial<ProxyOptions> = {}) {
  const { authority: _, ...rest } = options;
  const started = await startTestProxy({
    ...{ resolve: new Map([["origin.test:443", target]]), upstreamCa: [root.cert], autoPassthrough: true },
    ...rest,
  });
  const { forward, authority, event, seen } = started;
  const call = async (ca = authority.certificatePem, tls: ConnectionOptions = {}): Promise<string> => {
    const { socket } = await sendConnect(forward, "origin.test:443");
    const client = connect({ socket, servername: "origin.test", ca, ...tls });
    client.on("error", () => undefined);
    onTestFinished(() => {
      client.destroy();
    });
    client.write("GET / HTTP/1.1\r\nHost: origin.test\r\nConnection: close\r\n\r\n");
    return readAll(client).then(String, (error: NodeJS.ErrnoException) => `broken: ${error.code ?? error.message}`);
  };
  const rejected = async () => (await event(({ kind }) => kind === "tls-rejected")) as Rejected;
  const tunnels = () => seen.flatMap((one) => (one.kind === "tunnel" ? [one.reason] : []));
  return { ...started, call, rejected, tunnels };
}

const hasOpenssl = ((): boolean => {
  try {
    return execFileSync("openssl", ["version"]).length > 0;
  } catch {
    return false;
  }
})();

const root = issueCertificate({ name: "House Root CA", isCa: true });
const intermediate = issueCertificate({ name: "House Servers 1", issuer: root, isCa: true });
const direct = issueCertificate({ name: "origin.test", issuer: root, hosts: ["origin.test"] });
const answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";

describe("a target that requires a client certificate", () => {
  const user = issueCertificate({ name: "exchange account", issuer: root });
  const asking = { key: direct.key, cert: direct.cert, ca: [root.cert], requestCert: true };

  test.each([
    ["TLSv1.2", "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE"],
    ["TLSv1.3", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"],
  ] as const)(
    "%s: the capture names it with host and port, and the next client brings its own certificate",
    async (maxVersion, code) => {
      const target = await startTarget({ ...asking, maxVersion, rejectUnauthorized: true }, (socket) => {
        socket.once("data", () => socket.end(answer));
      });
      const { call, rejected, tunnels } = await inFrontOf(target);
      expect(await call()).not.toContain("hello");
      const event = await rejected();
      expect(event).toMatchObject({ side: "upstream", host: "origin.test", port: 443 });
      expect(event).toMatchObject({ cause: "client-certificate-wanted" });
      expect(event.reason).toMatch(new RegExp(`client certificate.* \\(${code}\\)$`));
      expect(await call(root.cert, { key: user.key, cert: user.cert })).toContain("hello");
      expect(tunnels()).toEqual(["target-needs-client-certificate"]);
    },
  );

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "%s: a server that closes without an alert is named, too",
    async (maxVersion) => {
      const target = await startTarget({ ...asking, maxVersion, rejectUnauthorized: false }, (socket) => {
        socket.once("data", () => socket.destroy());
      });
      const { call, rejected } = await inFrontOf(target);
      await call();
      expect(await rejected()).toMatchObject({ cause: "client-certificate-wanted", host: "origin.test", port: 443 });
    },
  );

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "%s: one that only offers it serves, and nothing is said",
    async (maxVersion) => {
      const target = await startTarget({ ...asking, maxVersion, rejectUnauthorized: false }, (socket) => {
        socket.once("data", () => socket.end(answer));
      });
      const { call, proxy, seen, transactions } = await inFrontOf(target);
      for (const _ of [1, 2]) expect(await call()).toContain("hello");
      await transactions(2);
      await proxy.stop();
      expect(seen.map(({ kind }) => kind)).toEqual(["transaction", "transaction"]);
    },
  );

  test.skipIf(!hasOpenssl)(
    "TLSv1.2: one that asks after the request, as IIS does for a folder, and serves without",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "realmscope-renegotiate-"));
      const files = { cert: direct.cert, key: direct.key, ca: root.cert };
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      const { port } = await startTcpOrigin(() => undefined);
      const own = ["-accept", `127.0.0.1:${port + 1}`, "-tls1_2", "-cert", "cert", "-key", "key", "-CAfile", "ca"];
      const server = spawn("openssl", ["s_server", ...own], { cwd: folder });
      onTestFinished(() => {
        server.kill();
        rmSync(folder, { recursive: true });
      });
      let printed = "";
      const says = (text: string): Promise<void> =>
        new Promise((resolve) => {
          const look = (): void => {
            if (printed.includes(text)) resolve();
          };
          server.stdout.on("data", look);
          look();
        });
      server.stdout.on("data", (piece) => (printed += String(piece)));
      await says("ACCEPT");
      const { forward, authority, proxy, seen } = await inFrontOf({ host: "127.0.0.1", port: port + 1 });
      const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
      client.write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
      await says("GET / HTTP/1.1");
      // s_server's command to negotiate again, with a request for a certificate.
      server.stdin.write("R\n");
      await says("SSL_do_handshake -> 1");
      server.stdin.write(`${answer}\n`);
      await readUntil(client, "hello");
      client.destroy();
      await proxy.stop();
      expect(seen.filter(({ kind }) => kind !== "transaction")).toEqual([]);
    },
  );

  test("a server that closes without having asked for one is not accused of it", async () => {
    const target = await startTarget({ key: direct.key, cert: direct.cert, ALPNProtocols: ["http/1.1"] }, (socket) => {
      socket.once("data", () => socket.destroy());
    });
    const { call, proxy, seen } = await inFrontOf(target);
    await call();
    await proxy.stop();
    expect(seen.filter(({ kind }) => kind === "tls-rejected")).toEqual([]);
  });
});

describe("a chain without its intermediate", () => {
  const leafOf = (issuer: TestCertificate, extensions: readonly object[] = []) =>
    issueCertificate({ name: "origin.test", issuer, hosts: ["origin.test"], extensions });
  const stranger = issueCertificate({ name: "Foreign Root CA", isCa: true });
  const strangers2 = issueCertificate({ name: "Foreign Servers", issuer: stranger, isCa: true });
  const named = issueCertificate({ name: "Elsewhere Issuing CA 2", issuer: stranger, isCa: true });
  const plain = issueCertificate({
    name: "Elsewhere Machines",
    organisation: "DigiCert Inc",
    issuer: stranger,
    isCa: true,
  });
  const aia = issuerAddress("http://pki.house.test/servers.cer");

  test.each([
    ["the leaf alone, its root is trusted", leafOf(intermediate).cert, "intermediate-missing"],
    ["the leaf alone, with the address of its issuer", leafOf(strangers2, [aia]).cert, "intermediate-missing"],
    ["the leaf alone, of an issuing CA", leafOf(named).cert, "intermediate-missing"],
    ["the leaf alone, of an organisation whose root is trusted", leafOf(plain).cert, "intermediate-missing"],
    ["the leaf and the root, but not what is between", leafOf(intermediate).cert + root.cert, "intermediate-missing"],
    ["a leaf of an unknown root alone", leafOf(stranger).cert, "unknown-ca"],
    ["the whole chain to an unknown root", leafOf(strangers2).cert + strangers2.cert + stranger.cert, "unknown-ca"],
    ["the chain to an unknown root without it", leafOf(strangers2).cert + strangers2.cert, "unknown-ca"],
  ])("%s", async (_, cert, cause) => {
    const target = await startTarget({ key: leafOf(root).key, cert });
    const { call, rejected } = await inFrontOf(target);
    expect(await call()).toMatch(/^HTTP\/1.1 502 /);
    const event = await rejected();
    expect(event).toMatchObject({ cause, port: 443 });
    expect(/intermediate/.test(event.reason)).toBe(cause === "intermediate-missing");
  });

  test("the next connection passes through, so that a client that finds the intermediate itself works", async () => {
    const leaf = leafOf(intermediate, [aia]);
    const target = await startTarget({ key: leaf.key, cert: leaf.cert }, (socket) => {
      socket.once("data", () => socket.end(answer));
    });
    const { call, tunnels } = await inFrontOf(target);
    expect(await call()).toMatch(/^HTTP\/1.1 502 /);
    // As Windows does it: the client has the intermediate, and builds the chain.
    expect(await call(root.cert + intermediate.cert)).toContain("hello");
    // A client that cannot build it is not protected less than without the proxy.
    expect(await call(root.cert)).toMatch(/^broken: UNABLE_TO_VERIFY_LEAF_SIGNATURE/);
    expect(tunnels()).toEqual(["target-tls-fails", "target-tls-fails"]);
  });

  test("without automatic pass-through the target stays refused", async () => {
    const leaf = leafOf(intermediate);
    const target = await startTarget({ key: leaf.key, cert: leaf.cert });
    const { call, tunnels } = await inFrontOf(target, { autoPassthrough: false });
    for (const _ of [1, 2]) expect(await call()).toMatch(/^HTTP\/1.1 502 /);
    expect(tunnels()).toEqual([]);
  });
});

describe("a target that speaks HTTP/2 only", () => {
  const tls = { key: direct.key, cert: direct.cert };

  test("it refuses HTTP/1.1 in the handshake: named at once, and the next client speaks HTTP/2 with it", async () => {
    const server = createSecureServer(tls, (_, response) => {
      response.end("over HTTP/2");
    });
    const target = await listen(server);
    const { call, rejected, tunnels, forward } = await inFrontOf(target);
    expect(await call()).toMatch(/^HTTP\/1.1 502 /);
    expect(await rejected()).toMatchObject({
      ...{ cause: "http2-only", host: "origin.test", port: 443 },
      reason: expect.stringContaining("HTTP/2 only"),
    });
    const { socket } = await sendConnect(forward, "origin.test:443");
    const session = connectHttp2("https://origin.test", {
      createConnection: () => connect({ socket, servername: "origin.test", ca: root.cert, ALPNProtocols: ["h2"] }),
    });
    onTestFinished(() => session.destroy());
    const request = session.request({ ":path": "/" });
    let got = "";
    for await (const piece of request) got += String(piece);
    expect(got).toBe("over HTTP/2");
    expect(tunnels()).toEqual(["target-needs-http2"]);
  });

  test.each([
    ["SETTINGS before the request", "000000040000000000", false],
    ["SETTINGS and GOAWAY after it", "00000604000000000000030000006400000807000000000000000000000001", true],
  ])("it ignores ALPN and sends %s", async (_, frames, isAfter) => {
    const target = await startTarget(tls, (socket) => {
      const send = (): unknown => socket.end(Buffer.from(frames, "hex"));
      if (isAfter) socket.once("data", send);
      else send();
    });
    const { call, rejected } = await inFrontOf(target);
    await call();
    expect(await rejected()).toMatchObject({ cause: "http2-only", port: 443 });
  });

  test("it takes the handshake without a protocol and closes, as nghttpd does: it is asked once", async () => {
    let asked = 0;
    const closing = await startTarget(tls, (socket) => socket.once("data", () => socket.end()));
    const serving = await startTarget({ ...tls, ALPNProtocols: ["h2"] }, () => {
      asked += 1;
    });
    // Node's own servers refuse a client without h2 by an alert: one of two is chosen by what the ClientHello offers.
    const front = createTcpServer((socket) => {
      socket.once("data", (hello: Buffer) => {
        const { host, port } = hello.includes("\x02h2", 0, "latin1") ? serving : closing;
        const behind = connectTcp(port, host).on("error", () => socket.destroy());
        behind.write(hello);
        socket.pipe(behind).pipe(socket);
      });
    });
    const target = await listen(front);
    const { call, rejected } = await inFrontOf(target, { autoPassthrough: false });
    await call();
    expect(await rejected()).toMatchObject({ cause: "http2-only" });
    await call();
    expect(asked).toBe(1);
  });
});
