import { generateKeyPairSync, randomBytes } from "node:crypto";
import forge from "node-forge";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = forge.pki.privateKeyFromPem(privateKey.export({ type: "pkcs1", format: "pem" }).toString());

export interface CertificateWish {
  readonly fromDays?: number;
  readonly toDays?: number;
  readonly name?: string;
}

/** A self-signed certificate as Exchange makes its auth certificate (DER). Two calls differ by their serial number. */
export function authCertificate({
  fromDays = -30,
  toDays = 1500,
  name = "Microsoft Exchange Server Auth Certificate",
}: CertificateWish = {}): Buffer {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  certificate.serialNumber = `4${randomBytes(15).toString("hex")}`;
  // Whole days, so that two certificates can have equal dates.
  const today = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  certificate.validity.notBefore = new Date(today + fromDays * 86_400_000);
  certificate.validity.notAfter = new Date(today + toDays * 86_400_000);
  certificate.setSubject([{ name: "commonName", value: name }]);
  certificate.setIssuer([{ name: "commonName", value: name }]);
  certificate.sign(key, forge.md.sha256.create());
  return Buffer.from(forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)).getBytes(), "binary");
}
