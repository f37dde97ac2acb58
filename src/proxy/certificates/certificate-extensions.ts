import type { X509Certificate } from "node:crypto";
import forge from "node-forge";

const { asn1 } = forge;
type Asn1 = forge.asn1.Asn1;

/** Extensions by their object identifier (RFC 5280 4.1.2.9); the value is the content of the extension. */
export type Extensions = ReadonlyMap<string, Asn1>;

const extensionsTag = 3;

/** Reads the extensions of a certificate; empty where it cannot be taken apart. */
export function readExtensions({ raw }: X509Certificate): Extensions {
  try {
    const [body] = partsOf(asn1.fromDer(raw.toString("binary")));
    const field = partsOf(body).find(isTagged(extensionsTag));
    return new Map(partsOf(partsOf(field)[0]).flatMap(readExtension));
  } catch {
    return new Map();
  }
}

function readExtension(extension: Asn1): (readonly [string, Asn1])[] {
  const parts = partsOf(extension);
  const [identifier, value] = [parts[0]?.value, parts.at(-1)?.value];
  if (typeof identifier !== "string" || typeof value !== "string") return [];
  try {
    return [[asn1.derToOid(identifier), asn1.fromDer(value)]];
  } catch {
    return [];
  }
}

/** The elements of a constructed value; none of a primitive one. */
export function partsOf(value: Asn1 | undefined): readonly Asn1[] {
  return Array.isArray(value?.value) ? value.value : [];
}

/**
 * The name of the issuer's issuer, where the authority key identifier has it (RFC 5280 4.2.1.1), compared with the issuer's own
 * name: equal for an issuer that is a root. Null without such a name.
 */
export function isIssuerItsOwnIssuer(certificate: X509Certificate): boolean | null {
  try {
    const names = partsOf(readExtensions(certificate).get("2.5.29.35")).find(isTagged(1));
    const directoryName = partsOf(names).find(isTagged(4));
    const [name] = partsOf(directoryName);
    if (name === undefined) return null;
    const [body] = partsOf(asn1.fromDer(certificate.raw.toString("binary")));
    // version [0], serialNumber, signature, issuer; the version of an old certificate is absent, but so are extensions.
    const issuer = partsOf(body)[3];
    return issuer !== undefined && asn1.toDer(issuer).getBytes() === asn1.toDer(name).getBytes();
  } catch {
    return null;
  }
}

function isTagged(tag: number): (value: Asn1) => boolean {
  return ({ tagClass, type }) => tagClass === asn1.Class.CONTEXT_SPECIFIC && type === tag;
}

/** The object identifiers at the beginning of each element of a sequence, as in certificatePolicies. */
export function leadingIdentifiers(sequence: Asn1 | undefined): readonly string[] {
  return partsOf(sequence).flatMap((element) => {
    const first = partsOf(element)[0] ?? element;
    return typeof first.value === "string" ? [asn1.derToOid(first.value)] : [];
  });
}

/** The object identifier of the algorithm that the certificate is signed with; empty where it cannot be read. */
export function signatureAlgorithm({ raw }: X509Certificate): string {
  try {
    const [identifier] = partsOf(partsOf(asn1.fromDer(raw.toString("binary")))[1]);
    return typeof identifier?.value === "string" ? asn1.derToOid(identifier.value) : "";
  } catch {
    return "";
  }
}
