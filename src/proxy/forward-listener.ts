// The forward listener: an HTTP proxy for CONNECT tunnels and `http://` requests.
import type { IncomingMessage, Server } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { closeWith } from "../sockets/close-with.ts";
import { DialError } from "./connections/dial-error.ts";
import { type HostPort, parseHostPort } from "./connections/host-and-port.ts";
import { reset } from "./connections/relay-bytes.ts";
import { failureAnswer } from "./interception/intercept.ts";
import { passThrough } from "./interception/pass-through.ts";
import { type ProxyContext, peerText, scopeMark } from "./interception/proxy-context.ts";
import { reportBug, serveIsolated } from "./interception/serve-isolated.ts";
import { serveTls } from "./interception/serve-tls.ts";
import { PlainProxy } from "./plain-http/plain-proxy.ts";
import { PlainRequests } from "./plain-http/plain-requests.ts";
import { serveUpgrade } from "./plain-http/plain-upgrade.ts";

/**
 * Creates the server, which does not listen yet. CONNECT is intercepted or tunnelled, `http://` requests are served.
 */
export function createForwardServer(context: ProxyContext): Server {
  const plain = new PlainRequests(context);
  const proxy = new PlainProxy(
    {
      admit: (request, response) => plain.admit(request, response),
      onFailure: (http, error) => plain.onFailure(http, error),
      onOver: (request) => plain.onOver(request),
      onBug: (error) => reportBug(context, error),
    },
    context.limits,
  );
  proxy.onRequest(proxy.fence((http, done) => plain.onRequest(http, done)));
  proxy.onResponse(proxy.fence((http, done) => plain.onResponse(http, done)));
  proxy.onResponseHeaders(proxy.fence((http, done) => plain.onResponseHeaders(http, done)));
  // The callback is never called: the package would terminate TLS itself, with its own files and ports.
  proxy.onConnect((request, socket, head: Buffer) => {
    const client = handedOver(context, proxy, socket);
    if (client !== null) serveIsolated(context, client, () => serveConnect(context, { request, client, head }));
  });
  proxy.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const client = handedOver(context, proxy, socket);
    if (client === null) return;
    context.connections.watch(client, { isBusy: () => true, end: () => client.destroy() });
    serveIsolated(context, client, () => serveUpgrade(context, proxy.server, { request, client, head }));
  });
  proxy.server.on("connection", (socket) => {
    socket.setNoDelay(true);
    const isBusy = (): boolean => proxy.isBusy(socket) || socket.writableLength > 0;
    if (context.connections.add(socket)) context.connections.watch(socket, { isBusy, end: () => socket.destroy() });
  });
  return proxy.server;
}

/**
 * The TCP socket of a CONNECT or an upgrade, without the timer of the HTTP server. Null, and closed, while an earlier
 * request has no whole answer: both would write to it.
 */
function handedOver(context: ProxyContext, proxy: PlainProxy, stream: Duplex): Socket | null {
  // The package types it as a stream; Node's server passes the TCP socket itself.
  if (!(stream instanceof Socket)) {
    stream.destroy();
    return null;
  }
  if (proxy.isBusy(stream)) {
    const reason = "a tunnel was requested before the answer to an earlier request";
    context.emit({ kind: "refused", at: Date.now(), client: peerText(stream), reason });
    reset(stream);
    return null;
  }
  return stream.setTimeout(0);
}

interface Connect {
  readonly request: IncomingMessage;
  readonly client: Socket;
  readonly head: Buffer;
}

async function serveConnect(context: ProxyContext, { request, client, head }: Connect): Promise<void> {
  const [peer, since] = [peerText(client), Date.now()];
  // At once: after the end of the client's stream nothing can be put back.
  if (head.length > 0) client.unshift(head);
  const parsed = parseHostPort(request.url ?? "");
  if (!parsed.ok) {
    const reason = `the CONNECT target is ${parsed.problem}`;
    context.emit({ kind: "refused", at: Date.now(), client: peer, reason });
    closeWith(client, failureAnswer(400, "Bad Request", reason));
    return;
  }
  const target = parsed.value;
  const upstream = await dialFor(context, client, target);
  if (upstream === null) return;
  try {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    await serveTunnel(context, { client, upstream, target, since });
  } finally {
    upstream.destroy();
  }
}

/** Connects to the target before CONNECT is answered, so that a failure gets an HTTP error. Null when it failed. */
async function dialFor(context: ProxyContext, client: Socket, target: HostPort): Promise<Socket | null> {
  const peer = peerText(client);
  // Closing the connection ends the dial as well.
  const leave = (): void => {
    client.destroy();
  };
  client.once("end", leave);
  try {
    return await context.dial(target, client);
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    const at = Date.now();
    const { host, port } = target;
    if (error.kind === "denied") {
      context.emit({ kind: "refused", at, client: peer, reason: error.reason });
      closeWith(client, failureAnswer(403, "Forbidden", error.reason));
    } else if (error.kind === "failed") {
      const scope = scopeMark(context, target);
      context.emit({ kind: "upstream-failed", at, client: peer, host, port, reason: error.reason, ...scope });
      // As the client would get it from that proxy without this one.
      closeWith(client, error.answer ?? failureAnswer(502, "Bad Gateway", error.reason));
    }
    return null;
  } finally {
    client.off("end", leave);
  }
}

interface Tunnel {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly target: HostPort;
  /** Epoch milliseconds of the CONNECT. */
  readonly since: number;
}

const tlsHandshakeRecord = 0x16;

async function serveTunnel(context: ProxyContext, { client, upstream, target, since }: Tunnel): Promise<void> {
  const { host, port } = target;
  const peer = peerText(client);
  const tunnel = async (reason: "out-of-scope" | "not-tls"): Promise<void> => {
    context.emit({ kind: "tunnel", at: Date.now(), client: peer, host, port, reason });
    await passThrough(context, client, upstream);
  };
  if (!(context.scope.covers(host, port) && context.authority.covers(host))) {
    await tunnel("out-of-scope");
    return;
  }
  // A server may speak first; then the protocol is not TLS.
  const first = await waitForFirstByte({ client, server: upstream, limitMs: context.limits.handshakeMs });
  if (first.from === "server" || (first.from === "client" && first.byte !== tlsHandshakeRecord)) {
    await tunnel("not-tls");
    return;
  }
  if (first.from === "nobody" && !isOver(client)) {
    client.destroy();
    return;
  }
  const dial = (): Promise<Socket> => Promise.resolve(upstream);
  await serveTls(context, { client, target, ownCertificate: null, since, dial });
}

type FirstByte =
  | { readonly from: "client" | "server"; readonly byte: number }
  /** One of them ended, or neither sent a byte in time. */
  | { readonly from: "nobody" };

/** Waits for the first byte on either of two new connections. The bytes are put back, to be read again. */
function waitForFirstByte(options: { client: Socket; server: Socket; limitMs: number }): Promise<FirstByte> {
  const { client, server, limitMs } = options;
  return new Promise((resolve) => {
    const look = (socket: Socket, from: "client" | "server") => () => {
      const bytes: Buffer | null = socket.read();
      if (bytes === null) {
        if (socket.readableEnded) settle({ from: "nobody" });
        return;
      }
      settle({ from, byte: bytes[0] ?? 0 });
      socket.unshift(bytes);
    };
    const onClient = look(client, "client");
    const onServer = look(server, "server");
    const nobody = (): void => settle({ from: "nobody" });
    const timer = setTimeout(nobody, limitMs);
    const settle = (first: FirstByte): void => {
      clearTimeout(timer);
      client.off("readable", onClient).off("end", nobody).off("close", nobody);
      server.off("readable", onServer).off("end", nobody).off("close", nobody);
      // A stream without a reader may keep flowing, and lose what is put back.
      client.pause();
      server.pause();
      resolve(first);
    };
    client.on("readable", onClient).on("end", nobody).on("close", nobody);
    server.on("readable", onServer).on("end", nobody).on("close", nobody);
    // A stream that has already ended emits no event.
    if (isOver(client) || isOver(server)) nobody();
  });
}

function isOver(socket: Socket): boolean {
  return socket.destroyed || socket.readableEnded;
}
