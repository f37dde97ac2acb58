import type { HttpTransaction } from "./http-transaction.ts";

/** Where a signature's key came from. */
export type KeySource = "sts-metadata" | "metadata-file" | "auth-certificate";

/** What checking one token's signature said. Verified, failed and no key are three different answers. */
export interface SignatureCheck {
  readonly transactionId: string;
  /** Path of the token: where it was seen, then `/actor` for each nesting: `authorization`, `authorization/actor`, `assertion`… */
  readonly token: string;
  readonly outcome: "verified" | "failed" | "no-key";
  /** Header `x5t` or `kid` of the key that was used or missing; empty when the token names none. */
  readonly keyId: string;
  readonly keySource: KeySource | null;
  /** The token service whose document held the key, as it was reached; absent for keys of files and in older captures. */
  readonly keyHost?: string;
}

/** Everything a source can say. All are journaled, so that a replay sees what the live run saw. */
export type CaptureEvent =
  | { readonly kind: "transaction"; readonly transaction: HttpTransaction }
  /** A connection that was passed on unread. */
  | {
      readonly kind: "tunnel";
      readonly at: number;
      readonly client: string;
      readonly host: string;
      readonly port: number;
      readonly reason: "out-of-scope" | "client-distrusts-ca" | "not-tls" | "upgrade";
    }
  /** A TLS handshake that failed: the client refused our certificate, or we refused the target's. */
  | {
      readonly kind: "tls-rejected";
      readonly at: number;
      readonly client: string;
      readonly host: string;
      readonly side: "client" | "upstream";
      /** Our own words with the TLS library's error code, never its free text. */
      readonly reason: string;
    }
  /** The target could not be reached (refused, no such name, timed out). */
  | {
      readonly kind: "upstream-failed";
      readonly at: number;
      readonly client: string;
      readonly host: string;
      readonly port: number;
      readonly reason: string;
    }
  /** A request that the proxy itself refused (own address, denied target, malformed CONNECT). */
  | { readonly kind: "refused"; readonly at: number; readonly client: string; readonly reason: string }
  /** Something is missing from the capture although the traffic went on: the tap lost the thread, or a queue was full. */
  | {
      readonly kind: "gap";
      readonly at: number;
      readonly connection: string;
      readonly reason: string;
      readonly lost: number;
    }
  | { readonly kind: "signature"; readonly check: SignatureCheck };

/** What every reader and the proxy give: events in the order they ended. */
export type CaptureSource = AsyncIterable<CaptureEvent>;

/** What a reader says about the file itself, after its events have been read. */
export interface SourceSummary {
  readonly path: string;
  readonly format: "journal" | "har" | "saz" | "mitmproxy" | "pcap";
  readonly transactions: number;
  readonly truncated: boolean;
  /** The file says that it was kept with its secrets, because somebody asked for that. */
  readonly holdsSecrets?: true;
  /** One clear line each; never file content. */
  readonly problems: readonly string[];
}
