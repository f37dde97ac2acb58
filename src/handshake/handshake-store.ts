// All handshakes, bounded, with their indexes.
import { boundedMap } from "../core/bounded-map.ts";
import { recentMap } from "../core/recent-map.ts";
import { startKeyJoiner } from "./joined-keys.ts";
import type { Handshake } from "./reduce.ts";
import { type RequestIndex, startRequestIndex } from "./request-index.ts";
import { startTokenIndex, type TokenIndex } from "./token-index.ts";

/** Caller and server: the key of a handshake. */
export interface CallKey {
  readonly client: string;
  readonly server: string;
  readonly callerId: string;
  readonly realm: string;
}

export interface HandshakeStore {
  get(id: string | null | undefined): Handshake | undefined;
  /** Stores a handshake; a handshake evicted to make room goes to `evicted`. */
  put(handshake: Handshake): void;
  remove(id: string): void;
  /** Removes a handshake that was merged into another; its id finds the other one from now on. */
  redirect(id: string, into: string): void;
  nextId(): string;
  all(): IterableIterator<Handshake>;
  /** Handshakes that were evicted since the last call. */
  takeEvicted(): readonly Handshake[];
  /** The key of the indexes as one text. */
  callName(key: CallKey): string;
  /** By `callName`. */
  readonly byCall: Index;
  /** By client-request-id. */
  readonly requests: RequestIndex;
  /** By `callName` of client, server, caller and realm of a token request's resource. */
  readonly byResource: Index;
  /** By `callName` without caller and realm: the last handshake of a client with a server whose caller is not known yet. */
  readonly byPending: Index;
  /** By client and server, without caller and realm: the last handshake whose client looked for that server, or at it. */
  readonly byDiscovery: Index;
  readonly tokens: TokenIndex;
}

interface Index {
  find(name: string): Handshake | undefined;
  name(name: string, id: string): void;
}

const handshakeLimit = 2_000;
const indexLimit = 8_192;

/** Creates an empty store; its ids begin with `prefix`. */
export function startHandshakeStore(prefix: string): HandshakeStore {
  const handshakes = boundedMap<string, Handshake>(handshakeLimit);
  const redirects = recentMap<string, string>(indexLimit);
  const get = (id: string | null | undefined): Handshake | undefined => {
    if (id === null || id === undefined) return undefined;
    const handshake = handshakes.get(id);
    if (handshake !== undefined) return handshake;
    const into = redirects.get(id);
    return into === undefined ? undefined : handshakes.get(into);
  };
  const joinTexts = startKeyJoiner();
  let evicted: Handshake[] = [];
  let count = 0;
  const index = (): Index => {
    const ids = recentMap<string, string>(indexLimit);
    return { find: (name) => get(ids.get(name)), name: (name, id) => ids.set(name, id) };
  };
  return {
    get,
    put(handshake) {
      const forgotten = handshakes.set(handshake.id, handshake);
      if (forgotten !== undefined) evicted.push(forgotten);
    },
    remove: (id) => handshakes.delete(id),
    redirect(id, into) {
      handshakes.delete(id);
      redirects.set(id, into);
    },
    nextId() {
      count += 1;
      return `${prefix}h${count}`;
    },
    all: () => handshakes.values(),
    takeEvicted() {
      const taken = evicted;
      evicted = [];
      return taken;
    },
    callName: ({ client, server, callerId, realm }) => joinTexts(server, callerId, realm.toLowerCase(), client),
    byCall: index(),
    requests: startRequestIndex(indexLimit),
    byResource: index(),
    byPending: index(),
    byDiscovery: index(),
    tokens: startTokenIndex(),
  };
}
