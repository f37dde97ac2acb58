import { createServer, type Server, Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { guardServer } from "../sockets/guard.ts";
import { type OwnCertificate, openCertificate } from "./certificates/own-certificate.ts";
import { DialError } from "./connections/dial-error.ts";
import type { HostPort } from "./connections/host-and-port.ts";
import { type ProxyContext, peerText } from "./interception/proxy-context.ts";
import { serveIsolated } from "./interception/serve-isolated.ts";
import { serveTls } from "./interception/serve-tls.ts";

/**
 * Creates a server that relays every connection to one target, with TLS terminated on both sides. It does not listen
 * yet.
 */
export function createReverseServer(context: ProxyContext, target: HostPort, own: OwnCertificate | null): Server {
  const ownCertificate = own === null ? null : openCertificate(own);
  const server = guardServer(
    createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }),
  );
  return server.on("connection", (client: Socket) => {
    if (!context.connections.add(client)) return;
    serveIsolated(context, client, () => serve(context, { client, target, ownCertificate }));
  });
}

async function serve(
  context: ProxyContext,
  side: { readonly client: Socket; readonly target: HostPort; readonly ownCertificate: SecureContext | null },
): Promise<void> {
  const opened: Socket[] = [];
  // Clients of TLS speak first: a connection without a byte, such as a health check, does not reach the target.
  const dial = async (): Promise<Socket | { readonly failure: string }> => {
    const upstream = await dialFor(context, side);
    if (upstream instanceof Socket) opened.push(upstream);
    return upstream;
  };
  try {
    await serveTls(context, { ...side, since: Date.now(), dial });
  } finally {
    for (const upstream of opened) upstream.destroy();
  }
}

async function dialFor(
  context: ProxyContext,
  { client, target }: { readonly client: Socket; readonly target: HostPort },
): Promise<Socket | { readonly failure: string }> {
  const peer = peerText(client);
  try {
    return await context.dial(target, client);
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    const { kind, reason } = error;
    if (kind !== "abandoned") {
      context.emit({ kind: "upstream-failed", at: Date.now(), client: peer, ...target, reason });
    }
    return { failure: reason };
  }
}
