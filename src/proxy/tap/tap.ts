import type { CaptureEvent } from "../../core/capture-event.ts";
import type { HttpRequest, HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import {
  createRequestReader,
  createResponseReader,
  type MessageReader,
  type ReadEvent,
  type ResponseReader,
} from "../../http1/message-reader.ts";
import type { PendingRequests, PendingStep, TrackedRequest } from "./pending-requests.ts";

export interface TapOptions {
  readonly headLimit: number;
  readonly bodyLimit: number;
  /** Gives the next transaction's id; ids are taken in the order the requests began. */
  nextTransactionId(): string;
  emit(event: CaptureEvent): void;
  /** Holds each request as long as it has no end, for who watches. */
  readonly pendingRequests?: Pick<PendingRequests, "add" | "delete">;
}

export type Side = "client" | "server";

/**
 * Reads a copy of one connection's two directions and pairs requests with their answers, in order. Never throws on
 * traffic. Content codings are named, not undone.
 */
export class Tap {
  readonly #subject: TapSubject;
  readonly #options: TapOptions;
  readonly #requests: MessageReader<HttpRequest>;
  readonly #answers: ResponseReader;
  #pending: PendingRequest[] = [];
  #answersAreOver: string | null = null;
  #requestsAreLost = false;
  #cutReason = "the answer was cut short";
  #isOver = false;

  constructor(subject: TapSubject, options: TapOptions) {
    this.#subject = subject;
    this.#options = options;
    this.#requests = createRequestReader(options);
    this.#answers = createResponseReader(options);
  }

  /** True once nothing that follows will be read: the queue need not keep it. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether a request waits for its end or its answer. Another protocol after an upgrade is not known to be busy. */
  get isBusy(): boolean {
    return this.#pending.length > 0;
  }

  push(side: Side, bytes: Uint8Array, at: number): void {
    if (this.#isOver) return;
    if (side === "client") this.#readRequests(this.#requests.push(bytes, at));
    else this.#readAnswers(this.#answers.push(bytes, at));
  }

  /** One direction ended; `isClean` false when it broke. */
  end(side: Side, at: number, isClean: boolean): void {
    if (this.#isOver) return;
    if (side === "client") {
      this.#readRequests(this.#requests.end(at));
      for (const pending of this.#pending) {
        if (!pending.isRequestOver)
          this.#endRequest(pending, isClean ? "the client ended its request early" : clientLeft);
      }
    } else {
      this.#readAnswers(this.#answers.end(at, { isClean }));
      this.#answersAreOver ??= isClean ? "the server closed the connection before it answered" : serverBroke;
    }
    this.#settle();
  }

  /** The connection is gone: what waits is given as it is. */
  close(at: number, brokenBy: Side | null): void {
    if (this.#isOver) return;
    const failure = brokenBy === "client" ? clientLeft : serverBroke;
    if (brokenBy !== null) this.#cutReason = failure;
    this.#readAnswers(this.#answers.end(at, { isClean: brokenBy === null }));
    this.#readRequests(this.#requests.end(at));
    this.#finish(brokenBy === null ? "the connection was closed before the answer" : failure);
  }

  /** Stops reading although the traffic goes on, and says so. */
  giveUp(at: number, reason: string): void {
    if (this.#isOver) return;
    this.#gap(at, reason);
    this.#finish("the capture left this connection");
  }

  /** Stops reading and tells nobody. */
  abandon(): void {
    this.#isOver = true;
    for (const pending of this.#pending.splice(0)) this.#options.pendingRequests?.delete(pending);
  }

  #readRequests(events: readonly ReadEvent<HttpRequest>[]): void {
    for (const event of events) {
      if (event.kind === "head") this.#beginRequest(event.message, event.startedAt);
      else if (event.kind === "message") this.#takeRequest(event.message, event.isWhole);
      else if (event.kind === "lost") this.#loseRequests(event);
    }
    this.#settle();
  }

  #takeRequest(request: HttpRequest, isWhole: boolean): void {
    const pending = this.#pending.find(({ isRequestOver }) => !isRequestOver);
    if (pending === undefined) return;
    pending.request = request;
    if (isWhole) this.#endRequest(pending, null);
  }

  #loseRequests({ at, reason }: { readonly at: number; readonly reason: string }): void {
    this.#requestsAreLost = true;
    for (const pending of this.#pending) {
      if (!pending.isRequestOver) this.#endRequest(pending, "the capture could not follow the request");
    }
    this.#gap(at, `the client's bytes could not be followed: ${reason}`);
  }

  #beginRequest(request: HttpRequest, startedAt: number): void {
    const id = this.#options.nextTransactionId();
    const pending = new PendingRequest(id, this.#subject, { startedAt, request });
    this.#pending.push(pending);
    this.#options.pendingRequests?.add(pending);
    this.#answers.expect(request.method);
  }

  #endRequest(pending: PendingRequest, failure: string | null): void {
    pending.isRequestOver = true;
    pending.failure ??= failure;
  }

  #readAnswers(events: readonly ReadEvent<HttpResponse>[]): void {
    for (const event of events) {
      if (event.kind === "head") this.#beginAnswer(event.message);
      else if (event.kind === "message") this.#takeAnswer(event);
      else if (event.kind === "upgraded") this.#upgrade(event.at);
      else if (event.kind === "lost" && !this.#isOver) {
        this.#answersAreOver = "the capture could not follow the answer";
        this.#gap(event.at, `the server's bytes could not be followed: ${event.reason}`);
      }
    }
    this.#settle();
  }

  #upgrade(at: number): void {
    const answered = this.#pending.find(
      ({ answerHead, response }) => response?.status === 101 || answerHead?.status === 101,
    );
    this.#settle();
    // RFC 9110 15.2.2: only a request with Upgrade can be answered so.
    const isOffered =
      answered === undefined || answered.request.headers.some(([name]) => name.toLowerCase() === "upgrade");
    if (!isOffered) {
      this.giveUp(
        at,
        "the server changed the protocol although the request did not offer it; what follows is not read",
      );
      return;
    }
    this.#finish("the connection changed to another protocol");
    const { client, host, port } = this.#subject;
    this.#options.emit({ kind: "tunnel", at, client, host, port, reason: "upgrade" });
  }

  #beginAnswer(head: HttpResponse): void {
    const pending = this.#pending.find(({ response }) => response === null);
    if (pending !== undefined) pending.answerHead = head;
  }

  #takeAnswer(event: ReadEvent<HttpResponse> & { kind: "message" }): void {
    const pending = this.#pending.find(({ response }) => response === null);
    if (pending === undefined) {
      // After the requests were lost their answers cannot be paired; that was said once.
      if (!this.#requestsAreLost) this.#gap(event.endedAt, "an answer came that no request asked for");
      return;
    }
    pending.response = event.message;
    if (event.isWhole) pending.endedAt = event.endedAt;
    else pending.failure ??= this.#cutReason;
  }

  /** Gives what is complete, oldest first. */
  #settle(): void {
    for (let first = this.#pending[0]; first !== undefined; first = this.#pending[0]) {
      const isAnswered = first.response !== null || this.#answersAreOver !== null;
      if (!first.isRequestOver || !isAnswered) return;
      if (first.response === null) first.failure ??= this.#answersAreOver;
      this.#pending.shift();
      this.#deliver(first);
    }
  }

  #finish(failure: string): void {
    this.#isOver = true;
    for (const pending of this.#pending.splice(0)) {
      if (pending.response === null || !pending.isRequestOver) pending.failure ??= failure;
      this.#deliver(pending);
    }
  }

  #gap(at: number, reason: string): void {
    const lost = Math.max(1, this.#pending.length);
    this.#options.emit({ kind: "gap", at, connection: this.#subject.connection, reason, lost });
  }

  #deliver(pending: PendingRequest): void {
    this.#options.pendingRequests?.delete(pending);
    this.#options.emit({ kind: "transaction", transaction: pending.toTransaction() });
  }
}

const clientLeft = "the client went away";
const serverBroke = "the server broke the connection";

/** Whose bytes these are and where they really went. */
export interface TapSubject {
  readonly connection: string;
  readonly client: string;
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
}

/** A request that waits for its end, its answer, or both. Written to by the tap alone. */
export class PendingRequest implements TrackedRequest {
  readonly id: string;
  readonly startedAt: number;
  readonly #subject: TapSubject;
  request: HttpRequest;
  isRequestOver = false;
  /** The head of an answer that has not ended. */
  answerHead: HttpResponse | null = null;
  response: HttpResponse | null = null;
  endedAt: number | null = null;
  failure: string | null = null;

  constructor(id: string, subject: TapSubject, begun: { readonly startedAt: number; readonly request: HttpRequest }) {
    this.id = id;
    this.#subject = subject;
    this.startedAt = begun.startedAt;
    this.request = begun.request;
  }

  get step(): PendingStep {
    if (this.answerHead !== null || this.response !== null) return "rest";
    return this.isRequestOver ? "answer" : "request";
  }

  snapshot(): HttpTransaction {
    const { id, startedAt, request } = this;
    const response = this.response ?? this.answerHead;
    return { id, ...this.#subject, startedAt, durationMs: null, request, response, failure: null };
  }

  toTransaction(): HttpTransaction {
    const { id, startedAt, request, response, endedAt, failure } = this;
    const durationMs = endedAt === null ? null : Math.max(0, endedAt - startedAt);
    return { id, ...this.#subject, startedAt, durationMs, request, response, failure };
  }
}
