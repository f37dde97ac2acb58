// The seam to http-mitm-proxy 1.1.0. Its `listen` creates a CA and writes keys to the disk, and its error handling
// prints to the console and sends library texts to clients; the three methods here replace them. Everything else,
// the hooks and the request pipeline, is the package's. docs/decisions/0010 says why.
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type IContext, Proxy as MitmProxy } from "http-mitm-proxy";
import { guardServer } from "../../sockets/guard.ts";
import { reset } from "../connections/relay-bytes.ts";
import type { Limits } from "../interception/limits.ts";
import { answerPlainly } from "./plain-messages.ts";

export interface PlainProxyHooks {
  /** Called with the request-target as sent, before the package rewrites it. False when the request was answered. */
  readonly admit: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly onFailure: (context: IContext | null, error: Error) => void;
  /** Called once for each request: its answer was sent, or its connection is closed. */
  readonly onOver: (request: IncomingMessage) => void;
  /** This program or the package threw; the affected request has been ended. */
  readonly onBug: (error: unknown) => void;
}

type Hook = (context: IContext, done: (error?: Error | null) => void) => void;

export class PlainProxy extends MitmProxy {
  readonly #hooks: PlainProxyHooks;
  readonly server: Server;
  /** For each connection, the functions that end its pending requests. */
  readonly #open = new Map<Socket, Set<() => void>>();

  /**
   * Kerberos tickets reach 64 KiB, four times Node's default for headers; a silent client is closed after
   * `handshakeMs`.
   */
  constructor(hooks: PlainProxyHooks, limits: Pick<Limits, "headBytes" | "handshakeMs" | "idleMs" | "halfOpenIdleMs">) {
    super();
    const { headBytes, handshakeMs } = limits;
    this.#hooks = hooks;
    this.options = {};
    this.keepAlive = true;
    this.timeout = 0;
    // Each request gets the agent of its client connection; this one is never used.
    this.httpAgent = new Agent({ maxSockets: 0 });
    this.connectRequests = Object.create(null) as Record<string, IncomingMessage>;
    this.server = guardServer(
      createServer({
        maxHeaderSize: headBytes,
        headersTimeout: handshakeMs,
        connectionsCheckingInterval: Math.min(handshakeMs, 5_000),
        keepAliveTimeout: 130_000,
        requestTimeout: 0,
      }),
    );
    this.#limitWaits(limits);
    // A client that ends its direction after its request still waits for the answer. Node's typings lack this option.
    Object.assign(this.server, { httpAllowHalfOpen: true });
    // Node silently drops fields over its count; 0 means no limit.
    this.server.maxHeadersCount = 0;
    this.server.on("connect", (request, socket, head) => this._onHttpServerConnect(request, socket, head));
    const serve = (request: IncomingMessage, response: ServerResponse): void => this.#serve(request, response);
    this.server.on("request", serve);
    // Without a listener Node answers 100 Continue itself, before the target has seen the request.
    this.server.on("checkContinue", serve);
  }

  /** Whether a request of this connection has no whole answer yet. */
  isBusy(socket: Socket): boolean {
    return this.#open.has(socket);
  }

  /** Wraps a hook: when it, or the package's code after it, throws, only its own request ends. */
  fence(hook: Hook): Hook {
    return (context, done) => {
      try {
        hook(context, done);
      } catch (error) {
        this.#hooks.onBug(error);
        this.#hooks.onFailure(context, new Error("a bug"));
      }
    };
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const open = this.#open.get(socket) ?? new Set();
    const over = (): void => {
      if (!open.delete(over)) return;
      if (open.size === 0) this.#open.delete(socket);
      this.#hooks.onOver(request);
    };
    this.#open.set(socket, open.add(over));
    response.once("close", over);
    try {
      if (this.#hooks.admit(request, response)) this._onHttpServerRequest(false, request, response);
    } catch (error) {
      this.#hooks.onBug(error);
      if (response.headersSent) reset(socket);
      else answerPlainly(response, 502, "the request could not be served");
    }
  }

  /** Closes an idle connection, sooner when one direction has ended, as for every other connection. */
  #limitWaits({ idleMs, halfOpenIdleMs }: Pick<Limits, "idleMs" | "halfOpenIdleMs">): void {
    this.server.timeout = idleMs;
    const known = new WeakSet<Socket>();
    this.server.on("connection", (socket) => {
      // A connection that was put back without its Upgrade field is emitted a second time.
      if (known.has(socket)) return;
      known.add(socket);
      socket.on("end", () => socket.setTimeout(halfOpenIdleMs));
      // When the connection closes Node emits no event for an answer that is queued behind another.
      socket.once("close", () => {
        for (const over of [...(this.#open.get(socket) ?? [])]) over();
      });
    });
    this.server.on("timeout", (socket) => {
      // A partial answer must not look whole.
      if (this.isBusy(socket)) reset(socket);
      else socket.destroy();
    });
  }

  override _onError(_kind: string, context: IContext | null, error: Error): void {
    this.#hooks.onFailure(context, error);
  }

  override _onSocketError(): void {
    // The socket is guarded and closed by Node; `relayBytes` listens for "close".
  }
}
