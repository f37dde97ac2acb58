// Types that the parts of the correlator share.
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { BearerChallenge, TransactionFacts } from "../decoders/facts.ts";
import type { Conversation, Place } from "./conversation.ts";
import type { Handshake, Lane } from "./reduce.ts";
import type { Role } from "./role.ts";
import type { Outcome } from "./signals.ts";

/** The result of correlating one transaction. */
export interface Correlation {
  readonly role: Role;
  /** The answer to the token of this call; null without a token. */
  readonly outcome: Outcome | null;
  /** The handshake after this transaction; null when it belongs to none. */
  readonly handshake: Handshake | null;
  /** Other handshakes that this transaction changed. */
  readonly changed: readonly Handshake[];
  /** Handshakes that no longer exist: merged into another, or (`into: null`) recognised as a person's sign-in. */
  readonly absorbed: readonly { readonly id: string; readonly into: string | null }[];
  /** The lane that this transaction restored after a refusal. */
  readonly recovered: Lane | null;
  /** The evidence that a service sent a password in place of its token; else null. */
  readonly fallback: FallbackEvidence | null;
  /** The answers of the servers behind the called name to this kind of call of any client; null when they are not named. */
  readonly servers: ServerComparison | null;
  readonly conversation: ConversationFacts;
  /** The host that the client named, in the form of `serverName`. */
  readonly server: string;
}

/** Evidence that a service sent a password; an unknown program is not evidence. */
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

/** The conversation before this transaction. */
export interface ConversationFacts {
  readonly isBearerOffered: boolean;
  readonly isProbed: boolean;
  /** The program at this address has presented or requested a service's token. */
  readonly hasServiceToken: boolean;
  readonly challenge: BearerChallenge | null;
  /** NTLM has signed this connection in, and the request carries no credentials of its own. */
  readonly isSignedIn: boolean;
}

/** One transaction with everything that the parts of the correlator need. */
export interface CorrelationInput {
  readonly transaction: HttpTransaction;
  readonly facts: TransactionFacts;
  readonly place: Place;
  readonly conversation: Conversation;
  /** The conversation as it was before this transaction. */
  readonly before: ConversationFacts;
}

/** The part of a Correlation that depends on the role. */
export type RoleCorrelation = Pick<
  Correlation,
  "handshake" | "outcome" | "changed" | "absorbed" | "recovered" | "servers"
>;

/** The result for a transaction outside of all handshakes. */
export const noHandshake: RoleCorrelation = {
  handshake: null,
  outcome: null,
  changed: [],
  absorbed: [],
  recovered: null,
  servers: null,
};
