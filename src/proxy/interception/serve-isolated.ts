import type { Socket } from "node:net";
import type { ProxyContext } from "./proxy-context.ts";

/** Serves one connection. What is thrown there is a bug: it ends this connection, is told as a gap, and ends nothing else. */
export function serveIsolated(
  context: Pick<ProxyContext, "emit" | "nextConnectionId">,
  client: Socket,
  serve: () => Promise<void>,
): void {
  serve().catch((error: unknown) => {
    client.destroy();
    reportBug(context, error);
  });
}

/** Says that a connection was given up because of a bug; the error's own text may quote the traffic and is left out. */
export function reportBug(context: Pick<ProxyContext, "emit" | "nextConnectionId">, error: unknown): void {
  const name = error instanceof Error ? error.name.replace(/[^A-Za-z]/g, "").slice(0, 40) : "an error";
  context.emit({
    kind: "gap",
    at: Date.now(),
    connection: context.nextConnectionId(),
    reason: `a bug in serving it (${name})`,
    lost: 1,
  });
}
