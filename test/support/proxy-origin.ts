import type { RequestListener } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import { buildTestCertificate, type TestCertificate } from "./proxy-certificates.ts";

export interface Origin {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** PEM of the root that signed the origin's certificate. */
  readonly rootPem: string;
}

/** An HTTPS origin on loopback whose certificate names the given hosts. */
export async function startHttpsOrigin(hosts: readonly string[], serve: RequestListener): Promise<Origin> {
  const certificate = buildTestCertificate({ hosts });
  const server = createHttpsServer({ key: certificate.key, cert: certificate.cert }, serve);
  server.keepAliveTimeout = 60_000;
  return started(server, certificate);
}

/** A TLS origin that speaks whatever the test wants; `raw` is the TCP socket under it. */
export async function startTlsOrigin(
  hosts: readonly string[],
  serve: (socket: TLSSocket, raw: Socket) => void,
  certificate?: TestCertificate,
): Promise<Origin> {
  const used = certificate ?? buildTestCertificate({ hosts });
  const raws = new Map<number | undefined, Socket>();
  const options = { key: used.key, cert: used.cert, allowHalfOpen: true, ALPNProtocols: ["http/1.1"] };
  const server = createTlsServer(options, (socket) => {
    const raw = raws.get(socket.remotePort);
    if (raw === undefined) throw new Error("a TLS connection without a TCP connection");
    serve(socket, raw);
  });
  server.on("connection", (raw: Socket) => raws.set(raw.remotePort, raw));
  return started(server, used);
}

/** A plain TCP origin. */
export async function startTcpOrigin(serve: (socket: Socket) => void): Promise<Origin> {
  return started(createTcpServer({ allowHalfOpen: true }, serve), null);
}

async function started(server: Server | HttpsServer, certificate: TestCertificate | null): Promise<Origin> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", (_, socket: TLSSocket) => socket.destroy());
  server.on("secureConnection", (socket: TLSSocket) => socket.on("error", () => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return { host: "127.0.0.1", port, rootPem: certificate?.rootPem ?? "" };
}
