// The counts of an analysis, by their exact definitions.
import type { CaptureEvent } from "../core/capture-event.ts";
import { firstHeader } from "../core/headers.ts";
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { S2sToken, TransactionFacts } from "../decoders/facts.ts";
import type { Counts } from "./analysis.ts";

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

export interface Tally {
  add(transaction: HttpTransaction, facts: TransactionFacts): void;
  /** Adds to the counts of log rows. */
  addEvent(event: CaptureEvent): void;
  counts(): Counts;
}

/** Starts all counts at zero. */
export function startTally(): Tally {
  const counts: Mutable<Counts> = {
    transactions: 0,
    jwts: 0,
    actorTokens: 0,
    basicCredentials: 0,
    bearerProbes: 0,
    challenges: 0,
    ntlmMessages: 0,
    tokenRequests: 0,
    status401: 0,
    logRows: 0,
    logRowsDropped: 0,
  };
  return {
    add(transaction, facts) {
      counts.transactions += 1;
      for (const { token } of facts.tokens) {
        const nested = token.ok ? nestedTokens(token.value) : 0;
        counts.jwts += token.ok ? 1 + nested : 0;
        counts.actorTokens += nested;
      }
      counts.basicCredentials += passwordsIn(facts);
      counts.bearerProbes += Number(facts.authorization.scheme === "bearer-probe");
      counts.tokenRequests += Number(facts.tokenRequest !== null);
      counts.ntlmMessages += Number(facts.ntlmSent?.isNtlm === true) + Number(facts.ntlmReceived?.isNtlm === true);
      counts.status401 += Number(transaction.response?.status === 401);
      counts.challenges += Number(isChallenge(transaction));
    },
    addEvent(event) {
      if (event.kind === "log-row") counts.logRows += 1;
      else if (event.kind === "log-file") counts.logRowsDropped += event.report.dropped;
    },
    counts: () => ({ ...counts }),
  };
}

function nestedTokens(token: S2sToken): number {
  return token.actor?.ok === true ? 1 + nestedTokens(token.actor.value) : 0;
}

function passwordsIn({ authorization, otherCredentials }: TransactionFacts): number {
  const own = authorization.scheme === "basic" && authorization.isDecodable;
  return (
    Number(own) + otherCredentials.filter(({ field, isPassword }) => field === "authorization" && isPassword).length
  );
}

function isChallenge({ response }: HttpTransaction): boolean {
  return response !== null && firstHeader(response.headers, "www-authenticate") !== undefined;
}
