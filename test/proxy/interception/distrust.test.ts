// Which clients fail under our hands, why, and from when on they pass through: decided by what they do, for each program apart.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import { buildTestCertificate } from "../../support/proxy-certificates.ts";
import { openTcp, readUntil, sendConnect } from "../../support/proxy-client.ts";
import { startHttpsOrigin } from "../../support/proxy-origin.ts";
import { startTestProxy, type TestProxy } from "../../support/proxy-start.ts";

const host = "origin.test";
const get = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

interface Files {
  /** PEM of the inspection CA and of the origin's root. */
  readonly both: string;
  readonly origin: string;
}

type Watched = TestProxy & { readonly files: Files; readonly rootPem: string };

async function startWatched(options: Parameters<typeof startTestProxy>[0] = {}): Promise<Watched> {
  const origin = await startHttpsOrigin([host], (_, response) => response.end("hello"));
  const proxied = await startTestProxy({
    target: { host, port: 443 },
    upstreamCa: [origin.rootPem],
    resolve: new Map([[`${host}:443`, origin]]),
    autoPassthrough: true,
    ...options,
  });
  const folder = mkdtempSync(join(tmpdir(), "realmscope-distrust-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = { both: join(folder, "both.pem"), origin: join(folder, "origin.pem") };
  writeFileSync(files.both, proxied.authority.certificatePem + origin.rootPem);
  writeFileSync(files.origin, origin.rootPem);
  return { ...proxied, files, rootPem: origin.rootPem };
}

async function run(program: string, args: readonly string[], variables: Record<string, string> = {}): Promise<string> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, ...variables } });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => {
    output += bytes.toString("latin1");
  });
  await once(child, "close");
  return output;
}

/** The body that curl gets through CONNECT; empty when it fails. */
function curl({ forward }: Watched, trust: string): Promise<string> {
  return run("curl", [
    "-s",
    "-m",
    "9",
    "--cacert",
    trust,
    "-x",
    `http://127.0.0.1:${forward.port}`,
    `https://${host}/`,
  ]);
}

const nodeCall = `
  const [port, host] = process.argv.slice(1);
  require("http").request({ port, method: "CONNECT", path: host + ":443" }).on("connect", (_, socket) => {
    require("https").get({ socket, host, agent: false }, (answer) => answer.pipe(process.stdout)).on("error", () => socket.destroy());
  }).end();`;

function node({ forward }: Watched, trust: string): Promise<string> {
  return run(process.execPath, ["-e", nodeCall, String(forward.port), host], { NODE_EXTRA_CA_CERTS: trust });
}

/** As .NET on Linux refuses a certificate: after its Finished, by the end of the TCP connection, without an alert. */
async function leaveSilently(watched: Watched): Promise<void> {
  const leave = await openSilently(watched);
  await leave();
}

async function openSilently({ forward }: Watched): Promise<() => Promise<void>> {
  const { socket } = await sendConnect(forward, `${host}:443`);
  const tls = connectTls({ socket, servername: host, rejectUnauthorized: false });
  tls.on("error", () => undefined);
  await once(tls, "secureConnect");
  await once(tls, "session");
  return async () => {
    socket.end();
    await once(tls.resume(), "end");
  };
}

/** The same program, which sends a request. */
async function speak({ forward }: Watched): Promise<string> {
  const { socket } = await sendConnect(forward, `${host}:443`);
  const tls = connectTls({ socket, servername: host, rejectUnauthorized: false });
  await once(tls, "secureConnect");
  tls.write(get);
  return readUntil(tls, "hello");
}

const kinds = (events: readonly CaptureEvent[], kind: CaptureEvent["kind"]): readonly CaptureEvent[] =>
  events.filter((event) => event.kind === kind);

test("curl without the CA is named by its alert, and served from the fourth call on", async () => {
  const watched = await startWatched();
  const answers: string[] = [];
  for (let count = 0; count < 5; count += 1) answers.push(await curl(watched, watched.files.origin));
  expect(answers).toEqual(["", "", "", "hello", "hello"]);
  await watched.stopped();
  expect(kinds(watched.seen, "tls-rejected")).toHaveLength(3);
  expect(watched.seen[0]).toMatchObject({
    ...{ kind: "tls-rejected", side: "client", host, port: 443, cause: "distrust", certificate: "run-ca" },
    ...{
      hello: { program: "openssl" },
      reason: expect.stringContaining("the client does not trust the inspection CA"),
    },
  });
  expect(kinds(watched.seen, "tunnel")).toMatchObject(
    Array.from({ length: 2 }, () => ({ reason: "client-distrusts-ca", hello: { program: "openssl" } })),
  );
});

test("Node without the CA leaves before its Finished, is named and served from the fourth call on", async () => {
  const watched = await startWatched();
  const answers: string[] = [];
  for (let count = 0; count < 5; count += 1) answers.push(await node(watched, watched.files.origin));
  expect(answers).toEqual(["", "", "", "hello", "hello"]);
  await watched.stopped();
  expect(kinds(watched.seen, "tls-rejected")).toMatchObject(
    Array.from({ length: 3 }, () => ({ cause: "left-in-handshake", hello: { program: "node" } })),
  );
  expect(kinds(watched.seen, "tunnel")).toMatchObject(
    Array.from({ length: 2 }, () => ({ reason: "client-distrusts-ca" })),
  );
});

test("at one address a trusting program is read for as long as another one distrusts", async () => {
  const watched = await startWatched();
  for (let count = 0; count < 4; count += 1) {
    expect(await curl(watched, watched.files.both)).toBe("hello");
    expect(await node(watched, watched.files.origin)).toBe(count < 3 ? "" : "hello");
  }
  expect(await watched.transactions(4)).toHaveLength(4);
});

test("of one program with and without the CA, the failures pass once they outnumber the successes", async () => {
  const watched = await startWatched();
  for (let count = 0; count < 2; count += 1) expect(await curl(watched, watched.files.both)).toBe("hello");
  const answers: string[] = [];
  for (let count = 0; count < 4; count += 1) answers.push(await curl(watched, watched.files.origin));
  expect(answers).toEqual(["", "", "", "hello"]);
});

describe("a program that leaves after its Finished without a word", () => {
  test("is named, and passes through when it speaks over the target's certificate", async () => {
    const watched = await startWatched();
    for (let count = 0; count < 3; count += 1) await leaveSilently(watched);
    await speak(watched);
    await watched.event(({ kind }) => kind === "tunnel");
    expect(watched.seen.map(({ kind }) => kind)).toEqual(["tls-rejected", "tls-rejected", "tls-rejected", "tunnel"]);
    expect(watched.seen[0]).toMatchObject({ cause: "left-without-request", hello: { program: "node" } });
    expect(watched.seen[3]).toMatchObject({ reason: "client-leaves" });
  });

  test("is named within seconds when it does not come again", async () => {
    const watched = await startWatched();
    await leaveSilently(watched);
    expect(await watched.event(({ kind }) => kind === "tls-rejected")).toMatchObject({ cause: "left-without-request" });
  });

  test("is a health check when it leaves the target's certificate in the same way: one count, no failure", async () => {
    const watched = await startWatched();
    for (let count = 0; count < 20; count += 1) await leaveSilently(watched);
    await speak(watched);
    await watched.transactions(1);
    for (let count = 0; count < 20; count += 1) await leaveSilently(watched);
    await watched.stopped();
    expect(watched.seen.filter(({ kind }) => kind !== "transaction")).toMatchObject([
      { kind: "probes", client: "127.0.0.1", host, connects: 0, handshakes: 40 },
    ]);
  });

  test("is named each time, and never passed, when that is wanted", async () => {
    const watched = await startWatched({ autoPassthrough: false });
    for (let count = 0; count < 5; count += 1) await leaveSilently(watched);
    await speak(watched);
    await watched.transactions(1);
    await watched.stopped();
    expect(kinds(watched.seen, "tls-rejected")).toHaveLength(5);
    expect(kinds(watched.seen, "tunnel")).toEqual([]);
  });
});

test("spare connections of a program that speaks on another one meanwhile are no failures", async () => {
  const watched = await startWatched();
  const spares: (() => Promise<void>)[] = [];
  for (let count = 0; count < 5; count += 1) spares.push(await openSilently(watched));
  await speak(watched);
  for (const leave of spares) await leave();
  await speak(watched);
  await watched.transactions(2);
  await watched.stopped();
  expect(watched.seen.filter(({ kind }) => kind !== "transaction")).toMatchObject([{ kind: "probes", handshakes: 5 }]);
});

test("a listener with the server's own certificate speaks of it, and passes to the target after repeats", async () => {
  const own = buildTestCertificate({ hosts: [host], isSelfSigned: true });
  const loopback = { host: "127.0.0.1", port: 0 };
  const watched = await startWatched({
    reverse: [{ listen: loopback, target: { host, port: 443 }, tls: { key: own.key, cert: own.cert } }],
  });
  const call = (): Promise<string> =>
    run("curl", [
      ...["-s", "-m", "9", "--cacert", watched.files.origin],
      ...["--connect-to", `${host}:443:127.0.0.1:${watched.reverse.port}`, `https://${host}/`],
    ]);
  const answers: string[] = [];
  for (let count = 0; count < 4; count += 1) answers.push(await call());
  expect(answers).toEqual(["", "", "", "hello"]);
  await watched.stopped();
  const [first] = watched.seen;
  expect(first).toMatchObject({ cause: "distrust", certificate: "own" });
  expect(JSON.stringify(watched.seen)).not.toContain("inspection CA");
  expect(watched.seen.at(-1)).toMatchObject({ kind: "tunnel", reason: "client-distrusts-ca", host, port: 443 });
});

/** A target that speaks HTTP/2, and a client that speaks nothing else. */
async function startHttp2(autoPassthrough: boolean) {
  const certificate = buildTestCertificate({ hosts: [host] });
  const server = createSecureServer({ key: certificate.key, cert: certificate.cert }, (_, response) =>
    response.end("two"),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const place = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  const watched = await startWatched({ resolve: new Map([[`${host}:443`, place]]), autoPassthrough });
  const trust = join(tmpdir(), `realmscope-h2-${process.pid}.pem`);
  writeFileSync(trust, certificate.rootPem);
  onTestFinished(() => rmSync(trust));
  const program = `
    const [port, host] = process.argv.slice(1);
    require("http").request({ port, method: "CONNECT", path: host + ":443" }).on("connect", (_, socket) => {
      const tls = require("tls").connect({ socket, servername: host, ALPNProtocols: ["h2"] }, () => {
        const session = require("http2").connect("https://" + host, { createConnection: () => tls });
        const request = session.request({ ":path": "/" });
        request.on("data", (bytes) => process.stdout.write(bytes)).on("end", () => session.close());
      }).on("error", () => socket.destroy());
    }).end();`;
  const call = (): Promise<string> =>
    run(process.execPath, ["-e", program, String(watched.forward.port), host], { NODE_EXTRA_CA_CERTS: trust });
  return { ...watched, call };
}

test("a client that offers HTTP/2 only is served from its first call on, unread and named", async () => {
  const { call, stopped, seen } = await startHttp2(true);
  expect([await call(), await call()]).toEqual(["two", "two"]);
  await stopped();
  expect(seen).toMatchObject(
    Array.from({ length: 2 }, () => ({ kind: "tunnel", reason: "client-needs-http2", hello: { program: "node" } })),
  );
});

test("without automatic pass-through a client that offers HTTP/2 only fails by that name", async () => {
  const { call, event } = await startHttp2(false);
  expect(await call()).toBe("");
  expect(await event(({ kind }) => kind === "tls-rejected")).toMatchObject({
    ...{ cause: "no-http1", hello: { program: "node" }, reason: expect.stringContaining("does not offer HTTP/1.1") },
  });
});

test.each([
  ["versions", ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]],
  ["ciphers", ["-tls1_2", "-cipher", "NULL-SHA256:@SECLEVEL=0"]],
])("a client whose %s this proxy cannot serve passes through after three failures", async (cause, args) => {
  const watched = await startWatched();
  const call = (): Promise<string> =>
    run("openssl", ["s_client", "-connect", `127.0.0.1:${watched.reverse.port}`, "-servername", host, ...args]);
  for (let count = 0; count < 4; count += 1) await call();
  await watched.event(({ kind }) => kind === "tunnel");
  expect(watched.seen).toMatchObject([
    ...Array.from({ length: 3 }, () => ({ kind: "tls-rejected", cause })),
    { kind: "tunnel", reason: "client-needs-other-tls" },
  ]);
});

test("a request to the port of TLS is a client without TLS", async () => {
  const watched = await startWatched();
  const socket = await openTcp(watched.reverse);
  socket.on("error", () => undefined).write(get);
  expect(await watched.event(({ kind }) => kind === "tls-rejected")).toMatchObject({
    cause: "not-tls",
    side: "client",
  });
});
