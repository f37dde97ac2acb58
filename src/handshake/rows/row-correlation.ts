// The result of correlating one row.
import type { FallbackEvidence } from "../correlation.ts";
import type { Handshake } from "../reduce.ts";
import type { Outcome } from "../signals.ts";
import type { RowReading } from "./read-row.ts";
import type { LoggedCall } from "./row-calls.ts";
import type { Contradiction, RowInput } from "./row-keys.ts";

/** The result of correlating one row. */
export interface RowCorrelation {
  readonly reading: RowReading;
  /** The handshake after this row, with its traffic; null when the row belongs to none. */
  readonly handshake: Handshake | null;
  /** Other handshakes that this row changed. */
  readonly changed: readonly Handshake[];
  readonly absorbed: readonly { readonly id: string; readonly into: string }[];
  /** The outcome of its call after all rows of that call; null where it is not the row of a call. */
  readonly outcome: Outcome | null;
  /** A captured request has the same client-request-id, so the row is not counted. */
  readonly isInTraffic: boolean;
  readonly contradiction: Contradiction | null;
  /** Why a password is a service's; null for any other row. */
  readonly fallback: FallbackEvidence | null;
  /** NTLM or Negotiate of a service. */
  readonly isServiceSignIn: boolean;
  /** All that is known of its call. */
  readonly call: LoggedCall;
  /** The host that was called: of the row, else of another row of the same call, else the server that wrote it. */
  readonly server: string;
}

/** The result for a row. */
export function result({ reading, server, call }: RowInput, said: Partial<RowCorrelation>): RowCorrelation {
  return {
    reading,
    handshake: null,
    changed: [],
    absorbed: [],
    outcome: null,
    isInTraffic: false,
    contradiction: null,
    fallback: null,
    isServiceSignIn: false,
    call,
    server,
    ...said,
  };
}
