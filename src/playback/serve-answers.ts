// A server that answers requests from a saved trace.
import { createHash } from "node:crypto";
import { createServer as createHttp, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import type { Server } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { ToolError } from "../core/tool-error.ts";
import { guardServer } from "../sockets/guard.ts";
import { fieldsToSend } from "./message-fields.ts";
import { type FoundAnswer, hostOf, type RequestKey, type SavedAnswers } from "./saved-answers.ts";

export interface ServedRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  /** Status of the answer; null when the connection was closed because the trace has no answer. */
  readonly status: number | null;
  readonly match: FoundAnswer["level"] | "none";
  /** Id of the saved transaction; null when none matched. */
  readonly transactionId: string | null;
}

export interface ServeOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Certificate chain and key (PEM) for https; null for plain http. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Delay each answer as long as the saved one took, at most a minute. */
  readonly isTimed: boolean;
  readonly onRequest: (request: ServedRequest) => void;
}

export interface AnswerServer {
  readonly address: string;
  readonly port: number;
  stop(): Promise<void>;
}

const bodyLimit = 64 * 1024 * 1024;
const longestWaitMs = 60_000;

/** Starts the server. Throws ToolError `port-in-use` when it cannot listen. */
export async function serveAnswers(answers: SavedAnswers, options: ServeOptions): Promise<AnswerServer> {
  const own = { name: "" };
  const listener: RequestListener = (request, response) => {
    answer(request, response, { answers, options, ownName: own.name }).catch(() => response.destroy());
  };
  const server: Server = guardServer(options.tls === null ? createHttp(listener) : createHttps(options.tls, listener));
  await listen(server, options);
  const bound = server.address();
  const { address, port } = typeof bound === "object" && bound !== null ? bound : { address: options.host, port: 0 };
  own.name = address;
  return {
    address,
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server && typeof server.closeAllConnections === "function")
          server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        new ToolError("port-in-use", `Cannot listen on ${host}:${port} (${cause.code ?? "error"}).`, {
          hint: "Choose another port, or 0 for any that is free.",
          cause,
        }),
      );
    });
    server.listen(port, host, () => resolve());
  });
}

interface Serving {
  readonly answers: SavedAnswers;
  readonly options: ServeOptions;
  /** The server's own address; a request that names it as the host matches any host. */
  readonly ownName: string;
}

async function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const digest = await digestBody(request);
  const key = requestKeyOf(request, digest ?? "", serving.ownName);
  const found = digest === null ? null : serving.answers.find(key);
  serving.options.onRequest({
    method: key.method,
    host: key.host,
    path: key.path.replace(/[?#].*$/s, ""),
    status: found === null ? (digest === null ? 413 : 404) : (found.response?.status ?? null),
    match: found?.level ?? "none",
    transactionId: found?.transaction.id ?? null,
  });
  if (found === null) {
    refuse(response, digest === null ? 413 : 404);
    return;
  }
  if (serving.options.isTimed) await wait(Math.min(found.transaction.durationMs ?? 0, longestWaitMs));
  send(response, found);
}

/** SHA-256 of the body in hex, without buffering it; null when it is too long. */
async function digestBody(request: IncomingMessage): Promise<string | null> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bodyLimit) return null;
    hash.update(chunk);
  }
  return hash.digest("hex");
}

function requestKeyOf(request: IncomingMessage, digest: string, ownName: string): RequestKey {
  const target = request.url ?? "/";
  // A client that uses this server as a forward proxy sends the whole URL (RFC 9112 3.2.2).
  const [, authority, rest] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(target) ?? [];
  const host = hostOf(authority ?? request.headers.host ?? "");
  const bare = host.replace(/^\[|\]$/g, "");
  const isOwn = bare === ownName || bare === "localhost" || bare === "127.0.0.1" || bare === "::1";
  return {
    method: request.method ?? "GET",
    host: isOwn ? "" : host,
    path: authority === undefined ? target : rest || "/",
    digest,
  };
}

function refuse(response: ServerResponse, status: 404 | 413): void {
  const text = status === 404 ? "The trace holds no answer to this request.\n" : "The request is too long.\n";
  response.writeHead(status, {
    "Content-Type": "text/plain",
    "Content-Length": String(text.length),
    "X-Realmscope-Match": "none",
    Connection: "close",
  });
  response.end(text);
}

function send(response: ServerResponse, { response: saved, level, transaction }: FoundAnswer): void {
  if (saved === null) {
    // The saved request had no answer either, so the connection is closed.
    response.destroy();
    return;
  }
  const { body } = saved;
  const hasBody = transaction.request.method !== "HEAD" && saved.status !== 204 && saved.status !== 304;
  response.sendDate = false;
  response.writeHead(saved.status, reasonOf(saved.reason), {
    ...fieldsToSend(saved.headers, body),
    "X-Realmscope-Match": level,
    "X-Realmscope-Transaction": transaction.id.replace(/[^\x21-\x7e]/g, "?"),
    ...(hasBody ? { "Content-Length": String(body.bytes.length) } : {}),
  });
  response.end(hasBody ? body.bytes : undefined);
}

function reasonOf(reason: string): string {
  return reason.replace(/[^\t\x20-\x7e]/g, "?").slice(0, 128);
}
