// Parses a service principal and compares the entries of its key array. PATCH replaces the whole array, so these functions
// exist to never lose a key of others.

import { createHash } from "node:crypto";
import { digestOf } from "../model/canonical-json.ts";
import {
  type CertificateFacts,
  certificateOfKey,
  isSameIdentifier,
  thumbprintOfIdentifier,
} from "../model/certificate.ts";
import type { KeyToAdd } from "../model/change.ts";
import type { WireValue } from "../model/exchange-shell.ts";
import type { KeyCredential, ServicePrincipal } from "../model/graph.ts";
import { readProperty } from "./graph-client.ts";

/** The path of a service principal. Never `?$filter`: a list answers `key: null`, and a key written back from it is lost. */
export function servicePrincipalPath(appId: string): string {
  const fields = "id,appId,displayName,accountEnabled,servicePrincipalNames,keyCredentials";
  return `/v1.0/servicePrincipals(appId='${appId}')?$select=${fields}`;
}

/** The path of the tenant's own application: it holds the certificates, and its service principal shows none of them. */
export function applicationPath(appId: string): string {
  return `/v1.0/applications(appId='${appId}')?$select=id,appId,displayName,keyCredentials`;
}

/** Parses Graph's answer; null when it is not a service principal or an application. */
export function readServicePrincipal(body: unknown): ServicePrincipal | null {
  const [id, appId, keys] = [
    readProperty(body, "id"),
    readProperty(body, "appId"),
    readProperty(body, "keyCredentials"),
  ];
  const names = readProperty(body, "servicePrincipalNames");
  if (typeof id !== "string" || typeof appId !== "string" || !Array.isArray(keys)) return null;
  const read = keys.map((key: unknown) => readKey(key));
  if (read.includes(null)) return null;
  return {
    id,
    appId,
    displayName: textOf(readProperty(body, "displayName")) ?? "",
    isEnabled: readProperty(body, "accountEnabled") !== false,
    names: Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [],
    keys: read.filter((key) => key !== null),
  };
}

function readKey(value: unknown): KeyCredential | null {
  const keyId = readProperty(value, "keyId");
  if (typeof keyId !== "string" || typeof value !== "object" || value === null) return null;
  return {
    keyId,
    customKeyIdentifier: textOf(readProperty(value, "customKeyIdentifier")),
    displayName: textOf(readProperty(value, "displayName")),
    type: textOf(readProperty(value, "type")) ?? "",
    usage: textOf(readProperty(value, "usage")) ?? "",
    startDateTime: textOf(readProperty(value, "startDateTime")),
    endDateTime: textOf(readProperty(value, "endDateTime")),
    key: textOf(readProperty(value, "key")),
    asRead: { ...value },
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/**
 * True when a key credential is this certificate. The certificate in its bytes decides, as DER or as base64 text, when Graph gave
 * bytes that hold one; else the identifier; never dates.
 */
export function isKeyOf(key: KeyCredential, certificate: Pick<CertificateFacts, "der">): boolean {
  const held = certificateOfKey(key.key);
  if (held !== null) return held.der === certificate.der;
  return isSameIdentifier(key.customKeyIdentifier, certificate);
}

/** True when a key is the entry that a run wrote: its certificate, under the display name that the run gave it. */
export function isNamedBy(key: KeyCredential, wanted: KeyToAdd): boolean {
  return key.displayName === wanted.displayName && isKeyOf(key, wanted);
}

/** True when the key's bytes are the base64 text of a certificate, as the script of Microsoft's page sends them. */
export function isTextOfCertificate(key: KeyCredential): boolean {
  return certificateOfKey(key.key)?.coding === "text";
}

/** True when a key credential is the certificate with this thumbprint. */
export function hasThumbprint(key: KeyCredential, thumbprint: string): boolean {
  const held = certificateOfKey(key.key);
  if (held === null) return thumbprintOfIdentifier(key.customKeyIdentifier) === thumbprint;
  return createHash("sha1").update(held.der, "base64").digest("hex").toUpperCase() === thumbprint;
}

/** Clocks may differ by as much as Kerberos allows; beyond that a key that begins later counts as not yet valid. */
const clockToleranceMs = 300_000;

/** True when the key's own end has passed; Entra checks it independently of the certificate. */
export function hasEnded({ endDateTime }: Pick<KeyCredential, "endDateTime">, at: number): boolean {
  return endDateTime !== null && Date.parse(endDateTime) <= at;
}

/**
 * True when Entra verifies a signature of this certificate with this key at that time (epoch milliseconds): its usage is
 * Verify, and it is within its own dates. A certificate that is not yet valid is judged at its first moment.
 */
export function isUsable(
  key: KeyCredential,
  certificate: Pick<CertificateFacts, "der" | "notBefore">,
  at: number,
): boolean {
  if (!isKeyOf(key, certificate) || key.usage !== "Verify") return false;
  const moment = Math.max(at, Date.parse(certificate.notBefore) || at);
  const begins = key.startDateTime === null ? moment : Date.parse(key.startDateTime);
  return begins <= moment + clockToleranceMs && !hasEnded(key, moment);
}

/**
 * An existing entry as a PATCH sends it back: all fields except `key` and `displayName`. With a `displayName` Graph answers
 * "Update to existing credential with KeyId … is not allowed".
 */
export function entryToSendBack(key: KeyCredential): Record<string, unknown> {
  const { key: _bytes, displayName: _name, ...rest } = key.asRead;
  return rest;
}

/** A new entry: without `keyId` (Graph assigns it) and without `customKeyIdentifier` (Graph uses the thumbprint). */
export function newEntry(key: KeyToAdd, dates: "with-dates" | "without-dates"): Record<string, unknown> {
  return {
    type: "AsymmetricX509Cert",
    usage: "Verify",
    key: key.der,
    displayName: key.displayName,
    ...(dates === "with-dates" ? { startDateTime: key.notBefore, endDateTime: key.notAfter } : {}),
  };
}

/** Facts of a key for plans and journals: its identity, and of its bytes only the thumbprint. */
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

/** A digest of a key array, independent of its order. */
export function keysDigest(keys: readonly KeyCredential[]): string {
  return digestOf(keys.map((key) => `${key.keyId} ${key.customKeyIdentifier ?? ""} ${key.usage}`).sort());
}

/** A digest of a list of names, independent of its order. */
export function namesDigest(names: readonly string[]): string {
  return digestOf([...names].sort());
}
