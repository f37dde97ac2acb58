// TLS towards the client.
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { guard } from "../../sockets/guard.ts";
import { type ClientTlsProblem, clientTlsProblem, silentLeave } from "../connections/client-tls-problems.ts";
import { type HostPort, normalHost } from "../connections/host-and-port.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { whenSecure } from "./when-secure.ts";

export interface ClientSide {
  readonly client: Socket;
  readonly target: HostPort;
  /** The certificate for every client, whatever name it requests; null for a leaf of the inspection CA. */
  readonly ownCertificate: SecureContext | null;
}

/** A connection whose handshake is finished. */
export interface ClientTls {
  readonly socket: TLSSocket;
  /** How the client has left: call it at the end of a connection without a request. Null for an orderly end. */
  leaveProblem(): ClientTlsProblem | null;
}

/** A failed handshake. `hasShown`: the client has seen a certificate. */
export interface FailedHandshake {
  readonly problem: ClientTlsProblem;
  readonly hasShown: boolean;
}

/** Terminates the client's TLS. Resolves when the handshake is finished or has failed. */
export async function terminateTls(context: ProxyContext, side: ClientSide): Promise<ClientTls | FailedHandshake> {
  const { client } = side;
  // Over a closed socket Node would wait for a handshake for ever.
  if (client.destroyed) return { problem: clientTlsProblem({ code: "ECONNRESET" }), hasShown: false };
  const writtenBefore = client.bytesWritten;
  const socket = serverSide(context, side);
  const leaveProblem = watchLeave(client, socket);
  const error = await whenSecure(socket, { event: "secure", raw: client, limitMs: context.limits.handshakeMs });
  if (error === null) return { socket, leaveProblem };
  return { problem: clientTlsProblem(error), hasShown: client.bytesWritten > writtenBefore };
}

function serverSide({ authority, keylog }: ProxyContext, { client, target, ownCertificate }: ClientSide): TLSSocket {
  const contextFor = (name: string): SecureContext => ownCertificate ?? authority.leafContext(name);
  const socket = guard(
    new TLSSocket(client, {
      isServer: true,
      secureContext: contextFor(target.host),
      ALPNProtocols: ["http/1.1"],
      SNICallback: (name, answer) => {
        try {
          const requested = normalHost(name);
          const isCovered = requested !== null && authority.covers(requested);
          answer(null, contextFor(isCovered ? requested : target.host));
        } catch (error) {
          // An exception in OpenSSL's callback would end the process; passed to `answer` it ends this handshake.
          answer(error instanceof Error ? error : new Error("no certificate"));
        }
      },
    }),
  );
  if (keylog !== null) socket.on("keylog", keylog);
  return socket;
}

/** A client that validates a certificate for so long would have lost its connection to other servers, too. */
const validationMs = 15_000;

/**
 * Node does not report close_notify. It is the only record that a client without a request sends after its Finished, so
 * bytes after the handshake are one. Both may come in one packet: then the stream ends with the handshake, while the
 * end of the TCP connection is read later.
 */
function watchLeave(client: Socket, socket: TLSSocket): () => ClientTlsProblem | null {
  let [securedAt, bytesAtFinished, endedWithHandshake] = [0, 0, false];
  let alert: string | null = null;
  socket.once("secure", () => {
    securedAt = Date.now();
    bytesAtFinished = client.bytesRead;
    setImmediate(() => {
      endedWithHandshake = socket.readableEnded;
    });
  });
  socket.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code?.includes("_ALERT_") === true) alert ??= code;
  });
  return () => {
    if (alert !== null) return clientTlsProblem({ code: alert });
    const isOrderly = endedWithHandshake || client.bytesRead > bytesAtFinished;
    return isOrderly || Date.now() - securedAt > validationMs ? null : silentLeave;
  };
}
