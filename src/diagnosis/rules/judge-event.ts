import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Finding } from "../catalogue/finding.ts";
import { keyOwner } from "../catalogue/key-owner.ts";

/** Findings from events other than transactions: they concern the capture, and signature checks. */
export function judgeEvent(event: Exclude<CaptureEvent, { kind: "transaction" }>): readonly Finding[] {
  switch (event.kind) {
    case "tls-rejected":
      return [judgeTls(event)];
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
    case "probes":
    case "log-row":
    case "log-file":
      return [];
  }
}

function judgeTls({ side, host, client, reason }: Extract<CaptureEvent, { kind: "tls-rejected" }>): Finding {
  if (side === "upstream") return { code: "UPSTREAM_TLS_FAILED", host, reason };
  // `reason` is worded by the proxy: it begins so for TLS alerts about the certificate. A client that only disconnects may have another cause.
  return reason.startsWith("the client does not trust")
    ? { code: "CLIENT_DISTRUSTS_CA", host, client: withoutPort(client) }
    : { code: "CLIENT_TLS_FAILED", host, client: withoutPort(client), reason };
}

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
