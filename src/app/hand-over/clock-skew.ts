// How far the clocks of the servers are ahead of the capturing machine.
import { firstHeader } from "../../core/headers.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import { parseHttpDate } from "../../decoders/http-date.ts";

const skewLimit = 10_000;

/** Adds the difference between the clocks of the server and of the capture, in seconds, for an answer with a `Date`; bounded. */
export function noteSkew({ response, startedAt, durationMs }: HttpTransaction, skews: number[]): void {
  const date = response === null ? undefined : firstHeader(response.headers, "date");
  const at = date === undefined ? null : parseHttpDate(date);
  // `Date` has whole seconds, cut off: half a second is the average of what is missing.
  if (at !== null && skews.length < skewLimit)
    skews.push(Math.round((at + 500 - startedAt - (durationMs ?? 0)) / 1000));
}

/** The median; null of nothing. */
export function median(numbers: readonly number[]): number | null {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? null;
}
