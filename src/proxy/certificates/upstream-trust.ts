import { existsSync, readFileSync } from "node:fs";
import * as tls from "node:tls";
import { ToolError } from "../../core/tool-error.ts";

/** Where Linux and BSD systems keep the roots their administrator trusts; Windows and macOS keep them elsewhere. */
const systemBundles: readonly string[] = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * A client context that trusts Node's roots, the system's, and the given ones. Throws ToolError `upstream-ca` for text
 * that is not PEM.
 */
export function createUpstreamTrust(given: readonly string[]): tls.SecureContext {
  for (const pem of given) {
    if (!pem.includes("-----BEGIN CERTIFICATE-----")) throw notPem();
  }
  try {
    return tls.createSecureContext({ ca: [...tls.rootCertificates, ...systemRoots(), ...given] });
  } catch (cause) {
    throw notPem(cause);
  }
}

/** The roots that the system trusts, as PEM texts; empty where Node cannot read them. */
export function systemRoots(): readonly string[] {
  // Node 22.15 and later can read the stores of Windows and macOS; Node 20 cannot.
  const read = (tls as { getCACertificates?: (store: "system") => string[] }).getCACertificates;
  if (read !== undefined) return read("system");
  const bundle = [process.env.SSL_CERT_FILE, ...systemBundles].find((path) => path !== undefined && existsSync(path));
  return bundle === undefined ? [] : [readFileSync(bundle, "utf8")];
}

function notPem(cause?: unknown): ToolError {
  return new ToolError("upstream-ca", "The additional CA for targets is not a certificate in PEM format.", {
    hint: "Give a file that begins with -----BEGIN CERTIFICATE-----.",
    cause,
  });
}
