import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type ClientHello, lookForHello } from "../../../src/proxy/interception/client-hello.ts";
import { helloFacts } from "../../../src/proxy/interception/tls-program.ts";
import { capturedHellos } from "./hellos.ts";

const vectors = capturedHellos.map(
  ({ program, family, bytes }) => [program, family, Buffer.from(bytes, "base64")] as const,
);

function read(bytes: Uint8Array): ClientHello {
  const step = lookForHello(bytes);
  if (step.state !== "whole") throw new Error(`the hello is ${step.state}`);
  return step.hello;
}

test.each(vectors)("%s looks like %s", (_, family, bytes) => {
  expect(helloFacts(read(bytes)).program).toBe(family);
});

test("programs have different fingerprints, connections of one program the same", () => {
  const prints = new Map(
    vectors.map(([program, , bytes]) => [
      program.replace(/, (first|second).*/, ""),
      helloFacts(read(bytes)).fingerprint,
    ]),
  );
  expect(new Set(prints.values()).size).toBe(prints.size);
  const chromium = vectors.filter(([program]) => program.startsWith("Chromium"));
  expect(new Set(chromium.map(([, , bytes]) => helloFacts(read(bytes)).fingerprint)).size).toBe(1);
  expect(chromium).toHaveLength(2);
  for (const print of prints.values()) expect(print).toMatch(/^[0-9a-f]{16}$/);
});

test.each([
  ["Node 20.20 `http2.connect`", ["h2"]],
  ["Node 20.20 `fetch`", ["http/1.1"]],
  ["curl 7.88.1, OpenSSL 3.0.19", ["h2", "http/1.1"]],
  ["Go 1.19.8 net/http", ["h2", "http/1.1"]],
  ["wget 1.21.3, GnuTLS 3.7.9", null],
])("%s offers %j by ALPN", (program, alpn) => {
  const vector = vectors.find(([name]) => name === program);
  expect(read(vector?.[2] ?? Buffer.alloc(0)).alpn).toEqual(alpn);
});

test("the requested name is read", () => {
  const names = Object.fromEntries(vectors.map(([program, , bytes]) => [program, read(bytes).serverName]));
  expect(names).toMatchObject({
    "curl 7.88.1, OpenSSL 3.0.19": "mail.contoso.test",
    "OpenJDK 17.0.15 java.net.http.HttpClient": "localhost",
    // Java requests no name without a dot.
    "OpenJDK 17.0.15 HttpURLConnection": null,
  });
});

/**
 * A hello as Windows Server 2016 to 2025 sends it: suites in the order of "TLS Cipher Suites in Windows Server 2022"
 * (learn.microsoft.com), curves of "TLS Elliptic Curves in Windows 10 version 1607 and later".
 */
function schannelHello(): Buffer {
  const list = (values: readonly number[]): Buffer => Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
  const sized = (bytes: Buffer): Buffer => Buffer.concat([list([bytes.length]), bytes]);
  const extension = (type: number, bytes: Buffer): Buffer => Buffer.concat([list([type]), sized(bytes)]);
  const suites = [0x1302, 0x1301, 0xc02c, 0xc02b, 0xc030, 0xc02f, 0xc024, 0xc023, 0xc028, 0xc027, 0x009d, 0x009c];
  const extensions = Buffer.concat([
    extension(10, sized(list([0x001d, 0x0017, 0x0018]))),
    extension(11, Buffer.from([1, 0])),
    extension(13, sized(list([0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0201, 0x0403, 0x0503, 0x0203]))),
    extension(43, Buffer.from([4, 3, 4, 3, 3])),
    extension(23, Buffer.alloc(0)),
    extension(0xff01, Buffer.from([0])),
  ]);
  const head = Buffer.concat([list([0x0303]), Buffer.alloc(32), Buffer.from([0])]);
  const body = Buffer.concat([head, sized(list(suites)), Buffer.from([1, 0]), sized(extensions)]);
  const handshake = Buffer.concat([Buffer.from([1, 0]), sized(body)]);
  return Buffer.concat([Buffer.from([22, 3, 3]), sized(handshake)]);
}

test("a hello as Windows publishes it looks like SChannel", () => {
  expect(helloFacts(read(schannelHello())).program).toBe("schannel");
});

test.each(vectors)("%s: any split into packets gives the same, and never more is wanted than comes", (_, __, bytes) => {
  const whole = read(bytes);
  for (let length = 0; length < bytes.length; length += 1) {
    const step = lookForHello(bytes.subarray(0, length));
    expect(step.state).toBe("more");
    if (step.state === "more") expect(step.need).toBeGreaterThan(length);
    if (step.state === "more") expect(step.need).toBeLessThanOrEqual(bytes.length);
  }
  expect(lookForHello(Buffer.concat([bytes, Buffer.from("more")]))).toEqual({ state: "whole", hello: whole });
});

test.each([50, 300, 700])("a hello in records of %i bytes is the same hello", (size) => {
  for (const [, , bytes] of vectors) {
    const handshake = bytes.subarray(5);
    const records: Buffer[] = [];
    for (let at = 0; at < handshake.length; at += size) {
      const piece = handshake.subarray(at, at + size);
      records.push(Buffer.from([22, 3, 1, piece.length >> 8, piece.length & 255]), piece);
    }
    expect(read(Buffer.concat(records))).toEqual(read(bytes));
  }
});

test.each([
  ["a request", Buffer.from("GET / HTTP/1.1\r\n")],
  ["another handshake message", Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])],
  ["an empty record", Buffer.from([22, 3, 1, 0, 0])],
  ["a hello of 16 MB", Buffer.from([22, 3, 1, 0, 4, 1, 255, 255, 255])],
  ["lists that pass the end", Buffer.from([22, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3])],
  ["SSL 2.0", Buffer.from([0x80, 0x2e, 1, 3, 1])],
])("%s is not a ClientHello", (_, bytes) => {
  expect(lookForHello(bytes)).toEqual({ state: "other" });
});

test("bytes changed at random never throw", () => {
  let seed = 20_261_201;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed % below;
  };
  for (const [, , bytes] of vectors) {
    for (let count = 0; count < 300; count += 1) {
      const changed = Buffer.from(bytes);
      for (let change = 0; change <= random(6); change += 1) changed[random(changed.length)] = random(256);
      const step = lookForHello(changed.subarray(0, random(changed.length + 1)));
      if (step.state === "whole") expect(helloFacts(step.hello).fingerprint).toHaveLength(16);
    }
  }
});

/** The first bytes of two connections of a program. */
async function captureTwo(command: string, args: (port: number) => readonly string[]): Promise<readonly Buffer[]> {
  const first: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (bytes) => {
      first.push(bytes);
      socket.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  for (let count = 0; count < 2; count += 1) {
    const child = spawn(command, args(port), { stdio: ["ignore", "ignore", "ignore"] });
    await once(child, "close");
  }
  return first;
}

test.each([
  ["curl", (port: number) => ["-sk", "-m", "5", `https://127.0.0.1:${port}/`], "openssl"],
  ["openssl", (port: number) => ["s_client", "-connect", `127.0.0.1:${port}`], "openssl"],
  [
    process.execPath,
    (port: number) => ["-e", `require("tls").connect(${port}, "127.0.0.1").on("error", () => {})`],
    "node",
  ],
] as const)("%s as it is on this machine has one fingerprint and its family", async (command, args, family) => {
  const facts = (await captureTwo(command, args)).map((bytes) => helloFacts(read(bytes)));
  expect(facts.length).toBeGreaterThanOrEqual(2);
  expect(new Set(facts.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  expect(facts[0]?.program).toBe(family);
});
