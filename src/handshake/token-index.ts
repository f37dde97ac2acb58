// Earlier uses of tokens by their names (`tokenIdentity`), so that no secret is stored.
import { recentMap } from "../core/recent-map.ts";

/** Mutable on purpose: one record for each token. */
export interface TokenRecord {
  /** Id of the handshake whose token request was answered with this token. */
  issuedFor: string | null;
  /** The last server it was presented to; `presentedIn` is the id of that handshake. */
  server: string;
  presentedIn: string | null;
  /** Handshake ids by other servers; null while there are none. */
  elsewhere: Map<string, string> | null;
}

export interface TokenIndex {
  find(identity: string): TokenRecord | undefined;
  /** The record of a token, created when there is none. */
  at(identity: string): TokenRecord;
}

const tokenLimit = 8_192;
/** A token is meant for one server; a stolen token or a hostile capture may present it to any number. */
const serverLimit = 16;

/** Creates an empty index; the least recently used tokens are evicted first. */
export function startTokenIndex(): TokenIndex {
  const records = recentMap<string, TokenRecord>(tokenLimit);
  return {
    find: (identity) => records.get(identity),
    at(identity) {
      const known = records.get(identity);
      if (known !== undefined) return known;
      const record: TokenRecord = { issuedFor: null, server: "", presentedIn: null, elsewhere: null };
      records.set(identity, record);
      return record;
    },
  };
}

/** Id of the handshake in which the token was presented to a server; null when it was not. */
export function handshakePresentedAt(record: TokenRecord | undefined, server: string): string | null {
  if (record === undefined || record.presentedIn === null) return null;
  return record.server === server ? record.presentedIn : (record.elsewhere?.get(server) ?? null);
}

/** Records that the token was presented to a server in a handshake. */
export function notePresented(record: TokenRecord, server: string, id: string): void {
  if (record.presentedIn !== null && record.server !== server) {
    const elsewhere = record.elsewhere ?? new Map<string, string>();
    if (elsewhere.size < serverLimit || elsewhere.has(record.server)) elsewhere.set(record.server, record.presentedIn);
    record.elsewhere = elsewhere;
  }
  record.server = server;
  record.presentedIn = id;
}
