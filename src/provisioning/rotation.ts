// The auth certificate's rotation against the keys in the cloud. When Exchange switches to the next certificate and the
// cloud does not know it, the handshake breaks on that day.

import { type CertificateFacts, thumbprintOfIdentifier } from "./certificate.ts";
import { text } from "./exchange-calls.ts";
import { isKeyOf, type ServicePrincipal } from "./graph/service-principal.ts";
import { factsOf, type Observation } from "./step.ts";
import { certificatesIn } from "./steps/auth-certificate.ts";

export interface RotationWarning {
  readonly appId: string;
  readonly kind: "broken-now" | "breaks-on" | "ends-on" | "previous-left" | "duplicate" | "expired-key";
  readonly message: string;
  /** The day the handshake breaks, ISO; null when it is now or never. */
  readonly on: string | null;
}

/** Compares current, next and previous certificate with the keys of one service principal. Pure. */
export function judgeRotation(
  certificate: Observation | undefined,
  principal: ServicePrincipal,
  now: number,
): readonly RotationWarning[] {
  const facts = factsOf(certificate);
  const [current, next] = certificatesIn(certificate);
  if (facts === null || current === undefined) return [];
  const rotation: Rotation = {
    principal,
    name: principal.displayName || principal.appId,
    current,
    next: next ?? null,
    nextEffective: text(facts, "nextEffective") || null,
    previous: text(facts, "previous"),
    now,
  };
  return [...judgeUse(rotation), ...judgeEnd(rotation), ...judgeLeftovers(rotation)];
}

interface Rotation {
  readonly principal: ServicePrincipal;
  readonly name: string;
  readonly current: CertificateFacts;
  readonly next: CertificateFacts | null;
  readonly nextEffective: string | null;
  readonly previous: string;
  readonly now: number;
}

function warning(
  { principal }: Rotation,
  kind: RotationWarning["kind"],
  message: string,
  on: string | null = null,
): RotationWarning {
  return { appId: principal.appId, kind, message, on };
}

function count({ principal }: Rotation, wanted: CertificateFacts): number {
  return principal.keys.filter((key) => isKeyOf(key, wanted)).length;
}

function judgeUse(rotation: Rotation): readonly RotationWarning[] {
  const { name, current, next, nextEffective } = rotation;
  const warnings: RotationWarning[] = [];
  if (count(rotation, current) === 0) {
    const message = `${name} does not know the current certificate ${current.thumbprint}: the handshake is broken now.`;
    warnings.push(warning(rotation, "broken-now", message));
  }
  if (next !== null && count(rotation, next) === 0) {
    const day = nextEffective === null ? "when Exchange switches to it" : `on ${nextEffective}`;
    const message = `${name} does not know the next certificate ${next.thumbprint}: the handshake breaks ${day}.`;
    warnings.push(warning(rotation, "breaks-on", message, nextEffective));
  }
  return warnings;
}

function judgeEnd(rotation: Rotation): readonly RotationWarning[] {
  const { current, next, now } = rotation;
  if (next !== null || Date.parse(current.notAfter) - now >= 60 * 86_400_000) return [];
  const message = `The current certificate ends on ${current.notAfter} and no next one is staged: the handshake breaks then.`;
  return [warning(rotation, "ends-on", message, current.notAfter)];
}

function judgeLeftovers(rotation: Rotation): readonly RotationWarning[] {
  const { principal, name, current, next, previous, now } = rotation;
  const warnings: RotationWarning[] = [];
  for (const wanted of next === null ? [current] : [current, next]) {
    const times = count(rotation, wanted);
    if (times > 1) warnings.push(warning(rotation, "duplicate", `${name} has ${wanted.thumbprint} ${times} times.`));
  }
  const isLeft = principal.keys.some(
    (key) => previous !== "" && thumbprintOfIdentifier(key.customKeyIdentifier) === previous,
  );
  if (isLeft) {
    const message = `${name} still has the previous certificate ${previous}; it may be removed some day.`;
    warnings.push(warning(rotation, "previous-left", message));
  }
  const expired = principal.keys.filter((key) => key.endDateTime !== null && Date.parse(key.endDateTime) <= now);
  if (expired.length > 0)
    warnings.push(warning(rotation, "expired-key", `${name} has ${expired.length} expired keys.`));
  return warnings;
}
