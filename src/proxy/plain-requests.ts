import type { IncomingMessage, ServerResponse } from "node:http";
import type { IContext } from "http-mitm-proxy";
import type { PlainProxyHooks } from "./plain-proxy.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { peerText } from "./proxy-context.ts";

type Done = (error?: Error | null) => void;

export interface PlainRequests extends PlainProxyHooks {
  onRequest(context: IContext, done: Done): void;
  onResponse(context: IContext, done: Done): void;
  onResponseHeaders(context: IContext, done: Done): void;
}

export function createPlainRequests(context: ProxyContext): PlainRequests {
  return {
    admit(request: IncomingMessage, response: ServerResponse) {
      const reason = "plain requests are not served yet";
      context.emit({ kind: "refused", at: Date.now(), client: peerText(request.socket), reason });
      response.writeHead(501).end();
      return false;
    },
    onFailure() {},
    onRequest: (_, done) => done(),
    onResponse: (_, done) => done(),
    onResponseHeaders: (_, done) => done(),
  };
}
