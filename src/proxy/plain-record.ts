import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { HttpTransaction } from "../core/http-transaction.ts";
import { type BodyCollector, createBodyCollector } from "../http1/body.ts";
import type { Endpoint } from "./authority-text.ts";
import { headerPairs } from "./plain-target.ts";

export interface PlainSubject {
  readonly id: string;
  readonly connection: string;
  readonly client: string;
  readonly place: Endpoint;
  readonly bodyLimit: number;
}

/** Collects one `http://` exchange from the messages Node parsed, for the capture. */
export class PlainRecord {
  readonly #subject: PlainSubject;
  readonly #request: IncomingMessage;
  /** As sent: it is rewritten in the request object later. */
  readonly #target: string;
  readonly #startedAt = Date.now();
  readonly #requestBody: BodyCollector;
  readonly #responseBody: BodyCollector;
  readonly #interim: number[] = [];
  #response: IncomingMessage | null = null;
  #endedAt: number | null = null;
  #failure: string | null = null;

  constructor(subject: PlainSubject, request: IncomingMessage) {
    this.#subject = subject;
    this.#request = request;
    this.#target = request.url ?? "";
    this.#requestBody = createBodyCollector(subject.bodyLimit);
    this.#responseBody = createBodyCollector(subject.bodyLimit);
    collect(request, this.#requestBody);
  }

  answered(response: IncomingMessage): void {
    this.#response = response;
    collect(response, this.#responseBody);
    response.once("end", () => {
      this.#endedAt = Date.now();
    });
  }

  interim(status: number): void {
    this.#interim.push(status);
  }

  /** The first reason counts. */
  failed(reason: string): void {
    this.#failure ??= reason;
  }

  /** What is known when the exchange is over, whole or not. */
  finish(): HttpTransaction {
    const { id, connection, client, place } = this.#subject;
    const request = this.#request;
    const headers = headerPairs(request.rawHeaders);
    return {
      id,
      connection,
      client,
      startedAt: this.#startedAt,
      durationMs: this.#endedAt === null ? null : Math.max(0, this.#endedAt - this.#startedAt),
      scheme: "http",
      ...place,
      request: {
        method: request.method ?? "",
        target: this.#target,
        version: `HTTP/${request.httpVersion}`,
        headers,
        trailers: headerPairs(request.rawTrailers),
        body: this.#requestBody.finish(headers, request.complete),
      },
      response: this.#finishResponse(),
      failure: this.#failure,
    };
  }

  #finishResponse(): HttpTransaction["response"] {
    const response = this.#response;
    if (response === null) return null;
    const headers = headerPairs(response.rawHeaders);
    return {
      version: `HTTP/${response.httpVersion}`,
      status: response.statusCode ?? 0,
      reason: response.statusMessage ?? "",
      headers,
      trailers: headerPairs(response.rawTrailers),
      body: this.#responseBody.finish(headers, response.complete),
      interim: this.#interim,
    };
  }
}

// Paused first: a listener alone would start the stream before its destination is there.
function collect(stream: Readable, body: BodyCollector): void {
  stream.pause();
  stream.on("data", (bytes: Buffer) => body.append(bytes));
}
