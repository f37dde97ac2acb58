// All handshakes, bounded, and the ways to find one again.
import { boundedMap } from "./bounded-map.ts";
import type { Handshake } from "./reduce.ts";

/** Who calls whom: the part of a handshake that names it. */
export interface CallKey {
  readonly client: string;
  readonly server: string;
  readonly callerId: string;
  readonly realm: string;
}

export interface HandshakeStore {
  get(id: string | null | undefined): Handshake | undefined;
  /** Keeps a handshake; one that had to be forgotten to make room goes to `evicted`. */
  put(handshake: Handshake): void;
  remove(id: string): void;
  /** Forgets a handshake whose transactions now stand in another: its id finds that one from now on. */
  redirect(id: string, into: string): void;
  nextId(): string;
  all(): IterableIterator<Handshake>;
  /** Handshakes forgotten since the last call of this function. */
  takeEvicted(): readonly Handshake[];
  readonly byCall: Index<CallKey>;
  readonly byToken: Index<string>;
  readonly byRequestId: Index<string>;
  /** Client, server and realm of a token request's resource. */
  readonly byResource: Index<CallKey>;
  /** The last handshake of a client with a server whose caller is not known yet. */
  readonly byPending: Index<Pick<CallKey, "client" | "server">>;
}

interface Index<Key> {
  find(key: Key): Handshake | undefined;
  name(key: Key, id: string): void;
}

const handshakeLimit = 2_000;
const indexLimit = 8_192;

/** An empty store. */
export function startHandshakeStore(): HandshakeStore {
  const handshakes = boundedMap<string, Handshake>(handshakeLimit);
  const redirects = boundedMap<string, string>(indexLimit);
  const get = (id: string | null | undefined): Handshake | undefined => {
    if (id === null || id === undefined) return undefined;
    return handshakes.get(id) ?? handshakes.get(redirects.get(id) ?? "");
  };
  let evicted: Handshake[] = [];
  let count = 0;
  const index = <Key>(text: (key: Key) => string): Index<Key> => {
    const ids = boundedMap<string, string>(indexLimit);
    return { find: (key) => get(ids.get(text(key))), name: (key, id) => void ids.set(text(key), id) };
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
      return `h${count}`;
    },
    all: () => handshakes.values(),
    takeEvicted() {
      const taken = evicted;
      evicted = [];
      return taken;
    },
    byCall: index(callName),
    byToken: index((identity) => identity),
    byRequestId: index((id) => id),
    byResource: index(callName),
    byPending: index((key) => `${key.client}\n${key.server}`),
  };
}

function callName({ client, server, callerId, realm }: CallKey): string {
  return `${client}\n${server}\n${callerId}\n${realm.toLowerCase()}`;
}
