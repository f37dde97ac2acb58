import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { type ClientHello, lookForHello } from "../../../src/proxy/interception/client-hello.ts";
import { helloFacts } from "../../../src/proxy/interception/tls-program.ts";
import { buildTestCertificate } from "../../support/proxy-certificates.ts";
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

test("programs have different fingerprints, connections of one program the same, resumed or not", () => {
  const prints = new Map<string, Set<string>>();
  for (const [name, , bytes] of vectors) {
    const program = name.replace(/, (?:first|second) of .*/, "");
    const { fingerprint } = helloFacts(read(bytes));
    expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
    prints.set(program, (prints.get(program) ?? new Set()).add(fingerprint));
  }
  expect([...prints.values()].map(({ size }) => size)).toEqual(Array.from(prints, () => 1));
  // The program and its TLS are what has a fingerprint, not the name that it requests.
  const sameTls = new Set([".NET 10.0.12 HttpClient to localhost", "OpenJDK 17.0.15 SSLSocket"]);
  const others = [...prints].filter(([program]) => !sameTls.has(program)).flatMap(([, [print]]) => print ?? []);
  expect(new Set(others).size).toBe(others.length);
  expect(prints.get(".NET 10.0.12 HttpClient to localhost")).toEqual(
    prints.get(".NET 10.0.12 HttpClient on Debian 12"),
  );
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

/** A TLS server that keeps the first bytes of each connection. */
async function startServer() {
  const { key, cert } = buildTestCertificate({ hosts: ["origin.test"] });
  const first: Buffer[] = [];
  const tls = createTlsServer({ key, cert }, (socket) => socket.on("error", () => undefined).end("hello"));
  tls.on("tlsClientError", () => undefined);
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (bytes) => {
      first.push(bytes);
      socket.pause();
      socket.unshift(bytes);
      tls.emit("connection", socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, first };
}

const nodeTwice = `
  const [port] = process.argv.slice(1);
  const options = { port, host: "127.0.0.1", servername: "origin.test", rejectUnauthorized: false };
  let session;
  require("tls").connect(options).on("session", (last) => { session = last; }).on("close", () => {
    require("tls").connect({ ...options, session, servername: "other.test" }).on("error", () => {}).resume();
  }).resume();`;

const openssl = (port: number, ...args: readonly string[]): string =>
  `openssl s_client -connect 127.0.0.1:${port} -servername origin.test ${args.join(" ")} </dev/null`;

test.each([
  [
    "curl",
    (port: number) => ["sh", "-c", `curl -sk https://127.0.0.1:${port}/; curl -sk https://localhost:${port}/`],
    "openssl",
  ],
  [
    "openssl with a resumed session",
    (port: number) => [
      "sh",
      "-c",
      `f=$(mktemp); ${openssl(port, "-tls1_2 -sess_out $f")}; ${openssl(port, "-tls1_2 -sess_in $f")}; rm -f $f`,
    ],
    "openssl",
  ],
  ["Node with a resumed session", (port: number) => [process.execPath, "-e", nodeTwice, String(port)], "node"],
] as const)("%s as it is on this machine has one fingerprint and its family", async (_, command, family) => {
  const { port, first } = await startServer();
  const [program = "", ...args] = command(port);
  await once(spawn(program, args, { stdio: ["ignore", "ignore", "ignore"] }), "close");
  expect(first).toHaveLength(2);
  const facts = first.map((bytes) => helloFacts(read(bytes)));
  expect(new Set(facts.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  expect(facts[0]?.program).toBe(family);
  // pre_shared_key: the second connection resumes the session of the first, and its hello differs by that.
  if (family === "node") expect(read(first[1] ?? Buffer.alloc(0)).extensions).toContain(41);
});
