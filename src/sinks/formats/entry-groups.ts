// Formats of other programs hold requests and answers only. Any other event (a tunnel, a signature check) is attached to the
// transaction before it, so that the file, read back, is judged the same.
import { type CaptureEvent, type SignatureCheck, timeOfEvent } from "../../core/capture-event.ts";
import type { Decoded } from "../../core/decoded.ts";
import { emptyBody, type HttpTransaction } from "../../core/http-transaction.ts";
import type { S2sToken } from "../../decoders/facts.ts";
import { decodeTransaction } from "../../decoders/messages/decode-transaction.ts";
import type { Redacted } from "../../sanitising/sanitise.ts";

export type OtherEvent = Exclude<CaptureEvent, { kind: "transaction" }>;

export interface EntryGroup {
  readonly transaction: HttpTransaction;
  /** Events before the transaction that no earlier group holds. */
  readonly ahead: readonly OtherEvent[];
  readonly after: readonly OtherEvent[];
  /** True when the transaction is made up to carry the events: the capture has no request, or more events than one entry holds. */
  readonly isPlaceholder: boolean;
  /** Token algorithms, by transaction id and by place of the token. */
  readonly algorithms: ReadonlyMap<string, Algorithms>;
}

type Algorithms = ReadonlyMap<string, string>;

const rememberedTransactions = 4096;
/** Rows of logs are as many as transactions, so the events of one entry are bounded. */
const mostEvents = 200;

function remember(known: Map<string, Algorithms>, transaction: HttpTransaction): void {
  const algorithms = algorithmsOf(transaction);
  if (algorithms.size === 0) return;
  known.set(transaction.id, algorithms);
  const [oldest] = known.size > rememberedTransactions ? known.keys() : [];
  if (oldest !== undefined) known.delete(oldest);
}

/** Collects events into groups. `push` returns a group when the next transaction begins; `finish` returns the last one. */
export class EntryGroups {
  #ahead: OtherEvent[] = [];
  #transaction: HttpTransaction | null = null;
  #after: OtherEvent[] = [];
  /** Algorithms of the tokens in recent transactions, as a check can follow long after its token. */
  readonly #algorithms = new Map<string, Algorithms>();

  push(event: Redacted<CaptureEvent>): EntryGroup | null {
    if (event.kind !== "transaction") return this.#pushOther(event);
    const group = this.end();
    this.#transaction = event.transaction;
    remember(this.#algorithms, event.transaction);
    return group;
  }

  #pushOther(event: OtherEvent): EntryGroup | null {
    const events = this.#transaction === null ? this.#ahead : this.#after;
    events.push(event);
    if (events.length < mostEvents) return null;
    return this.#transaction === null ? this.#takeAhead() : this.end();
  }

  #takeAhead(): EntryGroup {
    const ahead = this.#ahead;
    this.#ahead = [];
    return { transaction: placeholder(ahead), ahead, after: [], algorithms: this.#algorithms, isPlaceholder: true };
  }

  end(): EntryGroup | null {
    const [transaction, ahead, after] = [this.#transaction, this.#ahead, this.#after];
    if (transaction === null) return null;
    this.#transaction = null;
    this.#ahead = [];
    this.#after = [];
    return { transaction, ahead, after, algorithms: this.#algorithms, isPlaceholder: false };
  }

  /** The last group of the capture. */
  finish(): EntryGroup | null {
    return this.end() ?? (this.#ahead.length === 0 ? null : this.#takeAhead());
  }
}

/** The entry that other programs write for a connection whose requests they could not read. */
function placeholder(events: readonly OtherEvent[]): HttpTransaction {
  const event = events.find((each) => "host" in each);
  const host = event !== undefined && "host" in event && event.host !== "" ? event.host : "unknown.invalid";
  const fields = { version: "HTTP/1.1", headers: [], trailers: [], body: emptyBody };
  return {
    ...{ id: "e0", connection: "e0", client: "", durationMs: null, scheme: "https", host, port: 443, response: null },
    startedAt: event === undefined ? 0 : (timeOfEvent(event) ?? 0),
    request: { method: "CONNECT", target: "/", ...fields },
    failure: "the capture has no request",
  };
}

/** Members of an entry for the events of its group: checked signatures in `_s2s`, all others in `_ahead` and `_after`. */
export function eventMembers({ transaction, ahead, after, algorithms, isPlaceholder }: EntryGroup): object {
  const checks = after.filter((event) => event.kind === "signature").map(({ check }) => check);
  const others = after.filter((event) => event.kind !== "signature");
  return {
    ...(isPlaceholder ? { _eventsOnly: true } : {}),
    ...(ahead.length === 0 ? {} : { _ahead: ahead.map(eventRecord) }),
    ...(checks.length === 0 ? {} : { _s2s: checkRecords(checks, transaction, algorithms) }),
    ...(others.length === 0 ? {} : { _after: others.map(eventRecord) }),
  };
}

/** Checks made while tokens had their signatures, which nobody can repeat on a sanitised file. `at` is the time of the capture. */
function checkRecords(
  checks: readonly SignatureCheck[],
  transaction: HttpTransaction,
  algorithms: EntryGroup["algorithms"],
): readonly object[] {
  const at = new Date(transaction.startedAt + (transaction.durationMs ?? 0)).toISOString();
  return checks.map((check) => {
    const alg = algorithms.get(check.transactionId)?.get(check.token);
    return { ...check, ...(alg === undefined ? {} : { alg }), at };
  });
}

function algorithmsOf(transaction: HttpTransaction): Algorithms {
  const algorithms = new Map<string, string>();
  for (const { path, token } of decodeTransaction(transaction).tokens) {
    let place: string = path;
    for (let at: Decoded<S2sToken> | null = token; at?.ok === true; at = at.value.actor) {
      if (!algorithms.has(place)) algorithms.set(place, at.value.alg.slice(0, 16));
      place += "/actor";
    }
  }
  return algorithms;
}

function eventRecord(event: OtherEvent): object {
  const { kind, ...members } = event;
  return { k: kind, ...members };
}
