import type { HttpRequest, HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import type { OpenRequest, OpenStep } from "./pending-requests.ts";

/** Whose bytes these are and where they really went. */
export interface TapSubject {
  readonly connection: string;
  readonly client: string;
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
}

/** A request that waits for its end, its answer, or both. Written to by the tap alone. */
export class PendingRequest implements OpenRequest {
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

  get step(): OpenStep {
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
