// What can go wrong on the way to Graph and in it. Each fault is used up by the first request it fits.

export interface GraphFault {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly kind:
    | { readonly status: 429 | 503; readonly retryAfter: string | null }
    /** `message` is what the error says: some servers repeat what they were sent. */
    | { readonly status: 401 | 403 | 409 | 412 | 500 | 502 | 504; readonly message?: string }
    /** Answered 504 although it was done. */
    | "done-but-504"
    /** The connection ends without an answer: before or after it was done. */
    | "dropped"
    | "done-but-dropped"
    | "concurrency-violation";
}

export interface FaultQueue {
  add(...faults: readonly GraphFault[]): void;
  /** The fault for a request, if there is one; it is used up. */
  take(method: string): GraphFault["kind"] | undefined;
  readonly left: () => number;
}

export function createFaultQueue(): FaultQueue {
  const waiting: GraphFault[] = [];
  return {
    add: (...faults) => void waiting.push(...faults),
    take(method) {
      const index = waiting.findIndex((fault) => fault.method === method);
      return index === -1 ? undefined : waiting.splice(index, 1)[0]?.kind;
    },
    left: () => waiting.length,
  };
}
