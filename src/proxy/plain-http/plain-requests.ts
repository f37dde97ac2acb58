// Serves `http://` requests of the forward listener on the pipeline of http-mitm-proxy, and works around its faults
// with them: headers merged and renamed, cut bodies completed, no back-pressure, connections shared between clients.
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { Agent, type ClientRequestArgs } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { IContext } from "http-mitm-proxy";
import type { Dial } from "../connections/dial.ts";
import { DialError } from "../connections/dial-error.ts";
import { reset } from "../connections/relay-bytes.ts";
import { type ProxyContext, peerText, scopeMark } from "../interception/proxy-context.ts";
import { answerPlainly, passTrailers, requestFields, slowDown, writeRawHead } from "./plain-messages.ts";
import { PlainRecord } from "./plain-record.ts";
import { type PlainTarget, readPlainTarget } from "./plain-target.ts";

type Done = (error?: Error | null) => void;

/** The state of a request between the package's hooks. `record` is null when its host is out of scope. */
interface Exchange {
  readonly target: PlainTarget;
  readonly client: string;
  readonly record: PlainRecord | null;
  http: IContext | null;
}

/** The hooks for http-mitm-proxy. `admit` must be called first for each request. */
export class PlainRequests {
  readonly #context: ProxyContext;
  readonly #agentOf: (client: Socket) => Agent;
  readonly #exchanges = new WeakMap<IncomingMessage, Exchange>();
  readonly #connections = new WeakMap<Socket, string>();

  constructor(context: ProxyContext) {
    this.#context = context;
    this.#agentOf = createAgents(context.plainRoute.dial);
  }

  /** Reads the target before the package rewrites it. False when the request was answered with a refusal. */
  admit(request: IncomingMessage, response: ServerResponse): boolean {
    const client = peerText(request.socket);
    const target = readPlainTarget(request.url ?? "");
    // Node's parser accepts HTTP/0.9 and HTTP/3.7.
    if (request.httpVersionMajor !== 1) return this.#refuse(request, response, [505, "only HTTP/1.1 is served"]);
    if (!target.ok) return this.#refuse(request, response, [400, target.problem]);
    this.#exchanges.set(request, {
      target: target.value,
      client,
      record: this.#begin(request, target.value),
      http: null,
    });
    // The package parses the host from here by its own rules; `onRequest` replaces the result.
    request.url = `http://placeholder${target.value.path}`;
    return true;
  }

  onRequest(http: IContext, done: Done): void {
    const exchange = this.#exchanges.get(http.clientToProxyRequest);
    if (exchange === undefined) return;
    const { target, record } = exchange;
    exchange.http = http;
    const { plainRoute } = this.#context;
    const { requestTarget, hostField } = plainRoute.address(target.place, target.path);
    if (record !== null) this.#context.copies.pend(record);
    Object.assign(http.proxyToServerRequestOptions ?? {}, {
      ...target.place,
      path: requestTarget,
      headers: requestFields(http.clientToProxyRequest, { hostField, authorization: plainRoute.authorization }),
      agent: this.#agentOf(http.clientToProxyRequest.socket),
    });
    done();
    if (http.proxyToServerRequest !== undefined) watchRequest(http, http.proxyToServerRequest, record);
  }

  onResponse(http: IContext, done: Done): void {
    const response = http.serverToProxyResponse;
    if (response === undefined) return;
    const record = this.#exchanges.get(http.clientToProxyRequest)?.record ?? null;
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 599) {
      response.destroy();
      fail(http, { record, status: 502, reason: "the target answered with a status that does not exist" });
      return;
    }
    if (record !== null) {
      record.setResponse(response);
      this.#context.copies.pend(record);
    }
    slowDown(response, http.proxyToClientResponse);
    passTrailers(response, http.proxyToClientResponse);
    done();
  }

  onResponseHeaders(http: IContext, done: Done): void {
    if (http.serverToProxyResponse === undefined) return;
    writeRawHead(http.clientToProxyRequest, http.serverToProxyResponse, http.proxyToClientResponse);
    done();
    // Streaming notifications send their head long before the first byte of their body.
    http.proxyToClientResponse.flushHeaders();
  }

  onOver(request: IncomingMessage): void {
    const { http = null, record = null } = this.#exchanges.get(request) ?? {};
    if (http === null) return;
    releaseUpstream(http);
    if (record === null) return;
    if (!http.proxyToClientResponse.writableFinished) record.setFailure("the client went away");
    this.#context.copies.settle(record, record.finish());
  }

  onFailure(http: IContext | null, error: Error): void {
    if (http === null) return;
    const exchange = this.#exchanges.get(http.clientToProxyRequest);
    const dialError = error instanceof DialError ? error : null;
    if (exchange !== undefined && dialError !== null) this.#report(exchange, dialError);
    const status = dialError?.kind === "denied" ? 403 : 502;
    fail(http, {
      record: exchange?.record ?? null,
      status,
      reason: dialError?.reason ?? "the target broke the connection",
    });
  }

  #begin(request: IncomingMessage, { place }: PlainTarget): PlainRecord | null {
    const client = peerText(request.socket);
    if (!this.#context.scope.covers(place.host, place.port)) {
      this.#context.emit({ kind: "tunnel", at: Date.now(), client, ...place, reason: "out-of-scope" });
      return null;
    }
    const connection = this.#connections.get(request.socket) ?? this.#context.copies.nextConnectionId();
    this.#connections.set(request.socket, connection);
    const id = this.#context.copies.nextExchangeId();
    return new PlainRecord({ id, connection, client, place, bodyLimit: this.#context.limits.bodyBytes }, request);
  }

  #refuse(request: IncomingMessage, response: ServerResponse, [status, reason]: readonly [number, string]): false {
    this.#context.emit({ kind: "refused", at: Date.now(), client: peerText(request.socket), reason });
    answerPlainly(response, status, reason);
    return false;
  }

  #report({ client, target }: Exchange, { kind, reason }: DialError): void {
    const at = Date.now();
    if (kind === "abandoned") return;
    if (kind === "denied") this.#context.emit({ kind: "refused", at, client, reason });
    else {
      const scope = scopeMark(this.#context, target.place);
      this.#context.emit({ kind: "upstream-failed", at, client, ...target.place, reason, ...scope });
    }
  }
}

/** Passes a client's break on to the target as a break: a partial request must not look whole. */
function releaseUpstream(http: IContext): void {
  // Discards the rest of a request that was answered early.
  http.clientToProxyRequest.unpipe();
  http.clientToProxyRequest.resume();
  const socket = http.proxyToServerRequest?.socket;
  if (!http.proxyToClientResponse.writableFinished && socket instanceof Socket) reset(socket);
  http.proxyToServerRequest?.destroy();
}

function watchRequest(http: IContext, request: ClientRequest, record: PlainRecord | null): void {
  const response = http.proxyToClientResponse;
  slowDown(http.clientToProxyRequest, request);
  http.clientToProxyRequest.resume();
  // HTTP/1.0 knows no interim answers (RFC 9110 15.2).
  const isOldClient = http.clientToProxyRequest.httpVersion === "1.0";
  request.on("information", ({ statusCode }) => {
    record?.addInterim(statusCode);
    if (statusCode === 102 && !isOldClient) response.writeProcessing();
  });
  request.on("continue", () => {
    if (!isOldClient) response.writeContinue();
  });
  if (http.clientToProxyRequest.headers.expect !== undefined) request.flushHeaders();
}

interface FailureWords {
  readonly record: PlainRecord | null;
  readonly status: number;
  readonly reason: string;
}

function fail(http: IContext, { record, status, reason }: FailureWords): void {
  const response = http.proxyToClientResponse;
  http.proxyToServerRequest?.destroy();
  if (response.writableFinished || response.destroyed) return;
  if (response.writableEnded) {
    // The answer is complete and being sent; only the rest of the request has no destination.
    response.once("finish", () => http.clientToProxyRequest.socket.destroySoon());
    return;
  }
  record?.setFailure(reason);
  // A partial body must not look complete: break the connection.
  if (response.headersSent) reset(http.clientToProxyRequest.socket);
  else answerPlainly(response, status, reason);
}

/** Idle upstream connections of one client at most: a client of many hosts must not keep one open to each. */
const mostIdle = 16;

/** Connects through `dial` only, so that its deny rules hold. */
class DialingAgent extends Agent {
  readonly #dial: Dial;
  readonly #client: Socket;

  constructor(dial: Dial, client: Socket) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#dial = dial;
    this.#client = client;
  }

  override createConnection(
    options: ClientRequestArgs,
    created?: (error: Error | null, stream: Duplex) => void,
  ): null | undefined {
    const place = { host: String(options.host), port: Number(options.port) };
    const idle = Object.values(this.freeSockets).flatMap((sockets) => sockets ?? []);
    if (idle.length >= mostIdle) idle[0]?.destroy();
    this.#dial(place, this.#client).then(
      (socket) => created?.(null, socket),
      (error: Error) => created?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  }
}

/**
 * One upstream connection for each client connection and target. A shared pool would give one client a connection that
 * another has authenticated (NTLM, Negotiate).
 */
function createAgents(dial: Dial): (client: Socket) => Agent {
  const agents = new WeakMap<Socket, Agent>();
  return (client) => {
    const known = agents.get(client);
    if (known !== undefined) return known;
    const agent = new DialingAgent(dial, client);
    agents.set(client, agent);
    client.once("close", () => agent.destroy());
    return agent;
  };
}
