import { X509Certificate } from "node:crypto";

/** The certificates of a PEM text, in its order. One that Node cannot read is left out. */
export function readCertificates(pem: string): readonly X509Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      // A store of roots may hold certificates that Node cannot read.
      return [];
    }
  });
}
