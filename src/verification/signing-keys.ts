// Certificates become keys that tokens can be checked with. Only what the user gave, or a token service's own document,
// is a key: never what a token brings along in its header (RFC 8725 3.5).
import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import type { KeySource } from "../core/capture-event.ts";
import type { StsMetadata } from "../decoders/facts.ts";

export interface SigningKey {
  readonly publicKey: KeyObject;
  /** Base64url SHA-1 thumbprints without padding: the computed one, and the document's own where it says another. */
  readonly names: readonly string[];
  readonly source: KeySource;
  /** The host that gave it; empty for a key of a file. */
  readonly host: string;
  /** The application whose tokens this key signs; empty when the source does not tell. */
  readonly issuerId: string;
}

export interface ReadKeys {
  readonly keys: readonly SigningKey[];
  /** What could not be read, our words; never a throw. */
  readonly problems: readonly string[];
}

// RFC 7518 3.3: 2048 bits or more; a shorter key would let nothing be said with confidence.
const shortestRsaKey = 2048;

/** The keys of a metadata document; a certificate that cannot be read hides no other. `host`: who gave it, empty for a file. */
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

/** The keys of a file that holds one DER certificate or any number of PEM ones. */
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

/** A thumbprint or key id in the one spelling that is compared: without padding. */
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
  const thumbprint = createHash("sha1").update(certificate.raw).digest("base64url");
  return { publicKey, names: [thumbprint], source, host: "", issuerId: "" };
}
