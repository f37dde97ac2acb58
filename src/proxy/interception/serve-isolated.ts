import type { Socket } from "node:net";
import type { ProxyContext } from "./proxy-context.ts";

/**
 * Serves one connection. An exception in `serve` is a bug: it ends this connection, is reported as a gap, and ends
 * nothing else.
 */
export function serveIsolated(
  context: Pick<ProxyContext, "emit" | "copies">,
  client: Socket,
  serve: () => Promise<void>,
): void {
  serve().catch((error: unknown) => {
    client.destroy();
    reportBug(context, error);
  });
}

/**
 * Emits a gap for a connection given up because of a bug. The text of the error may quote the traffic and is omitted.
 */
export function reportBug(context: Pick<ProxyContext, "emit" | "copies">, error: unknown): void {
  const name = error instanceof Error ? error.name.replace(/[^A-Za-z]/g, "").slice(0, 40) : "an error";
  context.emit({
    kind: "gap",
    at: Date.now(),
    connection: context.copies.nextConnectionId(),
    reason: `a bug in serving it (${name})`,
    lost: 1,
  });
}
