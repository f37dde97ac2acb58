import { connect } from "node:net";
import { expect, test } from "vitest";
import { startProxy } from "../../src/proxy/start-proxy.ts";
import { openThrough, openTls, readAll, readUntil, sendConnect } from "../support/proxy-client.ts";
import { startHttpsOrigin, startTcpOrigin } from "../support/proxy-origin.ts";
import { startTestProxy } from "../support/proxy-start.ts";

const get = "GET /a?b HTTP/1.1\r\nHost: origin.test\r\nX-Case: 1\r\n\r\n";

test("a request through the forward listener reaches its host and is recorded", async () => {
  const origin = await startHttpsOrigin(["origin.test"], (request, response) => {
    response.setHeader("WWW-Authenticate", ["Bearer client_id=x", "NTLM"]);
    response.end(`seen ${request.headers["x-case"]}`);
  });
  const { forward, authority, transactions } = await startTestProxy({
    upstreamCa: [origin.rootPem],
    resolve: new Map([["origin.test:443", origin]]),
  });
  const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
  client.write(get);
  expect(await readUntil(client, "seen 1")).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  client.end();
  const [only] = await transactions(1);
  expect(only).toMatchObject({
    id: "t1",
    connection: "c1",
    scheme: "https",
    host: "origin.test",
    port: 443,
    failure: null,
    request: { method: "GET", target: "/a?b" },
    response: { status: 200, reason: "OK" },
  });
  expect(only?.response?.headers.filter(([name]) => name === "WWW-Authenticate").map(([, value]) => value)).toEqual([
    "Bearer client_id=x",
    "NTLM",
  ]);
  expect(Buffer.from(only?.response?.body.bytes ?? []).toString()).toBe("seen 1");
});

test("a request through the reverse listener reaches the one target", async () => {
  const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello"));
  const { reverse, authority, transactions } = await startTestProxy({
    target: { host: "origin.test", port: 443 },
    upstreamCa: [origin.rootPem],
    resolve: new Map([["origin.test:443", origin]]),
  });
  const client = await openTls(reverse, { ca: authority.certificatePem, servername: "origin.test" });
  client.write(get);
  expect(await readUntil(client, "hello")).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(await transactions(1)).toMatchObject([{ host: "origin.test", response: { status: 200 } }]);
});

test("a host out of scope is tunnelled byte for byte and only named", async () => {
  const origin = await startTcpOrigin((socket) => {
    socket.pipe(socket);
  });
  const { forward, event } = await startTestProxy();
  const { socket, answer } = await sendConnect(forward, `127.0.0.1:${origin.port}`);
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
  socket.end(bytes);
  expect((await readAll(socket)).equals(bytes)).toBe(true);
  expect(await event(({ kind }) => kind === "tunnel")).toMatchObject({ reason: "out-of-scope", port: origin.port });
});

test("a taken port is a ToolError with a hint, and no listener is left", async () => {
  const first = await startTestProxy();
  const { port } = first.forward;
  const free = await startTestProxy();
  const freePort = free.forward.port;
  await free.proxy.stop();
  const options = { ...emptyOptions, authority: first.authority };
  const listen = (wanted: number) => ({ host: "127.0.0.1", port: wanted });
  await expect(startProxy({ ...options, forward: [listen(freePort), listen(port)] })).rejects.toMatchObject({
    code: "port-in-use",
    hint: expect.stringContaining("port"),
  });
  await expect(opens(freePort)).resolves.toBe(false);
});

test("stop ends idle connections at once and the events after the last one", async () => {
  const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello"));
  const { proxy, forward, authority, transactions } = await startTestProxy({
    upstreamCa: [origin.rootPem],
    resolve: new Map([["origin.test:443", origin]]),
    limits: { stopMs: 600_000 },
  });
  const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
  client.write(get);
  await readUntil(client, "hello");
  await transactions(1);
  await proxy.stop();
  expect(await opens(forward.port)).toBe(false);
});

const emptyOptions = {
  forward: [],
  reverse: [],
  scope: [],
  deny: [],
  upstreamCa: [],
  resolve: new Map(),
  insecureUpstream: [],
  autoPassthrough: false,
};

function opens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
