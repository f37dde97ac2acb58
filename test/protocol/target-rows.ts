import { type ProtocolRow, section } from "./protocol-row.ts";

const failures = "proxy/upstream-failures";
const causes = "proxy/connections/upstream-tls-problems";
const behind = "proxy/upstream-proxy";

export const targetRows: readonly ProtocolRow[] = [
  ...section("The way to the target", [
    [
      "P",
      "Alert certificate_required (116) means that the server wants a client certificate (RFC 8446 6.2)",
      causes,
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED means client-certificate-wanted",
      [
        causes,
        "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: clientCertificate",
        "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: noTls",
      ],
    ],
    [
      "P",
      "A client without a certificate may be refused by handshake_failure after a CertificateRequest (RFC 5246 7.4.6)",
      failures,
      "TLSv1.2: the capture names it with host and port",
      ["proxy/interception/open-tls", "hasRefused && wantsCertificate(socket)", "false"],
    ],
    [
      "P",
      "In TLS 1.3 that refusal follows the handshake (RFC 8446 4.4.2.4)",
      failures,
      "TLSv1.3: the capture names it with host and port",
      ["proxy/interception/late-refusal", "if (!isReported) reportTarget", "if (isReported) reportTarget"],
    ],
    [
      "P",
      "A CertificateRequest alone is not a refusal: the server may go on without (RFC 8446 4.4.2.4)",
      failures,
      "TLSv1.3: one that only offers it serves, and nothing is said",
      ["proxy/interception/late-refusal", "!isOver && relayed.isWaiting()", "relayed.isWaiting()"],
    ],
    [
      "P",
      "A connection of HTTP/2 begins with SETTINGS (RFC 9113 3.4)",
      failures,
      "it ignores ALPN and sends SETTINGS before the request",
      ["proxy/interception/late-refusal", "type === settings", "type === 99"],
    ],
    [
      "P",
      "no_application_protocol (120) means that no offered protocol is spoken (RFC 7301 3.2)",
      failures,
      "it refuses HTTP/1.1 in the handshake",
      [
        causes,
        "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: noHttp1",
        "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: other",
      ],
    ],
    [
      "P",
      "A server sends the chain without its root, intermediates included (RFC 8446 4.4.2)",
      failures,
      "the leaf alone, its root is trusted",
      ["proxy/certificates/known-issuers", "|| given.some(sharesWord(issuer))", ""],
    ],
    [
      "P",
      "The authority key identifier may name the issuer of the issuer (RFC 5280 4.2.1.1)",
      "proxy/certificates/known-issuers",
      "the identifier names another issuer than the certificate",
      ["proxy/certificates/known-issuers", "return !isRoot", "return false"],
    ],
    [
      "P",
      "To a proxy the request-target is in absolute form (RFC 9112 3.2.2)",
      behind,
      "http://origin.test/a?b#c goes in absolute form",
      ["proxy/connections/dial", "requestTarget: `http://", "requestTarget: `"],
    ],
    [
      "P",
      "Proxy-Support names a log-on of a connection that works through proxies (RFC 4559 6)",
      behind,
      "401 with two challenges is the same as without this proxy",
      ["proxy/plain-http/plain-target", '"host", "proxy-support"]', '"host"]'],
    ],
  ]),
];
