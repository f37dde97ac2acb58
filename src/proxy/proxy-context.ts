import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { CaptureEvent } from "../core/capture-event.ts";
import type { AutoPassthrough } from "./auto-passthrough.ts";
import type { CertificateAuthority } from "./certificate-authority.ts";
import type { ConnectionSet } from "./connection-set.ts";
import type { Deliveries } from "./delivery.ts";
import type { Dial } from "./dial.ts";
import type { Limits } from "./limits.ts";
import type { OpenRequests } from "./open-requests.ts";
import type { Scope } from "./scope.ts";
import type { TapQueue } from "./tap-queue.ts";

/** What every connection of one running proxy shares. */
export interface ProxyContext {
  readonly authority: CertificateAuthority;
  readonly scope: Scope;
  readonly dial: Dial;
  readonly limits: Limits;
  readonly taps: TapQueue;
  readonly deliveries: Deliveries;
  readonly open: OpenRequests;
  readonly connections: ConnectionSet;
  readonly autoPassthrough: AutoPassthrough;
  /** Trust for the targets' certificates; made once, as reading all roots takes a while. */
  readonly upstreamTrust: SecureContext;
  readonly insecureUpstream: Scope;
  /** Receives the TLS secrets of a connection when the user asked for a key log. */
  readonly keylog: ((line: Buffer) => void) | null;
  nextConnectionId(): string;
  nextTransactionId(): string;
  emit(event: CaptureEvent): void;
}

/** `ip:port` of a socket's other end, IPv6 in brackets. */
export function peerText(socket: Socket): string {
  const { remoteAddress = "", remotePort = 0 } = socket;
  return remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}
