// The servers that the clients call: one handler behind HTTP/1.1, behind HTTP/2 with and without HTTP/1.1, and behind plain HTTP.
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { buildTestCertificate, type TestCertificate } from "../support/proxy-certificates.ts";
import { challengeMessage, messageType } from "./ntlm-messages.ts";

/** Every client resolves this name to this machine without being told, and `watch` treats it as any other name. */
export const originName = "localhost";

/** `both` speaks HTTP/2 and HTTP/1.1, as its client prefers; `http2` refuses HTTP/1.1. */
export type OriginKind = "http1" | "both" | "http2" | "plain";

export interface Origins {
  readonly certificate: TestCertificate;
  /** Port of each kind, and of the same server once more: for one in scope and one out of scope. */
  readonly ports: Readonly<Record<OriginKind, readonly [number, number]>>;
  /** Resolves when no client is connected to any of them. */
  whenIdle(): Promise<void>;
  stop(): Promise<void>;
}

/** The calls that every client makes, by the name that a difference is reported with. */
export interface PlannedCall {
  readonly name: string;
  readonly method: "GET" | "POST" | "HEAD";
  readonly path: string;
  /** Bytes of its body. */
  readonly bytes: number;
}

export const plan: readonly PlannedCall[] = [
  { name: "GET", method: "GET", path: "/text", bytes: 0 },
  { name: "401 with three challenges", method: "GET", path: "/refused", bytes: 0 },
  { name: "gzip", method: "GET", path: "/gzip", bytes: 0 },
  { name: "1 MB in chunks", method: "GET", path: "/large", bytes: 0 },
  { name: "POST of 100 KB", method: "POST", path: "/echo", bytes: 100_000 },
  { name: "302", method: "GET", path: "/moved", bytes: 0 },
  { name: "HEAD", method: "HEAD", path: "/text", bytes: 0 },
  { name: "404", method: "GET", path: "/nothing", bytes: 0 },
];

// Constant, so that the fields of two calls can be compared.
const date = "Tue, 01 Dec 2026 00:00:00 GMT";
const challenges = [
  'Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers="00000001-0000-0000-c000-000000000000@*"',
  "Negotiate",
  "NTLM",
];

function send(
  response: ServerResponse,
  status: number,
  fields: Record<string, string | string[]>,
  body: string | Buffer,
): void {
  response.writeHead(status, { Date: date, "Content-Length": Buffer.byteLength(body), ...fields }).end(body);
}

const pages: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  "/text": (_, response) => {
    const fields = { "Content-Type": "text/plain", "Set-Cookie": ["a=1; path=/", "b=2; path=/"], "X-FEServer": "EX01" };
    send(response, 200, { ...fields, "request-id": "6d1b3a0c-8f0c-4f8e-9d3c-2f6f3f7d9a11" }, "text of the origin\n");
  },
  "/refused": (_, response) => send(response, 401, { "WWW-Authenticate": challenges }, "refused\n"),
  "/gzip": (_, response) => {
    send(response, 200, { "Content-Encoding": "gzip" }, gzipSync("a body that is sent compressed\n".repeat(100)));
  },
  "/moved": (_, response) => send(response, 302, { Location: "/text" }, ""),
  "/large": (_, response) => {
    response.writeHead(200, { Date: date, "Content-Type": "application/octet-stream" });
    for (let part = 0; part < 16; part += 1) response.write(Buffer.alloc(65_536, 97 + part));
    response.end();
  },
};

/** A handler; it remembers which connections NTLM signed in, as IIS does. */
function createHandler(): RequestListener {
  const signedIn = new WeakSet<Socket>();
  return (request, response) => {
    if (request.url === "/ntlm") {
      signIn(request, response, signedIn);
      return;
    }
    if (request.url === "/echo") {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => send(response, 200, {}, Buffer.concat(pieces)));
      return;
    }
    request.resume();
    const page = pages[request.url ?? ""];
    if (page === undefined) send(response, 404, {}, "not found\n");
    else page(request, response);
  };
}

function signIn(request: IncomingMessage, response: ServerResponse, signedIn: WeakSet<Socket>): void {
  request.resume();
  const token = /^NTLM (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  const type = token === undefined ? null : messageType(token);
  if (type === 3) signedIn.add(request.socket);
  if (signedIn.has(request.socket)) send(response, 200, {}, "signed in\n");
  else send(response, 401, { "WWW-Authenticate": type === 1 ? `NTLM ${challengeMessage()}` : "NTLM" }, "");
}

/** Starts them on free ports of loopback; the caller stops them. */
export async function startOrigins(): Promise<Origins> {
  const certificate = buildTestCertificate({ hosts: [originName] });
  const { key, cert } = certificate;
  const handler = createHandler();
  const compatible = handler as unknown as Parameters<typeof createSecureServer>[1];
  const make: Readonly<Record<OriginKind, () => Server>> = {
    http1: () => createHttpsServer({ key, cert }, handler),
    both: () => createSecureServer({ key, cert, allowHTTP1: true }, compatible),
    http2: () => createSecureServer({ key, cert, allowHTTP1: false }, compatible),
    plain: () => createHttpServer(handler),
  };
  const sockets = new Set<Socket>();
  const idle: (() => void)[] = [];
  const servers: Server[] = [];
  const startTwice = async (kind: OriginKind): Promise<readonly [number, number]> => {
    const pair = [make[kind](), make[kind]()] as const;
    for (const server of pair) {
      servers.push(server);
      server.on("connection", (socket: Socket) => {
        sockets.add(socket);
        socket
          .on("error", () => socket.destroy())
          .on("close", () => {
            sockets.delete(socket);
            if (sockets.size === 0) for (const resolve of idle.splice(0)) resolve();
          });
      });
    }
    return [await listen(pair[0]), await listen(pair[1])];
  };
  const ports = {
    http1: await startTwice("http1"),
    both: await startTwice("both"),
    http2: await startTwice("http2"),
    plain: await startTwice("plain"),
  };
  return {
    certificate,
    ports,
    whenIdle: () => new Promise((resolve) => (sockets.size === 0 ? resolve() : idle.push(resolve))),
    async stop() {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
