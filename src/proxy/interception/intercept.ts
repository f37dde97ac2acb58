// Terminates TLS on both sides of a connection and relays the bytes between them.
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { CaptureEvent } from "../../core/capture-event.ts";
import { closeWith } from "../../sockets/close-with.ts";
import type { HostPort } from "../connections/host-and-port.ts";
import { relayBytes } from "../connections/relay-bytes.ts";
import { isDistrust } from "../connections/tls-problems.ts";
import { Tap } from "../tap/tap.ts";
import { watchFirstAnswer } from "./late-refusal.ts";
import { openTls } from "./open-tls.ts";
import { type ProxyContext, peerText } from "./proxy-context.ts";
import { reportTarget } from "./report-target.ts";
import { type ClientSide, terminateTls } from "./terminate-tls.ts";

export interface Interception extends ClientSide {
  /** Connected to the target, nothing sent yet; or why it could not be connected. */
  readonly upstream: Socket | { readonly failure: string };
}

/**
 * Terminates the client's TLS, opens TLS to the target, and relays the bytes. Both handshakes run in parallel; no byte
 * of the client is relayed before the target is verified. A client that leaves meanwhile ends the handshake with the
 * target. Resolves when both connections are closed.
 */
export async function intercept(context: ProxyContext, interception: Interception): Promise<void> {
  const { client, upstream, target } = interception;
  const [peer, address] = [peerText(client), client.remoteAddress ?? ""];
  let hasLeft = false;
  const leave = (): void => {
    hasLeft = true;
    if (!("failure" in upstream)) upstream.destroy();
  };
  const [clientTls, targetTls] = await Promise.all([
    terminateTls(context, interception).then((outcome) => {
      if ("failure" in outcome) leave();
      else outcome.once("end", leave).once("close", leave);
      return outcome;
    }),
    "failure" in upstream
      ? upstream
      : openTls(context, upstream, target).then((outcome) => {
          if (!("failure" in outcome)) return outcome;
          // A handshake that ended because the client left is not a failure of the target.
          if (hasLeft) return null;
          reportTarget(context, { client: peer, target }, outcome);
          return outcome;
        }),
  ]);
  if ("failure" in clientTls) {
    const host = clientTls.name ?? target.host;
    if (isDistrust(clientTls.failure)) context.autoPassthrough.recordRefusal(address, host, Date.now());
    reportRejected(context, { client: peer, host, side: "client", reason: clientTls.failure });
    client.destroy();
    return;
  }
  clientTls.off("end", leave).off("close", leave);
  if (hasLeft) client.destroy();
  if (targetTls === null || (hasLeft && !("failure" in targetTls))) {
    reportSilentClient(context, { peer, address, host: target.host });
  } else if ("failure" in targetTls) {
    if (!hasLeft) await answerFailure(clientTls, targetTls.failure, context.limits.handshakeMs);
  } else if (!("failure" in upstream)) {
    await relayAndTap(context, { client, clientTls, upstream, targetTls, target });
  }
}

function reportRejected(
  context: ProxyContext,
  rejected: Omit<Extract<CaptureEvent, { kind: "tls-rejected" }>, "kind" | "at">,
): void {
  context.emit({ kind: "tls-rejected", at: Date.now(), ...rejected });
}

/** SChannel and Node refuse a certificate by closing the connection without an alert. */
function reportSilentClient(
  context: ProxyContext,
  { peer, address, host }: { peer: string; address: string; host: string },
): void {
  if (context.autoPassthrough.hasAccepted(address, host)) return;
  context.autoPassthrough.recordRefusal(address, host, Date.now());
  const reason = "the client left without a request; it may not trust the inspection CA";
  reportRejected(context, { client: peer, host, side: "client", reason });
}

interface InterceptedPair {
  readonly client: Socket;
  readonly clientTls: TLSSocket;
  readonly upstream: Socket;
  readonly targetTls: TLSSocket;
  readonly target: HostPort;
}

async function relayAndTap(
  context: ProxyContext,
  { client, clientTls, upstream, targetTls, target }: InterceptedPair,
): Promise<void> {
  const peer = peerText(client);
  const address = client.remoteAddress ?? "";
  const tap = createTap(context, { ...target, client: peer, scheme: "https" });
  const { idleMs, halfOpenIdleMs } = context.limits;
  let hasSent = false;
  clientTls.once("data", () => {
    hasSent = true;
    context.autoPassthrough.recordAcceptance(address, target.host);
  });
  context.connections.watch(client, {
    isBusy: () => tap.isBusy || clientTls.writableLength > 0,
    end: () => {
      clientTls.destroySoon();
      targetTls.destroySoon();
    },
  });
  const isWaiting = (): boolean => !clientTls.destroyed;
  watchFirstAnswer(context, { client: peer, target, socket: targetTls, hasSent: () => hasSent, isWaiting });
  await relayBytes({
    client: { stream: clientTls, raw: client },
    server: { stream: targetTls, raw: upstream },
    idleMs,
    halfOpenIdleMs,
    inspection: { tap, taps: context.tapQueue },
  });
  if (!hasSent) reportSilentClient(context, { peer, address, host: target.host });
}

/** A tap whose events join those of the proxy. */
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

/** Answers the client's first request with 502 over its own TLS. The request is not relayed. */
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
