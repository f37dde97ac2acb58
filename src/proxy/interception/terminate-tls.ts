// TLS towards the client.
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { guard } from "../../sockets/guard.ts";
import { type HostPort, normalHost } from "../connections/host-and-port.ts";
import { clientTlsProblem } from "../connections/tls-problems.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { type HandshakeFailure, whenSecure } from "./when-secure.ts";

export interface ClientSide {
  readonly client: Socket;
  readonly target: HostPort;
  /** The certificate for every client, whatever name it requests; null for a leaf of the inspection CA. */
  readonly ownCertificate: SecureContext | null;
}

/** Terminates the client's TLS. Resolves when the handshake is finished or has failed. */
export async function terminateTls(
  context: ProxyContext,
  { client, target, ownCertificate }: ClientSide,
): Promise<TLSSocket | HandshakeFailure> {
  // Over a closed socket Node would wait for a handshake for ever.
  if (client.destroyed) return { failure: clientTlsProblem({ code: "ECONNRESET" }) };
  const { authority } = context;
  const contextFor = (name: string): SecureContext => ownCertificate ?? authority.leafContext(name);
  let requestedName: string | null = null;
  const socket = guard(
    new TLSSocket(client, {
      isServer: true,
      secureContext: contextFor(target.host),
      ALPNProtocols: ["http/1.1"],
      SNICallback: (name, answer) => {
        try {
          requestedName = normalHost(name);
          answer(
            null,
            requestedName !== null && authority.covers(requestedName)
              ? contextFor(requestedName)
              : contextFor(target.host),
          );
        } catch (error) {
          // An exception in OpenSSL's callback would end the process; passed to `answer` it ends this handshake.
          answer(error instanceof Error ? error : new Error("no certificate"));
        }
      },
    }),
  );
  if (context.keylog !== null) socket.on("keylog", context.keylog);
  const error = await whenSecure(socket, "secure", context.limits.handshakeMs);
  return error === null ? socket : { failure: clientTlsProblem(error), name: requestedName };
}
