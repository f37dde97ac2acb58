// A small CA for tests that need chains: what it makes is judged by openssl, curl and Node, not by this program.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import forge from "node-forge";

/** A certificate with its key; as `issuer` it signs others. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  readonly forge: forge.pki.Certificate;
  readonly pair: forge.pki.rsa.KeyPair;
}

export interface CertificateWish {
  readonly name: string;
  readonly organisation?: string;
  /** Signed by itself without one. */
  readonly issuer?: TestCertificate;
  readonly isCa?: boolean;
  /** Names and addresses of subjectAltName; none without. */
  readonly hosts?: readonly string[];
  /** In the form of node-forge, besides those that follow from the rest. */
  readonly extensions?: readonly object[];
  /** Days from now. */
  readonly begins?: number;
  readonly ends?: number;
  readonly hash?: "sha1" | "sha256";
  readonly bits?: number;
}

const dayMs = 86_400_000;
const pairs = new Map<string, forge.pki.rsa.KeyPair>();

/** Issues a certificate as wished. Certificates of the same name and key size have the same key. */
export function issueCertificate(wish: CertificateWish): TestCertificate {
  const pair = keyPair(wish.name, wish.bits ?? 2048);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = pair.publicKey;
  certificate.serialNumber = `4${randomBytes(8).toString("hex").slice(1)}`;
  certificate.validity.notBefore = new Date(Date.now() + (wish.begins ?? -2) * dayMs);
  certificate.validity.notAfter = new Date(Date.now() + (wish.ends ?? 60) * dayMs);
  const subject = [{ name: "commonName", value: wish.name }];
  if (wish.organisation !== undefined) subject.push({ name: "organizationName", value: wish.organisation });
  certificate.setSubject(subject);
  certificate.setIssuer(wish.issuer?.forge.subject.attributes ?? subject);
  const altNames = (wish.hosts ?? []).map((host) =>
    /^[\d.]+$|:/.test(host) ? { type: 7, ip: host } : { type: 2, value: host },
  );
  certificate.setExtensions([
    { name: "basicConstraints", critical: true, cA: wish.isCa === true },
    { name: "subjectKeyIdentifier" },
    ...(altNames.length > 0 ? [{ name: "subjectAltName", altNames }] : []),
    ...(wish.extensions ?? []),
  ]);
  const md = wish.hash === "sha1" ? forge.md.sha1.create() : forge.md.sha256.create();
  certificate.sign((wish.issuer?.pair ?? pair).privateKey, md);
  return {
    cert: forge.pki.certificateToPem(certificate),
    key: forge.pki.privateKeyToPem(pair.privateKey),
    forge: certificate,
    pair,
  };
}

/** The extension that says where the issuer's certificate can be fetched (RFC 5280 4.2.2.1). */
export function issuerAddress(url: string): object {
  const { asn1 } = forge;
  const description = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer("1.3.6.1.5.5.7.48.2").getBytes()),
    asn1.create(asn1.Class.CONTEXT_SPECIFIC, 6, false, url),
  ]);
  const value = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [description]);
  return { id: "1.3.6.1.5.5.7.1.1", value: asn1.toDer(value).getBytes() };
}

function keyPair(name: string, bits: number): forge.pki.rsa.KeyPair {
  const known = pairs.get(`${name} ${bits}`);
  if (known !== undefined) return known;
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: bits,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const pair = {
    privateKey: forge.pki.privateKeyFromPem(privateKey),
    publicKey: forge.pki.publicKeyFromPem(publicKey),
  };
  pairs.set(`${name} ${bits}`, pair);
  return pair;
}
