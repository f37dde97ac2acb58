// Over a limit the traffic goes on and the capture says what it left out.
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { openTcp, openThrough, readAll, readBytes, readUntil } from "../../support/proxy-client.ts";
import { startHttpsOrigin } from "../../support/proxy-origin.ts";
import { startHttpOrigin } from "../../support/proxy-plain.ts";
import { startTestProxy } from "../../support/proxy-start.ts";

const size = 300_000;
const body = Buffer.alloc(size, 0x61);
const get = (fields = ""): string => `GET / HTTP/1.1\r\nHost: origin.test\r\n${fields}\r\n`;

async function opened(limits: NonNullable<Parameters<typeof startTestProxy>[0]>["limits"]) {
  const origin = await startHttpsOrigin(["origin.test"], (request, response) => {
    request.resume().once("end", () => response.end(body));
  });
  const resolve = new Map([["origin.test:443", origin]]);
  const proxied = await startTestProxy({ upstreamCa: [origin.rootPem], resolve, ...(limits ? { limits } : {}) });
  const trust = { ca: proxied.authority.certificatePem };
  const client = await openThrough(proxied.forward, "origin.test:443", trust);
  return { ...proxied, client, open: () => openThrough(proxied.forward, "origin.test:443", trust) };
}

async function readAnswer(client: Awaited<ReturnType<typeof opened>>["client"]): Promise<Buffer> {
  await readUntil(client, "\r\n\r\n");
  return readBytes(client, size);
}

describe("inside TLS", () => {
  test("a body over the cap arrives whole; the capture keeps the cap and counts the rest", async () => {
    const { client, transactions } = await opened({ bodyBytes: 1000 });
    client.write(`POST / HTTP/1.1\r\nHost: origin.test\r\nContent-Length: ${size}\r\n\r\n${body.toString("latin1")}`);
    expect((await readAnswer(client)).equals(body)).toBe(true);
    const [only] = await transactions(1);
    for (const kept of [only?.request.body, only?.response?.body]) {
      expect(kept).toMatchObject({ totalBytes: size, truncated: true });
      expect(kept?.bytes).toHaveLength(1000);
    }
  });

  test("a head over the limit arrives whole; the capture says that it could not follow", async () => {
    const origin = await startHttpsOrigin(["origin.test"], (request, response) => {
      response.end(`seen ${request.headers["x-long"]?.length};`);
    });
    const { forward, authority, event } = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
      limits: { headBytes: 4096 },
    });
    const client = await openThrough(forward, "origin.test:443", { ca: authority.certificatePem });
    client.write(get(`X-Long: ${"y".repeat(8000)}\r\n`));
    await readUntil(client, "seen 8000;");
    expect(await event(({ kind }) => kind === "gap")).toMatchObject({
      connection: "c1",
      reason: expect.stringContaining("a header block larger than the limit"),
    });
  });

  test("when more comes than may wait in memory, the traffic arrives and the gap is told", async () => {
    const { client, event } = await opened({ tapQueueBytes: 4096 });
    client.write(get());
    expect((await readAnswer(client)).equals(body)).toBe(true);
    expect(await event(({ kind }) => kind === "gap")).toMatchObject({
      reason: "more traffic came than could be read in time",
    });
    // The connection itself goes on.
    client.write(get());
    expect((await readAnswer(client)).equals(body)).toBe(true);
  });

  test("connections over the limit are closed and told; those within it go on, and a free place is given again", async () => {
    const { client, open, event, forward } = await opened({ connections: 2 });
    const second = await open();
    const third = await openTcp(forward);
    third.on("error", () => undefined).resume();
    await Promise.race([once(third, "close"), once(third, "end")]);
    expect(await event(({ kind }) => kind === "refused")).toMatchObject({
      reason: "there are too many connections at once",
    });
    client.write(get());
    expect((await readAnswer(client)).equals(body)).toBe(true);
    second.destroy();
    await once(second, "close");
    client.end();
    await readAll(client);
    await expect
      .poll(
        async () =>
          open().then(
            () => "opened",
            () => "refused",
          ),
        { timeout: 10_000 },
      )
      .toBe("opened");
  });

  test("a client that says nothing, or half a ClientHello, is closed after the handshake time", async () => {
    const { forward } = await opened({ handshakeMs: 100 });
    for (const bytes of ["", "CONNECT origin.test:443 HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02\x00\x01"]) {
      const client = await openTcp(forward);
      client.on("error", () => undefined).resume();
      const left = Promise.race([once(client, "close"), once(client, "end")]);
      if (bytes.startsWith("\x16")) {
        client.write("CONNECT origin.test:443 HTTP/1.1\r\nHost: x\r\n\r\n");
      }
      client.write(Buffer.from(bytes, "latin1"));
      await left;
    }
  });
});

test("outside TLS a body over the cap arrives whole, too", async () => {
  const origin = await startHttpOrigin((_, response) => response.end(body));
  const { forward, transactions } = await startTestProxy({
    resolve: new Map([["origin.test:80", origin]]),
    limits: { bodyBytes: 1000 },
  });
  const client = await openTcp(forward);
  client.write("GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nConnection: close\r\n\r\n");
  expect((await readAll(client)).subarray(-size).equals(body)).toBe(true);
  expect((await transactions(1))[0]?.response?.body).toMatchObject({ totalBytes: size, truncated: true });
});
