import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { emptyBody, type HttpRequest, type HttpResponse, type HttpTransaction } from "../../core/http-transaction.ts";
import { type BodyCollector, createBodyCollector } from "../../http1/body.ts";
import type { HostPort } from "../connections/host-and-port.ts";
import type { PendingStep, TrackedRequest } from "../tap/pending-requests.ts";
import { headerPairs } from "./plain-target.ts";

export interface PlainSubject {
  readonly id: string;
  readonly connection: string;
  readonly client: string;
  readonly place: HostPort;
  readonly bodyLimit: number;
}

/** Collects one `http://` exchange for the capture, from the messages that Node parsed. */
export class PlainRecord implements TrackedRequest {
  readonly id: string;
  readonly startedAt = Date.now();
  readonly #subject: PlainSubject;
  readonly #request: IncomingMessage;
  /** The request-target as sent; the request object's own is rewritten later. */
  readonly #target: string;
  readonly #requestBody: BodyCollector;
  readonly #responseBody: BodyCollector;
  readonly #interim: number[] = [];
  #response: IncomingMessage | null = null;
  #endedAt: number | null = null;
  #failure: string | null = null;

  constructor(subject: PlainSubject, request: IncomingMessage) {
    this.id = subject.id;
    this.#subject = subject;
    this.#request = request;
    this.#target = request.url ?? "";
    this.#requestBody = createBodyCollector(subject.bodyLimit);
    this.#responseBody = createBodyCollector(subject.bodyLimit);
    collect(request, this.#requestBody);
  }

  setResponse(response: IncomingMessage): void {
    this.#response = response;
    collect(response, this.#responseBody);
    response.once("end", () => {
      this.#endedAt = Date.now();
    });
  }

  addInterim(status: number): void {
    this.#interim.push(status);
  }

  /** Only the first reason is kept. */
  setFailure(reason: string): void {
    this.#failure ??= reason;
  }

  get step(): PendingStep {
    if (this.#response !== null) return "rest";
    return this.#request.complete ? "answer" : "request";
  }

  /** The exchange so far, without bodies: joining their pieces would cost too much for a live view. */
  snapshot(): HttpTransaction {
    const response = this.#response === null ? null : { ...this.#answerHead(this.#response), body: emptyBody };
    return {
      ...this.#subjectPart(),
      durationMs: null,
      request: { ...this.#requestHead(), body: emptyBody },
      response,
      failure: null,
    };
  }

  /** The exchange at its end, whole or not. */
  finish(): HttpTransaction {
    const head = this.#requestHead();
    const response = this.#response;
    return {
      ...this.#subjectPart(),
      durationMs: this.#endedAt === null ? null : Math.max(0, this.#endedAt - this.startedAt),
      request: { ...head, body: this.#requestBody.finish(head.headers, this.#request.complete) },
      response: response === null ? null : this.#finishResponse(response),
      failure: this.#failure,
    };
  }

  #subjectPart(): Pick<HttpTransaction, "id" | "connection" | "client" | "startedAt" | "scheme" | "host" | "port"> {
    const { id, connection, client, place } = this.#subject;
    return { id, connection, client, startedAt: this.startedAt, scheme: "http", ...place };
  }

  #requestHead(): Omit<HttpRequest, "body"> {
    const request = this.#request;
    return {
      method: request.method ?? "",
      target: this.#target,
      version: `HTTP/${request.httpVersion}`,
      headers: headerPairs(request.rawHeaders),
      trailers: headerPairs(request.rawTrailers),
    };
  }

  #answerHead(response: IncomingMessage): Omit<HttpResponse, "body"> {
    return {
      version: `HTTP/${response.httpVersion}`,
      status: response.statusCode ?? 0,
      reason: response.statusMessage ?? "",
      headers: headerPairs(response.rawHeaders),
      trailers: headerPairs(response.rawTrailers),
      interim: this.#interim,
    };
  }

  #finishResponse(response: IncomingMessage): HttpResponse {
    const head = this.#answerHead(response);
    return { ...head, body: this.#responseBody.finish(head.headers, response.complete) };
  }
}

// Paused first: a "data" listener alone would start the stream before its destination exists.
function collect(stream: Readable, body: BodyCollector): void {
  stream.pause();
  stream.on("data", (bytes: Buffer) => body.append(bytes));
}
