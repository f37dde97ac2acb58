import type { HostPort } from "../connections/host-and-port.ts";
import type { UpstreamTlsProblem } from "../connections/upstream-tls-problems.ts";
import type { ProxyContext } from "./proxy-context.ts";

/** Emits the failure of TLS with a target, and lets its next connections pass unread where a retry would fail again. */
export function reportTarget(
  context: ProxyContext,
  { client, target }: { readonly client: string; readonly target: HostPort },
  { cause, failure }: UpstreamTlsProblem,
): void {
  context.targetPassthrough.recordFailure(target, cause);
  context.emit({ kind: "tls-rejected", at: Date.now(), client, ...target, side: "upstream", reason: failure, cause });
}
