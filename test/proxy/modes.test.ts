// The ways in and out: listeners by address family, the server's own certificate, names or none, another proxy behind us.
import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import forge from "node-forge";
import { describe, expect, onTestFinished, test } from "vitest";
import { createScope, defaultScope } from "../../src/proxy/connections/scope.ts";
import { startProxy } from "../../src/proxy/start-proxy.ts";
import { buildTestCertificate, type TestCertificate } from "../support/proxy-certificates.ts";
import { openTcp, openThrough, openTls, readAll, readUntil, sendConnect } from "../support/proxy-client.ts";
import { distrustfulHandshake } from "../support/proxy-handshake.ts";
import { startHttpsOrigin, startTcpOrigin } from "../support/proxy-origin.ts";
import { startTestProxy } from "../support/proxy-start.ts";

const get = "GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n";
const target = { host: "origin.test", port: 443 };
const loopback = { host: "127.0.0.1", port: 0 };

async function helloOrigin(hosts: readonly string[] = ["origin.test"]) {
  const origin = await startHttpsOrigin(hosts, (_, response) => response.end("hello"));
  return { upstreamCa: [origin.rootPem], resolve: new Map([["origin.test:443", origin]]), origin };
}

/** The certificate with its key as PKCS #12, as an administrator exports it. */
function pfxOf({ key, cert }: TestCertificate, passphrase: string): Buffer {
  const [privateKey, certificate] = [forge.pki.privateKeyFromPem(key), forge.pki.certificateFromPem(cert)];
  const asn1 = forge.pkcs12.toPkcs12Asn1(privateKey, certificate, passphrase, { algorithm: "aes256" });
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), "binary");
}

describe("a reverse listener with the server's own certificate", () => {
  const own = buildTestCertificate({ hosts: ["origin.test"] });

  test.each([
    ["as PEM", { key: own.key, cert: own.cert }],
    ["as PFX", { pfx: pfxOf(own, "open"), passphrase: "open" }],
  ])(
    "%s shows that certificate, whatever name is asked for or none, so that channel bindings stay whole",
    async (_, tls) => {
      const { origin, ...route } = await helloOrigin();
      const { reverse } = await startTestProxy({ ...route, reverse: [{ listen: loopback, target, tls }] });
      for (const servername of ["origin.test", "other.test", ""]) {
        const client = await openTls(reverse, { ca: own.rootPem, servername, checkServerIdentity: () => undefined });
        expect(client.getPeerX509Certificate()?.fingerprint256).toBe(new X509Certificate(own.cert).fingerprint256);
        client.write(get);
        await readUntil(client, "hello");
      }
    },
  );

  test.each([
    ["another key", { key: buildTestCertificate({ hosts: ["x.test"] }).key.replace("MII", "MIJ"), cert: own.cert }],
    ["a wrong pass-phrase", { pfx: pfxOf(own, "open"), passphrase: "shut" }],
  ])("with %s it does not start, and says so without the secret", async (_, tls) => {
    const { proxy, authority } = await startTestProxy();
    await proxy.stop();
    const options = { forward: [], scope: ["origin.test"], deny: [], upstreamCa: [], resolve: new Map() };
    const started = startProxy({
      ...options,
      ...{ reverse: [{ listen: loopback, target, tls }], authority, insecureUpstream: [], autoPassthrough: false },
    });
    await expect(started).rejects.toMatchObject({ code: "certificate-unusable" });
    await expect(started).rejects.not.toMatchObject({ message: expect.stringMatching(/open|shut|KEY/) });
  });
});

describe("names and addresses", () => {
  test("a reverse listener with a leaf serves clients with SNI, without, and with another name", async () => {
    const { origin, ...route } = await helloOrigin();
    const { reverse, authority } = await startTestProxy({ ...route, target });
    for (const [servername, named] of [
      ["origin.test", "DNS:origin.test"],
      ["sub.origin.test", "DNS:sub.origin.test"],
      ["elsewhere.test", "DNS:origin.test"],
      ["", "DNS:origin.test"],
    ] as const) {
      const ca = authority.certificatePem;
      const client = await openTls(reverse, { ca, servername, checkServerIdentity: () => undefined });
      expect(client.getPeerCertificate().subjectaltname, servername).toBe(named);
      client.write(get);
      await readUntil(client, "hello");
    }
  });

  test.each(["127.0.0.1", "::1"])("both kinds of listeners work on %s", async (host) => {
    const { origin, ...route } = await helloOrigin();
    const listen = { host, port: 0 };
    const { forward, reverse, authority } = await startTestProxy({
      ...route,
      forward: [listen],
      reverse: [{ listen, target }],
    });
    expect([forward.address, reverse.address]).toEqual([host, host]);
    const ca = authority.certificatePem;
    for (const client of [
      await openThrough(forward, "origin.test:443", { ca }),
      await openTls(reverse, { ca, servername: "origin.test" }),
    ]) {
      client.write(get);
      await readUntil(client, "hello");
    }
  });

  test("a reverse listener's target may be an IPv6 literal", async () => {
    const origin = await startHttpsOrigin(["::1"], (_, response) => response.end("hello"));
    const { reverse, authority, transactions } = await startTestProxy({
      scope: ["[::1]"],
      target: { host: "::1", port: origin.port },
      upstreamCa: [origin.rootPem],
      resolve: new Map([[`[::1]:${origin.port}`, origin]]),
    });
    const ca = authority.certificatePem;
    const client = await openTls(reverse, { ca, servername: "", checkServerIdentity: () => undefined });
    client.write(get);
    await readUntil(client, "hello");
    expect((await transactions(1))[0]).toMatchObject({ host: "::1", port: origin.port });
  });

  test("any number of listeners work in one run, and their connections are told apart", async () => {
    const { origin, ...route } = await helloOrigin();
    const reverse = { listen: loopback, target };
    const { proxy, authority, transactions } = await startTestProxy({
      ...route,
      forward: [loopback, loopback],
      reverse: [reverse, reverse],
    });
    expect(new Set(proxy.listeners.map(({ port }) => port)).size).toBe(4);
    const ca = authority.certificatePem;
    for (const listener of proxy.listeners) {
      const client =
        listener.kind === "forward"
          ? await openThrough(listener, "origin.test:443", { ca })
          : await openTls(listener, { ca, servername: "origin.test" });
      client.write(get);
      await readUntil(client, "hello");
    }
    expect(new Set((await transactions(4)).map(({ connection }) => connection)).size).toBe(4);
  });
});

describe("scope", () => {
  test.each([
    ["mail.contoso.com", "mail.contoso.com", 443, true],
    ["mail.contoso.com", "x.mail.contoso.com", 443, false],
    ["*.contoso.com", "mail.contoso.com", 8443, true],
    ["*.contoso.com", "contoso.com", 443, false],
    ["*.contoso.com", "evilcontoso.com", 443, false],
    ["MAIL.Contoso.com.", "mail.contoso.com", 443, true],
    ["mail.contoso.com:8443", "mail.contoso.com", 443, false],
    ["192.0.2.7", "192.0.2.7", 443, true],
    ["[2001:DB8::7]", "2001:db8::7", 443, true],
  ])("%s covers %s:%i: %s", (pattern, host, port, covered) => {
    expect(createScope([pattern]).covers(host, port)).toBe(covered);
  });

  test.each(["", "*", "*.", "a b", "*.*.com", "http://x", "127.1", "x:0", "x:99999", "*.192.0.2.7"])(
    "%j is no pattern",
    (pattern) => {
      expect(() => createScope([pattern])).toThrow(expect.objectContaining({ code: "host-pattern" }));
    },
  );

  test.each([
    "outlook.office365.com",
    "autodiscover-s.outlook.com",
    "webdir.online.lync.com",
    "api.skypeforbusiness.lync.com",
    "accounts.accesscontrol.windows.net",
    "login.windows.net",
    "login.microsoftonline.com",
    // field-2026 §6: Microsoft Graph, and every host of the other clouds.
    "graph.microsoft.com",
    "outlook.office.com",
    "outlook.cloud.microsoft",
    "login.microsoftonline.us",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "autodiscover-s.office365.us",
    "autodiscover-s-dod.office365.us",
    "webmail.apps.mil",
    "outlook.office365-net.us",
    "login.partner.microsoftonline.cn",
    "microsoftgraph.chinacloudapi.cn",
    "partner.outlook.cn",
    "login.sovcloud-identity.fr",
    "graph.svc.sovcloud.de",
    "autodiscover-s.outlook.sovcloud.fr",
  ])("the default covers %s", (host) => {
    expect(createScope(defaultScope).covers(host, 443)).toBe(true);
  });

  test.each(["www.bank.example", "graph.microsoft.com.evil.test", "outlook.com"])(
    "the default leaves %s alone",
    (host) => {
      expect(createScope(defaultScope).covers(host, 443)).toBe(false);
    },
  );

  test("hosts out of scope are reached at the allowed ports only; opened ones and targets at theirs", async () => {
    const origin = await startTcpOrigin((socket) => socket.pipe(socket));
    const resolve = new Map(["elsewhere.test:443", "elsewhere.test:25"].map((place) => [place, origin]));
    const { forward, event } = await startTestProxy({ ports: [80, 443], resolve });
    expect((await sendConnect(forward, "elsewhere.test:443")).answer).toMatch(/^HTTP\/1.1 200 /);
    expect((await sendConnect(forward, "elsewhere.test:25")).answer).toMatch(/^HTTP\/1.1 403 /);
    const plain = await openTcp(forward);
    plain.write("GET http://elsewhere.test:25/ HTTP/1.1\r\nHost: elsewhere.test:25\r\n\r\n");
    expect(await readUntil(plain, "\r\n")).toBe("HTTP/1.1 403 Forbidden\r\n");
    expect(await event(({ kind }) => kind === "refused")).toMatchObject({ reason: "the target is not allowed" });
    const { origin: secure, upstreamCa } = await helloOrigin();
    const inScope = await startTestProxy({ ports: [], upstreamCa, resolve: new Map([["origin.test:8443", secure]]) });
    const ca = inScope.authority.certificatePem;
    await openThrough(inScope.forward, "origin.test:8443", { ca });
  });

  test("without automatic pass-through a distrusted host goes on being opened", async () => {
    const { origin, ...route } = await helloOrigin();
    const { forward, authority, seen } = await startTestProxy({ ...route, autoPassthrough: false });
    for (let count = 0; count < 5; count += 1) await distrustfulHandshake(forward, "origin.test:443");
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    client.write(get);
    await readUntil(client, "hello");
    expect(seen.some(({ kind }) => kind === "tunnel")).toBe(false);
  });
});

describe("another proxy behind", () => {
  /** A small CONNECT proxy that keeps what it was asked. */
  async function startBehind(origin: { host: string; port: number }, wanted: string | null) {
    const asked: string[] = [];
    const { connect } = await import("node:net");
    const behind = await startTcpOrigin((socket) => {
      void readUntil(socket, "\r\n\r\n").then((head) => {
        asked.push(head);
        if (wanted !== null && !head.includes(`Proxy-Authorization: ${wanted}\r\n`)) {
          socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n");
          return;
        }
        const upstream = connect(origin);
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(upstream).pipe(socket);
        upstream.on("error", () => socket.destroy());
      });
    });
    return { behind, asked };
  }

  test("targets are reached through it by name, with its credentials, which no target and no client sees", async () => {
    let received = "";
    const origin = await startHttpsOrigin(["origin.test"], (request, response) => {
      received = JSON.stringify(request.rawHeaders);
      response.end("hello");
    });
    const wanted = `Basic ${Buffer.from("user:pässword").toString("base64")}`;
    const { behind, asked } = await startBehind(origin, wanted);
    const { forward, authority, seen } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      upstreamProxy: { host: behind.host, port: behind.port, credentials: "user:pässword" },
    });
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    client.write(get);
    await readUntil(client, "hello");
    expect(asked[0]).toMatch(/^CONNECT origin\.test:443 HTTP\/1\.1\r\nHost: origin\.test:443\r\n/);
    expect(received).not.toContain("Proxy-");
    expect(JSON.stringify(seen)).not.toContain(wanted.slice(6));
  });

  test("when it asks for other credentials, the client gets a 502 and the event says why", async () => {
    const { origin } = await helloOrigin();
    const { behind } = await startBehind(origin, "Basic nothing");
    const { forward, event } = await startTestProxy({
      upstreamProxy: { host: behind.host, port: behind.port, credentials: null },
    });
    expect((await sendConnect(forward, "origin.test:443")).answer).toMatch(/^HTTP\/1.1 502 /);
    expect(await event(({ kind }) => kind === "upstream-failed")).toMatchObject({
      reason: "the upstream proxy asks for other credentials (status 407)",
    });
  });
});

describe("the key log", () => {
  test("it is created anew, its owner's alone, and holds the secrets of both sides for Wireshark", async () => {
    const folder = mkdtempSync(join(tmpdir(), "realmscope-keylog-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const keylogFile = join(folder, "keys.txt");
    const { origin, ...route } = await helloOrigin();
    const { proxy, forward, authority } = await startTestProxy({ ...route, keylogFile });
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    client.write(get);
    await readUntil(client, "hello");
    client.destroy();
    await proxy.stop();
    if (process.platform !== "win32") expect(statSync(keylogFile).mode & 0o777).toBe(0o600);
    const lines = readFileSync(keylogFile, "latin1").trim().split("\n");
    // https://www.ietf.org/archive/id/draft-ietf-tls-keylogfile: label, client random, secret.
    for (const line of lines) expect(line).toMatch(/^[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]{64,96}$/);
    expect(new Set(lines.map((line) => line.split(" ")[1])).size).toBe(2);
    const again = startTestProxy({ keylogFile });
    await expect(again).rejects.toMatchObject({ code: "keylog-exists" });
  });

  test("without being asked for there is none", async () => {
    const { origin, ...route } = await helloOrigin();
    const { forward, authority } = await startTestProxy(route);
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    client.write(get);
    await readUntil(client, "hello");
    expect(existsSync(process.env.SSLKEYLOGFILE ?? "no-such-file")).toBe(false);
  });
});

test("a listener is bound to the address it was given and no other", async () => {
  const { forward } = await startTestProxy();
  expect(forward.address).toBe("127.0.0.1");
  // The same port of another loopback address is still free.
  const other = createServer();
  await new Promise<void>((resolve, reject) => {
    other.once("error", reject).listen(forward.port, "127.0.0.2", resolve);
  });
  await new Promise((resolve) => other.close(resolve));
  expect((await readAll(await goodbye(forward))).toString()).toMatch(/^HTTP\/1.1 400 /);
});

async function goodbye(place: { address: string; port: number }) {
  const client = await openTcp(place);
  client.end("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  return client;
}
