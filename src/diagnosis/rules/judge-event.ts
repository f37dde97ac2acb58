import type { CaptureEvent, TlsCause } from "../../core/capture-event.ts";
import type { Finding, FindingOf } from "../catalogue/finding.ts";
import { keyOwner } from "../catalogue/token.ts";

/** Findings from events other than transactions: they concern the capture, and signature checks. */
export function judgeEvent(event: Exclude<CaptureEvent, { kind: "transaction" }>): readonly Finding[] {
  switch (event.kind) {
    case "tls-rejected":
      return [judgeTls(event)];
    case "tunnel":
      return judgeTunnel(event);
    case "upstream-failed": {
      const { host, port, reason, isOutOfScope = false } = event;
      return [{ code: "UPSTREAM_UNREACHABLE", host, port, reason, isOutOfScope }];
    }
    case "refused":
      return [{ code: "REQUEST_REFUSED", reason: event.reason }];
    case "gap":
      return [{ code: "CAPTURE_GAP", reason: event.reason }];
    case "signature":
      return judgeSignature(event.check);
    case "probes":
    case "log-row":
    case "log-file":
      return [];
  }
}

type ClientDetails = Omit<FindingOf<"CLIENT_NEEDS_HTTP2">, "code">;
type TlsRejected = Extract<CaptureEvent, { kind: "tls-rejected" }>;

function judgeTls(event: TlsRejected): Finding {
  const { side, host, port = null, reason } = event;
  const cause = event.cause ?? causeInWords(reason, side);
  if (side === "upstream") return { code: "UPSTREAM_TLS_FAILED", host, port, reason, cause };
  const client = clientOf(event);
  if (cause === "distrust") return { code: "CLIENT_DISTRUSTS_CA", ...client, evidence: "alert" };
  if (cause === "no-http1") return { code: "CLIENT_NEEDS_HTTP2", ...client };
  return { code: "CLIENT_TLS_FAILED", ...client, reason, cause };
}

/** A client that passes through unread. Of a target that does, the failure before it tells. */
function judgeTunnel(event: Extract<CaptureEvent, { kind: "tunnel" }>): readonly Finding[] {
  switch (event.reason) {
    case "client-distrusts-ca":
      return [{ code: "CLIENT_DISTRUSTS_CA", ...clientOf(event), evidence: "alert" }];
    case "client-leaves":
      return [{ code: "CLIENT_DISTRUSTS_CA", ...clientOf(event), evidence: "trial" }];
    case "client-needs-http2":
      return [{ code: "CLIENT_NEEDS_HTTP2", ...clientOf(event) }];
    default:
      return [];
  }
}

function clientOf(event: Extract<CaptureEvent, { kind: "tls-rejected" | "tunnel" }>): ClientDetails {
  const { host, port = null, hello, certificate = null } = event;
  return { client: withoutPort(event.client), host, port, certificate, program: hello?.program ?? null };
}

/** The cause in journals that do not name it, by the words of the versions that wrote them. */
function causeInWords(reason: string, side: TlsRejected["side"]): TlsCause {
  const causes = side === "client" ? clientWords : targetWords;
  return causes.find(([words]) => reason.startsWith(words))?.[1] ?? "other";
}

const clientWords: readonly (readonly [words: string, cause: TlsCause])[] = [
  ["the client does not trust", "distrust"],
  ["the client finds our certificate expired", "certificate-expired"],
  ["the client cannot use our certificate", "certificate-unusable"],
  ["the client left during", "left-in-handshake"],
  ["the client left without a request", "left-without-request"],
  ["the client does not offer HTTP/1.1", "no-http1"],
  ["the client offers only TLS versions", "versions"],
  ["the client refuses our TLS version", "versions"],
  ["the client and this proxy have no cipher", "ciphers"],
  ["the client does not speak TLS", "not-tls"],
  ["the client did not finish", "timeout"],
];

const targetWords: readonly (readonly [words: string, cause: TlsCause])[] = [
  ["the target's certificate has expired", "expired"],
  ["the target's certificate is not valid yet", "not-yet-valid"],
  ["the target's certificate is self-signed", "self-signed"],
  ["the target's certificate comes from a CA", "unknown-ca"],
  ["the target does not send its whole", "intermediate-missing"],
  ["the target's certificate is for another name", "wrong-name"],
  ["the target's certificate was revoked", "revoked"],
  ["the target left during", "left"],
  ["the target did not finish", "timeout"],
  ["the target does not speak TLS", "not-tls"],
  ["the target refused the TLS handshake", "refused"],
  ["the target refuses our TLS version", "versions"],
  ["the target offers only TLS versions", "versions"],
];

function judgeSignature(check: Extract<CaptureEvent, { kind: "signature" }>["check"]): readonly Finding[] {
  const { token, outcome } = check;
  const keyId = keyIdText(check.keyId);
  if (outcome === "failed")
    return [{ code: "SIGNATURE_FAILED", token, keyId, source: keyOwner(check.keySource, check.keyHost ?? "") }];
  return outcome === "no-key" ? [{ code: "SIGNATURE_NO_KEY", token, keyId }] : [];
}

/** The key id for a sentence. */
export function keyIdText(keyId: string): string {
  return keyId === "" ? "(not named)" : keyId;
}

// A client uses another port for each connection; without it there is one finding for each address.
function withoutPort(address: string): string {
  return address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
