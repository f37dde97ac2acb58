// The state of one client talking to one server before the caller is known. Found by request id, then by connection, then by the
// same program at the same address within a few minutes.
import { type HttpTransaction, requestAuthority } from "../core/http-transaction.ts";
import { recentMap } from "../core/recent-map.ts";
import type { BearerChallenge, TransactionFacts } from "../decoders/facts.ts";
import { startKeyJoiner } from "./joined-keys.ts";
import { mapByThreeTexts } from "./map-by-three-texts.ts";
import type { Handshake } from "./reduce.ts";

/** One program at one address, for all servers. Mutable on purpose. */
export interface Program {
  /** It presented a service's token, or requested one. */
  hasServiceToken: boolean;
}

/** Mutable on purpose: one object under several keys. */
export interface Conversation {
  readonly program: Program;
  /** The handshake that these transactions belong to, once there is one. */
  handshakeId: string | null;
  /** A 401 of this conversation offered Bearer. */
  isBearerOffered: boolean;
  /** An empty Bearer was sent by a program that persons do not use. */
  isProbed: boolean;
  challenge: BearerChallenge | null;
  /** A 401 was seen, so the server requires authentication. */
  isChallenged: boolean;
  /** Transactions of a renewed approach while an earlier handshake exists; see `correlate.ts`. */
  prelude: Handshake | null;
  restore: { readonly before: Handshake; readonly after: Handshake } | null;
  lastAt: number;
}

export interface Place {
  /** Address without port, lower case; empty when the source does not have it. */
  readonly client: string;
  /** The authority the client named, lower case, without a default port. */
  readonly server: string;
  readonly connection: string;
  readonly userAgent: string;
  readonly requestId: string;
  readonly at: number;
  readonly endedAt: number;
}

/** The place and time of a transaction, every text truncated so that keys stay bounded. */
export function placeOf(transaction: HttpTransaction, facts: TransactionFacts): Place {
  const at = transaction.startedAt;
  return {
    client: clientAddress(transaction),
    server: serverName(transaction),
    connection: transaction.connection.slice(0, 64),
    userAgent: facts.userAgent.slice(0, 200),
    requestId: facts.clientRequestId.slice(0, 128),
    at,
    endedAt: at + (transaction.durationMs ?? 0),
  };
}

/** The host that the client named in lower case, with its port unless it is the default of the scheme. */
export function serverName(transaction: HttpTransaction): string {
  const authority = requestAuthority(transaction).toLowerCase().slice(0, 256);
  const port = transaction.scheme === "https" ? ":443" : ":80";
  return authority.endsWith(port) ? authority.slice(0, -port.length) : authority;
}

/** The address of the client without its port; empty when the source does not have it. */
export function clientAddress({ client }: Pick<HttpTransaction, "client">): string {
  return withoutPort(client).slice(0, 64);
}

function withoutPort(address: string): string {
  if (address === "") return address;
  const bracketed = /^\[([^\]]*)\]/.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  const colon = address.lastIndexOf(":");
  return colon < 0 || address.indexOf(":") !== colon ? address : address.slice(0, colon);
}

/** The time in which requests of one program at one address count as one conversation. */
const sameProgramMs = 5 * 60_000;
const conversationLimit = 4_096;

export interface Conversations {
  /** The conversation of a transaction, created when there is none. */
  at(place: Place): Conversation;
}

/** Creates an empty, bounded set of conversations; the least recently used are evicted first. */
export function startConversations(): Conversations {
  const byRequestId = mapByThreeTexts<Conversation>(conversationLimit);
  const byConnection = mapByThreeTexts<Conversation>(conversationLimit);
  const byProgram = recentMap<string, Conversation>(conversationLimit);
  const programs = recentMap<string, Program>(conversationLimit);
  const nameProgram = startKeyJoiner();
  const programOf = (place: Place): Program => {
    const key = nameProgram("", place.userAgent, place.client, "");
    const program = programs.get(key) ?? { hasServiceToken: false };
    programs.set(key, program);
    return program;
  };
  return {
    at(place) {
      const { requestId, connection, server, userAgent } = place;
      const programKey = nameProgram(server, userAgent, place.client, "");
      const named = requestId === "" ? undefined : byRequestId.get(requestId, server, "");
      const connected = connection === "" ? undefined : byConnection.get(connection, server, userAgent);
      const conversation =
        named ?? connected ?? recent(byProgram.get(programKey), place.at) ?? newConversation(programOf(place));
      conversation.lastAt = Math.max(conversation.lastAt, place.endedAt);
      // A conversation that was found by a key is not stored under it again.
      if (named !== conversation && requestId !== "") byRequestId.set(requestId, server, "", conversation);
      if (connected !== conversation && connection !== "")
        byConnection.set(connection, server, userAgent, conversation);
      byProgram.set(programKey, conversation);
      return conversation;
    },
  };
}

function recent(conversation: Conversation | undefined, at: number): Conversation | undefined {
  if (conversation === undefined) return undefined;
  return Math.abs(at - conversation.lastAt) <= sameProgramMs ? conversation : undefined;
}

function newConversation(program: Program): Conversation {
  return {
    program,
    handshakeId: null,
    isBearerOffered: false,
    isProbed: false,
    challenge: null,
    isChallenged: false,
    prelude: null,
    restore: null,
    lastAt: 0,
  };
}
