// Who may connect: by address, told without being flooded, closed before anything is read.
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { createClientGate, RefusedClients } from "../../../src/proxy/connections/client-gate.ts";
import { startTestProxy } from "../../support/proxy-start.ts";

test.each([
  ["an address", "10.1.2.3", ["10.1.2.3", "::ffff:10.1.2.3"], ["10.1.2.4", "::ffff:10.1.2.4", "2001:db8::1"]],
  ["a network", "10.1.0.0/16", ["10.1.0.1", "10.1.255.255"], ["10.2.0.1", "11.1.0.1"]],
  ["everybody of IPv4", "0.0.0.0/0", ["8.8.8.8"], ["2001:db8::1"]],
  ["a network of IPv6", "2001:db8::/32", ["2001:db8:1::5"], ["2001:db9::1", "10.1.2.3"]],
  ["a link-local network", "fe80::/10", ["fe80::1%eth0", "fe80::1"], ["fec0::1%eth0"]],
])("%s is admitted, this machine too, and nobody else", (_name, network, inside, outside) => {
  const admits = createClientGate([network]);
  for (const address of [...inside, "127.0.0.1", "::1", "::ffff:127.0.0.1"])
    expect(admits(address), address).toBe(true);
  for (const address of [...outside, "", "nonsense"]) expect(admits(address), address).toBe(false);
});

test("without a list every client is admitted", () => {
  expect(createClientGate([])("8.8.8.8")).toBe(true);
});

test.each([
  "",
  "10.1.2",
  "10.1.2.3/33",
  "::/129",
  "mail.contoso.com",
  "10.1.2.3/",
  "fe80::1%eth0",
  "10.0.0.0/8/8",
  "1.2.3.4/-1",
])("%j is neither an address nor a network", (text) => {
  expect(() => createClientGate([text])).toThrow(
    expect.objectContaining({ code: "usage", message: expect.stringContaining("neither an address nor a network") }),
  );
});

test("the first refused client is reported at once, later ones as a number once a minute, the rest at the end", () => {
  const told: (readonly [string, string])[] = [];
  const refused = new RefusedClients((client, reason) => void told.push([client, reason]));
  const reason = "the address of the client is not allowed";
  refused.add("a:1", 1000);
  for (let number = 0; number < 500; number++) refused.add("b:2", 1001 + number);
  expect(told).toEqual([["a:1", reason]]);
  refused.add("c:3", 61_000);
  expect(told[1]).toEqual(["c:3", `${reason}; 500 more such connections were refused before`]);
  refused.add("d:4", 61_001);
  refused.end();
  refused.end();
  expect(told.slice(2)).toEqual([["d:4", `${reason}; 1 more such connections were refused before`]]);
});

// Linux takes the whole of 127.0.0.0/8 for this machine: a client that does not come from 127.0.0.1.
describe.skipIf(process.platform !== "linux")("a client of another address", () => {
  const comesFrom = async (localAddress: string, port: number) => {
    const client = connect({ host: "127.0.0.1", port, localAddress });
    onTestFinished(() => void client.destroy());
    const got: Buffer[] = [];
    client.on("data", (bytes: Buffer) => got.push(bytes)).on("error", () => undefined);
    await once(client, "connect");
    client.write("GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    return { client, got };
  };

  test.each(["forward", "reverse"] as const)(
    "is closed by the %s listener before anything is read, and told once",
    async (kind) => {
      const reached: string[] = [];
      const origin = createServer((socket) => {
        reached.push("a connection");
        socket.destroy();
      });
      origin.listen(0, "127.0.0.1");
      await once(origin, "listening");
      onTestFinished(() => void origin.close());
      const { port } = origin.address() as AddressInfo;
      const running = await startTestProxy({
        allowClients: ["127.0.0.3"],
        target: { host: "origin.test", port },
        resolve: new Map([
          [`origin.test:${port}`, { host: "127.0.0.1", port }],
          ["origin.test:80", { host: "127.0.0.1", port }],
        ]),
      });
      for (let count = 0; count < 5; count++) {
        const { client, got } = await comesFrom("127.0.0.2", running[kind].port);
        await once(client, "close");
        expect(got).toEqual([]);
      }
      expect(reached).toEqual([]);
      await running.proxy.stop();
      const reason = "the address of the client is not allowed";
      await running.event((event) => event.kind === "refused" && event.reason.includes("; 4 more"));
      expect(running.seen.map((event) => event.kind === "refused" && event.reason)).toEqual([
        reason,
        `${reason}; 4 more such connections were refused before`,
      ]);
    },
  );

  test.each(["127.0.0.3", "127.0.0.1"])("is served when it is named, or of this machine: %s", async (address) => {
    const { forward } = await startTestProxy({ allowClients: ["127.0.0.3/32"] });
    const { client, got } = await comesFrom(address, forward.port);
    await once(client, "data");
    expect(Buffer.concat(got).toString("latin1")).toMatch(/^HTTP\/1\.1 \d{3} /);
  });
});
