// What is remembered of one client talking to one server before it is known who calls: found again by request id, then
// by connection, then by the same program at the same address a short while later.
import { type HttpTransaction, requestAuthority } from "../core/http-transaction.ts";
import { recentMap } from "../core/recent-map.ts";
import type { BearerChallenge, TransactionFacts } from "../decoders/facts.ts";
import { startKeyJoiner } from "./joined-keys.ts";
import { mapByThreeTexts } from "./map-by-three-texts.ts";
import type { Handshake } from "./reduce.ts";

/** What is known of one program at one address, whichever server it talks to. Mutable on purpose. */
export interface Program {
  /** It presented a token of a service, or asked the token service for one. */
  hasServiceToken: boolean;
}

/** Mutable on purpose: one object under several keys. */
export interface Conversation {
  readonly program: Program;
  /** The handshake that these transactions belong to, once there is one. */
  handshakeId: string | null;
  /** A 401 of this conversation offered Bearer. */
  isBearerOffered: boolean;
  /** An empty Bearer was sent by something that is not a person's program. */
  isProbed: boolean;
  challenge: BearerChallenge | null;
  /** A 401 was seen here, so the server does ask for authentication. */
  isChallenged: boolean;
  /** Transactions of a renewed approach while an earlier handshake stands; see `correlate.ts`. */
  prelude: Handshake | null;
  restore: { readonly before: Handshake; readonly after: Handshake } | null;
  lastAt: number;
}

export interface Place {
  /** Address without port, lower case; empty when the source does not tell. */
  readonly client: string;
  /** The authority the client named, lower case, without a default port. */
  readonly server: string;
  readonly connection: string;
  readonly userAgent: string;
  readonly requestId: string;
  readonly at: number;
  readonly endedAt: number;
}

/** Where and when a transaction happened, with every text cut so that no key grows without bound. */
export function placeOf(transaction: HttpTransaction, facts: TransactionFacts): Place {
  const at = transaction.startedAt;
  return {
    client: withoutPort(transaction.client).slice(0, 64),
    server: serverName(transaction),
    connection: transaction.connection.slice(0, 64),
    userAgent: facts.userAgent.slice(0, 200),
    requestId: facts.clientRequestId.slice(0, 128),
    at,
    endedAt: at + (transaction.durationMs ?? 0),
  };
}

/** The host that the client named, lower case, its port only when it is not the scheme's own. */
export function serverName(transaction: HttpTransaction): string {
  const authority = requestAuthority(transaction).toLowerCase().slice(0, 256);
  const port = transaction.scheme === "https" ? ":443" : ":80";
  return authority.endsWith(port) ? authority.slice(0, -port.length) : authority;
}

function withoutPort(address: string): string {
  if (address === "") return address;
  const bracketed = /^\[([^\]]*)\]/.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  const colon = address.lastIndexOf(":");
  return colon < 0 || address.indexOf(":") !== colon ? address : address.slice(0, colon);
}

/** How long the same program at the same address is taken to go on with what it began. */
const sameProgramMs = 5 * 60_000;
const conversationLimit = 4_096;

export interface Conversations {
  /** The conversation that a transaction belongs to, made when there is none. */
  at(place: Place): Conversation;
}

/** Remembers conversations, the least recently used forgotten first. */
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
      // What was just found under a name need not be named again.
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
