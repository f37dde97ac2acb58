// The server's own certificate in front of a reverse listener: opened for TLS, and as the chain that clients see.
import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import forge from "node-forge";
import { ToolError } from "../../core/tool-error.ts";
import { readCertificates } from "./read-certificates.ts";

/** The server's own certificate with its key: clients see the certificate they know, and channel bindings hold. */
export type OwnCertificate =
  | { readonly key: string; readonly cert: string }
  | { readonly pfx: Uint8Array; readonly passphrase?: string };

/** Throws ToolError `certificate-unusable` when key and certificate do not match or the pass-phrase is wrong, `certificate-weak`. */
export function openCertificate(own: OwnCertificate): SecureContext {
  try {
    if ("cert" in own) return createSecureContext({ key: own.key, cert: own.cert });
    const passphrase = own.passphrase === undefined ? {} : { passphrase: own.passphrase };
    return createSecureContext({ pfx: Buffer.from(own.pfx), ...passphrase });
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    const message = "The certificate and key of the reverse listener cannot be used.";
    if (/_(?:TOO_WEAK|TOO_SMALL)$/.test(code)) {
      const hint =
        "OpenSSL refuses them as too weak: get a certificate with SHA-256 and an RSA key of 2048 bits or more.";
      throw new ToolError("certificate-weak", message, { hint, cause });
    }
    const hint =
      "Check that the key belongs to the first certificate of the file, and that the pass-phrase of the PFX file is right.";
    throw new ToolError("certificate-unusable", message, { hint, cause });
  }
}

/** The certificates that clients of the listener see. */
export interface ServedChain {
  readonly leaf: X509Certificate;
  /** The others of the file. */
  readonly others: readonly X509Certificate[];
  /** Whether clients see them in the order of `others`; a PFX file has no order. */
  readonly isOrdered: boolean;
}

/** The chain of the listener's certificate, also of one that is too weak to be used. Throws ToolError `certificate-unusable`. */
export function servedChain(own: OwnCertificate): ServedChain {
  if ("cert" in own) {
    const [leaf, ...others] = readCertificates(own.cert);
    if (leaf !== undefined) return { leaf, others, isOrdered: true };
  }
  const context = openCertificate(own);
  // Not in the typings of Node: the certificate of the context as DER.
  const der = (context.context as { getCertificate?: () => Buffer | null }).getCertificate?.() ?? null;
  if (der === null) {
    throw new ToolError("certificate-unusable", "The certificate of the reverse listener cannot be read back.", {
      hint: "Give it as --cert and --key in PEM form.",
    });
  }
  const leaf = new X509Certificate(der);
  const all = "pfx" in own ? certificatesOfPfx(own.pfx, own.passphrase) : [];
  return { leaf, others: all.filter((one) => one.fingerprint256 !== leaf.fingerprint256), isOrdered: false };
}

/** The certificates of a PFX file; none where node-forge cannot open what OpenSSL could. */
function certificatesOfPfx(pfx: Uint8Array, passphrase: string | undefined): readonly X509Certificate[] {
  const { certBag = "" } = forge.pki.oids;
  try {
    const file = forge.asn1.fromDer(Buffer.from(pfx).toString("binary"));
    const bags =
      forge.pkcs12.pkcs12FromAsn1(file, false, passphrase ?? "").getBags({ bagType: certBag })[certBag] ?? [];
    return bags.flatMap(({ cert, asn1 }) => {
      // A certificate whose key is not RSA is left as ASN.1.
      const der = cert === undefined || cert === null ? asn1 : forge.pki.certificateToAsn1(cert);
      return [new X509Certificate(Buffer.from(forge.asn1.toDer(der).getBytes(), "binary"))];
    });
  } catch {
    return [];
  }
}
