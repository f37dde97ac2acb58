/** Lets a host pass through untouched for a while after its clients refused our certificate several times in a row. */
export interface AutoPassthrough {
  /** Whether connections of this client to this host should not be opened now. */
  applies(client: string, host: string, now: number): boolean;
  refused(client: string, host: string, now: number): void;
  accepted(client: string, host: string): void;
}

const refusalsBefore = 3;
const passMs = 10 * 60_000;
const rememberedPairs = 1000;

/** `client` is an address without its port: the same program comes back from another one. */
export function createAutoPassthrough(isEnabled: boolean): AutoPassthrough {
  const pairs = new Map<string, { count: number; until: number }>();
  const key = (client: string, host: string): string => `${client} ${host}`;
  return {
    applies(client, host, now) {
      const pair = pairs.get(key(client, host));
      if (pair === undefined || pair.until === 0) return false;
      if (now < pair.until) return true;
      pairs.delete(key(client, host));
      return false;
    },
    refused(client, host, now) {
      if (!isEnabled) return;
      const pair = pairs.get(key(client, host)) ?? { count: 0, until: 0 };
      pair.count += 1;
      if (pair.count >= refusalsBefore) pair.until = now + passMs;
      pairs.delete(key(client, host));
      pairs.set(key(client, host), pair);
      const oldest = pairs.keys().next();
      if (pairs.size > rememberedPairs && oldest.done !== true) pairs.delete(oldest.value);
    },
    accepted(client, host) {
      pairs.delete(key(client, host));
    },
  };
}
