import { withoutContentCoding } from "../coding/content-coding.ts";
import type { CaptureEvent } from "../core/capture-event.ts";
import type { HttpTransaction } from "../core/http-transaction.ts";

type Emit = (event: CaptureEvent) => void;

/**
 * Undoes content codings on the way from the connections to the consumer, in other threads. The order within one
 * connection is kept: NTLM's legs depend on it.
 */
export class Deliveries {
  readonly #bodyLimit: number;
  readonly #emit: Emit;
  #open = 0;
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
      this.#open += 1;
      const own: Promise<void> = (last ?? Promise.resolve()).then(async () => {
        // What cannot be undone is handed on as it came.
        this.#emit(await this.#decoded(event).catch(() => event));
        if (last === own) last = null;
        this.#open -= 1;
        if (this.#open === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
      });
      last = own;
    };
  }

  /** Resolves when everything that was given was handed on. */
  idle(): Promise<void> {
    if (this.#open === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  async #decoded(event: CaptureEvent): Promise<CaptureEvent> {
    if (event.kind !== "transaction") return event;
    const { request, response } = event.transaction;
    const requestBody = await withoutContentCoding(request.body, this.#bodyLimit);
    const responseBody = response === null ? null : await withoutContentCoding(response.body, this.#bodyLimit);
    const transaction: HttpTransaction = {
      ...event.transaction,
      request: { ...request, body: requestBody },
      response: response === null || responseBody === null ? response : { ...response, body: responseBody },
    };
    return { kind: "transaction", transaction };
  }
}

function isCoded({ request, response }: HttpTransaction): boolean {
  return request.body.contentCoding !== null || (response !== null && response.body.contentCoding !== null);
}
