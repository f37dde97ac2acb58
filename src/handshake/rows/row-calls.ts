// One call may have several rows: of the front end, of the back end, and a Windows event. Joined by the request's id, else by
// client-request-id and time. It counts once.
import type { LogRow } from "../../core/log-row.ts";
import { recentMap } from "../../core/recent-map.ts";
import type { Outcome } from "../signals.ts";
import type { RowReading } from "./read-row.ts";

export type RowSide = "front" | "back" | "event";

/** One call. Mutable on purpose: one object under several keys. */
export interface LoggedCall {
  /** Times at which its rows ended. */
  readonly ended: Partial<Record<RowSide, number>>;
  /** The handshake of rows that counts it; null while none does. */
  handshakeId: string | null;
  /** The outcome that was counted. */
  outcome: Outcome | null;
  /** A policy of EWS refused it, as one of its rows says. */
  isPolicy: boolean;
  /** The called host, the client with its program and the operation, from the row that shows them; empty until then. */
  host: string;
  client: string;
  userAgent: string;
  operation: string;
  /** The application, from the row that names it. */
  named: Pick<RowReading, "caller" | "realm" | "shownBy" | "lane"> | null;
}

export interface RowCalls {
  /** The call of a row, a new one where no other row of it is known. */
  at(row: LogRow): LoggedCall;
}

const callLimit = 8_192;
const callsOfOneId = 8;
const sameCallMs = 2_000;

/** Which of the rows of a call this one is. */
function sideOf({ log, side }: LogRow): RowSide {
  if (log === "windows-event") return "event";
  return side === "back-end" ? "back" : "front";
}

/** Starts without calls; remembers the last ones. */
export function startRowCalls(): RowCalls {
  const byRequestId = recentMap<string, LoggedCall>(callLimit);
  const byClientId = recentMap<string, readonly LoggedCall[]>(callLimit);
  return {
    at(row) {
      const { requestId, clientRequestId } = row;
      const side = sideOf(row);
      const named = requestId === null ? undefined : byRequestId.get(requestId);
      const likely = clientRequestId === null ? [] : (byClientId.get(clientRequestId) ?? []);
      const call = callIn(named, likely, row) ?? newCall();
      call.ended[side] = row.endedAt;
      call.host ||= row.host;
      call.client ||= row.client;
      call.userAgent ||= row.userAgent.slice(0, 200);
      if (requestId !== null && named === undefined) byRequestId.set(requestId, call);
      if (clientRequestId !== null && !likely.includes(call))
        byClientId.set(clientRequestId, [...likely, call].slice(-callsOfOneId));
      return call;
    },
  };
}

/** The call that lacks this row: by its request id, else the last one with its client-request-id. */
function callIn(named: LoggedCall | undefined, likely: readonly LoggedCall[], row: LogRow): LoggedCall | undefined {
  const side = sideOf(row);
  if (named !== undefined && named.ended[side] === undefined) return named;
  return likely.findLast((call) => call.ended[side] === undefined && isSameCall(call, side, row.endedAt));
}

function newCall(): LoggedCall {
  return {
    ended: {},
    handshakeId: null,
    outcome: null,
    isPolicy: false,
    host: "",
    client: "",
    userAgent: "",
    operation: "",
    named: null,
  };
}

/**
 * An event is written while its request runs, so the row of that request ends after it, by another clock. The row of the probe before it,
 * which has the same client-request-id, is earlier: the last row counts.
 */
function isSameCall({ ended }: LoggedCall, side: RowSide, endedAt: number): boolean {
  const { front, back, event } = ended;
  const row = front ?? back;
  if (side === "event") return row !== undefined && row >= endedAt - sameCallMs;
  if (row !== undefined && Math.abs(row - endedAt) > sameCallMs) return false;
  return event === undefined || endedAt >= event - sameCallMs;
}
