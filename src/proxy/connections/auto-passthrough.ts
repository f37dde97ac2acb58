import { boundedMap } from "../../core/bounded-map.ts";

/** Passes a host through unread for a while after a client refused the inspection certificate three times in a row. */
export interface AutoPassthrough {
  /** Whether connections of this client to this host pass through unread now. */
  applies(client: string, host: string, now: number): boolean;
  recordRefusal(client: string, host: string, now: number): void;
  recordAcceptance(client: string, host: string): void;
  /** Whether this client has sent a request to this host over an inspection certificate; false once forgotten. */
  hasAccepted(client: string, host: string): boolean;
}

interface Pair {
  refusals: number;
  passUntil: number;
  hasAccepted: boolean;
}

const refusalsBefore = 3;
const passMs = 10 * 60_000;
const rememberedPairs = 1000;

/** `client` is an address without a port: the same program reconnects from another port. */
export function createAutoPassthrough(isEnabled: boolean): AutoPassthrough {
  const pairs = boundedMap<string, Pair>(rememberedPairs);
  const pairOf = (client: string, host: string): Pair => {
    const key = `${client} ${host}`;
    const pair = pairs.get(key) ?? { refusals: 0, passUntil: 0, hasAccepted: false };
    pairs.set(key, pair);
    return pair;
  };
  return {
    applies: (client, host, now) => now < (pairs.get(`${client} ${host}`)?.passUntil ?? 0),
    recordRefusal(client, host, now) {
      const pair = pairOf(client, host);
      pair.refusals += 1;
      if (!isEnabled || pair.refusals < refusalsBefore) return;
      pair.refusals = 0;
      pair.passUntil = now + passMs;
    },
    recordAcceptance(client, host) {
      Object.assign(pairOf(client, host), { refusals: 0, hasAccepted: true });
    },
    hasAccepted: (client, host) => pairs.get(`${client} ${host}`)?.hasAccepted === true,
  };
}
