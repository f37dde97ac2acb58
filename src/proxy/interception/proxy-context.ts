import type { Socket } from "node:net";
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { LeafSigner } from "../certificates/certificate-authority.ts";
import type { AutoPassthrough } from "../connections/auto-passthrough.ts";
import type { ConnectionSet } from "../connections/connection-set.ts";
import type { Dial, PlainRoute } from "../connections/dial.ts";
import type { HostPort } from "../connections/host-and-port.ts";
import type { Scope } from "../connections/scope.ts";
import type { TargetPassthrough } from "../connections/target-passthrough.ts";
import type { Copies } from "../tap/copies.ts";
import type { ClientOutcomes } from "./client-outcomes.ts";
import type { Limits } from "./limits.ts";
import type { TargetTls } from "./open-tls.ts";

/** What all connections of one running proxy share. */
export interface ProxyContext extends TargetTls {
  readonly authority: LeafSigner;
  readonly scope: Scope;
  readonly dial: Dial;
  readonly plainRoute: PlainRoute;
  readonly limits: Limits;
  readonly copies: Copies;
  readonly connections: ConnectionSet;
  readonly autoPassthrough: AutoPassthrough;
  readonly targetPassthrough: TargetPassthrough;
  readonly outcomes: ClientOutcomes;
  emit(event: CaptureEvent): void;
}

/** `ip:port` of a socket's peer, IPv6 in brackets. */
export function peerText(socket: Socket): string {
  const { remoteAddress = "", remotePort = 0 } = socket;
  return remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

/** The mark of a failure to reach a host that is not watched. */
export function scopeMark({ scope }: Pick<ProxyContext, "scope">, { host, port }: HostPort): { isOutOfScope?: true } {
  return scope.covers(host, port) ? {} : { isOutOfScope: true };
}
