import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContext } from "node:tls";
import { ToolError } from "../core/tool-error.ts";
import { guardServer } from "../sockets/guard.ts";
import { DialError } from "./connections/dial-error.ts";
import type { HostPort } from "./connections/host-and-port.ts";
import { intercept } from "./interception/intercept.ts";
import { passThrough } from "./interception/pass-through.ts";
import { type ProxyContext, peerText } from "./interception/proxy-context.ts";
import { serveIsolated } from "./interception/serve-isolated.ts";

/** The server's own certificate with its key: clients see the certificate they know, and channel bindings hold. */
export type OwnCertificate =
  | { readonly key: string; readonly cert: string }
  | { readonly pfx: Uint8Array; readonly passphrase?: string };

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
  { client, target, ownCertificate }: { client: Socket; target: HostPort; ownCertificate: SecureContext | null },
): Promise<void> {
  const peer = peerText(client);
  // A client that ends without a byte is a port check: it needs no connection to the target.
  const leave = (): void => {
    client.destroy();
  };
  client.once("end", leave);
  const upstream = await context.dial(target, client).catch((error: unknown) => {
    if (error instanceof DialError) return error;
    throw error;
  });
  client.off("end", leave);
  if (!(upstream instanceof DialError)) {
    try {
      const failing = context.targetPassthrough.reasonFor(target);
      if (failing !== null) {
        context.emit({ kind: "tunnel", at: Date.now(), client: peer, ...target, reason: failing });
        await passThrough(context, client, upstream);
        return;
      }
      await intercept(context, { client, upstream, target, ownCertificate });
    } finally {
      upstream.destroy();
    }
    return;
  }
  const { kind, reason } = upstream;
  if (kind !== "abandoned") {
    const { host, port } = target;
    context.emit({ kind: "upstream-failed", at: Date.now(), client: peer, host, port, reason });
  }
  await intercept(context, { client, upstream: { failure: reason }, target, ownCertificate });
}

/** Throws ToolError `certificate-unusable` when key and certificate do not match, or the pass-phrase is wrong. */
export function openCertificate(own: OwnCertificate): SecureContext {
  try {
    if ("cert" in own) return createSecureContext({ key: own.key, cert: own.cert });
    const passphrase = own.passphrase === undefined ? {} : { passphrase: own.passphrase };
    return createSecureContext({ pfx: Buffer.from(own.pfx), ...passphrase });
  } catch (cause) {
    throw new ToolError("certificate-unusable", "The certificate and key of the reverse listener cannot be used.", {
      hint: "Check that the key belongs to the certificate, and that the pass-phrase of the PFX file is right.",
      cause,
    });
  }
}
