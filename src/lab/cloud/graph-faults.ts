// Failures of Graph and of the connection to it. Each fault applies once, to the first request that matches.

export interface GraphFault {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly kind:
    | { readonly status: 429 | 503; readonly retryAfter: string | null }
    /** `message` is the text of the error: some servers repeat what they received. */
    | { readonly status: 401 | 403 | 409 | 412 | 500 | 502 | 504; readonly message?: string }
    /** The change is made, and the answer is 504. */
    | "done-but-504"
    /** The connection ends without an answer: before or after the change. */
    | "dropped"
    | "done-but-dropped"
    | "concurrency-violation";
}

export interface FaultQueue {
  add(...faults: readonly GraphFault[]): void;
  /** Takes the fault for a request, if there is one. */
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
