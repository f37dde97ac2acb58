import type { HttpTransaction } from "./http-transaction.ts";
import type { LogFileReport, LogRow } from "./log-row.ts";

/** Where a signature's key came from. */
export type KeySource = "sts-metadata" | "metadata-file" | "auth-certificate";

/** The result of one signature check. Verified, failed and no key are three different results. */
export interface SignatureCheck {
  readonly transactionId: string;
  /** Path of the token: its place, then `/actor` for each nesting: `authorization`, `authorization/actor`, `assertion`… */
  readonly token: string;
  readonly outcome: "verified" | "failed" | "no-key";
  /** Header `x5t`, `x5t#S256` or `kid` of the used or missing key; empty when the token names none. */
  readonly keyId: string;
  readonly keySource: KeySource | null;
  /** Host of the token service whose document held the key; absent for keys of files and in older captures. */
  readonly keyHost?: string;
}

/** Why a TLS handshake failed, or what a client did in place of a request. The words of an event say it in full. */
export const tlsCauses = [
  // The client's side.
  /** An alert that names the certificate or its CA. */
  "distrust",
  "certificate-expired",
  "certificate-unusable",
  /** The connection ended after the ClientHello and before the client's Finished. */
  "left-in-handshake",
  /** The client finished the handshake and left without a request, and not in the orderly way of a health check. */
  "left-without-request",
  "no-http1",
  // Either side.
  "versions",
  "ciphers",
  "not-tls",
  "timeout",
  "other",
  // The target's side.
  "unknown-ca",
  "intermediate-missing",
  "expired",
  "not-yet-valid",
  "wrong-name",
  "self-signed",
  "revoked",
  "client-certificate-wanted",
  "http2-only",
  "left",
  "refused",
] as const;
export type TlsCause = (typeof tlsCauses)[number];

/** Families of TLS implementations that a ClientHello can look like. */
export const tlsPrograms = [
  "schannel",
  "dotnet-openssl",
  "openssl",
  "node",
  "java",
  "go",
  "gnutls",
  "chromium",
  "firefox",
] as const;
export type TlsProgram = (typeof tlsPrograms)[number];

/** What a ClientHello shows of the program that sent it; no name, no random value, nothing of a session. */
export interface ClientHelloFacts {
  /** 16 lower-case hexadecimal digits: equal for connections of one program with one configuration. */
  readonly fingerprint: string;
  /** Null when it looks like none of the known families. */
  readonly program: TlsProgram | null;
}

/** The certificate that a listener showed: the server's own, or a leaf of an inspection CA. */
export type ShownCertificate = "own" | "kept-ca" | "run-ca";

export const tunnelReasons = [
  "out-of-scope",
  "client-distrusts-ca",
  /** The client left several times without a request, and nothing says why. */
  "client-leaves",
  "client-needs-http2",
  /** The client offers no TLS version, cipher or protocol that this proxy can serve. */
  "client-needs-other-tls",
  "target-needs-http2",
  "target-needs-client-certificate",
  /** TLS with the target failed here for a reason that a retry does not change, such as a CA that is not known here. */
  "target-tls-fails",
  "not-tls",
  "upgrade",
] as const;
export type TunnelReason = (typeof tunnelReasons)[number];

/** Every event of a source. All are journaled, so that a replay sees what the live run saw. */
export type CaptureEvent =
  | { readonly kind: "transaction"; readonly transaction: HttpTransaction }
  /** A connection that was relayed without being read. */
  | {
      readonly kind: "tunnel";
      readonly at: number;
      readonly client: string;
      readonly host: string;
      readonly port: number;
      readonly reason: TunnelReason;
      /** Where the client's ClientHello was read. */
      readonly hello?: ClientHelloFacts;
      /** What earlier connections of a client were shown that now passes through. */
      readonly certificate?: ShownCertificate;
    }
  /** A failed TLS handshake: the client refused the proxy's certificate, or the proxy refused the target's. */
  | {
      readonly kind: "tls-rejected";
      readonly at: number;
      readonly client: string;
      readonly host: string;
      readonly side: "client" | "upstream";
      /** Words of this program with the error code of the TLS library, never its free text. */
      readonly reason: string;
      /** Absent in older captures and other formats, as the members below. */
      readonly cause?: TlsCause;
      readonly port?: number;
      /** Side "client" only. */
      readonly certificate?: ShownCertificate;
      /** Side "client" only; absent when no whole ClientHello came. */
      readonly hello?: ClientHelloFacts;
    }
  /**
   * Connections without a request that ended in an orderly way, such as the health checks of a load balancer: counted for
   * a client and a target, and reported once for a span of time.
   */
  | {
      readonly kind: "probes";
      /** End of the span. */
      readonly at: number;
      /** Beginning of the span: the first connection. */
      readonly since: number;
      /** An address without a port. */
      readonly client: string;
      readonly host: string;
      readonly port: number;
      /** Connections that ended before a certificate was shown, most of them without a byte of the client. */
      readonly connects: number;
      /** Connections that ended after a finished TLS handshake. */
      readonly handshakes: number;
    }
  /** The target could not be reached (refused, no such name, timed out). */
  | {
      readonly kind: "upstream-failed";
      readonly at: number;
      readonly client: string;
      readonly host: string;
      readonly port: number;
      readonly reason: string;
      /** The host is not watched: its failure says nothing of the handshake. */
      readonly isOutOfScope?: true;
    }
  /** A request that the proxy refused (own address, denied target, malformed CONNECT). */
  | { readonly kind: "refused"; readonly at: number; readonly client: string; readonly reason: string }
  /** The capture is incomplete although the traffic continued: the tap lost its place in the bytes, or a queue was full. */
  | {
      readonly kind: "gap";
      readonly at: number;
      readonly connection: string;
      readonly reason: string;
      readonly lost: number;
    }
  | { readonly kind: "signature"; readonly check: SignatureCheck }
  /** A row of a server's log. */
  | { readonly kind: "log-row"; readonly row: LogRow }
  /** What was read of a log file, its rows not kept included. */
  | { readonly kind: "log-file"; readonly report: LogFileReport };

/** The time of an event other than a signature check, in epoch milliseconds; null for a check, which has none. */
export function timeOfEvent(event: Exclude<CaptureEvent, { kind: "transaction" }>): number | null {
  switch (event.kind) {
    case "signature":
      return null;
    case "log-row":
      return event.row.endedAt;
    case "log-file":
      return event.report.at;
    default:
      return event.at;
  }
}

/** The output of every reader and of the proxy: events in the order in which they ended. */
export type CaptureSource = AsyncIterable<CaptureEvent>;

/** Formats of logs, as a summary names them. */
export type LogFormat = "exchange-log" | "iis-log" | "failed-request" | "windows-event" | "sign-in-log";

/** The report of a reader about its file, complete after the last event. */
export interface SourceSummary {
  /** The file; of logs their folder where several of it are read. */
  readonly path: string;
  /** How many log files were read; absent for captures. */
  readonly files?: number;
  readonly format: "journal" | "har" | "saz" | "mitmproxy" | "pcap" | "burp" | "postman" | LogFormat;
  readonly transactions: number;
  readonly truncated: boolean;
  /** The file is marked as saved with its secrets, on request. */
  readonly holdsSecrets?: true;
  /** One clear line each; never file content. */
  readonly problems: readonly string[];
}
