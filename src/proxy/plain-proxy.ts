// The seam to http-mitm-proxy 1.1.0. Its own `listen` makes a CA and writes keys to the disk, its error handling
// prints to the console and sends library texts to clients; the three methods here take their place. Everything else,
// the hooks and the request pipeline, is the package's. docs/decisions/0010 says why.
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type IContext, Proxy as MitmProxy } from "http-mitm-proxy";
import type { Limits } from "./limits.ts";

export interface PlainProxyHooks {
  /** Called with the request-target as it was sent, before the package rewrites it. False: the request was answered. */
  readonly admit: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly onFailure: (context: IContext | null, error: Error) => void;
}

export class PlainProxy extends MitmProxy {
  readonly #hooks: PlainProxyHooks;
  readonly server: Server;

  /** `limits`: Kerberos tickets reach 64 KiB where Node's own bound is 16, and a client that says nothing must not stay. */
  constructor(hooks: PlainProxyHooks, { headBytes, handshakeMs }: Pick<Limits, "headBytes" | "handshakeMs">) {
    super();
    this.#hooks = hooks;
    this.options = {};
    this.keepAlive = true;
    this.timeout = 0;
    // Replaced for each request by the agent of its client connection; this one must never be used.
    this.httpAgent = new Agent({ maxSockets: 0 });
    this.connectRequests = Object.create(null) as Record<string, IncomingMessage>;
    this.server = createServer({
      maxHeaderSize: headBytes,
      headersTimeout: handshakeMs,
      connectionsCheckingInterval: Math.min(handshakeMs, 5_000),
      keepAliveTimeout: 130_000,
      requestTimeout: 0,
    });
    // A client that ends its direction after its request still waits for the answer. Node knows this switch, its typings do not.
    Object.assign(this.server, { httpAllowHalfOpen: true });
    // Node drops what is over its count silently.
    this.server.maxHeadersCount = 0;
    this.server.on("connect", (request, socket, head) => this._onHttpServerConnect(request, socket, head));
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      if (this.#hooks.admit(request, response)) this._onHttpServerRequest(false, request, response);
    };
    this.server.on("request", serve);
    // Without a listener Node itself answers 100 Continue before the target was asked.
    this.server.on("checkContinue", serve);
  }

  override _onError(_kind: string, context: IContext | null, error: Error): void {
    this.#hooks.onFailure(context, error);
  }

  override _onSocketError(): void {
    // The socket is closed by Node; whoever joined it to another one listens for that.
  }
}
