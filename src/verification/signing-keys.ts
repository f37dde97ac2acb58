// Certificates become keys for signature checks. Keys come from the user or from the document of a token service, never from the
// header of a token (RFC 8725 3.5).
import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import type { KeySource } from "../core/capture-event.ts";
import type { StsMetadata } from "../decoders/facts.ts";

export interface SigningKey {
  readonly publicKey: KeyObject;
  /** Base64url thumbprints without padding: SHA-1 (`x5t`), SHA-256 (`x5t#S256`), and that of the document where it differs. */
  readonly names: readonly string[];
  readonly source: KeySource;
  /** The host of the document; empty for a key of a file. */
  readonly host: string;
  /** The application whose tokens this key signs; empty when the source does not name it. */
  readonly issuerId: string;
}

export interface ReadKeys {
  readonly keys: readonly SigningKey[];
  /** Unreadable certificates, in words of this program. */
  readonly problems: readonly string[];
}

// RFC 7518 3.3: 2048 bits or more; a check with a shorter key proves nothing.
const shortestRsaKey = 2048;

/** The keys of a metadata document; an unreadable certificate does not hide others. `host` is its source, empty for a file. */
export function keysOfMetadata(metadata: StsMetadata, source: KeySource, host = ""): ReadKeys {
  const keys: SigningKey[] = [];
  const problems: string[] = [];
  for (const [index, { certificate, x5t }] of metadata.keys.entries()) {
    const key = readCertificate(certificate, source);
    if (typeof key === "string") problems.push(`certificate ${index + 1} of a metadata document ${key}`);
    else keys.push({ ...key, host, names: names(key.names, x5t), issuerId: metadata.issuer?.id ?? "" });
  }
  return { keys, problems };
}

/** The keys of a file with one DER certificate or any number of PEM certificates. Never throws. */
export function keysOfCertificateFile(file: Uint8Array, source: KeySource): ReadKeys {
  const pem = Buffer.from(file.buffer, file.byteOffset, file.byteLength).toString("latin1");
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]{1,65536}?-----END CERTIFICATE-----/g);
  const certificates = blocks === null ? [file] : blocks.map((block) => Buffer.from(block, "latin1"));
  const keys: SigningKey[] = [];
  const problems: string[] = [];
  for (const certificate of certificates) {
    const key = readCertificate(certificate, source);
    if (typeof key === "string") problems.push(`the auth certificate ${key}`);
    else keys.push(key);
  }
  return { keys, problems };
}

/** A thumbprint or key id in the form that is compared: without padding. */
export function keyName(text: string): string {
  return text.replace(/=+$/, "");
}

function names(computed: readonly string[], x5t: string | null): readonly string[] {
  return x5t === null || computed.includes(keyName(x5t)) ? computed : [...computed, keyName(x5t)];
}

function readCertificate(bytes: Uint8Array, source: KeySource): SigningKey | string {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(bytes);
  } catch {
    return "cannot be read";
  }
  const { publicKey } = certificate;
  const { modulusLength } = publicKey.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined && modulusLength < shortestRsaKey) return `has a key of only ${modulusLength} bits`;
  const thumbprints = ["sha1", "sha256"].map((hash) => createHash(hash).update(certificate.raw).digest("base64url"));
  return { publicKey, names: thumbprints, source, host: "", issuerId: "" };
}
