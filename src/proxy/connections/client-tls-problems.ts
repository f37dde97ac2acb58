import type { ShownCertificate, TlsCause } from "../../core/capture-event.ts";

/** Why there is no TLS connection with a client. */
export interface ClientTlsProblem {
  readonly cause: TlsCause;
  /** Words of this program with the code of the TLS library; its free text may quote the peer and is omitted. */
  readonly reason: string;
}

/** The problem of a failed handshake with a client, or of an alert after it, by the library's code. */
export function clientTlsProblem(error: { readonly code?: string | undefined } | null): ClientTlsProblem {
  const code = error?.code;
  const [cause, words] = (code !== undefined && Object.hasOwn(problems, code) ? problems[code] : undefined) ?? other;
  const reason = code === undefined ? words : `${words} (${code.replace(/[^A-Z0-9_]/g, "?").slice(0, 80)})`;
  return { cause, reason };
}

/** The client finished the handshake and left without a request. */
export const silentLeave: ClientTlsProblem = {
  cause: "left-without-request",
  reason: "the client left without a request; it may not trust the inspection CA",
};

/** The reason, in words for the certificate that the client was shown. */
export function reasonFor({ reason }: ClientTlsProblem, certificate: ShownCertificate): string {
  return certificate === "own" ? reason.replace(inspectionCa, "the server's certificate") : reason;
}

type Problem = readonly [TlsCause, string];

const other: Problem = ["other", "the TLS handshake with the client failed"];
const inspectionCa = "the inspection CA";
const distrust: Problem = ["distrust", `the client does not trust ${inspectionCa}`];
const noTls: Problem = ["not-tls", "the client does not speak TLS"];
const tooOld: Problem = ["versions", "the client offers only TLS versions that are too old"];
const noCipher: Problem = ["ciphers", "the client and this proxy have no cipher in common"];
const noSignature: Problem = ["ciphers", "the client and this proxy have no signature algorithm in common"];
const noGroup: Problem = ["ciphers", "the client and this proxy have no key exchange group in common"];
const left: Problem = ["left-in-handshake", "the client left during the TLS handshake"];

// Names of OpenSSL's reasons (sslerr.h) and of its alerts (RFC 8446 section 6.2), as Node spells them.
const problems: Readonly<Record<string, Problem>> = {
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: distrust,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: distrust,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: distrust,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: distrust,
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: distrust,
  ERR_SSL_TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE: distrust,
  ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: ["certificate-unusable", "the client cannot use our certificate"],
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: ["certificate-unusable", "the client expects a certificate for another name"],
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: [
    "certificate-expired",
    "the client finds our certificate expired; compare the clocks",
  ],
  ERR_SSL_UNSUPPORTED_PROTOCOL: tooOld,
  ERR_SSL_VERSION_TOO_LOW: tooOld,
  ERR_SSL_WRONG_SSL_VERSION: tooOld,
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: tooOld,
  ERR_SSL_INAPPROPRIATE_FALLBACK: ["versions", "the client retries with an older TLS version"],
  ERR_SSL_TLSV1_ALERT_INAPPROPRIATE_FALLBACK: ["versions", "the client refuses our TLS version"],
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: ["versions", "the client refuses our TLS version"],
  ERR_SSL_NO_SHARED_CIPHER: noCipher,
  ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY: ["ciphers", "the client refuses our cipher"],
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: noSignature,
  ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS: noSignature,
  ERR_SSL_WRONG_SIGNATURE_TYPE: noSignature,
  ERR_SSL_NO_SUITABLE_GROUPS: noGroup,
  ERR_SSL_NO_SUITABLE_KEY_SHARE: noGroup,
  ERR_SSL_NO_SHARED_GROUPS: noGroup,
  ERR_SSL_NO_APPLICATION_PROTOCOL: ["no-http1", "the client does not offer HTTP/1.1"],
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: ["no-http1", "the client refuses HTTP/1.1"],
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: ["other", "the client refuses the handshake"],
  ERR_SSL_HTTP_REQUEST: noTls,
  ERR_SSL_HTTPS_PROXY_REQUEST: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_UNKNOWN_PROTOCOL: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  ECONNRESET: left,
  EPIPE: left,
  ECONNABORTED: left,
  ETIMEDOUT: ["timeout", "the client did not finish the TLS handshake in time"],
};
