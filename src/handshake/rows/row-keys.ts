// Keys and comparisons of rows.
import type { LogRow } from "../../core/log-row.ts";
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import { isPersonsUserAgent } from "../../core/well-known-clients.ts";
import type { Handshake } from "../reduce.ts";
import type { SeenRequest } from "../request-index.ts";

import type { Outcome } from "../signals.ts";
import type { RowReading } from "./read-row.ts";
import type { LoggedCall } from "./row-calls.ts";

/** One row with what is known of its call. */
export interface RowInput {
  readonly row: LogRow;
  readonly reading: RowReading;
  readonly call: LoggedCall;
  /** The host that was called, else the server that wrote the row. */
  readonly server: string;
}

/** In what a row and the captured request of the same client-request-id differ. */
export type Contradiction = "answer" | "caller" | "sign-in";

/** True for a row of a program that persons sign in with. */
export function isPersonsProgram({ userAgent }: LogRow): boolean {
  return isPersonsUserAgent(userAgent);
}

/** The outcome of a call after another of its rows: the front end says whether it was let in, a refusal by either counts. */
export function outcomeOf(before: Outcome | null, now: Outcome | null): Outcome {
  if (before === "refused" || now === "refused") return "refused";
  return before === "accepted" || now === "accepted" ? "accepted" : "undecided";
}

/** The key of the handshake of a call. */
export function keyOfCall(input: RowInput): string {
  const { reading, server, call } = input;
  if (reading.caller !== null) return `${server}\n${reading.caller.id}\n${reading.realm.toLowerCase()}`;
  const isRefused = reading.outcome === "refused" || call.outcome === "refused";
  return isRefused ? refusedKey(input) : `${server}\n\ncloud`;
}

/** Refusals that do not name the application, by the program that calls. */
export function refusedKey({ server, call }: RowInput): string {
  return `${server}\n\nrefused ${call.client} ${call.userAgent}`;
}

/** The SOAP operation that a row of the back end names; empty where none does. */
export function operationOf({ log, side, operation }: LogRow): string {
  const isNamed = side === "back-end" && (log === "ews" || log === "autodiscover");
  return isNamed && operation !== null && /^[A-Za-z]{1,64}$/.test(operation) ? operation : "";
}

/** Exchange's own application, or one that calls it. The sign-in logs of a tenant list all others beside them. */
export function isOfExchange(id: string): boolean {
  const role = wellKnownApplication(id)?.role;
  return role === "exchange" || role === "caller";
}

/** In what a row of a call differs from the captured request; null where both agree or one is silent. */
export function contradictionOf(
  { outcome, caller }: RowReading,
  seen: SeenRequest,
  traffic: Handshake,
): Contradiction | null {
  if (outcome === "accepted" && seen.isRefused && !seen.isAccepted) return "answer";
  if (outcome === "refused" && seen.isAccepted && !seen.isRefused) return "answer";
  const other = traffic.caller?.id ?? "";
  return caller !== null && other !== "" && other !== caller.id ? "caller" : null;
}
