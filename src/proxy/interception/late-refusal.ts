// Targets that finish the TLS handshake and refuse the connection at its first byte.
import type { TLSSocket } from "node:tls";
import { DialError } from "../connections/dial-error.ts";
import type { HostPort } from "../connections/host-and-port.ts";
import {
  http2Only,
  type UpstreamTlsProblem,
  upstreamTlsProblem,
  wantedCertificate,
} from "../connections/upstream-tls-problems.ts";
import { openTls, wantsCertificate } from "./open-tls.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { reportTarget } from "./report-target.ts";
import { reportBug } from "./serve-isolated.ts";

export interface RelayedTarget {
  /** `ip:port` of the client. */
  readonly client: string;
  readonly target: HostPort;
  readonly socket: TLSSocket;
  /** Whether the client has sent a byte over its own TLS. */
  readonly hasSent: () => boolean;
  /** Whether the client's connection is still open. */
  readonly isWaiting: () => boolean;
}

/**
 * Reports a target that closes instead of answering, where the reason is known: it wants a client certificate (in TLS 1.3 the
 * alert follows the handshake), or speaks HTTP/2 only. Call in the turn in which the
 * relay begins: it starts the stream.
 */
export function watchFirstAnswer(context: ProxyContext, relayed: RelayedTarget): void {
  const { socket, target } = relayed;
  const protocol = socket.alpnProtocol;
  let isOver = false;
  let isReported = false;
  const report = (problem: UpstreamTlsProblem): void => {
    if (!isReported) reportTarget(context, relayed, problem);
    isReported = true;
  };
  const onEnd = (code: string | undefined): void => {
    const isAlert = code?.includes("_ALERT_") === true;
    const isUnanswered = !isOver && relayed.isWaiting() && relayed.hasSent();
    isOver = true;
    const named = upstreamTlsProblem({ code });
    if (named.cause === "client-certificate-wanted") report(named);
    // Without an alert a target also closes because the client left first.
    else if ((isAlert || isUnanswered) && wantsCertificate(socket)) report(wantedCertificate(code ?? ""));
    else if (isUnanswered && protocol === false) askForHttp2(context, target, () => report(http2Only("")));
  };
  // The alert may have come while the client's handshake lasted.
  if (socket.errored !== null || socket.readableEnded || socket.closed) {
    const code = (socket.errored as NodeJS.ErrnoException | null)?.code;
    if (upstreamTlsProblem({ code }).cause === "client-certificate-wanted" || wantsCertificate(socket)) {
      report(wantedCertificate(code ?? ""));
    }
    return;
  }
  socket.once("data", (bytes: Buffer) => {
    if (!isOver && isHttp2(bytes)) report(http2Only(""));
    isOver = true;
  });
  socket.once("error", (error: NodeJS.ErrnoException) => onEnd(error.code));
  socket.once("end", () => onEnd(undefined)).once("close", () => onEnd(undefined));
}

const [settings, goAway] = [4, 7];

/** Whether an answer begins with a SETTINGS or GOAWAY frame of the whole connection (RFC 9113 4.1, 6.5, 6.8). */
function isHttp2(bytes: Buffer): boolean {
  if (bytes.length < 9) return false;
  const [length, type, flags, stream] = [bytes.readUIntBE(0, 3), bytes[3], bytes[4], bytes.readUInt32BE(5)];
  if (stream !== 0 || flags !== 0) return false;
  return type === settings ? length % 6 === 0 && length <= 600 : type === goAway && length >= 8 && length <= 1024;
}

/**
 * Opens one more connection that offers HTTP/2 alone, and closes it: a target that chooses no protocol when HTTP/1.1 is offered,
 * and HTTP/2 when that is, speaks nothing else.
 */
function askForHttp2(context: ProxyContext, target: HostPort, isHttp2Only: () => void): void {
  if (!context.targetPassthrough.mayAsk(target)) return;
  const ask = async (): Promise<void> => {
    const tcp = await context.dial(target);
    tcp.unref();
    try {
      const answer = await openTls({ ...context, keylog: null }, tcp, target, "h2");
      if ("failure" in answer) return;
      const chosen = answer.alpnProtocol;
      answer.destroy();
      if (chosen === "h2") isHttp2Only();
    } finally {
      tcp.destroy();
    }
  };
  ask().catch((error: unknown) => {
    // A target that cannot be asked stays without a name for its failure.
    if (!(error instanceof DialError)) reportBug(context, error);
  });
}
