import type { TlsCause } from "../../core/capture-event.ts";

/** Why there is no TLS connection to a target. */
export interface UpstreamTlsProblem {
  readonly cause: TlsCause;
  /** Words of this program with the code of the TLS library; its free text may quote the peer and is omitted. */
  readonly failure: string;
  /** The library's code; empty without one. */
  readonly code: string;
}

/** The problem of a failed handshake with the target, by the library's code. */
export function upstreamTlsProblem(error: { readonly code?: string | undefined } | null): UpstreamTlsProblem {
  const code = error?.code;
  const [cause, words] = (code !== undefined && Object.hasOwn(problems, code) ? problems[code] : undefined) ?? other;
  return problemOf(cause, words, code ?? "");
}

function problemOf(cause: TlsCause, words: string, code: string): UpstreamTlsProblem {
  const shown = code.replace(/[^A-Z0-9_]/g, "?").slice(0, 80);
  return { cause, failure: shown === "" ? words : `${words} (${shown})`, code };
}

/** A target that requested a client certificate, got none, and ended the connection. */
export function wantedCertificate(code: string): UpstreamTlsProblem {
  return problemOf(
    clientCertificate[0],
    "the target requested a TLS client certificate and ended the connection",
    code,
  );
}

/** A target that does not send the certificates between its own and the root. */
export function missingIntermediate(code: string): UpstreamTlsProblem {
  return problemOf("intermediate-missing", "the target does not send the intermediate certificate of its CA", code);
}

/** A target that speaks HTTP/2 and nothing else; `code` is empty where its first bytes or its choice of protocol say so. */
export function http2Only(code: string): UpstreamTlsProblem {
  return problemOf(...noHttp1, code);
}

type Problem = readonly [TlsCause, string];

const other: Problem = ["other", "the TLS handshake with the target failed"];
const unknownCa: Problem = ["unknown-ca", "the target's certificate comes from a CA that is not known here"];
const clientCertificate: Problem = [
  "client-certificate-wanted",
  "the target requires a TLS client certificate, which this proxy cannot present",
];
const noHttp1: Problem = ["http2-only", "the target speaks HTTP/2 only, which this proxy does not open"];
const versions: Problem = ["versions", "the target and this proxy have no TLS version in common"];
const noTls: Problem = ["not-tls", "the target does not speak TLS"];

// Names of OpenSSL's certificate checks (x509_vfy.h) and of its alerts (RFC 8446 section 6.2), as Node spells them.
const problems: Readonly<Record<string, Problem>> = {
  CERT_HAS_EXPIRED: ["expired", "the target's certificate has expired"],
  CERT_NOT_YET_VALID: ["not-yet-valid", "the target's certificate is not valid yet"],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["self-signed", "the target's certificate is self-signed"],
  SELF_SIGNED_CERT_IN_CHAIN: ["unknown-ca", "the target's certificate comes from a CA that is not trusted here"],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownCa,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownCa,
  UNABLE_TO_GET_ISSUER_CERT: ["unknown-ca", "the target's certificate leads to a CA that is not known here"],
  ERR_TLS_CERT_ALTNAME_INVALID: ["wrong-name", "the target's certificate is for another name"],
  HOSTNAME_MISMATCH: ["wrong-name", "the target's certificate is for another name"],
  CERT_REVOKED: ["revoked", "the target's certificate was revoked"],
  UNSPECIFIED: ["other", "the target's certificate was refused"],
  ECONNRESET: ["left", "the target left during the TLS handshake"],
  EPIPE: ["left", "the target left during the TLS handshake"],
  ETIMEDOUT: ["timeout", "the target did not finish the TLS handshake in time"],
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  ERR_SSL_UNKNOWN_PROTOCOL: noTls,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: ["refused", "the target refused the TLS handshake"],
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: ["refused", "the target does not serve this name"],
  ERR_SSL_TLSV1_ALERT_UNRECOGNIZED_NAME: ["refused", "the target does not serve this name"],
  ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY: ["ciphers", "the target and this proxy have no cipher in common"],
  ERR_SSL_DH_KEY_TOO_SMALL: ["ciphers", "the target offers a key exchange that is too weak"],
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: versions,
  ERR_SSL_UNSUPPORTED_PROTOCOL: versions,
  ERR_SSL_VERSION_TOO_LOW: versions,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: clientCertificate,
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: noHttp1,
};
