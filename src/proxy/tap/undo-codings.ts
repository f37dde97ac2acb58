import type { CaptureEvent } from "../../core/capture-event.ts";
import type { CapturedBody, HttpTransaction } from "../../core/http-transaction.ts";
import { undoContentCoding, undoContentCodingSync } from "../../http1/content-coding.ts";

type Emit = (event: CaptureEvent) => void;

/**
 * Undoes content codings between the taps and the event queue, in other threads. Keeps the order within each
 * connection: the legs of NTLM depend on it.
 */
export class CodingUndoer {
  readonly #bodyLimit: number;
  readonly #emit: Emit;
  /** Events in progress, in the order they came. */
  readonly #inProgress = new Set<{ readonly event: CaptureEvent }>();
  #onIdle: (() => void)[] = [];

  constructor(bodyLimit: number, emit: Emit) {
    this.#bodyLimit = bodyLimit;
    this.#emit = emit;
  }

  /** The entrance for the events of one connection. */
  forConnection(): Emit {
    let last: Promise<void> | null = null;
    return (event) => {
      if (last === null && !(event.kind === "transaction" && isCoded(event.transaction))) {
        this.#emit(event);
        return;
      }
      const item = { event };
      this.#inProgress.add(item);
      const own: Promise<void> = (last ?? Promise.resolve()).then(async () => {
        // On an error the event is emitted unchanged.
        const decoded = await this.#decoded(event).catch(() => event);
        if (last === own) last = null;
        if (!this.#inProgress.delete(item)) return;
        this.#emit(decoded);
        if (this.#inProgress.size === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
      });
      last = own;
    };
  }

  /** Resolves when no event is in progress. */
  whenIdle(): Promise<void> {
    if (this.#inProgress.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** For a process that ends: emits the events in progress before it returns. */
  emitAllSync(): void {
    for (const { event } of this.#inProgress) {
      const undo = (body: CapturedBody): CapturedBody => undoContentCodingSync(body, this.#bodyLimit);
      this.#emit(event.kind === "transaction" ? withBodies(event.transaction, undo) : event);
    }
    this.#inProgress.clear();
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
