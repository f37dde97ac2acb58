import { isIP, type Socket } from "node:net";
import { connect, type SecureContext, TLSSocket } from "node:tls";
import { closeWith } from "../../sockets/close-with.ts";
import { guarded } from "../../sockets/guarded.ts";
import { type HostPort, normalHost } from "../connections/host-and-port.ts";
import { breakOff, relayBytes } from "../connections/relay-bytes.ts";
import { clientTlsProblem, isDistrust, upstreamTlsProblem } from "../connections/tls-problems.ts";
import { Tap } from "../tap/tap.ts";
import { type ProxyContext, peerText } from "./proxy-context.ts";

export interface Interception {
  readonly client: Socket;
  /** Connected to the target, nothing sent yet; or why it could not be connected. */
  readonly upstream: Socket | { readonly failure: string };
  readonly target: HostPort;
  /** The certificate shown to clients, whatever name they ask for; null takes a leaf of the inspection CA. */
  readonly ownCertificate: SecureContext | null;
}

/**
 * Ends the client's TLS, opens TLS to the target, and passes the bytes on. Both handshakes run side by side; nothing
 * of the client's is passed on before the target proved who it is. A client that leaves meanwhile ends the target's
 * handshake. Resolves when both connections are closed.
 */
export async function intercept(context: ProxyContext, interception: Interception): Promise<void> {
  const { client, upstream, target } = interception;
  const [peer, address] = [peerText(client), client.remoteAddress ?? ""];
  let hasLeft = false;
  const leave = (): void => {
    hasLeft = true;
    if (!("failure" in upstream)) upstream.destroy();
  };
  const [ended, opened] = await Promise.all([
    terminateTls(context, interception).then((outcome) => {
      if ("failure" in outcome) leave();
      else outcome.once("end", leave).once("close", leave);
      return outcome;
    }),
    "failure" in upstream
      ? upstream
      : openTls(context, upstream, target).then((outcome) => {
          if (!("failure" in outcome)) return outcome;
          // What ends because the client left says nothing of the target.
          if (hasLeft) return null;
          reportRejected(context, { client: peer, host: target.host, side: "upstream", reason: outcome.failure });
          return outcome;
        }),
  ]);
  if ("failure" in ended) {
    const host = ended.name ?? target.host;
    if (isDistrust(ended.failure)) context.autoPassthrough.recordRefusal(address, host, Date.now());
    reportRejected(context, { client: peer, host, side: "client", reason: ended.failure });
    client.destroy();
    return;
  }
  ended.off("end", leave).off("close", leave);
  if (hasLeft) client.destroy();
  if (opened === null || (hasLeft && !("failure" in opened))) {
    reportSilentClient(context, { peer, address, host: target.host });
  } else if ("failure" in opened) {
    if (!hasLeft) await answerFailure(ended, opened.failure, context.limits.handshakeMs);
  } else if (!("failure" in upstream)) {
    await passOn(context, { client, ended, upstream, opened, target });
  }
}

function reportRejected(
  context: ProxyContext,
  rejected: { client: string; host: string; side: "client" | "upstream"; reason: string },
): void {
  context.emit({ kind: "tls-rejected", at: Date.now(), ...rejected });
}

/** SChannel and Node refuse a certificate by leaving, without a word. */
function reportSilentClient(
  context: ProxyContext,
  { peer, address, host }: { peer: string; address: string; host: string },
): void {
  if (context.autoPassthrough.hasAccepted(address, host)) return;
  context.autoPassthrough.recordRefusal(address, host, Date.now());
  const reason = "the client left without a request; it may not trust the inspection CA";
  reportRejected(context, { client: peer, host, side: "client", reason });
}

interface Opened {
  readonly client: Socket;
  readonly ended: TLSSocket;
  readonly upstream: Socket;
  readonly opened: TLSSocket;
  readonly target: HostPort;
}

async function passOn(context: ProxyContext, { client, ended, upstream, opened, target }: Opened): Promise<void> {
  const peer = peerText(client);
  const address = client.remoteAddress ?? "";
  const tap = createTap(context, { ...target, client: peer, scheme: "https" });
  const { idleMs, halfOpenIdleMs } = context.limits;
  let hasSpoken = false;
  ended.once("data", () => {
    hasSpoken = true;
    context.autoPassthrough.recordAcceptance(address, target.host);
  });
  context.connections.watch(client, {
    isBusy: () => tap.isBusy || ended.writableLength > 0,
    end: () => {
      ended.destroySoon();
      opened.destroySoon();
    },
  });
  await relayBytes({
    client: { stream: ended, raw: client },
    server: { stream: opened, raw: upstream },
    idleMs,
    halfOpenIdleMs,
    inspection: { tap, taps: context.tapQueue },
  });
  if (!hasSpoken) reportSilentClient(context, { peer, address, host: target.host });
}

/** A tap whose events go where the proxy's do. */
export function createTap(
  context: ProxyContext,
  subject: HostPort & { readonly client: string; readonly scheme: "http" | "https" },
): Tap {
  return new Tap(
    { connection: context.nextConnectionId(), ...subject },
    {
      headLimit: context.limits.headBytes,
      bodyLimit: context.limits.bodyBytes,
      nextTransactionId: context.nextTransactionId,
      pendingRequests: context.pendingRequests,
      emit: context.codings.forConnection(),
    },
  );
}

interface Failure {
  readonly failure: string;
  readonly name?: string | null;
}

async function terminateTls(
  context: ProxyContext,
  { client, target, ownCertificate }: Interception,
): Promise<TLSSocket | Failure> {
  // Over a socket that is closed Node would wait for a handshake that never comes.
  if (client.destroyed) return { failure: clientTlsProblem({ code: "ECONNRESET" }) };
  const { authority } = context;
  const contextFor = (name: string): SecureContext => ownCertificate ?? authority.leafContext(name);
  let asked: string | null = null;
  const socket = guarded(
    new TLSSocket(client, {
      isServer: true,
      secureContext: contextFor(target.host),
      ALPNProtocols: ["http/1.1"],
      SNICallback: (name, answer) => {
        try {
          asked = normalHost(name);
          answer(null, asked !== null && authority.covers(asked) ? contextFor(asked) : contextFor(target.host));
        } catch (error) {
          // Thrown into OpenSSL's callback it would end the process; answered so it ends this handshake.
          answer(error instanceof Error ? error : new Error("no certificate"));
        }
      },
    }),
  );
  if (context.keylog !== null) socket.on("keylog", context.keylog);
  const error = await whenSecure(socket, "secure", context.limits.handshakeMs);
  return error === null ? socket : { failure: clientTlsProblem(error), name: asked };
}

async function openTls(context: ProxyContext, upstream: Socket, target: HostPort): Promise<TLSSocket | Failure> {
  if (upstream.destroyed) return { failure: upstreamTlsProblem({ code: "ECONNRESET" }) };
  const socket = guarded(
    connect({
      socket: upstream,
      host: target.host,
      servername: isIP(target.host) === 0 ? target.host : "",
      secureContext: context.upstreamTrust,
      ALPNProtocols: ["http/1.1"],
      rejectUnauthorized: !context.insecureUpstream.covers(target.host, target.port),
    }),
  );
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
    // Told from within OpenSSL, and promises are run there, too: what destroys the socket then makes it use freed memory.
    const onSecure = (): void => {
      setImmediate(() => settle(null));
    };
    const settle = (error: { readonly code?: string | undefined } | null): void => {
      clearTimeout(timer);
      socket.off(event, onSecure).off("error", settle).off("end", onClose).off("close", onClose);
      resolve(error);
    };
    // Within a handshake an end of the other side is an end of it all.
    socket.on(event, onSecure).on("error", settle).on("end", onClose).on("close", onClose);
  });
}

/** Tells the client over its own TLS why its request cannot be served. The request is not passed on to anyone. */
function answerFailure(client: TLSSocket, reason: string, limitMs: number): Promise<void> {
  if (client.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => client.destroy(), limitMs);
    client.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    client.once("data", () => closeWith(client, failureAnswer(502, "Bad Gateway", reason)));
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
