// The words that the parts of the correlator share.
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { BearerChallenge, TransactionFacts } from "../decoders/facts.ts";
import type { Conversation, Place } from "./conversation.ts";
import type { Handshake, Lane } from "./reduce.ts";
import type { Role } from "./role.ts";
import type { Outcome } from "./signals.ts";

/** What one transaction turned out to be. */
export interface Correlation {
  readonly role: Role;
  /** What the server said to the token of this call; null when there was none. */
  readonly outcome: Outcome | null;
  /** The handshake after this transaction; null when it belongs to none. */
  readonly handshake: Handshake | null;
  /** Other handshakes that this transaction changed. */
  readonly changed: readonly Handshake[];
  /** Handshakes that are no more: taken into another, or (`into: null`) found to be a person's sign-in. */
  readonly absorbed: readonly { readonly id: string; readonly into: string | null }[];
  /** The lane that worked again with this transaction after it had been refused. */
  readonly recovered: Lane | null;
  /** A password where a service's token belongs, and what shows that a service sent it; else null. */
  readonly fallback: FallbackEvidence | null;
  /** What the servers behind the name that was called say to this kind of call, of any client; null without their names. */
  readonly servers: ServerComparison | null;
  readonly conversation: ConversationFacts;
  /** The host that the client named, as `serverName` says it. */
  readonly server: string;
}

/** What shows that it was a service that sent a password: evidence, never the lack of a known user's program. */
export type FallbackEvidence =
  | "beside-token"
  | "after-service-token"
  | "cloud-user-agent"
  | "after-probe"
  | "service-endpoint";

export interface ServerComparison {
  /** Names the kind of call. */
  readonly id: string;
  /** Servers that refuse it while another accepts it. */
  readonly refusing: readonly string[];
}

/** What had been seen in this conversation before this transaction. */
export interface ConversationFacts {
  readonly isBearerOffered: boolean;
  readonly isProbed: boolean;
  /** This program, at this address, has presented a service's token or asked for one. */
  readonly hasServiceToken: boolean;
  readonly challenge: BearerChallenge | null;
}

/** Everything about one transaction that the parts of the correlator share. */
export interface CorrelationInput {
  readonly transaction: HttpTransaction;
  readonly facts: TransactionFacts;
  readonly place: Place;
  readonly conversation: Conversation;
  /** The conversation as it was before this transaction. */
  readonly seen: ConversationFacts;
}

/** The part of a Correlation that depends on the role. */
export type Correlated = Pick<Correlation, "handshake" | "outcome" | "changed" | "absorbed" | "recovered" | "servers">;

/** A transaction that belongs to no handshake. */
export const noHandshake: Correlated = {
  handshake: null,
  outcome: null,
  changed: [],
  absorbed: [],
  recovered: null,
  servers: null,
};
