import { acs, actorToken, mail, start, sts, tenant } from "../story.ts";
import type { FindingCase } from "./finding-case.ts";

const at = start;
const client = "10.0.0.5:50123";
const rejected = { kind: "tls-rejected", at, client, host: mail } as const;
const check = { transactionId: "t1", token: "authorization", keyId: "XqrnFEfsS55_vMBpHvF0pTnqeaM" } as const;
const call = { authorization: `Bearer ${actorToken()}` };

// Any bytes: only the source of the document matters.
const keysFrom = (host: string, scheme: "http" | "https", path: string, issuer: string) => ({
  ...{ host, scheme, path, agent: "", method: "GET", answer: [["Content-Type", "application/json"]] as const },
  answerBody: JSON.stringify({
    issuer,
    keys: [{ usage: "signing", keyvalue: { type: "x509Certificate", value: "AAAA" } }],
  }),
});

export const captureCases: readonly FindingCase[] = [
  {
    name: "the token service's keys from another host",
    story: [keysFrom("web.contoso.com", "https", `/${tenant}/metadata/json/1`, `${acs}@*`)],
    shows: ["SIGNING_KEYS_IGNORED"],
    says: "https://web.contoso.com gave",
  },
  {
    name: "the token service's keys in the path of a server's own",
    story: [keysFrom("web.contoso.com", "https", "/autodiscover/metadata/json/1", `${acs}@*`)],
    shows: ["SIGNING_KEYS_IGNORED"],
  },
  {
    name: "the token service's keys without TLS",
    story: [keysFrom(sts, "http", `/${tenant}/metadata/json/1`, `${acs}@*`)],
    shows: ["SIGNING_KEYS_IGNORED"],
    says: `http://${sts}`,
  },
  {
    name: "the token service's keys over TLS, and a server's own document",
    story: [
      keysFrom(sts, "https", `/${tenant}/metadata/json/1`, `${acs}@*`),
      keysFrom(mail, "https", "/autodiscover/metadata/json/1", `00000002-0000-0ff1-ce00-000000000000@${tenant}`),
    ],
    never: ["SIGNING_KEYS_IGNORED"],
  },
  {
    name: "credentials that an exporter masked",
    story: [{ authorization: "Bearer REDACTED", status: 401 }, { authorization: "Bearer REDACTED" }],
    shows: ["CREDENTIALS_REMOVED"],
    never: ["NO_SERVICE_REQUEST", "TOKEN_UNREADABLE", "REFUSED_WITHOUT_REASON", "TOKEN_DID_NOT_FOLLOW"],
    says: "markers stand in their place",
  },
  {
    name: "credentials that an exporter left out",
    story: [{ status: 401 }, {}],
    shows: ["CREDENTIALS_REMOVED"],
    never: ["NO_SERVICE_REQUEST"],
    says: "with sensitive data",
  },
  {
    name: "a client that says it does not trust the certificate",
    story: [
      {
        ...rejected,
        side: "client",
        reason: "the client does not trust the inspection CA (ERR_SSL_TLSV1_ALERT_UNKNOWN_CA)",
      },
    ],
    shows: ["CLIENT_DISTRUSTS_CA"],
    says: "10.0.0.5 does",
  },
  {
    name: "a client that is let through because it does not trust the certificate",
    story: [
      { kind: "tunnel", at, client: "[2001:db8::5]:50123", host: mail, port: 443, reason: "client-distrusts-ca" },
    ],
    shows: ["CLIENT_DISTRUSTS_CA"],
    says: "2001:db8::5 does",
  },
  {
    name: "a client that is out of scope",
    story: [{ kind: "tunnel", at, client, host: mail, port: 443, reason: "out-of-scope" }],
    never: ["CLIENT_DISTRUSTS_CA"],
  },
  {
    name: "a client that only went away",
    story: [{ ...rejected, side: "client", reason: "the client left during the TLS handshake (ECONNRESET)" }],
    shows: ["CLIENT_TLS_FAILED"],
    never: ["CLIENT_DISTRUSTS_CA"],
  },
  {
    name: "a program of another kind that refuses a leaf by an alert",
    story: [
      {
        ...{ ...rejected, side: "client", cause: "distrust", port: 8443, certificate: "run-ca" },
        reason: "the client does not trust the inspection CA (ERR_SSL_TLSV1_ALERT_UNKNOWN_CA)",
        hello: { fingerprint: "0123456789abcdef", program: "java" },
      },
    ],
    shows: ["CLIENT_DISTRUSTS_CA"],
    says: "10.0.0.5 (looks like Java) does not trust the inspection certificate for mail.contoso.com:8443",
  },
  {
    name: "a client that refuses the server's own certificate",
    story: [
      {
        ...{ ...rejected, side: "client", cause: "distrust", port: 443, certificate: "own" },
        reason: "the client does not trust the server's certificate (ERR_SSL_TLSV1_ALERT_UNKNOWN_CA)",
      },
    ],
    shows: ["CLIENT_DISTRUSTS_CA"],
    says: "does not trust the server's own certificate",
  },
  {
    name: "a client that speaks only over the target's certificate",
    story: [{ kind: "tunnel", at, client, host: mail, port: 443, reason: "client-leaves", certificate: "kept-ca" }],
    shows: ["CLIENT_DISTRUSTS_CA"],
    says: "it likely does not accept ours",
  },
  {
    name: "a client with HTTP/2 alone that passes through",
    story: [{ kind: "tunnel", at, client, host: mail, port: 443, reason: "client-needs-http2" }],
    shows: ["CLIENT_NEEDS_HTTP2"],
    never: ["CLIENT_TLS_FAILED", "CLIENT_DISTRUSTS_CA"],
    says: "HTTP/2 only",
  },
  {
    name: "a client with HTTP/2 alone that fails",
    story: [{ ...rejected, side: "client", cause: "no-http1", reason: "the client does not offer HTTP/1.1" }],
    shows: ["CLIENT_NEEDS_HTTP2"],
    never: ["CLIENT_TLS_FAILED", "CLIENT_DISTRUSTS_CA"],
  },
  {
    name: "health checks",
    story: [{ kind: "probes", at, since: at, client: "10.0.0.9", host: mail, port: 443, connects: 60, handshakes: 3 }],
    never: ["CLIENT_TLS_FAILED", "CLIENT_DISTRUSTS_CA", "UPSTREAM_TLS_FAILED"],
  },
  {
    name: "a target at another port than 443",
    story: [
      { kind: "upstream-failed", at, client, host: mail, port: 8443, reason: "connection refused (ECONNREFUSED)" },
    ],
    shows: ["UPSTREAM_UNREACHABLE"],
    says: "mail.contoso.com:8443 could",
  },
  {
    name: "a host that is not watched and cannot be reached",
    story: [
      {
        ...{ kind: "upstream-failed", at, client, host: "clients2.google.com", port: 443, isOutOfScope: true },
        reason: "the name has no address (ENOTFOUND)",
      },
    ],
    shows: ["UPSTREAM_UNREACHABLE"],
    severity: "info",
    says: "which is not watched",
  },
  {
    name: "a target that asks for a client certificate",
    story: [
      {
        ...{ ...rejected, side: "upstream", cause: "client-certificate-wanted", port: 9009 },
        reason: "the target requires a TLS client certificate, which this proxy cannot present",
      },
    ],
    shows: ["UPSTREAM_TLS_FAILED"],
    severity: "warning",
    says: "mail.contoso.com:9009 failed: the target requires a TLS client certificate",
  },
  {
    name: "a target whose certificate has expired",
    story: [{ ...rejected, side: "upstream", reason: "the target's certificate has expired (CERT_HAS_EXPIRED)" }],
    shows: ["UPSTREAM_TLS_FAILED"],
    says: "CERT_HAS_EXPIRED",
  },
  {
    name: "a target that cannot be reached",
    story: [
      { kind: "upstream-failed", at, client, host: mail, port: 443, reason: "connection refused (ECONNREFUSED)" },
    ],
    shows: ["UPSTREAM_UNREACHABLE"],
  },
  {
    name: "a request that the proxy refused",
    story: [{ kind: "refused", at, client, reason: "the target is denied" }],
    shows: ["REQUEST_REFUSED"],
  },
  {
    name: "a gap",
    story: [{ kind: "gap", at, connection: "c1", reason: "a queue was full", lost: 4096 }],
    shows: ["CAPTURE_GAP"],
  },
  {
    name: "requests, but none of a service",
    story: [{ agent: "curl/8", method: "GET", path: "/" }],
    shows: ["NO_SERVICE_REQUEST"],
  },
  {
    name: "an empty capture says nothing of requests",
    story: [{ kind: "gap", at, connection: "c1", reason: "x", lost: 1 }],
    never: ["NO_SERVICE_REQUEST"],
  },
  {
    name: "a signature that does not match",
    story: [
      call,
      { kind: "signature", check: { ...check, outcome: "failed", keySource: "sts-metadata", keyHost: sts } },
    ],
    shows: ["SIGNATURE_FAILED"],
    says: `a key that ${sts} gave`,
  },
  {
    name: "a signature whose key nobody knows",
    story: [call, { kind: "signature", check: { ...check, outcome: "no-key", keySource: null } }],
    shows: ["SIGNATURE_NO_KEY"],
  },
  {
    name: "a signature whose key came later",
    story: [
      call,
      { kind: "signature", check: { ...check, outcome: "no-key", keySource: null } },
      { kind: "signature", check: { ...check, outcome: "verified", keySource: "sts-metadata" } },
    ],
    never: ["SIGNATURE_NO_KEY", "SIGNATURE_FAILED"],
    shows: ["ISSUER_SEEN"],
  },
];
