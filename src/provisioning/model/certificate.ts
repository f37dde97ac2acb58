// Reads public certificates and compares them: by their bytes, then by SHA-1. Equal dates prove nothing.
import { X509Certificate } from "node:crypto";
import { ToolError } from "../../core/tool-error.ts";

export interface CertificateFacts {
  /** SHA-1 of the DER, 40 hex digits in upper case. */
  readonly thumbprint: string;
  /** DER in base64. */
  readonly der: string;
  readonly subject: string;
  /** ISO times in UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly isRsa: boolean;
}

/** Reads one certificate, DER or PEM. Throws ToolError for a private key, several certificates, or anything else. */
export function readCertificate(bytes: Uint8Array, from: string): CertificateFacts {
  const text = Buffer.from(bytes).toString("latin1");
  // Checked before parsing: OpenSSL's error for a key file is misleading.
  if (text.includes("PRIVATE KEY"))
    throw unfit(from, "holds a private key", "Give the public certificate alone (.cer).");
  if (text.split("-----BEGIN CERTIFICATE-----").length > 2)
    throw unfit(from, "holds more than one certificate", "Give the auth certificate alone.");
  try {
    return factsOfCertificate(new X509Certificate(bytes));
  } catch (cause) {
    throw unfit(from, "is not an X.509 certificate", "Give the auth certificate as DER or PEM.", cause);
  }
}

function factsOfCertificate(certificate: X509Certificate): CertificateFacts {
  return {
    thumbprint: certificate.fingerprint.replaceAll(":", ""),
    der: certificate.raw.toString("base64"),
    subject: certificate.subject.replaceAll("\n", ", "),
    // `validFromDate` does not exist on Node 20.
    notBefore: new Date(Date.parse(certificate.validFrom)).toISOString(),
    notAfter: new Date(Date.parse(certificate.validTo)).toISOString(),
    isRsa: certificate.publicKey.asymmetricKeyType === "rsa",
  };
}

/** True for 40 hex digits. An empty thumbprint matches every certificate in the script of Microsoft's page. */
export function isThumbprint(text: string): boolean {
  return /^[0-9A-F]{40}$/i.test(text);
}

/** Reads a key credential's identifier as a thumbprint: SHA-1 in hex or base64; null for anything else (SAML keys use SHA-256). */
export function thumbprintOfIdentifier(identifier: string | null): string | null {
  if (identifier === null) return null;
  if (isThumbprint(identifier)) return identifier.toUpperCase();
  const bytes = /^[A-Za-z0-9+/]{27}=$/.test(identifier) ? Buffer.from(identifier, "base64") : null;
  return bytes?.length === 20 ? bytes.toString("hex").toUpperCase() : null;
}

/** True when a key credential's identifier is the certificate's SHA-1 (hex or base64) or its SHA-256 (base64, as on SAML keys). */
export function isSameIdentifier(identifier: string | null, certificate: CertificateFacts): boolean {
  if (identifier === null) return false;
  if (thumbprintOfIdentifier(identifier) === certificate.thumbprint) return true;
  const sha256 = new X509Certificate(Buffer.from(certificate.der, "base64")).fingerprint256.replaceAll(":", "");
  return Buffer.from(identifier, "base64").toString("hex").toUpperCase() === sha256;
}

function unfit(from: string, what: string, hint: string, cause?: unknown): ToolError {
  return new ToolError("bad-certificate", `${from} ${what}.`, { hint, cause });
}
