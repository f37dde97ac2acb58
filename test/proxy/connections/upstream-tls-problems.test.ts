import { expect, test } from "vitest";
import { toDialError } from "../../../src/proxy/connections/dial-error.ts";
import {
  http2Only,
  missingIntermediate,
  upstreamTlsProblem,
  wantedCertificate,
} from "../../../src/proxy/connections/upstream-tls-problems.ts";
import { onlyPublicWords } from "../../../src/sanitising/public-words.ts";

// Names of Node for X509_V_ERR_* (openssl/x509_vfy.h), SSL_R_* (openssl/sslerr.h) and errno.
test.each([
  ["CERT_HAS_EXPIRED", "expired"],
  ["CERT_NOT_YET_VALID", "not-yet-valid"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "unknown-ca"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unknown-ca"],
  ["UNABLE_TO_GET_ISSUER_CERT", "unknown-ca"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unknown-ca"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "wrong-name"],
  ["CERT_REVOKED", "revoked"],
  ["UNSPECIFIED", "other"],
  ["ECONNRESET", "left"],
  ["ETIMEDOUT", "timeout"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "not-tls"],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "not-tls"],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "refused"],
  ["ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "refused"],
  ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "versions"],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "versions"],
  ["ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY", "ciphers"],
  ["ERR_SSL_DH_KEY_TOO_SMALL", "ciphers"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "client-certificate-wanted"],
  ["ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL", "http2-only"],
  ["ERR_SSL_SSL3_EXT_INVALID_SERVERNAME_TYPE", "other"],
  ["ERR_OSSL_X509_KEY_VALUES_MISMATCH", "other"],
])("%s means %s, and its words stay in a capture", (code, cause) => {
  const problem = upstreamTlsProblem({ code });
  expect(problem.cause).toBe(cause);
  expect(problem.failure).toMatch(new RegExp(` \\(${code}\\)$`));
  expect(onlyPublicWords(problem.failure)).toBe(problem.failure);
});

test("the other reasons of a failed way to a target stay in a capture", () => {
  const reasons = [
    ...[wantedCertificate(""), missingIntermediate(""), http2Only("")].map(({ failure }) => failure),
    ...["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "EMFILE"].flatMap((code) =>
      (["the target", "the upstream proxy"] as const).map(
        (peer) => toDialError(Object.assign(new Error("x"), { code }), peer).reason,
      ),
    ),
    "the upstream proxy refused the target (status 403)",
  ];
  for (const reason of reasons) expect(onlyPublicWords(reason)).toBe(reason);
});
