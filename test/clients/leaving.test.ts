// Clients that leave before they have sent a request: at once noticed on both sides, and not taken for distrust where they
// have shown none.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { someClients } from "./all-clients.ts";
import { type Origins, originName, plan, startOrigins } from "./origins.ts";
import { dotnetInParallel } from "./own-clients.ts";
import { callTimes, expectServed, type Scenario, shortAnswer, startScenario } from "./scenario.ts";

const parallel = await dotnetInParallel();
let origins: Origins;
beforeAll(async () => {
  origins = await startOrigins();
});
afterAll(() => origins.stop());

async function opened(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => socket.destroy()).resume();
  await once(socket, "connect");
  return socket;
}

/** A CONNECT that was answered. */
async function tunnelled(port: number): Promise<Socket> {
  const socket = await opened(port);
  const target = `${originName}:${origins.ports.http1[0]}`;
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  await once(socket, "data");
  return socket;
}

/** A real ClientHello, as bytes. */
function clientHello(): Promise<Buffer> {
  return new Promise((resolve) => {
    const write = (bytes: Buffer, _: unknown, done: () => void): void => {
      resolve(bytes);
      done();
    };
    const socket = new Duplex({ read: () => undefined, write });
    connectTls({ socket, servername: originName }).on("error", () => undefined);
  });
}

const silent = {
  "closes both directions": (socket: Socket) => socket.destroy(),
  "ends its direction": (socket: Socket) => socket.end(),
  resets: (socket: Socket) => socket.resetAndDestroy(),
};

/** Leaves so often that the proxy would hold on to much. */
const times = 20;
// Far from the 20 seconds of an unfinished handshake, and enough for a busy machine.
const promptMs = 3000;

async function leaveTimes(scenario: Scenario, how: (socket: Socket) => unknown, through: "forward" | "reverse") {
  const [port = 0] = scenario.watch.reverses;
  for (let time = 0; time < times; time += 1) {
    const socket = through === "reverse" ? await opened(port) : await tunnelled(scenario.watch.forward);
    how(socket);
    if (!socket.closed) await once(socket, "close");
  }
  // Accepted in order: what is answered to a last one is evidence that the others were met.
  const last = through === "reverse" ? await opened(port) : await tunnelled(scenario.watch.forward);
  const secure = connectTls({ socket: last, servername: originName, ca: scenario.watch.trust });
  secure.write(`GET /text HTTP/1.1\r\nHost: ${originName}\r\nConnection: close\r\n\r\n`);
  await once(secure.resume(), "end");
  last.destroy();
}

const listeners = ["reverse", "forward"] as const;
const ways = Object.entries(silent).flatMap(([name, how]) => listeners.map((through) => ({ name, how, through })));

test.each(ways)(
  "a client that $name without a byte ($through) is no failed handshake and leaves nothing open",
  async ({ how, through }) => {
    const [port] = origins.ports.http1;
    const scenario = await startScenario(origins, { inScope: [port], reverses: through === "reverse" ? [port] : [] });
    const before = scenario.watch.sockets();
    await leaveTimes(scenario, how, through);
    const left = performance.now();
    await origins.whenIdle();
    expect(performance.now() - left).toBeLessThan(promptMs);
    // The client's half closes when the proxy has read its end.
    await vi.waitFor(() => expect(scenario.watch.sockets()).toBeLessThanOrEqual(before), { timeout: promptMs });
    const { records, findings, ms } = await scenario.end();
    expect(records("tls-rejected")).toEqual([]);
    expect(findings.filter(({ code }) => /CLIENT|TLS/.test(code))).toEqual([]);
    const probes = records("probes");
    // The kernel forgets the address of a client whose reset is there before its connection is accepted.
    const addresses = how === silent.resets ? ["127.0.0.1", ""] : ["127.0.0.1"];
    expect(probes.length).toBeLessThanOrEqual(addresses.length);
    for (const probe of probes)
      expect(probe).toMatchObject({ client: expect.toBeOneOf(addresses), host: originName, handshakes: 0 });
    expect(probes.reduce((sum, { connects }) => sum + Number(connects), 0)).toBe(times);
    expect(ms).toBeLessThan(promptMs);
  },
);

const midway = {
  "half a ClientHello": (hello: Buffer) => hello.subarray(0, hello.length / 2),
  "a ClientHello": (hello: Buffer) => hello,
};
const partly = Object.entries(midway).flatMap(([name, part]) => listeners.map((through) => ({ name, part, through })));

test.each(partly)("a client that sends $name and ends ($through) is let go at once", async ({ part, through }) => {
  const [port] = origins.ports.http1;
  const hello = await clientHello();
  const scenario = await startScenario(origins, { inScope: [port], reverses: through === "reverse" ? [port] : [] });
  const begun = performance.now();
  await leaveTimes(scenario, (socket) => socket.end(part(hello)), through);
  await origins.whenIdle();
  expect(performance.now() - begun).toBeLessThan(promptMs);
  const { records } = await scenario.end();
  for (const { reason } of records("tls-rejected")) expect(reason).not.toMatch(/refused|in time/);
});

test("clients in the middle of a handshake do not hold the end", async () => {
  const [port] = origins.ports.http1;
  const scenario = await startScenario(origins, { inScope: [port], reverses: [port] });
  const hello = await clientHello();
  for (let number = 0; number < 20; number += 1) {
    const socket = await opened(scenario.watch.reverses[0] ?? 0);
    if (number % 2 === 0) {
      socket.write(hello);
      await once(socket, "data");
    }
  }
  const { ms } = await scenario.end();
  expect(ms).toBeLessThan(promptMs);
});

test.skipIf(parallel.version === null)(
  "connections that a trusting .NET program opened and did not need are closed with it",
  async () => {
    const [port] = origins.ports.http1;
    const scenario = await startScenario(origins, { inScope: [port] });
    const way = { base: `https://${originName}:${port}`, proxy: scenario.watch.forward, trust: scenario.trust };
    const calls = Array.from({ length: 100 }, () => plan.slice(0, 1)).flat();
    const before = scenario.watch.sockets();
    const { answers } = await parallel.run(way, calls);
    expect(answers.map(shortAnswer)).toEqual(calls.map(() => 200));
    const left = performance.now();
    await origins.whenIdle();
    await vi.waitFor(() => expect(scenario.watch.sockets()).toBeLessThanOrEqual(before), { timeout: promptMs });
    expect(performance.now() - left).toBeLessThan(promptMs);
    const { records } = await scenario.end();
    // On a busy machine some begin after the last request was read: each is named then, and none is passed through.
    for (const record of records("tls-rejected")) expect(record).toMatchObject({ cause: "left-in-handshake" });
    expect(records("tunnel")).toEqual([]);
    expect(records("entry")).toHaveLength(calls.length);
  },
);

// Both close with FIN before their Finished, and send no alert.
const quiet = await someClients(
  ["Node https", "Java HttpClient"],
  ["Node fetch (undici)", "Java HttpClient, HTTP/1.1"],
);

test.for(quiet)(
  "$name that does not trust the CA is named within three calls and served from then on",
  async (client, { skip }) => {
    skip(client.version === null, client.missing);
    const [port] = origins.ports.http1;
    const scenario = await startScenario(origins, { inScope: [port] });
    const way = { base: `https://${originName}:${port}`, proxy: scenario.watch.forward, trust: scenario.files.origin };
    const results = await callTimes(5, client, way);
    expectServed(results);
    const { records, findings } = await scenario.end();
    expect(records("tls-rejected")).toHaveLength(results.filter((result) => result === "fails").length);
    const family = client.name.startsWith("Java") ? "Java" : "Node.js";
    expect(findings.map(({ message }) => message).join("\n")).toContain(`127.0.0.1 (looks like ${family})`);
    const program = client.name.startsWith("Java") ? "java" : "node";
    for (const record of records("tls-rejected")) expect(record).toMatchObject({ side: "client", hello: { program } });
    expect(records("tunnel").map(({ reason }) => reason)).toEqual(
      results.filter((result) => result === 200).map(() => expect.stringMatching(/^client-(leaves|distrusts-ca)$/)),
    );
  },
);
