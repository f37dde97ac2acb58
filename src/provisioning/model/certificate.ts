// Reads public certificates and compares them: by their bytes, then by SHA-1. Equal dates prove nothing.
import { createHash, X509Certificate } from "node:crypto";
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
  const digest = digestOfIdentifier(identifier);
  return digest?.length === 40 ? digest : null;
}

/** True when a key credential's identifier is the certificate's SHA-1 or its SHA-256 (as on SAML keys), in hex or base64. */
export function isSameIdentifier(identifier: string | null, certificate: Pick<CertificateFacts, "der">): boolean {
  const digest = digestOfIdentifier(identifier);
  if (digest === null) return false;
  const hash = createHash(digest.length === 40 ? "sha1" : "sha256").update(certificate.der, "base64");
  return hash.digest("hex").toUpperCase() === digest;
}

const hexDigest = /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/;

/**
 * The SHA-1 or SHA-256 in an identifier, in upper-case hex; null when it holds neither. Tools write it as hex, with or without
 * colons or spaces, as base64 of the bytes, or as base64 of the hex text, which Graph PowerShell's byte[] makes of a string.
 */
function digestOfIdentifier(identifier: string | null): string | null {
  if (identifier === null || identifier.length > 200) return null;
  const hex = plainHex(identifier);
  if (hexDigest.test(hex)) return hex;
  const bytes = bytesOfBase64(identifier);
  if (bytes === null) return null;
  if (bytes.length === 20 || bytes.length === 32) return bytes.toString("hex").toUpperCase();
  const text = plainHex(asciiOf(bytes));
  return hexDigest.test(text) ? text : null;
}

function plainHex(text: string): string {
  return text.replace(/[\s:-]/g, "").toUpperCase();
}

/** A certificate of one kind has about 2 kB; ten times that is not an auth certificate. */
const longestKey = 65_536;

/** How the bytes of a key credential hold a certificate: as DER, or as the base64 or PEM text of it. */
export interface KeyBytes {
  /** DER in base64. */
  readonly der: string;
  readonly coding: "der" | "text";
}

/**
 * Reads a key credential's `key` (base64) as a certificate; null when it holds none. The script of Microsoft's page sends the
 * base64 text of the certificate in place of its DER, so the bytes may be text.
 */
export function certificateOfKey(key: string | null): KeyBytes | null {
  if (key === null || key.length > longestKey) return null;
  const bytes = bytesOfBase64(key);
  if (bytes === null) return null;
  const der = derOf(bytes);
  if (der !== null) return { der, coding: "der" };
  const text = asciiOf(bytes).replace(/-----(?:BEGIN|END) CERTIFICATE-----/g, "");
  const inner = bytesOfBase64(text);
  const innerDer = inner === null ? null : derOf(inner);
  return innerDer === null ? null : { der: innerDer, coding: "text" };
}

/** The certificate in these bytes as base64 DER; null when they are not one. */
function derOf(bytes: Buffer): string | null {
  // A SEQUENCE with a long length: everything else is refused before OpenSSL reads it.
  if (bytes[0] !== 0x30) return null;
  try {
    return new X509Certificate(bytes).raw.toString("base64");
  } catch {
    return null;
  }
}

/** Decodes base64 or base64url, line breaks allowed; null for other text. */
function bytesOfBase64(text: string): Buffer | null {
  const plain = text.replace(/\s/g, "");
  return plain !== "" && /^[A-Za-z0-9+/_-]+={0,2}$/.test(plain) ? Buffer.from(plain, "base64") : null;
}

/** Bytes as ASCII text, those of UTF-16 too: [Text.Encoding]::Unicode puts a zero beside each character. */
function asciiOf(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replaceAll("\u0000", "")
    .replace(/^\u00ff\u00fe|^\u00ef\u00bb\u00bf/, "");
}

function unfit(from: string, what: string, hint: string, cause?: unknown): ToolError {
  return new ToolError("bad-certificate", `${from} ${what}.`, { hint, cause });
}
