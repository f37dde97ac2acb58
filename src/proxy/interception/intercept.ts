// Terminates TLS on both sides of a connection and relays the bytes between them.
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { closeWith } from "../../sockets/close-with.ts";
import type { HostPort } from "../connections/host-and-port.ts";
import { relayBytes } from "../connections/relay-bytes.ts";
import type { ClientConnection } from "./client-outcomes.ts";
import { watchFirstAnswer } from "./late-refusal.ts";
import { openTls } from "./open-tls.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { reportTarget } from "./report-target.ts";
import { type ClientSide, type ClientTls, type FailedHandshake, terminateTls } from "./terminate-tls.ts";

export interface Interception extends ClientSide {
  readonly connection: ClientConnection;
  /** Connected to the target, nothing sent yet; or why it could not be connected. */
  readonly upstream: Promise<Socket | { readonly failure: string }>;
}

/**
 * Terminates the client's TLS, opens TLS to the target, and relays the bytes. Both handshakes run in parallel; no byte
 * of the client is relayed before the target is verified. A client that leaves meanwhile ends both connections at once.
 * Resolves when both are closed.
 */
export async function intercept(context: ProxyContext, interception: Interception): Promise<void> {
  const { client, connection, target } = interception;
  const link: Link = { hasLeft: false, upstream: null };
  const leave = (): void => {
    link.hasLeft = true;
    link.upstream?.destroy();
    client.destroy();
  };
  const [clientTls, targetTls] = await Promise.all([
    terminateTls(context, interception).then((outcome) => {
      if ("problem" in outcome || outcome.socket.readableEnded || outcome.socket.closed) leave();
      else outcome.socket.once("end", leave).once("close", leave);
      return outcome;
    }),
    openTarget(context, interception, link),
  ]);
  if ("problem" in clientTls) {
    reportFailedHandshake(context, interception, clientTls);
    return;
  }
  const { socket } = clientTls;
  socket.off("end", leave).off("close", leave);
  if (link.hasLeft || targetTls === null) {
    client.destroy();
    reportLeave(context, interception, clientTls);
  } else if ("failure" in targetTls) {
    const hasSpoken = await answerFailure(socket, targetTls.failure, context.limits.handshakeMs);
    if (hasSpoken) context.outcomes.accepted(connection);
    else reportLeave(context, interception, clientTls);
  } else if (link.upstream !== null) {
    const { upstream } = link;
    await relayAndTap(context, { client, clientTls, upstream, targetTls, target, connection });
  }
}

/** What the two handshakes share. */
interface Link {
  hasLeft: boolean;
  upstream: Socket | null;
}

/** TLS to the target; null when the client left meanwhile, which is not a failure of the target. */
async function openTarget(
  context: ProxyContext,
  { connection, target, upstream }: Interception,
  link: Link,
): Promise<TLSSocket | { readonly failure: string } | null> {
  const socket = await upstream;
  if ("failure" in socket) return socket;
  link.upstream = socket;
  if (link.hasLeft) {
    socket.destroy();
    return null;
  }
  const outcome = await openTls(context, socket, target);
  if (!("failure" in outcome)) return outcome;
  if (link.hasLeft) return null;
  reportTarget(context, { client: connection.peer, target }, outcome);
  return outcome;
}

function reportFailedHandshake(
  { connections, outcomes }: ProxyContext,
  { client, connection }: Interception,
  { problem, hasShown }: FailedHandshake,
): void {
  if (connections.wasEnded(client)) return;
  // Before it has seen a certificate it can have no opinion on one.
  if (problem.cause === "left-in-handshake" && !hasShown) outcomes.probed(connection, "connects");
  else outcomes.failed(connection, problem);
}

/** A connection that ended after the client's Finished and without a request. */
function reportLeave(
  { connections, outcomes }: ProxyContext,
  { client, connection }: Pick<Interception, "client" | "connection">,
  clientTls: ClientTls,
): void {
  if (connections.wasEnded(client)) return;
  const problem = clientTls.leaveProblem();
  if (problem === null) outcomes.probed(connection, "handshakes");
  else outcomes.failed(connection, problem);
}

interface InterceptedPair {
  readonly client: Socket;
  readonly clientTls: ClientTls;
  readonly upstream: Socket;
  readonly targetTls: TLSSocket;
  readonly target: HostPort;
  readonly connection: ClientConnection;
}

async function relayAndTap(
  context: ProxyContext,
  { client, clientTls, upstream, targetTls, target, connection }: InterceptedPair,
): Promise<void> {
  const { socket } = clientTls;
  const copy = context.copies.open({ ...target, client: connection.peer, scheme: "https" });
  const { idleMs, halfOpenIdleMs } = context.limits;
  const end = (): void => {
    socket.destroySoon();
    targetTls.destroySoon();
  };
  context.connections.watch(client, { isBusy: () => copy.isBusy || socket.writableLength > 0, end });
  let hear: (() => void) | null = null;
  // It may have left while the client's handshake lasted.
  let hasTargetLeft = targetTls.destroyed || targetTls.readableEnded;
  const hasSent = (): boolean => hear !== null;
  const isWaiting = (): boolean => !socket.destroyed;
  watchFirstAnswer(context, { client: connection.peer, target, socket: targetTls, hasSent, isWaiting });
  const relayed = relayBytes({
    client: { stream: socket, raw: client },
    server: { stream: targetTls, raw: upstream },
    idleMs,
    halfOpenIdleMs,
    copy,
  });
  socket.on("data", () => {
    if (hear === null) hear = context.outcomes.accepted(connection);
    else hear();
  });
  // Nobody waits for an answer.
  socket.once("end", () => {
    if (hear === null) end();
  });
  const leave = (): void => {
    hasTargetLeft ||= !socket.readableEnded && !socket.destroyed;
  };
  targetTls.once("end", leave).once("close", leave);
  await relayed;
  if (hear !== null) return;
  if (hasTargetLeft) context.outcomes.probed(connection, "handshakes");
  else reportLeave(context, { client, connection }, clientTls);
}

/**
 * Answers the client's first request with 502 over its own TLS. The request is not relayed. False when the client left
 * without one.
 */
function answerFailure(client: TLSSocket, reason: string, limitMs: number): Promise<boolean> {
  if (client.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    let hasSpoken = false;
    const timer = setTimeout(() => client.destroy(), limitMs);
    client.once("close", () => {
      clearTimeout(timer);
      resolve(hasSpoken);
    });
    client.once("data", () => {
      hasSpoken = true;
      closeWith(client, failureAnswer(502, "Bad Gateway", reason));
    });
    client.once("end", () => {
      if (!hasSpoken) client.destroySoon();
    });
  });
}

/** An answer of the proxy itself; `reason` must be this program's own text. */
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
