// TLS towards the target.
import type { X509Certificate } from "node:crypto";
import { isIP, type Socket } from "node:net";
import { connect, type SecureContext, type TLSSocket } from "node:tls";
import { guard } from "../../sockets/guard.ts";
import type { KnownIssuers } from "../certificates/known-issuers.ts";
import type { HostPort } from "../connections/host-and-port.ts";
import { breakOff } from "../connections/relay-bytes.ts";
import type { Scope } from "../connections/scope.ts";
import {
  missingIntermediate,
  type UpstreamTlsProblem,
  upstreamTlsProblem,
  wantedCertificate,
} from "../connections/upstream-tls-problems.ts";
import { whenSecure } from "./when-secure.ts";

/** How targets are verified. */
export interface TargetTls {
  /** Created once, because reading all roots is slow. */
  readonly upstreamTrust: SecureContext;
  readonly knownIssuers: KnownIssuers;
  readonly insecureUpstream: Scope;
  /** Receives the TLS secrets of a connection; null without a key log. */
  readonly keylog: ((line: Buffer) => void) | null;
  readonly limits: { readonly handshakeMs: number };
}

/** Opens TLS to the target over a connected socket, and verifies its certificate. */
export async function openTls(
  context: TargetTls,
  upstream: Socket,
  target: HostPort,
  protocol: "http/1.1" | "h2" = "http/1.1",
): Promise<TLSSocket | UpstreamTlsProblem> {
  if (upstream.destroyed) return upstreamTlsProblem({ code: "ECONNRESET" });
  const socket = guard(
    connect({
      socket: upstream,
      host: target.host,
      servername: isIP(target.host) === 0 ? target.host : "",
      secureContext: context.upstreamTrust,
      ALPNProtocols: [protocol],
      // Verified all the same, and judged below: Node would destroy the connection together with its certificates, which are
      // the evidence.
      rejectUnauthorized: false,
    }),
  );
  if (context.keylog !== null) socket.on("keylog", context.keylog);
  noteRequestedCertificate(socket);
  let refusal: UpstreamTlsProblem | null = null;
  // At once, as Node does it: the target must not see a finished handshake.
  socket.once("secureConnect", () => {
    if (socket.authorized || context.insecureUpstream.covers(target.host, target.port)) return;
    refusal = explainRefusal(context, socket);
    socket.destroy(new Error("the target is not verified"));
  });
  const error = await whenSecure(socket, {
    event: "secureConnect",
    raw: upstream,
    limitMs: context.limits.handshakeMs,
  });
  if (error === null && refusal === null) return socket;
  breakOff({ stream: socket, raw: upstream });
  return refusal ?? explainFailure(socket, error);
}

/** Up to TLS 1.2 a missing client certificate ends the handshake, with an alert that also means other things. */
function explainFailure(socket: TLSSocket, error: { readonly code?: string | undefined } | null): UpstreamTlsProblem {
  const problem = upstreamTlsProblem(error);
  const hasRefused = problem.cause === "refused" || problem.cause === "left" || problem.cause === "other";
  return hasRefused && wantsCertificate(socket) ? wantedCertificate(problem.code) : problem;
}

/** The handshake is finished, and the certificate of the target was not verified. */
function explainRefusal({ knownIssuers }: TargetTls, socket: TLSSocket): UpstreamTlsProblem {
  // A code, other than the typings of Node say.
  const code: unknown = socket.authorizationError;
  const problem = upstreamTlsProblem({ code: typeof code === "string" ? code : "UNSPECIFIED" });
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined || problem.cause !== "unknown-ca" || !knownIssuers.lacksIntermediate(lastOf(leaf)))
    return problem;
  return missingIntermediate(problem.code);
}

/** The end of the chain from the leaf, of those certificates that were sent, in whatever order. */
function lastOf(leaf: X509Certificate): X509Certificate {
  const sent = new Set<X509Certificate>();
  // Node links each certificate with the next that was sent. Bounded, because a server can send many.
  for (let next = leaf.issuerCertificate; next !== undefined && sent.size < mostSent; next = next.issuerCertificate) {
    if (next === leaf) break;
    sent.add(next);
  }
  let last = leaf;
  for (const _ of sent) {
    const issuer = [...sent].find((candidate) => candidate !== last && last.checkIssued(candidate));
    if (issuer === undefined) return last;
    last = issuer;
  }
  return last;
}

const mostSent = 10;

const requested = new WeakSet<TLSSocket>();

/**
 * Notes that the target requests a client certificate. A client knows shared signature algorithms only from a
 * CertificateRequest (SSL_get_shared_sigalgs(3)); after a handshake that was refused Node has no connection to read them
 * from, so they are read when the secrets are made, which follows that message in every version.
 */
function noteRequestedCertificate(socket: TLSSocket): void {
  socket.on("keylog", () => {
    if (requested.has(socket)) return;
    const algorithms: readonly string[] | null = socket.getSharedSigalgs();
    if (algorithms !== null && algorithms.length > 0) requested.add(socket);
  });
}

/** Whether the target has requested a client certificate on this connection, required or not. */
export function wantsCertificate(socket: TLSSocket): boolean {
  return requested.has(socket);
}
