// TLS towards the target.
import { isIP, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { guard } from "../../sockets/guard.ts";
import type { HostPort } from "../connections/host-and-port.ts";
import { breakOff } from "../connections/relay-bytes.ts";
import { type UpstreamTlsProblem, upstreamTlsProblem } from "../connections/upstream-tls-problems.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { whenSecure } from "./when-secure.ts";

/** Opens TLS to the target over a connected socket, and verifies its certificate. */
export async function openTls(
  context: ProxyContext,
  upstream: Socket,
  target: HostPort,
): Promise<TLSSocket | UpstreamTlsProblem> {
  if (upstream.destroyed) return upstreamTlsProblem({ code: "ECONNRESET" });
  const socket = guard(
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
  return upstreamTlsProblem(error);
}
