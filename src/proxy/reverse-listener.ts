import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContext } from "node:tls";
import { ToolError } from "../core/tool-error.ts";
import type { Endpoint } from "./authority-text.ts";
import { DialError } from "./dial-error.ts";
import { intercept } from "./intercept.ts";
import { type ProxyContext, peerText } from "./proxy-context.ts";

/** The server's own certificate with its key: clients see the certificate they know, and channel bindings stay whole. */
export type OwnCertificate =
  | { readonly key: string; readonly cert: string }
  | { readonly pfx: Uint8Array; readonly passphrase?: string };

/** A server that sends every connection to one target, TLS ended on both sides. It does not listen yet. */
export function createReverseServer(context: ProxyContext, target: Endpoint, own: OwnCertificate | null): Server {
  const ownCertificate = own === null ? null : openCertificate(own);
  return createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 },
    (client) => {
      if (context.connections.add(client)) void serve(context, { client, target, ownCertificate });
    },
  );
}

async function serve(
  context: ProxyContext,
  { client, target, ownCertificate }: { client: Socket; target: Endpoint; ownCertificate: SecureContext | null },
): Promise<void> {
  const peer = peerText(client);
  const upstream = await context.dial(target).catch((error: unknown) => {
    if (!(error instanceof DialError)) throw error;
    const { host, port } = target;
    context.emit({ kind: "upstream-failed", at: Date.now(), client: peer, host, port, reason: error.reason });
    return { failure: error.reason };
  });
  await intercept(context, { client, upstream, target, ownCertificate });
}

/** Throws ToolError when key and certificate do not belong together, or the pass-phrase is wrong. */
export function openCertificate(own: OwnCertificate): SecureContext {
  try {
    if ("cert" in own) return createSecureContext({ key: own.key, cert: own.cert });
    const passphrase = own.passphrase === undefined ? {} : { passphrase: own.passphrase };
    return createSecureContext({ pfx: Buffer.from(own.pfx), ...passphrase });
  } catch (cause) {
    throw new ToolError("certificate-unusable", "The certificate and key of the reverse listener cannot be used.", {
      hint: "Check that the key belongs to the certificate, and the passphrase of the PFX file.",
      cause,
    });
  }
}
