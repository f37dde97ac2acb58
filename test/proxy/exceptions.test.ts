// A bug in serving one connection ends that connection: the others, and the process, go on.
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { type CertificateAuthority, createAuthority } from "../../src/proxy/certificates/certificate-authority.ts";
import { defaultLimits } from "../../src/proxy/interception/limits.ts";
import { PlainProxy } from "../../src/proxy/plain-http/plain-proxy.ts";
import { openTcp, openThrough, readAll, readUntil } from "../support/proxy-client.ts";
import { startHttpsOrigin } from "../support/proxy-origin.ts";
import { startHttpOrigin } from "../support/proxy-plain.ts";
import { startTestProxy } from "../support/proxy-start.ts";

const bug = (): never => {
  throw new RangeError("a secret of the traffic");
};

/** An authority with a bug that shows at one name. */
async function brokenAuthority(): Promise<CertificateAuthority> {
  const sound = await createAuthority({ hosts: ["origin.test", "bug.test"] });
  return {
    ...sound,
    covers: (host) => (host === "bug.test" ? bug() : sound.covers(host)),
    leafContext: (host, now): SecureContext => (host === "leaf.origin.test" ? bug() : sound.leafContext(host, now)),
  };
}

async function startBroken() {
  const origin = await startHttpsOrigin(["origin.test", "leaf.origin.test"], (_, response) => response.end("hello"));
  const places = ["origin.test:443", "leaf.origin.test:443", "bug.test:443"];
  const proxied = await startTestProxy({
    scope: ["origin.test", "leaf.origin.test", "bug.test"],
    authority: await brokenAuthority(),
    upstreamCa: [origin.rootPem],
    resolve: new Map(places.map((place) => [place, origin])),
    target: { host: "origin.test", port: 443 },
  });
  const alive = async (): Promise<void> => {
    const client = await openThrough(proxied.forward, "origin.test:443", { ca: proxied.authority.certificatePem });
    client.write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    await readUntil(client, "hello");
  };
  return { ...proxied, alive };
}

/** Until the other side has ended or broken the connection. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket
      .on("error", () => undefined)
      .once("end", resolve)
      .once("close", resolve)
      .resume();
  });
}

test.each([
  ["deciding what to do with a CONNECT", "bug.test"],
  ["making its certificate", "leaf.origin.test"],
])("a bug in %s is told as a gap without what it quotes", async (_, host) => {
  const { forward, event, alive, seen } = await startBroken();
  const client = await openTcp(forward);
  client.write(`CONNECT ${host}:443 HTTP/1.1\r\nHost: x\r\n\r\n`);
  await readUntil(client, "\r\n\r\n");
  client.write("\x16\x03\x01");
  await closed(client);
  expect(await event(({ kind }) => kind === "gap")).toMatchObject({ reason: "a bug in serving it (RangeError)" });
  expect(JSON.stringify(seen)).not.toContain("secret");
  await alive();
});

test("a bug in choosing a certificate by the asked name ends that handshake", async () => {
  const { reverse, authority, event, alive } = await startBroken();
  const client = connectTls({
    socket: await openTcp(reverse),
    servername: "leaf.origin.test",
    ca: authority.certificatePem,
  });
  await closed(client);
  expect(await event(({ kind }) => kind === "tls-rejected")).toMatchObject({ side: "client" });
  await alive();
});

/** http-mitm-proxy's pipeline with hooks of the test, before an origin. */
async function startHooked(hooks: { readonly request: () => void; readonly response: () => void }) {
  const origin = await startHttpOrigin((_, response) => response.end("hello"));
  const told: unknown[] = [];
  const proxy = new PlainProxy(
    {
      admit: (request) => {
        request.url = `http://${origin.host}:${origin.port}/`;
        return true;
      },
      onFailure: (http) => http?.proxyToClientResponse.writeHead(502).end(),
      onOver: () => undefined,
      onBug: (error) => told.push(error),
    },
    defaultLimits,
  );
  proxy.onRequest(
    proxy.fence((http, done) => {
      hooks.request();
      Object.assign(http.proxyToServerRequestOptions ?? {}, { agent: undefined });
      done();
    }),
  );
  proxy.onResponse(
    proxy.fence((_, done) => {
      hooks.response();
      done();
    }),
  );
  proxy.server.listen(0, "127.0.0.1");
  await once(proxy.server, "listening");
  onTestFinished(() => {
    proxy.server.closeAllConnections();
    proxy.server.close();
  });
  return { told, place: { address: "127.0.0.1", port: (proxy.server.address() as AddressInfo).port } };
}

const ask = "GET / HTTP/1.1\r\nHost: origin.test\r\nConnection: close\r\n\r\n";

test.each([
  ["request", { request: bug, response: () => undefined }],
  ["response", { request: () => undefined, response: bug }],
])("what a hook of http-mitm-proxy throws for a %s ends that request", async (_, hooks) => {
  const { place, told } = await startHooked(hooks);
  for (let count = 0; count < 2; count += 1) {
    const client = await openTcp(place);
    client.write(ask);
    expect((await readAll(client)).toString()).toMatch(/^HTTP\/1.1 502 /);
  }
  expect(told).toHaveLength(2);
});
