import type { Socket } from "node:net";
import { relayBytes } from "../connections/relay-bytes.ts";
import type { ProxyContext } from "./proxy-context.ts";

/** Relays two connections unread until both are closed. */
export function passThrough({ limits }: Pick<ProxyContext, "limits">, client: Socket, server: Socket): Promise<void> {
  const { idleMs, halfOpenIdleMs } = limits;
  const [clientEnd, serverEnd] = [
    { stream: client, raw: client },
    { stream: server, raw: server },
  ];
  return relayBytes({ client: clientEnd, server: serverEnd, idleMs, halfOpenIdleMs, inspection: null });
}
