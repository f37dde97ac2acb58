// Where the copies of the traffic go: what the wire hands over, and nothing of how it is read.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { TrackedRequest } from "./pending-requests.ts";
import type { Side, TapSubject } from "./tap.ts";

/** The copy of one connection. Nothing of it waits or throws. */
export interface Copy {
  /** Whether a request may still wait for its end or its answer. */
  readonly isBusy: boolean;
  /** Bytes that came from this side. They may be changed after the call. */
  push(side: Side, bytes: Uint8Array): void;
  /** One direction ended; `isClean` false when it broke. */
  end(side: Side, isClean: boolean): void;
  /** Both directions are over; nothing follows. */
  close(brokenBy: Side | null): void;
  /**
   * Called before more is read from the connection: false when the copies are so far behind that the traffic is to wait, and
   * `resume` is called once when it may go on.
   */
  mayRead(resume: () => void): boolean;
}

/** Takes copies and events of all connections of a proxy. */
export interface Copies {
  /** `c1`, `c2` … */
  nextConnectionId(): string;
  /** Begins the copy of a connection, which gets the next id. */
  open(subject: Omit<TapSubject, "connection">): Copy;
  emit(event: CaptureEvent): void;
  /** The id of an `http://` exchange, in the order in which they begin. */
  nextExchangeId(): string;
  /** An `http://` exchange is pending; called again when its step has changed. */
  pend(exchange: TrackedRequest): void;
  /** It is over; `transaction` null when it is not recorded. */
  settle(exchange: TrackedRequest, transaction: HttpTransaction | null): void;
}
