// The position of an event in the order of time. A transaction counts by its end, as in a live capture: the last answer
// comes last. Transactions that start and end in the same millisecond are ordered independently of the file: by the
// number from the capturing program; without one refusals come last, so that an acceptance of the same millisecond does
// not hide them.
import { type CaptureEvent, timeOfEvent } from "../../core/capture-event.ts";
import { isKnownTime } from "../../core/capture-time.ts";
import { firstHeader } from "../../core/headers.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { Provenance } from "../input/capture.ts";

export interface TimeKey {
  /** Epoch milliseconds, whole; -Infinity or Infinity where the file has no time. */
  readonly end: number;
  readonly start: number;
  /** Number of the event in its file, from 0. */
  readonly position: number;
  /** Number of the transaction from the capturing program; Infinity without one. Computed when called. */
  number(): number;
  /** Order among transactions without a number: a rank, then a digest of their content. */
  content(): readonly [rank: number, digest: number];
}

/** Negative when `one` comes before `other`, positive when after it. */
export function compareKeys(one: TimeKey, other: TimeKey): number {
  if (one.end !== other.end) return one.end - other.end;
  if (one.start !== other.start) return one.start - other.start;
  return compareTies(one, other);
}

/** The same by the start of both. */
export function compareStarts(one: TimeKey, other: TimeKey): number {
  return one.start === other.start ? compareKeys(one, other) : one.start - other.start;
}

function compareTies(one: TimeKey, other: TimeKey): number {
  const [number, otherNumber] = [one.number(), other.number()];
  if (number !== otherNumber) return number - otherNumber;
  const [rank, digest] = one.content();
  const [otherRank, otherDigest] = other.content();
  return rank - otherRank || digest - otherDigest || one.position - other.position;
}

/** The key of an event. An event without a time, such as a checked signature, stays behind the event before it. */
export function keyOf(event: CaptureEvent, position: number, said: Provenance | null, before: TimeKey | null): TimeKey {
  switch (event.kind) {
    case "transaction":
      return new TransactionKey(event.transaction, position, said);
    case "log-row":
      return new RowKey(event, position);
    // A report about a log file follows the rows that were read before it.
    case "log-file":
    case "signature":
      return before === null
        ? new EventKey(event, timeOfEvent(event) ?? 0, position)
        : new FollowingKey(before, position);
    default:
      return new EventKey(event, timeOfEvent(event) ?? 0, position);
  }
}

class TransactionKey implements TimeKey {
  readonly end: number;
  readonly start: number;
  readonly position: number;
  readonly #transaction: HttpTransaction;
  readonly #isNamed: boolean;

  constructor(transaction: HttpTransaction, position: number, said: Provenance | null) {
    const { startedAt, durationMs } = transaction;
    this.position = position;
    this.#transaction = transaction;
    this.#isNamed = said?.isNamed !== false;
    if (said?.isTimed !== false && isKnownTime(startedAt)) {
      this.start = startedAt;
      // Durations may have fractions.
      this.end = Math.floor(startedAt + (durationMs ?? 0));
    } else {
      // A refusal without a time goes last: no acceptance must count as having resolved it.
      this.start = rankOf(transaction) === refused ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      this.end = this.start;
    }
  }

  number(): number {
    return this.#isNamed ? numberOf(this.#transaction.id) : Number.POSITIVE_INFINITY;
  }

  content(): readonly [number, number] {
    return [rankOf(this.#transaction), digestOf(this.#transaction)];
  }
}

class EventKey implements TimeKey {
  readonly end: number;
  readonly position: number;
  readonly #event: CaptureEvent;

  constructor(event: CaptureEvent, at: number, position: number) {
    this.end = isKnownTime(at) ? Math.floor(at) : Number.NEGATIVE_INFINITY;
    this.position = position;
    this.#event = event;
  }

  get start(): number {
    return this.end;
  }

  number(): number {
    return Number.NEGATIVE_INFINITY;
  }

  content(): readonly [number, number] {
    return [0, digest(JSON.stringify(this.#event))];
  }
}

/** Rows have the whole seconds or milliseconds of their log: those of one time stay in the order of their numbers. */
class RowKey extends EventKey {
  readonly #rank: number;

  constructor(event: Extract<CaptureEvent, { kind: "log-row" }>, position: number) {
    super(event, event.row.endedAt, position);
    this.#rank = 1 + numberOf(event.row.id);
  }

  override content(): readonly [number, number] {
    return [this.#rank, 0];
  }
}

class FollowingKey implements TimeKey {
  readonly end: number;
  readonly start: number;
  readonly position: number;
  readonly #before: TimeKey;

  constructor(before: TimeKey, position: number) {
    this.end = before.end;
    this.start = before.start;
    this.position = position;
    this.#before = before instanceof FollowingKey ? before.#before : before;
  }

  number(): number {
    return this.#before.number();
  }

  content(): readonly [number, number] {
    return this.#before.content();
  }
}

const runSize = 1e7;

/** `t7` or `l7` of the run `r3.` of the file `f2.` (or `m2.`), as one number. */
function numberOf(id: string): number {
  const [, file, run, number] = /^(?:[fm](\d{1,3})\.)*(?:r(\d{1,5})\.)?[tl](\d{1,9})$/.exec(id) ?? [];
  if (number === undefined) return Number.POSITIVE_INFINITY;
  return (Number(file ?? 0) * 1e5 + Number(run ?? 0)) * runSize + Number(number);
}

const refused = 3;

/** Requests for a token or for metadata first, then accepted requests, then refused ones. */
function rankOf({ request, response }: HttpTransaction): number {
  const status = response?.status ?? 0;
  const shown = (firstHeader(request.headers, "authorization") ?? "").trim();
  if (/^(?:bearer)?$/i.test(shown)) return status >= 400 && status !== 401 ? refused : 0;
  if (status >= 400) return refused;
  return status >= 200 && status < 300 ? 1 : 2;
}

const telling = ["www-authenticate", "x-ms-diagnostics", "x-feserver", "date"];

function digestOf({ scheme, host, port, request, response }: HttpTransaction): number {
  const { method, target, headers } = request;
  const asked = ["authorization", "user-agent", "client-request-id"].map((name) => firstHeader(headers, name) ?? "");
  const answered =
    response === null ? [] : [response.status, ...telling.map((name) => firstHeader(response.headers, name) ?? "")];
  return digest([scheme, host, port, method, target, ...asked, ...answered].join("\n"));
}

/** A hash of 53 bits, after FNV-1a with two states. */
function digest(text: string): number {
  let one = 0x811c9dc5;
  let two = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    one = Math.imul(one ^ code, 0x01000193);
    two = Math.imul(two ^ code, 0x5bd1e995);
  }
  return (one >>> 0) * 0x20_0000 + (two >>> 11);
}
