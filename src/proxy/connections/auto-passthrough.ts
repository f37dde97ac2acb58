// Which connections pass through unread because opening them breaks the program behind them.
import { boundedMap } from "../../core/bounded-map.ts";
import type { TlsCause, TunnelReason } from "../../core/capture-event.ts";
import { createTally, type Tally } from "./tally.ts";

/** One program at one address, and the target that it connects to. */
export interface ClientAndTarget {
  /** An address without a port: the same program reconnects from another port. */
  readonly address: string;
  /** Of its ClientHello; empty when that cannot be read. */
  readonly fingerprint: string;
  /** `host:port`. */
  readonly target: string;
}

export interface Passing {
  readonly reason: TunnelReason;
  /** Whether it sends a request on this connection decides what its earlier leaves were. */
  readonly isTrial: boolean;
}

/**
 * How a failure counts: `named` is a failure; `undecided` is a leave that distrust and a health check have in common;
 * `probe` is a health check.
 */
export type Judgement = "named" | "undecided" | "probe";

export interface Failure {
  readonly cause: TlsCause;
  /** Epoch milliseconds of the beginning of the connection. */
  readonly since: number;
}

/** Passes connections through after repeated failures, so that watching never stops work. */
export interface AutoPassthrough {
  readonly isEnabled: boolean;
  /** Why connections of this client pass through unread now; null when they are opened. */
  decide(who: ClientAndTarget, now: number): Passing | null;
  recordFailure(who: ClientAndTarget, failure: Failure, now: number): Judgement;
  /** A connection has sent a request over our certificate; call the result for each further one. */
  recordAcceptance(who: ClientAndTarget, now: number): (now: number) => void;
  /** The end of a trial: whether the client sent a request over the target's own certificate. */
  recordTrial(who: ClientAndTarget, hasSpoken: boolean, now: number): void;
}

interface Pair {
  /** Alerts that name the certificate. */
  readonly refusals: Tally;
  /** Leaves without an alert or a request. */
  readonly leaves: Tally;
  /** Handshakes that cannot succeed with this proxy. */
  readonly misfits: Tally;
  /** Connections with a request. */
  readonly successes: Tally;
  /** Bursts of leaves that were taken for spare connections of a pool. */
  readonly spares: Tally;
  /** The beginning of the connection that the last burst began with. */
  spareSince: number;
  heardAt: number;
  passUntil: number;
  reason: TunnelReason;
  /** The next connection passes through, to learn what the leaves mean. */
  isOnTrial: boolean;
  /** It left a trial without a request, too. */
  isProbe: boolean;
}

const repeats = 3;
const passMs = 10 * 60_000;
/** A pool opens spare connections for requests that older connections then serve. */
const poolMs = 2_000;
const rememberedPairs = 1000;

const certificateCauses: ReadonlySet<TlsCause> = new Set([
  "distrust",
  "certificate-expired",
  "certificate-unusable",
] as const);
const misfitCauses: ReadonlySet<TlsCause> = new Set(["no-http1", "versions", "ciphers", "other"] as const);

export function createAutoPassthrough(isEnabled: boolean): AutoPassthrough {
  const pairs = boundedMap<string, Pair>(rememberedPairs);
  const keyOf = ({ address, fingerprint, target }: ClientAndTarget): string => `${address} ${fingerprint} ${target}`;
  const pairOf = (who: ClientAndTarget): Pair => {
    const key = keyOf(who);
    const pair = pairs.get(key) ?? newPair();
    pairs.set(key, pair);
    return pair;
  };
  return {
    isEnabled,
    decide(who, now) {
      if (!isEnabled) return null;
      const pair = pairs.get(keyOf(who));
      if (pair === undefined) return null;
      if (now < pair.passUntil) return { reason: pair.reason, isTrial: false };
      return pair.isOnTrial ? { reason: pair.reason, isTrial: true } : null;
    },
    recordFailure(who, failure, now) {
      const pair = pairOf(who);
      if (failure.cause === "left-in-handshake" || failure.cause === "left-without-request") {
        const judgement = judgeLeave(pair, failure, now);
        return judgement === "undecided" && !isEnabled ? "named" : judgement;
      }
      countCertain(pair, failure.cause, now);
      return "named";
    },
    recordAcceptance(who, now) {
      const pair = pairOf(who);
      pair.successes.add(now);
      if (pair.leaves.count(now) <= pair.successes.count(now)) pair.isOnTrial = false;
      const hear = (at: number): void => {
        pair.heardAt = at;
      };
      hear(now);
      return hear;
    },
    recordTrial(who, hasSpoken, now) {
      const pair = pairOf(who);
      // Of several trials at once the one with a request decides.
      if (!pair.isOnTrial && !hasSpoken) return;
      pair.isOnTrial = false;
      pair.isProbe = !hasSpoken;
      if (hasSpoken) pass(pair, pair.reason, now);
      pair.leaves.clear();
    },
  };
}

function newPair(): Pair {
  return {
    refusals: createTally(),
    leaves: createTally(),
    misfits: createTally(),
    successes: createTally(),
    spares: createTally(),
    spareSince: Number.NEGATIVE_INFINITY,
    heardAt: 0,
    passUntil: 0,
    reason: "client-distrusts-ca",
    isOnTrial: false,
    isProbe: false,
  };
}

function pass(pair: Pair, reason: TunnelReason, now: number): void {
  pair.passUntil = now + passMs;
  pair.reason = reason;
  for (const tally of [pair.refusals, pair.leaves, pair.misfits, pair.successes, pair.spares]) tally.clear();
}

/** Failures that say what they are. */
function countCertain(pair: Pair, cause: TlsCause, now: number): void {
  const tally = certificateCauses.has(cause) ? pair.refusals : misfitCauses.has(cause) ? pair.misfits : null;
  if (tally === null) return;
  tally.add(now);
  if (!isTooMany(tally, pair, now)) return;
  if (tally === pair.refusals) pass(pair, "client-distrusts-ca", now);
  else pass(pair, cause === "no-http1" ? "client-needs-http2" : "client-needs-other-tls", now);
}

/**
 * Leaves without a word. A client that speaks on another connection meanwhile, or did so just before, has opened too many
 * connections, as pools do in bursts. Else repeats lead to a trial: a client that then speaks over the target's certificate does not accept ours, and one
 * that leaves again is a health check.
 */
function judgeLeave(pair: Pair, { cause, since }: Failure, now: number): Judgement {
  if (pair.heardAt >= since - poolMs && isSpare(pair, since, now)) return "probe";
  pair.leaves.add(now);
  if (isTooMany(pair.leaves, pair, now) && !(pair.isProbe && pair.successes.count(now) > 0)) {
    pair.isOnTrial = true;
    pair.reason = cause === "left-in-handshake" ? "client-distrusts-ca" : "client-leaves";
  }
  return pair.isProbe ? "probe" : "undecided";
}

/**
 * At most one burst for each connection with a request: a program that always leaves must not hide behind a busy one of
 * its kind.
 */
function isSpare(pair: Pair, since: number, now: number): boolean {
  if (Math.abs(since - pair.spareSince) <= poolMs) return true;
  if (pair.spares.count(now) >= pair.successes.count(now)) return false;
  pair.spares.add(now);
  pair.spareSince = since;
  return true;
}

function isTooMany(failures: Tally, { successes }: Pair, now: number): boolean {
  const count = failures.count(now);
  return count >= repeats && count > successes.count(now);
}
