// Checks the auth certificate's rotation against the keys in the cloud. When Exchange switches to the next certificate and
// the cloud does not have it, the handshake breaks on that day.

import { textProperty } from "../exchange/read-objects.ts";
import { hasEnded, isKeyOf, isUsable } from "../graph/service-principal.ts";
import { type CertificateFacts, thumbprintOfIdentifier } from "../model/certificate.ts";
import type { KeyCredential, KeyHolder } from "../model/graph.ts";
import { factsOf, type Observation } from "../model/step.ts";
import { certificatesOf } from "./auth-certificate.ts";

export interface RotationWarning {
  readonly appId: string;
  readonly kind: "broken-now" | "breaks-on" | "ends-on" | "previous-left" | "duplicate" | "expired-key";
  readonly message: string;
  /** The day the handshake breaks, ISO; null when it is now or never. */
  readonly on: string | null;
}

/**
 * Compares current, next and previous certificate with the keys of one principal or application. `again` is the sentence on
 * how to renew a key that ends before its certificate. Pure.
 */
export function judgeRotation(
  certificate: Observation | undefined,
  principal: KeyHolder,
  now: number,
  again: string = "From that day on `realmscope provision apply` adds the key again",
): readonly RotationWarning[] {
  const facts = factsOf(certificate);
  const [current, next] = certificatesOf(certificate);
  if (facts === null || current === undefined) return [];
  const rotation: Rotation = {
    principal,
    name: principal.displayName || principal.appId,
    current,
    next: next ?? null,
    nextEffective: textProperty(facts, "nextEffective") || null,
    previous: textProperty(facts, "previous"),
    now,
    again,
  };
  return [...judgeUse(rotation), ...judgeEnd(rotation), ...judgeLeftovers(rotation)];
}

const dayMs = 86_400_000;

interface Rotation {
  readonly principal: KeyHolder;
  readonly name: string;
  readonly current: CertificateFacts;
  readonly next: CertificateFacts | null;
  readonly nextEffective: string | null;
  readonly previous: string;
  readonly now: number;
  readonly again: string;
}

function warning(
  { principal }: Rotation,
  kind: RotationWarning["kind"],
  message: string,
  on: string | null = null,
): RotationWarning {
  return { appId: principal.appId, kind, message, on };
}

function entriesOf({ principal }: Rotation, wanted: CertificateFacts): readonly KeyCredential[] {
  return principal.keys.filter((key) => isKeyOf(key, wanted));
}

/** Of the keys that are usable for a certificate at a time, the one that ends last; null when none is usable. */
function usableKey(rotation: Rotation, wanted: CertificateFacts, at: number): KeyCredential | null {
  const usable = entriesOf(rotation, wanted).filter((key) => isUsable(key, wanted, at));
  const [best = null] = usable.toSorted((a, b) => endOf(b) - endOf(a));
  return best;
}

function endOf({ endDateTime }: KeyCredential): number {
  return endDateTime === null ? Number.POSITIVE_INFINITY : Date.parse(endDateTime);
}

function judgeUse(rotation: Rotation): readonly RotationWarning[] {
  const { next, current, nextEffective, now } = rotation;
  const warnings: RotationWarning[] = [];
  if (usableKey(rotation, current, now) === null) {
    const message = `${reasonForLack(rotation, "current", current)}: the handshake is broken now.`;
    warnings.push(warning(rotation, "broken-now", message));
  }
  const begins = Math.max(now, Date.parse(nextEffective ?? "") || now);
  if (next !== null && usableKey(rotation, next, begins) === null) {
    const day = nextEffective === null ? "when Exchange switches to it" : `on ${nextEffective}`;
    const message = `${reasonForLack(rotation, "next", next)}: the handshake breaks ${day}.`;
    warnings.push(warning(rotation, "breaks-on", message, nextEffective));
  }
  return warnings;
}

/** Why no key is usable: there is none, or the reason of each. */
function reasonForLack(rotation: Rotation, which: "current" | "next", wanted: CertificateFacts): string {
  const { name, now } = rotation;
  const entries = entriesOf(rotation, wanted);
  if (entries.length === 0) return `${name} does not have the ${which} certificate ${wanted.thumbprint}`;
  const reasons = entries.map((key) => {
    if (key.usage !== "Verify") return `has usage ${key.usage}`;
    if (hasEnded(key, now)) return `expired on ${key.endDateTime}`;
    return `is valid from ${key.startDateTime} to ${key.endDateTime}`;
  });
  return `The key of the ${which} certificate ${wanted.thumbprint} on ${name} ${reasons.join(", another ")}`;
}

/** Warns of the end of the usable keys and certificates, whichever ends first. */
function judgeEnd(rotation: Rotation): readonly RotationWarning[] {
  const { current, next, nextEffective, now } = rotation;
  if (next === null) return judgeEndOf(rotation, "current", current);
  const key = usableKey(rotation, current, now);
  // A key of the current certificate only has to last until Exchange switches.
  const isEnough = key === null || endOf(key) >= (Date.parse(nextEffective ?? "") || now);
  return [...(isEnough ? [] : judgeEndOf(rotation, "current", current)), ...judgeEndOf(rotation, "next", next)];
}

function judgeEndOf(
  rotation: Rotation,
  which: "current" | "next",
  certificate: CertificateFacts,
): readonly RotationWarning[] {
  const { name, next, now, again } = rotation;
  const key = usableKey(rotation, certificate, now);
  const end = key?.endDateTime ?? null;
  // A key that ends before its certificate is unexpected, so it is reported however far away that day is.
  if (key !== null && end !== null && endOf(key) < Date.parse(certificate.notAfter) - dayMs) {
    const message = `The key of the ${which} certificate on ${name} ends on ${end}, before the certificate itself (${certificate.notAfter}): the handshake breaks then, unless Exchange has switched to another certificate that is uploaded. ${again}.`;
    return [warning(rotation, "ends-on", message, end)];
  }
  if (next !== null || Date.parse(certificate.notAfter) - now >= 60 * dayMs) return [];
  const message = `The current certificate ends on ${certificate.notAfter} and no next one is staged: the handshake breaks then.`;
  return [warning(rotation, "ends-on", message, certificate.notAfter)];
}

function judgeLeftovers(rotation: Rotation): readonly RotationWarning[] {
  const { principal, name, current, next, previous, now } = rotation;
  const warnings: RotationWarning[] = [];
  for (const wanted of next === null ? [current] : [current, next]) {
    const times = entriesOf(rotation, wanted).length;
    if (times > 1) warnings.push(warning(rotation, "duplicate", `${name} has ${wanted.thumbprint} ${times} times.`));
  }
  const isLeft = principal.keys.some(
    (key) => previous !== "" && thumbprintOfIdentifier(key.customKeyIdentifier) === previous,
  );
  if (isLeft) {
    const message = `${name} still has the previous certificate ${previous}; it can be removed.`;
    warnings.push(warning(rotation, "previous-left", message));
  }
  const expired = principal.keys.filter((key) => hasEnded(key, now));
  if (expired.length > 0)
    warnings.push(warning(rotation, "expired-key", `${name} has ${expired.length} expired keys.`));
  return warnings;
}
