import { generateKeyPairSync, randomBytes } from "node:crypto";
import forge from "node-forge";

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  readonly rootPem: string;
}

export interface TestCertificateOptions {
  readonly hosts: readonly string[];
  readonly isSelfSigned?: boolean;
  /** Days from now; negative for one that has expired. */
  readonly days?: number;
}

// One pair for all: making keys is what takes the time.
const keys = { root: makeKeys(), leaf: makeKeys() };
const dayMs = 86_400_000;

/** A server certificate under a root of its own, made here so that the product's own builder is not tested by itself. */
export function buildTestCertificate(options: TestCertificateOptions): TestCertificate {
  const days = options.days ?? 30;
  const isSelfSigned = options.isSelfSigned ?? false;
  const root = unsigned("test root", { days: 365, pair: keys.root });
  root.setExtensions([{ name: "basicConstraints", critical: true, cA: true }, { name: "subjectKeyIdentifier" }]);
  root.setIssuer(root.subject.attributes);
  root.sign(keys.root.privateKey, forge.md.sha256.create());
  const leaf = unsigned(options.hosts[0] ?? "test", { days, pair: keys.leaf });
  leaf.setIssuer(isSelfSigned ? leaf.subject.attributes : root.subject.attributes);
  leaf.setExtensions([
    { name: "basicConstraints", critical: true, cA: false },
    { name: "extKeyUsage", serverAuth: true },
    {
      name: "subjectAltName",
      altNames: options.hosts.map((host) =>
        /^[\d.]+$|:/.test(host) ? { type: 7, ip: host } : { type: 2, value: host },
      ),
    },
  ]);
  leaf.sign(isSelfSigned ? keys.leaf.privateKey : keys.root.privateKey, forge.md.sha256.create());
  return {
    key: forge.pki.privateKeyToPem(keys.leaf.privateKey),
    cert: forge.pki.certificateToPem(leaf),
    rootPem: forge.pki.certificateToPem(root),
  };
}

function unsigned(name: string, { days, pair }: { days: number; pair: forge.pki.rsa.KeyPair }): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = pair.publicKey;
  certificate.serialNumber = `4${randomBytes(8).toString("hex").slice(1)}`;
  certificate.validity.notBefore = new Date(Date.now() - 400 * dayMs);
  certificate.validity.notAfter = new Date(Date.now() + days * dayMs);
  certificate.setSubject([{ name: "commonName", value: name }]);
  return certificate;
}

function makeKeys(): forge.pki.rsa.KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return { privateKey: forge.pki.privateKeyFromPem(privateKey), publicKey: forge.pki.publicKeyFromPem(publicKey) };
}
