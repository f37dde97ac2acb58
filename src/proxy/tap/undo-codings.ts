import type { CaptureEvent } from "../../core/capture-event.ts";
import type { CapturedBody, HttpTransaction } from "../../core/http-transaction.ts";
import { undoContentCoding, undoContentCodingSync } from "../../http1/content-coding.ts";

type Emit = (event: CaptureEvent) => void;

/**
 * Undoes content codings on the way from the connections to the consumer, in other threads. The order within one
 * connection is kept: NTLM's legs depend on it.
 */
export class CodingUndoer {
  readonly #bodyLimit: number;
  readonly #emit: Emit;
  /** What is on its way, in the order it was given. */
  readonly #open = new Set<{ readonly event: CaptureEvent }>();
  #whenIdle: (() => void)[] = [];

  constructor(bodyLimit: number, emit: Emit) {
    this.#bodyLimit = bodyLimit;
    this.#emit = emit;
  }

  /** The way for one connection's events. */
  forConnection(): Emit {
    let last: Promise<void> | null = null;
    return (event) => {
      if (last === null && !(event.kind === "transaction" && isCoded(event.transaction))) {
        this.#emit(event);
        return;
      }
      const item = { event };
      this.#open.add(item);
      const own: Promise<void> = (last ?? Promise.resolve()).then(async () => {
        // What cannot be undone is handed on as it came.
        const decoded = await this.#decoded(event).catch(() => event);
        if (last === own) last = null;
        if (!this.#open.delete(item)) return;
        this.#emit(decoded);
        if (this.#open.size === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
      });
      last = own;
    };
  }

  /** Resolves when everything that was given was handed on. */
  whenIdle(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** For the end of the process: hands on what is on its way before it returns. */
  emitAllSync(): void {
    for (const { event } of this.#open) {
      const undo = (body: CapturedBody): CapturedBody => undoContentCodingSync(body, this.#bodyLimit);
      this.#emit(event.kind === "transaction" ? withBodies(event.transaction, undo) : event);
    }
    this.#open.clear();
  }

  async #decoded(event: CaptureEvent): Promise<CaptureEvent> {
    if (event.kind !== "transaction") return event;
    const { request, response } = event.transaction;
    const requestBody = await undoContentCoding(request.body, this.#bodyLimit);
    const responseBody = response === null ? null : await undoContentCoding(response.body, this.#bodyLimit);
    return withBodies(event.transaction, (body) => (body === request.body ? requestBody : (responseBody ?? body)));
  }
}

function isCoded({ request, response }: HttpTransaction): boolean {
  return request.body.contentCoding !== null || (response !== null && response.body.contentCoding !== null);
}

function withBodies(transaction: HttpTransaction, change: (body: CapturedBody) => CapturedBody): CaptureEvent {
  const { request, response } = transaction;
  const changed: HttpTransaction = {
    ...transaction,
    request: { ...request, body: change(request.body) },
    response: response === null ? null : { ...response, body: change(response.body) },
  };
  return { kind: "transaction", transaction: changed };
}
