import { isIPv4 } from "node:net";
import forge from "node-forge";
import type { HostPattern } from "../connections/scope.ts";

const { asn1 } = forge;

/**
 * The DER value of a NameConstraints extension (RFC 5280 4.2.1.10) that permits only the hosts of the patterns. A name
 * permits all names below it, too. The exclusions are needed because a list of names alone permits every address.
 */
export function nameConstraints(patterns: readonly HostPattern[]): string {
  const names = [...new Set(patterns.filter(({ kind }) => kind !== "address").map(({ host }) => host))];
  const addresses = [...new Set(patterns.filter(({ kind }) => kind === "address").map(({ host }) => host))];
  const permitted = [
    ...names.map(dnsSubtree),
    ...addresses.map((address) => addressSubtree(untyped.bytesFromIP(address), 255)),
  ];
  const excluded: forge.asn1.Asn1[] = [];
  if (names.length === 0) excluded.push(dnsSubtree(""));
  if (!addresses.some((address) => isIPv4(address))) excluded.push(addressSubtree("\0".repeat(4), 0));
  if (!addresses.some((address) => !isIPv4(address))) excluded.push(addressSubtree("\0".repeat(16), 0));
  const subtrees = [tagged(0, permitted)];
  if (excluded.length > 0) subtrees.push(tagged(1, excluded));
  return asn1.toDer(asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, subtrees)).getBytes();
}

/** Whether a certificate under these constraints may be for the host. */
export function permits(patterns: readonly HostPattern[], host: string): boolean {
  return patterns.some((pattern) =>
    pattern.kind === "address" ? pattern.host === host : host === pattern.host || host.endsWith(`.${pattern.host}`),
  );
}

function tagged(tag: number, subtrees: forge.asn1.Asn1[]): forge.asn1.Asn1 {
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag, true, subtrees);
}

// GeneralSubtree { base GeneralName }: dNSName is [2], iPAddress [7] with its mask behind it.
function dnsSubtree(name: string): forge.asn1.Asn1 {
  return subtree(asn1.create(asn1.Class.CONTEXT_SPECIFIC, 2, false, name));
}

function addressSubtree(address: string | null, maskByte: number): forge.asn1.Asn1 {
  const octets = address ?? "";
  const mask = String.fromCharCode(maskByte).repeat(octets.length);
  return subtree(asn1.create(asn1.Class.CONTEXT_SPECIFIC, 7, false, octets + mask));
}

function subtree(base: forge.asn1.Asn1): forge.asn1.Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [base]);
}

/** In node-forge, but not in its typings. */
const untyped = forge.util as typeof forge.util & { bytesFromIP(address: string): string | null };
