import { isIP, type Socket } from "node:net";
import { connect, type SecureContext, TLSSocket } from "node:tls";
import { type Endpoint, normalHost } from "./authority-text.ts";
import { breakOff, join } from "./join.ts";
import { type ProxyContext, peerText } from "./proxy-context.ts";
import { Tap } from "./tap.ts";
import { clientTlsProblem, isDistrust, upstreamTlsProblem } from "./tls-problems.ts";

export interface Interception {
  readonly client: Socket;
  /** Connected to the target, nothing sent yet; or why it could not be connected. */
  readonly upstream: Socket | { readonly failure: string };
  readonly target: Endpoint;
  /** The certificate shown to clients, whatever name they ask for; null takes a leaf of the inspection CA. */
  readonly ownCertificate: SecureContext | null;
}

/**
 * Ends the client's TLS, opens TLS to the target, and passes the bytes on. Both handshakes run side by side; nothing
 * of the client's is passed on before the target proved who it is. Resolves when both connections are closed.
 */
export async function intercept(context: ProxyContext, interception: Interception): Promise<void> {
  const { client, upstream, target } = interception;
  const peer = peerText(client);
  const address = client.remoteAddress ?? "";
  const [ended, opened] = await Promise.all([
    endTls(context, interception),
    "failure" in upstream ? upstream : openTls(context, upstream, target),
  ]);
  const at = Date.now();
  if ("failure" in opened && !("failure" in upstream)) {
    const { host } = target;
    context.emit({ kind: "tls-rejected", at, client: peer, host, side: "upstream", reason: opened.failure });
  }
  if ("failure" in ended) {
    const host = ended.name ?? target.host;
    if (isDistrust(ended.failure)) context.autoPassthrough.refused(address, host, at);
    context.emit({ kind: "tls-rejected", at, client: peer, host, side: "client", reason: ended.failure });
    client.destroy();
    if (!("failure" in opened)) opened.destroy();
    return;
  }
  if ("failure" in opened) {
    await answerFailure(ended, opened.failure, context.limits.handshakeMs);
    return;
  }
  if ("failure" in upstream) return;
  await passOn(context, { client, ended, upstream, opened, target });
}

interface Opened {
  readonly client: Socket;
  readonly ended: TLSSocket;
  readonly upstream: Socket;
  readonly opened: TLSSocket;
  readonly target: Endpoint;
}

async function passOn(context: ProxyContext, { client, ended, upstream, opened, target }: Opened): Promise<void> {
  const peer = peerText(client);
  const address = client.remoteAddress ?? "";
  const tap = createTap(context, { ...target, client: peer, scheme: "https" });
  const { idleMs, halfOpenIdleMs } = context.limits;
  let hasSpoken = false;
  ended.once("data", () => {
    hasSpoken = true;
    context.autoPassthrough.accepted(address, target.host);
  });
  context.connections.watch(client, {
    isBusy: () => tap.isBusy || ended.writableLength > 0,
    end: () => {
      ended.destroySoon();
      opened.destroySoon();
    },
  });
  await join({
    client: { stream: ended, raw: client },
    server: { stream: opened, raw: upstream },
    idleMs,
    halfOpenIdleMs,
    inspection: { tap, taps: context.taps },
  });
  if (hasSpoken || context.autoPassthrough.hasAccepted(address, target.host)) return;
  // SChannel and Node refuse a certificate by leaving, without a word.
  const [at, host, reason] = [
    Date.now(),
    target.host,
    "the client left without a request; it may not trust the inspection CA",
  ];
  context.autoPassthrough.refused(address, host, at);
  context.emit({ kind: "tls-rejected", at, client: peer, host, side: "client", reason });
}

/** A tap whose events go where the proxy's do. */
export function createTap(
  context: ProxyContext,
  subject: Endpoint & { readonly client: string; readonly scheme: "http" | "https" },
): Tap {
  return new Tap(
    { connection: context.nextConnectionId(), ...subject },
    {
      headLimit: context.limits.headBytes,
      bodyLimit: context.limits.bodyBytes,
      nextTransactionId: context.nextTransactionId,
      open: context.open,
      emit: context.deliveries.forConnection(),
    },
  );
}

interface Failure {
  readonly failure: string;
  readonly name?: string | null;
}

function endTls(context: ProxyContext, { client, target, ownCertificate }: Interception): Promise<TLSSocket | Failure> {
  const { authority } = context;
  const contextFor = (name: string): SecureContext => ownCertificate ?? authority.leafContext(name);
  let asked: string | null = null;
  const socket = new TLSSocket(client, {
    isServer: true,
    secureContext: contextFor(target.host),
    ALPNProtocols: ["http/1.1"],
    SNICallback: (name, answer) => {
      asked = normalHost(name);
      answer(null, asked !== null && authority.covers(asked) ? contextFor(asked) : contextFor(target.host));
    },
  });
  if (context.keylog !== null) socket.on("keylog", context.keylog);
  const secured = whenSecure(socket, "secure", context.limits.handshakeMs);
  return secured.then((error) => (error === null ? socket : { failure: clientTlsProblem(error), name: asked }));
}

async function openTls(context: ProxyContext, upstream: Socket, target: Endpoint): Promise<TLSSocket | Failure> {
  const socket = connect({
    socket: upstream,
    host: target.host,
    servername: isIP(target.host) === 0 ? target.host : "",
    secureContext: context.upstreamTrust,
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: !context.insecureUpstream.covers(target.host, target.port),
  });
  if (context.keylog !== null) socket.on("keylog", context.keylog);
  const error = await whenSecure(socket, "secureConnect", context.limits.handshakeMs);
  if (error === null) return socket;
  breakOff({ stream: socket, raw: upstream });
  return { failure: upstreamTlsProblem(error) };
}

/** Waits for the end of a handshake; gives null when it succeeded, else its error. */
function whenSecure(
  socket: TLSSocket,
  event: "secure" | "secureConnect",
  limitMs: number,
): Promise<{ readonly code?: string | undefined } | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle({ code: "ETIMEDOUT" }), limitMs);
    const onClose = (): void => settle({ code: "ECONNRESET" });
    const settle = (error: { readonly code?: string | undefined } | null): void => {
      clearTimeout(timer);
      socket.off("close", onClose);
      // The error listener stays until the socket is joined or destroyed: an error nobody listens to ends the process.
      resolve(error);
    };
    socket.once(event, () => settle(null));
    socket.on("error", (error: NodeJS.ErrnoException) => settle(error));
    socket.once("close", onClose);
  });
}

/** Tells the client over its own TLS why its request cannot be served. The request is not passed on to anyone. */
function answerFailure(client: TLSSocket, reason: string, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    client.once("close", () => resolve());
    client.setTimeout(limitMs, () => client.destroy());
    client.once("data", () => {
      client.end(failureAnswer(502, "Bad Gateway", reason));
      client.resume();
    });
    client.once("end", () => client.end());
  });
}

/** An answer of the proxy itself; `reason` must be our own words. */
export function failureAnswer(status: number, phrase: string, reason: string): string {
  const body = `realmscope: ${reason}\r\n`;
  return [
    `HTTP/1.1 ${status} ${phrase}`,
    "Content-Type: text/plain; charset=us-ascii",
    "X-Content-Type-Options: nosniff",
    `Content-Length: ${body.length}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}
