// Connections that are relayed without being read.
import type { Socket } from "node:net";
import type { Passing } from "../connections/auto-passthrough.ts";
import { relayBytes } from "../connections/relay-bytes.ts";
import type { ClientConnection } from "./client-outcomes.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { createRecordWatch } from "./record-watch.ts";

/** A connection without bytes for so long, after those of the server, has no request that waits. */
const quietMs = 250;

/** Relays the bytes of both until both are closed. */
export function passThrough(context: ProxyContext, client: Socket, server: Socket): Promise<void> {
  const { idleMs, halfOpenIdleMs } = context.limits;
  let isAnswered = true;
  let movedAt = 0;
  context.connections.watch(client, {
    isBusy: () => !isAnswered || Date.now() - movedAt < quietMs,
    end: () => {
      client.destroySoon();
      server.destroySoon();
    },
  });
  const relayed = relayBytes({
    client: { stream: client, raw: client },
    server: { stream: server, raw: server },
    idleMs,
    halfOpenIdleMs,
    copy: null,
  });
  const note = (from: Socket, isAnswer: boolean): void => {
    from.on("data", () => {
      isAnswered = isAnswer;
      movedAt = Date.now();
    });
  };
  note(client, false);
  note(server, true);
  return relayed;
}

/** Passes a TLS connection through, and reports it. A trial is reported when its client has sent a request. */
export async function passTls(
  context: ProxyContext,
  {
    client,
    server,
    connection,
    passing,
  }: { client: Socket; server: Socket } & {
    readonly connection: ClientConnection;
    readonly passing: Passing;
  },
): Promise<void> {
  const { outcomes } = context;
  const { reason, isTrial } = passing;
  if (!isTrial) {
    outcomes.passed(connection, reason);
    await passThrough(context, client, server);
    return;
  }
  const watch = createRecordWatch();
  let hasSpoken = false;
  const relayed = passThrough(context, client, server);
  client.on("data", (bytes: Buffer) => {
    if (hasSpoken) return;
    hasSpoken = watch.push(bytes);
    if (hasSpoken) outcomes.tried(connection, reason, true);
  });
  await relayed;
  if (!hasSpoken) outcomes.tried(connection, reason, false);
}
