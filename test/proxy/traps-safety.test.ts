// The traps of http-mitm-proxy 1.1.0 that endanger the machine or its users, S1 to S13, each held against our listeners.
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createAuthority, saveAuthority } from "../../src/proxy/certificates/certificate-authority.ts";
import { openTcp, openThrough, openTls, readAll, readUntil, sendConnect } from "../support/proxy-client.ts";
import { askWho, logOn, ntlmHandler } from "../support/proxy-ntlm.ts";
import { startHttpsOrigin, startTcpOrigin } from "../support/proxy-origin.ts";
import { startHttpOrigin } from "../support/proxy-plain.ts";
import { startTestProxy } from "../support/proxy-start.ts";

const target = { host: "origin.test", port: 443 };
const hello = "GET / HTTP/1.1\r\nHost: origin.test\r\nConnection: close\r\n\r\n";

/** A proxy in front of an HTTPS and an HTTP origin that know identities by connection, with one opener for each way in. */
async function startNtlmWays() {
  const [secure, plain] = [
    await startHttpsOrigin(["origin.test"], ntlmHandler()),
    await startHttpOrigin(ntlmHandler()),
  ];
  const proxied = await startTestProxy({
    target,
    upstreamCa: [secure.rootPem],
    resolve: new Map([
      ["origin.test:443", secure],
      ["origin.test:80", plain],
    ]),
  });
  const ca = proxied.authority.certificatePem;
  const ways: Readonly<Record<string, { open(): Promise<Socket>; readonly target: string }>> = {
    "forward, opened": { open: () => openThrough(proxied.forward, "origin.test:443", { ca }), target: "/" },
    reverse: { open: () => openTls(proxied.reverse, { ca, servername: "origin.test" }), target: "/" },
    "forward, http://": { open: () => openTcp(proxied.forward), target: "http://origin.test/" },
  };
  return ways;
}

/** Still answers, for whoever asks next. */
async function expectAlive(): Promise<void> {
  const origin = await startHttpOrigin((_, response) => response.end("alive"));
  const { forward } = await startTestProxy({ resolve: new Map([["origin.test:80", origin]]) });
  const client = await openTcp(forward);
  client.write("GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nConnection: close\r\n\r\n");
  expect((await readAll(client)).toString()).toContain("alive");
}

test("S1 no client gets the identity of another, by no way in", async () => {
  for (const [name, way] of Object.entries(await startNtlmWays())) {
    const alice = await way.open();
    expect(await logOn(alice, way.target, "alice"), name).toEqual(["alice", "alice"]);
    const stranger = await way.open();
    expect(await askWho(stranger, way.target, null), name).toMatch(/^HTTP\/1.1 401 .*user=nobody;$/s);
    alice.destroy();
    const later = await way.open();
    expect(await askWho(later, way.target, null), name).toMatch(/user=nobody;$/);
  }
});

test("S2 eight log-ons at once, of NTLM's three legs, stay whole, by each way in", async () => {
  for (const [name, way] of Object.entries(await startNtlmWays())) {
    const users = Array.from({ length: 8 }, (_, index) => `user${index}`);
    const sockets = await Promise.all(users.map(() => way.open()));
    const seen = await Promise.all(sockets.map((socket, index) => logOn(socket, way.target, users[index] ?? "")));
    expect(seen, name).toEqual(users.map((user) => [user, user]));
  }
});

// Making keys is what takes the time in these tests.
const fileAuthority = createAuthority({ hosts: ["origin.test", "ca", "ca.private", "ca.public"] });
const oddNames = ["constructor", "__proto__", "tostring", "hasownproperty"];

describe("files", () => {
  async function startSaved() {
    const folder = mkdtempSync(join(tmpdir(), "realmscope-traps-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const home = join(folder, "deeper", "home");
    const authority = await fileAuthority;
    saveAuthority(authority, home, {});
    const snapshot = (): string[] =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => {
        const full = join(folder, path);
        const stats = statSync(full);
        const content = stats.isFile() ? createHash("sha256").update(readFileSync(full)).digest("hex") : "";
        return `${path} ${(stats.mode & 0o777).toString(8)} ${content}`;
      });
    return { folder, home, authority, snapshot };
  }

  test("S3 CONNECT to the names of the CA's files changes none of them", async () => {
    const { authority, snapshot } = await startSaved();
    const before = snapshot();
    const origin = await startHttpsOrigin(["ca", "ca.private", "ca.public"], (_, response) => response.end("hello"));
    const names = ["ca", "ca.private", "ca.public"];
    const { forward } = await startTestProxy({
      authority,
      scope: names,
      upstreamCa: [origin.rootPem],
      resolve: new Map(names.map((name) => [`${name}:443`, origin])),
    });
    for (const name of names) {
      const client = await openThrough(forward, `${name}:443`, { ca: authority.certificatePem });
      client.write(hello);
      await readUntil(client, "hello");
    }
    expect(snapshot()).toEqual(before);
  });

  test.each(["../../x:443", "a/../../x:443", "..\\..\\x:443", "%2e%2e%2fx:443"])(
    "S4 CONNECT %s is refused and nothing is written",
    async (authorityText) => {
      const { authority, snapshot } = await startSaved();
      const before = snapshot();
      const here = readdirSync(".");
      const { forward } = await startTestProxy({ authority, scope: ["origin.test"] });
      const { answer } = await sendConnect(forward, authorityText);
      expect(answer).toMatch(/^HTTP\/1.1 400 /);
      expect(snapshot()).toEqual(before);
      expect(readdirSync(".")).toEqual(here);
    },
  );

  test.skipIf(process.platform === "win32")(
    "S11 the CA's file is its owner's alone, and no certificate or key of a host is written",
    async () => {
      const { home, authority, snapshot } = await startSaved();
      expect(statSync(home).mode & 0o777).toBe(0o700);
      expect(readdirSync(home).map((name) => (statSync(join(home, name)).mode & 0o777).toString(8))).toEqual(["600"]);
      const before = snapshot();
      const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello"));
      const { forward } = await startTestProxy({
        authority,
        upstreamCa: [origin.rootPem],
        resolve: new Map([["origin.test:443", origin]]),
      });
      const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
      client.write(hello);
      await readUntil(client, "hello");
      expect(snapshot()).toEqual(before);
    },
  );
});

describe("the process lives", () => {
  test.each(oddNames)("S5 CONNECT %s:443 and a TLS byte are served like any other name", async (name) => {
    const origin = await startHttpsOrigin([name], (_, response) => response.end("hello"));
    const inScope = await startTestProxy({
      scope: oddNames,
      upstreamCa: [origin.rootPem],
      resolve: new Map([[`${name}:443`, origin]]),
    });
    const client = await openThrough(inScope.forward, `${name}:443`, { ca: inScope.authority.certificatePem });
    client.write(hello);
    await readUntil(client, "hello");
    const outOfScope = await startTestProxy({ resolve: new Map([[`${name}:443`, origin]]) });
    const tunnelled = await openThrough(outOfScope.forward, `${name}:443`, { ca: origin.rootPem });
    tunnelled.write(hello);
    await readUntil(tunnelled, "hello");
  });

  test("S6 a Host field with a port that does not exist reaches the origin inside TLS and is refused outside", async () => {
    let host = "";
    const origin = await startHttpsOrigin(["origin.test"], (request, response) => {
      host = request.headers.host ?? "";
      response.end("hello");
    });
    const { forward, authority } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    client.write("GET / HTTP/1.1\r\nHost: x:99999\r\n\r\n");
    await readUntil(client, "hello");
    expect(host).toBe("x:99999");
    const plain = await openTcp(forward);
    plain.write("GET http://x:99999/ HTTP/1.1\r\nHost: x:99999\r\n\r\n");
    expect(await readUntil(plain, "\r\n")).toBe("HTTP/1.1 400 Bad Request\r\n");
  });

  test.each(["000", "099"])("S7 an origin's status %s passes inside TLS and is a 502 outside", async (status) => {
    const answer = `HTTP/1.1 ${status} Odd\r\nContent-Length: 0\r\nX-End: 1\r\n\r\n`;
    const plain = await startTcpOrigin((socket) => socket.once("data", () => socket.end(answer)));
    const { startTlsOrigin } = await import("../support/proxy-origin.ts");
    const secure = await startTlsOrigin(["origin.test"], (socket) => socket.once("data", () => socket.end(answer)));
    const { forward, authority } = await startTestProxy({
      upstreamCa: [secure.rootPem],
      resolve: new Map([
        ["origin.test:443", secure],
        ["origin.test:80", plain],
      ]),
    });
    const inside = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    inside.write(hello);
    expect((await readAll(inside)).toString()).toBe(answer);
    const outside = await openTcp(forward);
    outside.write("GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    expect(await readUntil(outside, "\r\n")).toBe("HTTP/1.1 502 Bad Gateway\r\n");
    await expectAlive();
  });
});

describe("where a request may go", () => {
  test("S8 opening hosts opens no further listener, on any interface", async () => {
    const listeners = (): number =>
      process.getActiveResourcesInfo().filter((resource) => resource === "TCPServerWrap").length;
    const names = Array.from({ length: 20 }, (_, index) => `h${index}.origin.test`);
    const origin = await startHttpsOrigin(names, (_, response) => response.end("hello"));
    const { forward, authority } = await startTestProxy({
      scope: ["*.origin.test"],
      upstreamCa: [origin.rootPem],
      resolve: new Map(names.map((name) => [`${name}:443`, origin])),
    });
    const before = listeners();
    expect(before).toBeGreaterThan(0);
    for (const name of names) {
      const client = await openThrough(forward, `${name}:443`, { ca: authority.certificatePem });
      client.write(hello);
      await readUntil(client, "hello");
    }
    expect(listeners()).toBe(before);
  });

  test("S9 a Host field does not change where a tunnel goes", async () => {
    let reached = 0;
    const other = await startTcpOrigin(() => {
      reached += 1;
    });
    let host = "";
    const origin = await startHttpsOrigin(["origin.test"], (request, response) => {
      host = request.headers.host ?? "";
      response.end("hello");
    });
    const { forward, authority } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    client.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${other.port}\r\n\r\n`);
    await readUntil(client, "hello");
    expect(host).toBe(`127.0.0.1:${other.port}`);
    expect(reached).toBe(0);
  });

  test("S10 the proxy does not ask itself, and serves no relative address", async () => {
    const { forward, seen, event } = await startTestProxy();
    for (const line of [`GET http://127.0.0.1:${forward.port}/`, "GET /"]) {
      const client = await openTcp(forward);
      client.write(`${line} HTTP/1.1\r\nHost: 127.0.0.1:${forward.port}\r\nConnection: close\r\n\r\n`);
      expect((await readAll(client)).toString()).toMatch(/^HTTP\/1.1 40[03] /);
    }
    const { answer } = await sendConnect(forward, `127.0.0.1:${forward.port}`);
    expect(answer).toMatch(/^HTTP\/1.1 403 /);
    await event(({ kind }) => kind === "refused");
    // One refusal for each request of ours: none of them came in again.
    expect(seen.filter(({ kind }) => kind === "refused")).toHaveLength(3);
  });
});

test("S12 the CA may sign server certificates only, for its hosts only, and no CA below it", async () => {
  const certificate = new X509Certificate((await fileAuthority).certificatePem);
  // `keyUsage` is Node's name for the extended key usage.
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(certificate.ca).toBe(true);
  // 2.5.29.30 nameConstraints, critical; 2.5.29.19 basicConstraints, critical, CA TRUE, path length 0.
  expect(certificate.raw.includes(Buffer.from("0603551d1e0101ff", "hex"))).toBe(true);
  expect(certificate.raw.includes(Buffer.from("0603551d130101ff040830060101ff020100", "hex"))).toBe(true);
});

test("S13 what clients are told names no host and quotes no library", async () => {
  const { forward } = await startTestProxy({
    resolve: new Map([["origin.test:443", { host: "127.0.0.1", port: 1 }]]),
  });
  const { socket, answer } = await sendConnect(forward, "origin.test:443");
  const all = answer + (await readAll(socket)).toString();
  expect(all).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/);
  expect(all).toContain("realmscope: the target refused the connection (ECONNREFUSED)");
  expect(all).not.toMatch(/origin|127\.0\.0\.1|openssl|node:|\bat /i);
});
