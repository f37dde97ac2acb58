/**
 * The reason of a failed handshake with a client, with the library's code. Its free text may quote the peer and is
 * omitted.
 */
export function clientTlsProblem(error: { readonly code?: string | undefined } | null): string {
  return withCode(error?.code, clientProblems, "the TLS handshake with the client failed");
}

function withCode(code: string | undefined, known: Readonly<Record<string, string>>, otherwise: string): string {
  const words = code !== undefined && Object.hasOwn(known, code) ? known[code] : otherwise;
  return code === undefined ? `${words}` : `${words} (${code.replace(/[^A-Z0-9_]/g, "?").slice(0, 80)})`;
}

const distrust = "the client does not trust the inspection CA";
const noTls = "the client does not speak TLS";

const clientProblems: Readonly<Record<string, string>> = {
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: distrust,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: distrust,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: distrust,
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: distrust,
  ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: "the client cannot use our certificate",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: "the client finds our certificate expired; compare the clocks",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "the client offers only TLS versions that are too old",
  ERR_SSL_VERSION_TOO_LOW: "the client offers only TLS versions that are too old",
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: "the client refuses our TLS version",
  ERR_SSL_NO_SHARED_CIPHER: "the client and this proxy have no cipher in common",
  ERR_SSL_NO_APPLICATION_PROTOCOL: "the client does not offer HTTP/1.1",
  ERR_SSL_HTTP_REQUEST: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_UNKNOWN_PROTOCOL: noTls,
  ECONNRESET: "the client left during the TLS handshake",
  EPIPE: "the client left during the TLS handshake",
  ETIMEDOUT: "the client did not finish the TLS handshake in time",
};

/** Whether the client refused the certificate itself, which a retry does not change. */
export function isDistrust(reason: string): boolean {
  return reason.startsWith(distrust);
}
