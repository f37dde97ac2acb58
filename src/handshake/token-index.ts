// Where a token was seen before: by its name, so that no secret is kept.
import { recentMap } from "../core/recent-map.ts";

/** Mutable on purpose: one record for each token. */
export interface TokenRecord {
  /** Id of the handshake whose token request gave this token out. */
  issuedFor: string | null;
  /** The server it was presented to last, and the id of the handshake it was presented in. */
  server: string;
  presentedIn: string | null;
  /** The same of other servers; null while there are none. */
  elsewhere: Map<string, string> | null;
}

export interface TokenIndex {
  find(identity: string): TokenRecord | undefined;
  /** The token's record, made when there is none. */
  at(identity: string): TokenRecord;
}

const tokenLimit = 8_192;
/** A token is meant for one server; a stolen one, or a made-up capture, may be shown to any number. */
const serverLimit = 16;

/** Remembers tokens, the least recently used forgotten first. */
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

/** Id of the handshake that the token was presented in at a server. */
export function handshakePresentedAt(record: TokenRecord | undefined, server: string): string | null {
  if (record === undefined || record.presentedIn === null) return null;
  return record.server === server ? record.presentedIn : (record.elsewhere?.get(server) ?? null);
}

/** Notes that the token was presented at a server, in a handshake. */
export function notePresented(record: TokenRecord, server: string, id: string): void {
  if (record.presentedIn !== null && record.server !== server) {
    const elsewhere = record.elsewhere ?? new Map<string, string>();
    if (elsewhere.size < serverLimit || elsewhere.has(record.server)) elsewhere.set(record.server, record.presentedIn);
    record.elsewhere = elsewhere;
  }
  record.server = server;
  record.presentedIn = id;
}
