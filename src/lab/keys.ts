// The keys and certificates of one lab: generated for each run, kept in memory, never written.
import { createHash, generateKeyPair, type KeyObject, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import forge from "node-forge";

const makePair = promisify(generateKeyPair);

/** A signing key with its certificate; `x5t` as RFC 7515 §4.1.7 has it. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly certificateDer: Buffer;
  readonly x5t: string;
}

export interface LabKeys {
  /** The root that signed the servers' TLS certificate (PEM). */
  readonly rootPem: string;
  readonly tls: { readonly key: string; readonly cert: string };
  readonly sts: SigningKey;
  /** Entra's, which is not that of the older token service. */
  readonly entra: SigningKey;
  /** The Exchange auth certificate. */
  readonly exchangeAuth: SigningKey;
  /** The key with which the cloud applications authenticate to the STS. */
  readonly cloudApp: SigningKey;
  /** A key that nobody published: for the scenario of an outdated metadata document. */
  readonly unpublished: SigningKey;
}

interface CertificateOptions {
  readonly commonName: string;
  readonly key: KeyObject;
  readonly issuer: { readonly commonName: string; readonly key: KeyObject };
  readonly isAuthority?: boolean;
  readonly names?: readonly string[];
  readonly validity?: { readonly notBeforeAt: number; readonly notAfterAt: number };
}

/** Makes all keys of a lab in parallel; `names` are the TLS names of its servers. */
export async function makeLabKeys(names: readonly string[]): Promise<LabKeys> {
  const rsa = async (): Promise<KeyObject> => (await makePair("rsa", { modulusLength: 2048 })).privateKey;
  const [root, tls, sts, entra, exchangeAuth, cloudApp, unpublished] = await Promise.all([
    rsa(),
    rsa(),
    rsa(),
    rsa(),
    rsa(),
    rsa(),
    rsa(),
  ]);
  const issuer = { commonName: "realmscope lab root", key: root };
  const rootPem = certificatePem({ commonName: issuer.commonName, key: root, issuer, isAuthority: true });
  return {
    rootPem,
    tls: {
      key: tls.export({ type: "pkcs8", format: "pem" }).toString(),
      cert: certificatePem({ commonName: names[0] ?? "lab", key: tls, issuer, names }),
    },
    sts: signingKey("accounts.accesscontrol.windows.net", sts),
    entra: signingKey("login.microsoftonline.com", entra),
    // Five years, as Exchange Setup does.
    exchangeAuth: signingKey("Microsoft Exchange Server Auth Certificate", exchangeAuth, {
      notBeforeAt: Date.now() - 3_600_000,
      notAfterAt: Date.now() + 5 * 365 * 86_400_000,
    }),
    cloudApp: signingKey("cloud application", cloudApp),
    unpublished: signingKey("a key after rollover", unpublished),
  };
}

/** Makes an auth certificate as Exchange Setup does; times in epoch milliseconds. */
export async function makeAuthCertificate(notBeforeAt: number, notAfterAt: number): Promise<SigningKey> {
  const { privateKey } = await makePair("rsa", { modulusLength: 2048 });
  return signingKey("Microsoft Exchange Server Auth Certificate", privateKey, { notBeforeAt, notAfterAt });
}

function signingKey(commonName: string, key: KeyObject, validity?: CertificateOptions["validity"]): SigningKey {
  const pem = certificatePem({ commonName, key, issuer: { commonName, key }, ...(validity && { validity }) });
  const certificateDer = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ""), "base64");
  return { privateKey: key, certificateDer, x5t: createHash("sha1").update(certificateDer).digest("base64url") };
}

function certificatePem(options: CertificateOptions): string {
  const toForge = (key: KeyObject): forge.pki.rsa.PrivateKey =>
    forge.pki.privateKeyFromPem(key.export({ type: "pkcs1", format: "pem" }).toString());
  const own = toForge(options.key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(own.n, own.e);
  certificate.serialNumber = `4${randomBytes(15).toString("hex")}`;
  certificate.validity.notBefore = new Date(options.validity?.notBeforeAt ?? Date.now() - 3_600_000);
  certificate.validity.notAfter = new Date(options.validity?.notAfterAt ?? Date.now() + 7 * 86_400_000);
  certificate.setSubject([{ name: "commonName", value: options.commonName }]);
  certificate.setIssuer([{ name: "commonName", value: options.issuer.commonName }]);
  const names = (options.names ?? []).map((value) => ({ type: 2, value }));
  certificate.setExtensions([
    { name: "basicConstraints", cA: options.isAuthority === true, critical: true },
    { name: "subjectKeyIdentifier" },
    ...(options.isAuthority === true ? [{ name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true }] : []),
    ...(names.length > 0
      ? [
          { name: "subjectAltName", altNames: names },
          { name: "extKeyUsage", serverAuth: true },
        ]
      : []),
  ]);
  certificate.sign(toForge(options.issuer.key), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}
