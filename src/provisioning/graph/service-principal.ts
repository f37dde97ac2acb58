// A service principal as Graph answers it, and the arithmetic of its key array. Graph replaces the whole array on PATCH,
// so everything here is about never losing a key that is not ours.

import { digestOf } from "../model/canonical-json.ts";
import { type CertificateFacts, isSameIdentifier, thumbprintOfIdentifier } from "../model/certificate.ts";
import type { KeyToAdd } from "../model/change.ts";
import type { WireValue } from "../model/exchange-shell.ts";
import type { KeyCredential, ServicePrincipal } from "../model/graph.ts";
import { property } from "./graph-client.ts";

/** Never `?$filter`: a list answers `key: null`, and a key written back from it is lost. */
export function servicePrincipalPath(appId: string): string {
  const fields = "id,appId,displayName,accountEnabled,servicePrincipalNames,keyCredentials";
  return `/v1.0/servicePrincipals(appId='${appId}')?$select=${fields}`;
}

/** The tenant's own application: its certificates are here, and its service principal shows none of them. */
export function applicationPath(appId: string): string {
  return `/v1.0/applications(appId='${appId}')?$select=id,appId,displayName,keyCredentials`;
}

/** Reads Graph's answer; null when it is no service principal. */
export function readServicePrincipal(body: unknown): ServicePrincipal | null {
  const [id, appId, keys] = [property(body, "id"), property(body, "appId"), property(body, "keyCredentials")];
  const names = property(body, "servicePrincipalNames");
  if (typeof id !== "string" || typeof appId !== "string" || !Array.isArray(keys)) return null;
  const read = keys.map((key: unknown) => readKey(key));
  if (read.includes(null)) return null;
  return {
    id,
    appId,
    displayName: textOf(property(body, "displayName")) ?? "",
    isEnabled: property(body, "accountEnabled") !== false,
    names: Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [],
    keys: read.filter((key) => key !== null),
  };
}

function readKey(value: unknown): KeyCredential | null {
  const keyId = property(value, "keyId");
  if (typeof keyId !== "string" || typeof value !== "object" || value === null) return null;
  return {
    keyId,
    customKeyIdentifier: textOf(property(value, "customKeyIdentifier")),
    displayName: textOf(property(value, "displayName")),
    type: textOf(property(value, "type")) ?? "",
    usage: textOf(property(value, "usage")) ?? "",
    startDateTime: textOf(property(value, "startDateTime")),
    endDateTime: textOf(property(value, "endDateTime")),
    key: textOf(property(value, "key")),
    asRead: { ...value },
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** True when a key credential is this certificate: bytes when Graph gave them, the identifier otherwise. Dates prove nothing. */
export function isKeyOf(key: KeyCredential, certificate: Pick<CertificateFacts, "thumbprint" | "der">): boolean {
  if (key.key !== null) return key.key === certificate.der;
  return isSameIdentifier(key.customKeyIdentifier, { ...emptyCertificate, ...certificate });
}

/** Clocks may differ by as much as Kerberos allows before a key that has just begun counts as one of the future. */
const clockToleranceMs = 300_000;

/** True when the key's own end has passed; Entra looks at it whatever the certificate says. */
export function hasEnded({ endDateTime }: Pick<KeyCredential, "endDateTime">, at: number): boolean {
  return endDateTime !== null && Date.parse(endDateTime) <= at;
}

/**
 * True when Entra checks a signature of this certificate with this key at that time (epoch milliseconds): its usage is Verify,
 * and it is within its own dates. A certificate that has not begun yet is judged at its own beginning.
 */
export function isUsable(
  key: KeyCredential,
  certificate: Pick<CertificateFacts, "thumbprint" | "der" | "notBefore">,
  at: number,
): boolean {
  if (!isKeyOf(key, certificate) || key.usage !== "Verify") return false;
  const moment = Math.max(at, Date.parse(certificate.notBefore) || at);
  const begins = key.startDateTime === null ? moment : Date.parse(key.startDateTime);
  return begins <= moment + clockToleranceMs && !hasEnded(key, moment);
}

const emptyCertificate: CertificateFacts = {
  thumbprint: "",
  der: "",
  subject: "",
  notBefore: "",
  notAfter: "",
  isRsa: true,
};

/**
 * The entry as it goes back on PATCH: all it had but `key` and `displayName`. With a `displayName` Graph answers
 * "Update to existing credential with KeyId … is not allowed".
 */
export function sentBack(key: KeyCredential): Record<string, unknown> {
  const { key: _bytes, displayName: _name, ...rest } = key.asRead;
  return rest;
}

/** A new entry: no `keyId` (Graph makes it) and no `customKeyIdentifier` (Graph takes the thumbprint). */
export function newEntry(key: KeyToAdd, dates: "with-dates" | "without-dates"): Record<string, unknown> {
  return {
    type: "AsymmetricX509Cert",
    usage: "Verify",
    key: key.der,
    displayName: key.displayName,
    ...(dates === "with-dates" ? { startDateTime: key.notBefore, endDateTime: key.notAfter } : {}),
  };
}

/** Facts of a key for plans and journals: who it is, never more of its bytes than the thumbprint. */
export function keyFacts(key: KeyCredential): Readonly<Record<string, WireValue>> {
  return {
    keyId: key.keyId,
    identifier: thumbprintOfIdentifier(key.customKeyIdentifier) ?? key.customKeyIdentifier,
    displayName: key.displayName,
    usage: key.usage,
    type: key.type,
    startDateTime: key.startDateTime,
    endDateTime: key.endDateTime,
  };
}

/** Tells two states of a key array apart whatever their order. */
export function keysDigest(keys: readonly KeyCredential[]): string {
  return digestOf(keys.map((key) => `${key.keyId} ${key.customKeyIdentifier ?? ""} ${key.usage}`).sort());
}

export function namesDigest(names: readonly string[]): string {
  return digestOf([...names].sort());
}
