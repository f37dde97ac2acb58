// Whether a client of TLS sends a request is seen without its keys, by the records of real handshakes.
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { connect as connectTls, createServer as createTlsServer, type SecureVersion } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { createRecordWatch } from "../../../src/proxy/interception/record-watch.ts";
import { buildTestCertificate } from "../../support/proxy-certificates.ts";

interface Conversation {
  readonly version: SecureVersion;
  readonly cipher?: string;
  /** A group that the client sends no key for first makes a second ClientHello necessary. */
  readonly serverCurve?: string;
  /** Empty: the client leaves without a request. */
  readonly request: string;
  readonly isOrderly: boolean;
}

/** What the client of such a connection sends, in one piece. */
async function clientBytes({ version, cipher, serverCurve, request, isOrderly }: Conversation): Promise<Buffer> {
  const { key, cert } = buildTestCertificate({ hosts: ["origin.test"] });
  const curve = serverCurve === undefined ? {} : { ecdhCurve: serverCurve };
  const tls = createTlsServer({ key, cert, ...curve }, (socket) => socket.on("error", () => undefined).resume());
  const pieces: Buffer[] = [];
  const server = createServer((socket) => {
    tls.emit("connection", socket);
  });
  const relay = createServer((socket) => {
    const upstream = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.on("data", (bytes: Buffer) => pieces.push(bytes)).on("error", () => undefined);
    upstream.on("error", () => undefined);
    socket.pipe(upstream).pipe(socket);
  });
  for (const one of [server, relay]) {
    one.listen(0, "127.0.0.1");
    await once(one, "listening");
    onTestFinished(() => {
      one.close();
    });
  }
  const raw = connect((relay.address() as AddressInfo).port, "127.0.0.1");
  const client = connectTls({
    ...{ socket: raw, servername: "origin.test", rejectUnauthorized: false },
    ...{ minVersion: version, maxVersion: version, ...(cipher === undefined ? {} : { ciphers: cipher }) },
  });
  client.on("error", () => undefined);
  await once(client, "secureConnect");
  if (request !== "") await new Promise((resolve) => client.write(request, resolve));
  const closed = once(relay, "close");
  if (isOrderly) client.end();
  // Its Finished is sent with the first write, an empty one included.
  else client.write("", () => raw.end());
  await once(raw, "close");
  relay.close();
  server.close();
  await closed;
  return Buffer.concat(pieces);
}

const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const versions: readonly Pick<Conversation, "version" | "cipher" | "serverCurve">[] = [
  { version: "TLSv1.3" },
  { version: "TLSv1.3", serverCurve: "P-384" },
  { version: "TLSv1.2" },
  { version: "TLSv1.2", cipher: "ECDHE-RSA-CHACHA20-POLY1305" },
  { version: "TLSv1.2", cipher: "ECDHE-RSA-AES256-SHA384" },
  { version: "TLSv1.2", cipher: "AES128-SHA" },
];
const cases = versions.flatMap((version) =>
  ["", request].flatMap((sent) => [true, false].map((isOrderly) => ({ ...version, request: sent, isOrderly }))),
);

test.each(cases)("$version $cipher $serverCurve, request $request, orderly $isOrderly", async (conversation) => {
  const bytes = await clientBytes(conversation);
  for (const size of [bytes.length, 1, 7]) {
    const watch = createRecordWatch();
    let hasSpoken = false;
    for (let at = 0; at < bytes.length; at += size) hasSpoken = watch.push(bytes.subarray(at, at + size));
    expect(hasSpoken).toBe(conversation.request !== "");
  }
});
