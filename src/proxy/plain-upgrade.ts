import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { DialError } from "./dial-error.ts";
import { createTap, failureAnswer } from "./intercept.ts";
import { join } from "./join.ts";
import { requestFields } from "./plain-messages.ts";
import { headerPairs, type PlainTarget, readPlainTarget } from "./plain-target.ts";
import { type ProxyContext, peerText } from "./proxy-context.ts";
import type { Tap } from "./tap.ts";

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly client: Socket;
  readonly head: Buffer;
}

/** Serves an `http://` request that asks to change the protocol: WebSocket is passed on, other offers are taken out. */
export async function serveUpgrade(context: ProxyContext, server: Server, upgrade: Upgrade): Promise<void> {
  const { request, client } = upgrade;
  client.on("error", () => client.destroy());
  const peer = peerText(client);
  const target = readPlainTarget(request.url ?? "");
  if (!target.ok) {
    context.emit({ kind: "refused", at: Date.now(), client: peer, reason: target.problem });
    client.end(failureAnswer(400, "Bad Request", target.problem));
    return;
  }
  if (request.headers.upgrade?.toLowerCase() !== "websocket") {
    serveWithoutOffer(server, upgrade);
    return;
  }
  const upstream = await context.dial(target.value.place).catch((error: unknown) => {
    if (error instanceof DialError) return error;
    throw error;
  });
  if (!(upstream instanceof DialError)) {
    await passOn(context, { ...upgrade, upstream, target: target.value });
    return;
  }
  const [at, reason] = [Date.now(), upstream.reason];
  if (upstream.kind === "denied") context.emit({ kind: "refused", at, client: peer, reason });
  else context.emit({ kind: "upstream-failed", at, client: peer, ...target.value.place, reason });
  client.end(
    upstream.kind === "denied" ? failureAnswer(403, "Forbidden", reason) : failureAnswer(502, "Bad Gateway", reason),
  );
}

/** Java clients offer HTTP/2 (`h2c`) with ordinary requests: such a one is put back without its offer. */
function serveWithoutOffer(server: Server, { request, client, head }: Upgrade): void {
  const fields = headerPairs(request.rawHeaders).filter(
    ([name]) => !["upgrade", "http2-settings", "connection"].includes(name.toLowerCase()),
  );
  const lines = fields.map(([name, value]) => `${name}: ${value}`);
  const startLine = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
  const bytes = Buffer.from([startLine, ...lines, "", ""].join("\r\n"), "latin1");
  client.unshift(Buffer.concat([bytes, head]));
  server.emit("connection", client);
}

async function passOn(
  context: ProxyContext,
  { request, client, head, upstream, target }: Upgrade & { upstream: Socket; target: PlainTarget },
): Promise<void> {
  const { place, path, hostField } = target;
  const fields = headerPairs(requestFields(request, hostField)).map(([name, value]) => `${name}: ${value}`);
  const lines = [`${request.method} ${path} HTTP/1.1`, ...fields, "Connection: Upgrade", "Upgrade: websocket", "", ""];
  const bytes = Buffer.from(lines.join("\r\n"), "latin1");
  const isWanted = context.scope.covers(place.host, place.port);
  const tap = isWanted ? createTap(context, { ...place, client: peerText(client), scheme: "http" }) : null;
  upstream.write(bytes);
  if (tap !== null) context.taps.bytes(tap, "client", bytes);
  if (!(await answersWithUpgrade(upstream, context.limits.handshakeMs))) {
    await passRefusal(context, { client, upstream, tap });
    return;
  }
  if (head.length > 0) client.unshift(head);
  const { idleMs, halfOpenIdleMs } = context.limits;
  await join({
    client: { stream: client, raw: client },
    server: { stream: upstream, raw: upstream },
    idleMs,
    halfOpenIdleMs,
    inspection: tap === null ? null : { tap, taps: context.taps },
  });
}

/** Looks at the status line without consuming it. */
function answersWithUpgrade(upstream: Socket, limitMs: number): Promise<boolean> {
  const wanted = "HTTP/1.1 101";
  return new Promise((resolve) => {
    const settle = (isUpgrade: boolean): void => {
      clearTimeout(timer);
      upstream.off("readable", look).off("end", end).off("error", end);
      resolve(isUpgrade);
    };
    const end = (): void => settle(false);
    const timer = setTimeout(end, limitMs);
    let seen = Buffer.alloc(0);
    const look = (): void => {
      for (let bytes: Buffer | null = upstream.read(); bytes !== null; bytes = upstream.read()) {
        seen = Buffer.concat([seen, bytes]);
      }
      if (seen.length < wanted.length) return;
      upstream.unshift(seen);
      settle(seen.toString("latin1", 0, wanted.length) === wanted);
    };
    upstream.on("readable", look).on("end", end).on("error", end);
  });
}

/** The client's connection goes on with this answer only: what it sent next might be for another host. */
function passRefusal(
  context: ProxyContext,
  { client, upstream, tap }: { client: Socket; upstream: Socket; tap: Tap | null },
): Promise<void> {
  return new Promise((resolve) => {
    upstream.end();
    upstream.pipe(client);
    if (tap !== null) upstream.on("data", (bytes: Buffer) => context.taps.bytes(tap, "server", bytes));
    upstream.setTimeout(context.limits.handshakeMs, () => upstream.destroy());
    client.once("close", () => upstream.destroy());
    upstream.once("close", () => {
      client.destroySoon();
      if (tap !== null) context.taps.close(tap, null);
      resolve();
    });
  });
}
