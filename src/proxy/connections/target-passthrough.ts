import { boundedMap } from "../../core/bounded-map.ts";
import type { TlsCause, TunnelReason } from "../../core/capture-event.ts";
import { type HostPort, hostPortText } from "./host-and-port.ts";

/**
 * Passes targets through unread after TLS with one of them failed here for a reason that a retry does not change. Nothing is
 * lost by it but the reading: the client makes its own handshake with the target, and verifies it by its own rules.
 */
export interface TargetPassthrough {
  /** Why connections to this target pass through unread; null while they are read. */
  reasonFor(target: HostPort): TunnelReason | null;
  recordFailure(target: HostPort, cause: TlsCause): void;
  /** Whether this target may be asked for its protocols: true once. */
  mayAsk(target: HostPort): boolean;
}

const rememberedTargets = 1000;

/** Lasts for the run: a mended target is read again after a restart, where each new attempt here would cost a request. */
export function createTargetPassthrough(isEnabled: boolean): TargetPassthrough {
  const reasons = boundedMap<string, TunnelReason>(rememberedTargets);
  const asked = boundedMap<string, true>(rememberedTargets);
  return {
    reasonFor: (target) => reasons.get(hostPortText(target)) ?? null,
    recordFailure(target, cause) {
      const reason = reasonOf(cause);
      if (isEnabled && reason !== null) reasons.set(hostPortText(target), reason);
    },
    mayAsk(target) {
      const key = hostPortText(target);
      if (asked.get(key) === true) return false;
      asked.set(key, true);
      return true;
    },
  };
}

function reasonOf(cause: TlsCause): TunnelReason | null {
  switch (cause) {
    case "http2-only":
      return "target-needs-http2";
    case "client-certificate-wanted":
      return "target-needs-client-certificate";
    case "unknown-ca":
    case "intermediate-missing":
    case "self-signed":
    case "expired":
    case "not-yet-valid":
    case "wrong-name":
    case "revoked":
    case "versions":
    case "ciphers":
    case "refused":
      return "target-tls-fails";
    default:
      return null;
  }
}
