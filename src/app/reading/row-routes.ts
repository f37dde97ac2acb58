// Rows of logs beside captures: a row about a request of a capture is judged with that capture and counts there alone.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Pipeline } from "../run-pipeline.ts";

type Judge = Pick<Pipeline, "accept" | "knowsRequest" | "snapshot">;

export interface RowRoutes {
  /** Adds a capture that was read before the logs. */
  add(capture: Judge): void;
  /** Who judges an event of the logs: the capture that has its client-request-id, else `own`. */
  judgeOf(event: CaptureEvent, own: Judge): Judge;
  /** A capture has got a row. */
  hasGivenRows(): boolean;
}

/** Starts without captures. Each keeps its last requests alone, so the memory is bounded. */
export function startRowRoutes(): RowRoutes {
  const captures: Judge[] = [];
  let hasGiven = false;
  return {
    add: (capture) => captures.push(capture),
    judgeOf(event, own) {
      const id = event.kind === "log-row" ? event.row.clientRequestId : null;
      const capture = id === null ? undefined : captures.find((one) => one.knowsRequest(id));
      if (capture !== undefined) hasGiven = true;
      return capture ?? own;
    },
    hasGivenRows: () => hasGiven,
  };
}
