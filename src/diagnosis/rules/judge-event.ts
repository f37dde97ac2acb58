import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Finding } from "../finding.ts";

/** What the events besides transactions say: about the capture, not about the handshake. */
export function judgeEvent(event: CaptureEvent): readonly Finding[] {
  switch (event.kind) {
    case "tls-rejected":
      return event.side === "client"
        ? [{ code: "CLIENT_DISTRUSTS_CA", host: event.host, client: withoutPort(event.client) }]
        : [{ code: "UPSTREAM_TLS_FAILED", host: event.host, reason: event.reason }];
    case "tunnel":
      return event.reason === "client-distrusts-ca"
        ? [{ code: "CLIENT_DISTRUSTS_CA", host: event.host, client: withoutPort(event.client) }]
        : [];
    case "upstream-failed":
      return [{ code: "UPSTREAM_UNREACHABLE", host: event.host, reason: event.reason }];
    case "refused":
      return [{ code: "REQUEST_REFUSED", reason: event.reason }];
    case "gap":
      return [{ code: "CAPTURE_GAP", reason: event.reason }];
    case "signature":
      return judgeSignature(event.check);
    case "transaction":
      return [];
  }
}

function judgeSignature(check: Extract<CaptureEvent, { kind: "signature" }>["check"]): readonly Finding[] {
  const { token, outcome } = check;
  const keyId = check.keyId === "" ? "(not named)" : check.keyId;
  if (outcome === "failed")
    return [{ code: "SIGNATURE_FAILED", token, keyId, source: check.keySource ?? "an unknown source" }];
  return outcome === "no-key" ? [{ code: "SIGNATURE_NO_KEY", token, keyId }] : [];
}

// A client comes back from another port each time: one finding for each address.
function withoutPort(address: string): string {
  return address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
