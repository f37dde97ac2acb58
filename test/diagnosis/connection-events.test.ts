// Journals of versions before 0.5 name no cause: the words of their reasons, as those versions wrote them, decide.
import { expect, test } from "vitest";
import { explain } from "../../src/diagnosis/catalogue/finding.ts";
import { judgeEvent } from "../../src/diagnosis/rules/judge-event.ts";

const place = { at: 1, client: "10.0.0.5:50123", host: "mail.contoso.com" } as const;

test.each([
  ["the client does not trust the inspection CA (ERR_SSL_TLSV1_ALERT_UNKNOWN_CA)", "CLIENT_DISTRUSTS_CA", "ca export"],
  ["the client does not offer HTTP/1.1 (ERR_SSL_NO_APPLICATION_PROTOCOL)", "CLIENT_NEEDS_HTTP2", "--http1.1"],
  ["the client left during the TLS handshake (ECONNRESET)", "CLIENT_TLS_FAILED", "health checks"],
  ["the client left without a request; it may not trust the inspection CA", "CLIENT_TLS_FAILED", "proves nothing"],
  [
    "the client offers only TLS versions that are too old (ERR_SSL_UNSUPPORTED_PROTOCOL)",
    "CLIENT_TLS_FAILED",
    "TLS 1.2",
  ],
  [
    "the client and this proxy have no cipher in common (ERR_SSL_NO_SHARED_CIPHER)",
    "CLIENT_TLS_FAILED",
    "cipher suite",
  ],
  ["the client does not speak TLS (ERR_SSL_HTTP_REQUEST)", "CLIENT_TLS_FAILED", "check its URL"],
  ["the client did not finish the TLS handshake in time (ETIMEDOUT)", "CLIENT_TLS_FAILED", "did not go on"],
  ["the client finds our certificate expired; compare the clocks (X)", "CLIENT_TLS_FAILED", "w32tm"],
  ["the client cannot use our certificate (X)", "CLIENT_TLS_FAILED", "kind of certificate"],
  ["something new", "CLIENT_TLS_FAILED", "--host"],
] as const)("a client, %s: %s", (reason, code, remedy) => {
  const [finding, ...more] = judgeEvent({ kind: "tls-rejected", ...place, side: "client", reason });
  if (finding === undefined) throw new Error("no finding");
  expect([finding.code, more]).toEqual([code, []]);
  expect(explain(finding).remedy).toContain(remedy);
});

test.each([
  ["the target's certificate has expired (CERT_HAS_EXPIRED)", "Renew", "error"],
  ["the target's certificate is not valid yet (CERT_NOT_YET_VALID)", "clock", "error"],
  ["the target's certificate is for another name (ERR_TLS_CERT_ALTNAME_INVALID)", "name of the certificate", "error"],
  ["the target's certificate is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT)", "--upstream-ca", "error"],
  ["the target's certificate comes from a CA that is not known here (X)", "--upstream-ca", "error"],
  ["the target does not send its whole certificate chain (X)", "Install the chain", "error"],
  ["the target's certificate was revoked (CERT_REVOKED)", "new certificate", "error"],
  ["the target left during the TLS handshake (ECONNRESET)", "firewalls", "error"],
  ["the target does not speak TLS (ERR_SSL_WRONG_VERSION_NUMBER)", "http://", "error"],
  ["the target refuses our TLS version (X)", "TLS settings", "error"],
  ["something new", "--upstream-ca", "error"],
] as const)("a target, %s: a remedy with %s", (reason, remedy, severity) => {
  const [finding] = judgeEvent({ kind: "tls-rejected", ...place, side: "upstream", reason });
  if (finding === undefined) throw new Error("no finding");
  expect(explain(finding)).toMatchObject({ code: "UPSTREAM_TLS_FAILED", severity });
  expect(explain(finding).remedy).toContain(remedy);
});

test.each(["expired", "wrong-name", "not-yet-valid", "revoked", "client-certificate-wanted", "http2-only"] as const)(
  "--upstream-ca is not the remedy for a target whose cause is %s",
  (cause) => {
    const [finding] = judgeEvent({ kind: "tls-rejected", ...place, side: "upstream", reason: "x", cause });
    if (finding === undefined) throw new Error("no finding");
    expect(explain(finding).remedy).not.toContain("--upstream-ca");
  },
);

test.each(["distrust", "left-in-handshake", "left-without-request", "certificate-unusable"] as const)(
  "nobody is told to install an inspection CA where the server's own certificate was shown: %s",
  (cause) => {
    const event = { kind: "tls-rejected", ...place, side: "client", reason: "x", cause, certificate: "own" } as const;
    const [finding] = judgeEvent(event);
    if (finding === undefined) throw new Error("no finding");
    expect(explain(finding).remedy).not.toMatch(/Install the inspection CA|ca export/);
    expect(explain(finding).remedy).toContain("realmscope doctor");
  },
);

test("a leaf of the run's own CA names the file of the run, not the kept CA", () => {
  const event = { kind: "tls-rejected", ...place, side: "client", reason: "x", cause: "distrust" } as const;
  const remedyOf = (certificate: "kept-ca" | "run-ca"): string => {
    const [finding] = judgeEvent({ ...event, certificate });
    return finding === undefined ? "" : explain(finding).remedy;
  };
  expect(remedyOf("run-ca")).toContain("watch names its file at the start");
  expect(remedyOf("run-ca")).not.toContain("ca export");
  expect(remedyOf("kept-ca")).toContain("realmscope ca export -o ca.pem");
});

test("a tunnel for the sake of a target makes no finding: the failure before it has one", () => {
  const reasons = ["target-needs-http2", "target-needs-client-certificate", "target-tls-fails", "not-tls"] as const;
  for (const reason of reasons) expect(judgeEvent({ kind: "tunnel", ...place, port: 443, reason })).toEqual([]);
});
