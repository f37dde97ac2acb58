// One tap a connection: bytes of both directions in, transactions and gaps out.
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
  /** Returns the id of the next transaction; called in the order the requests begin. */
  nextTransactionId(): string;
  emit(event: CaptureEvent): void;
  /** Lists each request while it is pending, for live views. */
  readonly pendingRequests?: Pick<PendingRequests, "add" | "delete">;
}

export type Side = "client" | "server";

/**
 * Reads a copy of both directions of one connection and pairs requests with their answers, in order. Never throws on
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

  /** True once later bytes are ignored: the queue need not keep them. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether a request waits for its end or its answer. After an upgrade to another protocol this is always false. */
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

  /** The connection is closed: pending requests are emitted as far as they came. */
  close(at: number, brokenBy: Side | null): void {
    if (this.#isOver) return;
    const failure = brokenBy === "client" ? clientLeft : serverBroke;
    if (brokenBy !== null) this.#cutReason = failure;
    this.#readAnswers(this.#answers.end(at, { isClean: brokenBy === null }));
    this.#readRequests(this.#requests.end(at));
    this.#finish(brokenBy === null ? "the connection was closed before the answer" : failure);
  }

  /** Stops reading although the traffic continues, and emits a gap. */
  giveUp(at: number, reason: string): void {
    if (this.#isOver) return;
    this.#gap(at, reason);
    this.#finish("the capture stopped reading this connection");
  }

  /** Stops reading without an event. */
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
      // After the requests were lost their answers cannot be paired; one gap has reported that.
      if (!this.#requestsAreLost) this.#gap(event.endedAt, "an answer came without a request");
      return;
    }
    pending.response = event.message;
    if (event.isWhole) pending.endedAt = event.endedAt;
    else pending.failure ??= this.#cutReason;
  }

  /** Emits complete transactions, oldest first. */
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

/** The client of a connection, and the target it was really connected to. */
export interface TapSubject {
  readonly connection: string;
  readonly client: string;
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
}

/** A request that waits for its end, its answer, or both. Only the tap writes to it. */
class PendingRequest implements TrackedRequest {
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
