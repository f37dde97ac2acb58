import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { closeWith } from "../../sockets/close-with.ts";
import { DialError } from "../connections/dial-error.ts";
import { breakOff, relayBytes } from "../connections/relay-bytes.ts";
import { failureAnswer } from "../interception/intercept.ts";
import { type ProxyContext, peerText, scopeMark } from "../interception/proxy-context.ts";
import type { Copy } from "../tap/copies.ts";
import type { Side } from "../tap/tap.ts";
import { requestFields } from "./plain-messages.ts";
import { headerPairs, type PlainTarget, readPlainTarget } from "./plain-target.ts";

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly client: Socket;
  readonly head: Buffer;
}

/** Serves an `http://` request with an Upgrade field: WebSocket is forwarded, other offers are removed. */
export async function serveUpgrade(context: ProxyContext, server: Server, upgrade: Upgrade): Promise<void> {
  const { request, client } = upgrade;
  const peer = peerText(client);
  const target = readPlainTarget(request.url ?? "");
  if (!target.ok) {
    context.emit({ kind: "refused", at: Date.now(), client: peer, reason: target.problem });
    closeWith(client, failureAnswer(400, "Bad Request", target.problem));
    return;
  }
  if (request.headers.upgrade?.toLowerCase() !== "websocket") {
    serveWithoutOffer(server, upgrade);
    return;
  }
  const upstream = await context.plainRoute.dial(target.value.place, client).catch((error: unknown) => {
    if (error instanceof DialError) return error;
    throw error;
  });
  if (!(upstream instanceof DialError)) {
    try {
      await passOn(context, { ...upgrade, upstream, target: target.value });
    } finally {
      upstream.destroy();
    }
    return;
  }
  const [at, { kind, reason }] = [Date.now(), upstream];
  if (kind === "denied") {
    context.emit({ kind: "refused", at, client: peer, reason });
    closeWith(client, failureAnswer(403, "Forbidden", reason));
  } else if (kind === "failed") {
    const { place } = target.value;
    context.emit({ kind: "upstream-failed", at, client: peer, ...place, reason, ...scopeMark(context, place) });
    closeWith(client, failureAnswer(502, "Bad Gateway", reason));
  }
}

/**
 * Java clients offer HTTP/2 (`h2c`) with ordinary requests: the request is put back on the connection without the
 * offer.
 */
function serveWithoutOffer(server: Server, { request, client, head }: Upgrade): void {
  const lines = headerPairs(request.rawHeaders).flatMap(([name, value]) => {
    if (["upgrade", "http2-settings"].includes(name.toLowerCase())) return [];
    if (name.toLowerCase() !== "connection") return [`${name}: ${value}`];
    // The other options of the field are for this hop, too, and must stay listed.
    const others = value.split(",").filter((option) => !/^\s*(?:upgrade|http2-settings)?\s*$/i.test(option));
    return others.length === 0 ? [] : [`${name}: ${others.join(",").trim()}`];
  });
  const startLine = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
  const bytes = Buffer.from([startLine, ...lines, "", ""].join("\r\n"), "latin1");
  client.unshift(Buffer.concat([bytes, head]));
  // Node's server adds these two listeners for each "connection" event and does not remove them.
  client.removeAllListeners("resume").removeAllListeners("pause");
  // The parser of this request is still running, and Node would reuse it for the connection.
  setImmediate(() => {
    if (!client.destroyed) server.emit("connection", client);
  });
}

async function passOn(
  context: ProxyContext,
  { request, client, head, upstream, target }: Upgrade & { upstream: Socket; target: PlainTarget },
): Promise<void> {
  const { place, path } = target;
  const { authorization } = context.plainRoute;
  const { requestTarget, hostField } = context.plainRoute.address(place, path);
  const sent = requestFields(request, { hostField, authorization });
  const fields = headerPairs(sent).map(([name, value]) => `${name}: ${value}`);
  const lines = [
    `${request.method} ${requestTarget} HTTP/1.1`,
    ...fields,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "",
    "",
  ];
  const bytes = Buffer.from(lines.join("\r\n"), "latin1");
  const isWanted = context.scope.covers(place.host, place.port);
  const copy = isWanted ? context.copies.open({ ...place, client: peerText(client), scheme: "http" }) : null;
  upstream.write(bytes);
  copy?.push("client", bytes);
  const first = await firstAnswer({ client, upstream, limitMs: context.limits.handshakeMs });
  if (!first.isUpgrade) {
    await passRefusal(context, { client, upstream, copy, first: first.bytes });
    return;
  }
  if (head.length > 0) client.unshift(head);
  // From now on there are messages, and no request that waits for its answer.
  const end = (): void => {
    client.destroySoon();
    upstream.destroySoon();
  };
  context.connections.watch(client, { isBusy: () => client.writableLength > 0, end });
  const { idleMs, halfOpenIdleMs } = context.limits;
  await relayBytes({
    client: { stream: client, raw: client },
    server: { stream: upstream, raw: upstream },
    idleMs,
    halfOpenIdleMs,
    copy,
  });
}

/**
 * An upgrade is put back, to be read again; of any other answer `bytes` are what was read, empty when there is no
 * answer.
 */
type FirstAnswer = { readonly isUpgrade: true } | { readonly isUpgrade: false; readonly bytes: Buffer };

/** Reads the beginning of the status line. The end of either side and the time limit settle it, too. */
function firstAnswer(options: { client: Socket; upstream: Socket; limitMs: number }): Promise<FirstAnswer> {
  const { client, upstream, limitMs } = options;
  const wanted = "HTTP/1.1 101";
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    const settle = (): void => {
      clearTimeout(timer);
      upstream.off("readable", look).off("end", settle).off("close", settle);
      client.off("close", settle);
      if (seen.toString("latin1", 0, wanted.length) !== wanted) {
        resolve({ isUpgrade: false, bytes: seen });
        return;
      }
      // At once: after the end of the stream nothing can be put back.
      upstream.unshift(seen);
      upstream.pause();
      resolve({ isUpgrade: true });
    };
    const timer = setTimeout(settle, limitMs);
    const look = (): void => {
      for (let bytes: Buffer | null = upstream.read(); bytes !== null; bytes = upstream.read()) {
        seen = Buffer.concat([seen, bytes]);
      }
      if (seen.length >= wanted.length) settle();
    };
    upstream.on("readable", look).on("end", settle).on("close", settle);
    client.on("close", settle);
    if (client.destroyed || upstream.destroyed) settle();
  });
}

interface Refusal {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly copy: Copy | null;
  readonly first: Buffer;
}

/** Relays this answer only, then closes: the client's next request could be for another host. */
function passRefusal(context: ProxyContext, { client, upstream, copy, first }: Refusal): Promise<void> {
  let isEmpty = true;
  const keep = (bytes: Buffer): void => {
    if (bytes.length > 0) isEmpty = false;
    copy?.push("server", bytes);
  };
  return new Promise((resolve) => {
    const onClose = (): void => {
      copy?.close(whoBroke(client, upstream));
      if (isEmpty) closeWith(client, failureAnswer(502, "Bad Gateway", "the target did not answer"));
      else if (upstream.readableEnded) closeWith(client);
      else breakOff({ stream: client, raw: client });
      resolve();
    };
    client.resume();
    client.write(first);
    keep(first);
    if (client.destroyed) upstream.destroy();
    if (upstream.closed) {
      onClose();
      return;
    }
    upstream.once("close", onClose);
    client.once("close", () => upstream.destroy());
    upstream.setTimeout(context.limits.handshakeMs, () => upstream.destroy());
    upstream.pipe(client, { end: false });
    upstream.on("data", keep);
    upstream.end();
  });
}

function whoBroke(client: Socket, upstream: Socket): Side | null {
  if (client.destroyed) return "client";
  return upstream.readableEnded ? null : "server";
}
