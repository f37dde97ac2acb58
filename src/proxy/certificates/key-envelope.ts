import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";

/** A private key at rest. Node's own encrypted PKCS#8 derives its key with 2,048 rounds of PBKDF2, which is too few. */
export type KeyEnvelope =
  | { readonly kind: "plain"; readonly pem: string }
  | {
      readonly kind: "scrypt-aes-256-gcm";
      readonly salt: string;
      readonly nonce: string;
      readonly tag: string;
      readonly data: string;
    };

// 128 MiB and about half a second for each guess.
const scryptCost = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };

/** Encrypts a key (PEM) with a pass-phrase; without one the key stays plain and the mode of the file protects it. */
export function sealKey(pem: string, passphrase: string | null): KeyEnvelope {
  if (passphrase === null) return { kind: "plain", pem };
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv("aes-256-gcm", scryptSync(passphrase, salt, 32, scryptCost), nonce);
  const data = Buffer.concat([cipher.update(pem, "utf8"), cipher.final()]);
  const [saltText, nonceText] = [salt.toString("base64"), nonce.toString("base64")];
  const tag = cipher.getAuthTag().toString("base64");
  return { kind: "scrypt-aes-256-gcm", salt: saltText, nonce: nonceText, tag, data: data.toString("base64") };
}

/** The key in PEM; null when the pass-phrase is wrong or the envelope was changed. */
export function openKey(envelope: KeyEnvelope, passphrase: string | null): string | null {
  if (envelope.kind === "plain") return envelope.pem;
  if (passphrase === null) return null;
  try {
    const key = scryptSync(passphrase, Buffer.from(envelope.salt, "base64"), 32, scryptCost);
    const nonce = Buffer.from(envelope.nonce, "base64");
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
    decipher.setAuthTag(Buffer.from(envelope.tag, "base64"));
    return Buffer.concat([decipher.update(Buffer.from(envelope.data, "base64")), decipher.final()]).toString("utf8");
  } catch {
    return null;
  }
}
