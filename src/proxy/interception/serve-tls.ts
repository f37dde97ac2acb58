// A connection whose client speaks TLS: read, passed through, or left by its client before it is either.

import type { Socket } from "node:net";
import type { Passing } from "../connections/auto-passthrough.ts";
import { clientTlsProblem } from "../connections/client-tls-problems.ts";
import { breakOff } from "../connections/relay-bytes.ts";
import { type ClientConnection, connectionOf } from "./client-outcomes.ts";
import { intercept } from "./intercept.ts";
import { passTls } from "./pass-through.ts";
import { type ProxyContext, peerText } from "./proxy-context.ts";
import { type FirstFlight, readClientHello } from "./read-client-hello.ts";
import type { ClientSide } from "./terminate-tls.ts";
import { helloFacts } from "./tls-program.ts";

export interface TlsService extends ClientSide {
  /** Epoch milliseconds of the beginning of the connection. */
  readonly since: number;
  /** Connects to the target, or fails with words of this program. Called once, after the ClientHello has come. */
  dial(): Promise<Socket | { readonly failure: string }>;
}

/**
 * Serves a connection from its ClientHello on. A client that leaves before it needs no connection to the target, and is
 * counted, not reported. Resolves when both connections are closed.
 */
export async function serveTls(context: ProxyContext, service: TlsService): Promise<void> {
  const { client, target, ownCertificate, dial } = service;
  const peer = peerText(client);
  // Made while the ClientHello is on its way, and cached.
  if (ownCertificate === null) context.authority.leafContext(target.host);
  const flight = await readClientHello(client, context.limits.handshakeMs);
  const connection = describe(context, service, { peer, flight });
  if (flight.kind === "left" || flight.kind === "timeout") {
    if (!context.connections.wasEnded(client)) reportLeft(context, connection, flight);
    client.destroy();
    return;
  }
  const passing = decide(context, connection, flight);
  const upstream = dial();
  if (passing === null) {
    await intercept(context, { ...service, connection, upstream });
    return;
  }
  const server = await upstream;
  if ("failure" in server) breakOff({ stream: client, raw: client });
  else await passTls(context, { client, server, connection, passing });
}

/** Why the connection passes through unread; null when it is opened. */
function decide(
  { outcomes, targetPassthrough }: ProxyContext,
  connection: ClientConnection,
  flight: FirstFlight,
): Passing | null {
  const reason = targetPassthrough.reasonFor(connection.target);
  if (reason !== null) return { reason, isTrial: false };
  return outcomes.decide(connection, flight.kind === "hello" ? flight.hello.alpn : null);
}

function describe(
  context: ProxyContext,
  { target, ownCertificate, client, since }: TlsService,
  { peer, flight }: { readonly peer: string; readonly flight: FirstFlight },
): ClientConnection {
  const name = flight.kind === "hello" ? flight.hello.serverName : null;
  const { authority } = context;
  const leafHost = name !== null && authority.covers(name) ? name : target.host;
  return connectionOf(client, {
    peer,
    host: name ?? target.host,
    target,
    certificate: ownCertificate === null ? authority.issuerOf(leafHost) : "own",
    since,
    hello: flight.kind === "hello" ? helloFacts(flight.hello) : null,
  });
}

function reportLeft(
  { outcomes }: ProxyContext,
  connection: ClientConnection,
  { kind, bytes }: { readonly kind: "left" | "timeout"; readonly bytes: number },
): void {
  if (kind === "left" || bytes === 0) outcomes.probed(connection, "connects");
  else outcomes.failed(connection, clientTlsProblem({ code: "ETIMEDOUT" }));
}
