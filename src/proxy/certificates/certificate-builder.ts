import { createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import forge from "node-forge";

/** Subject and validity of a certificate. Times are epoch milliseconds. */
export interface CertificateText {
  readonly commonName: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What a leaf needs of its issuer. */
export interface Issuer {
  readonly commonName: string;
  readonly key: KeyObject;
  readonly keyIdentifier: string;
}

type Certificate = forge.pki.Certificate;

/**
 * A root in PEM that can sign server certificates only, and only within `constraints` (a DER NameConstraints value).
 */
export function buildRoot(text: CertificateText, key: KeyObject, constraints: string): string {
  const certificate = begin(text, forgePublicKey(key));
  certificate.setIssuer([{ name: "commonName", value: text.commonName }]);
  certificate.setExtensions([
    { name: "basicConstraints", critical: true, cA: true, pathLenConstraint: 0 },
    { name: "keyUsage", critical: true, keyCertSign: true, cRLSign: true },
    { name: "extKeyUsage", serverAuth: true },
    { name: "subjectKeyIdentifier" },
    { id: "2.5.29.30", critical: true, value: constraints },
  ]);
  return signed(certificate, key);
}

/** A server certificate in PEM for one host name or address, with the key that all leaves share. */
export function buildLeaf(
  text: CertificateText & { readonly host: string },
  issuer: Issuer,
  publicKey: forge.pki.PublicKey,
): string {
  const certificate = begin(text, publicKey);
  certificate.setIssuer([{ name: "commonName", value: issuer.commonName }]);
  const name = isIP(text.host) === 0 ? { type: 2, value: text.host } : { type: 7, ip: text.host };
  certificate.setExtensions([
    { name: "basicConstraints", critical: true, cA: false },
    { name: "keyUsage", critical: true, digitalSignature: true, keyEncipherment: true },
    { name: "extKeyUsage", serverAuth: true },
    { name: "subjectAltName", altNames: [name] },
    { name: "subjectKeyIdentifier" },
    { name: "authorityKeyIdentifier", keyIdentifier: issuer.keyIdentifier },
  ]);
  return signed(certificate, issuer.key);
}

/** The public key in node-forge's form. */
export function forgePublicKey(key: KeyObject): forge.pki.PublicKey {
  return forge.pki.publicKeyFromPem(createPublicKey(key).export({ type: "spki", format: "pem" }).toString());
}

/**
 * The binary subject key identifier by RFC 5280 4.2.1.2 method (1), equal to the one node-forge writes into the root.
 */
export function keyIdentifier(key: KeyObject): string {
  return forge.pki.getPublicKeyFingerprint(forgePublicKey(key), { type: "RSAPublicKey", encoding: "binary" });
}

function begin(text: CertificateText, publicKey: forge.pki.PublicKey): Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = positiveSerial();
  certificate.validity.notBefore = new Date(text.notBefore);
  certificate.validity.notAfter = new Date(text.notAfter);
  // X.520 limits a common name to 64 characters; subjectAltName has the whole name.
  certificate.setSubject([{ name: "commonName", value: text.commonName.slice(0, 64) }]);
  return certificate;
}

/** 16 random bytes whose first two bits are 01: never negative, never short (RFC 5280 4.1.2.2). */
function positiveSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

// Signs with node:crypto: node-forge signs in JavaScript, some eighty times slower, and blocks the traffic.
function signed(certificate: Certificate, key: KeyObject): string {
  const algorithm = forge.pki.oids.sha256WithRSAEncryption ?? "1.2.840.113549.1.1.11";
  certificate.md = forge.md.sha256.create();
  certificate.signatureOid = algorithm;
  certificate.siginfo.algorithmOid = algorithm;
  certificate.tbsCertificate = untyped.getTBSCertificate(certificate);
  const bytes = Buffer.from(forge.asn1.toDer(certificate.tbsCertificate).getBytes(), "binary");
  certificate.signature = sign("sha256", bytes, key).toString("binary");
  return forge.pki.certificateToPem(certificate);
}

/** In node-forge, but not in its typings. */
const untyped = forge.pki as typeof forge.pki & { getTBSCertificate(certificate: Certificate): forge.asn1.Asn1 };
