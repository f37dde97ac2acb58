// The certificates of `readiness --auth-cert`, by the thumbprints that a token request names.
import { X509Certificate } from "node:crypto";
import { basename } from "node:path";
import type { GivenCertificate } from "../../diagnosis/readiness/answer.ts";
import { keysOfCertificateFile } from "../../verification/signing-keys.ts";
import { readOptionFile } from "../verification-options.ts";

const places = ["the current certificate", "the next certificate"];

/** The first certificate of each file, which `readVerificationOptions` has found usable. Throws ToolError `unreadable`. */
export function readGivenCertificates(paths: readonly string[]): readonly GivenCertificate[] {
  return paths.flatMap((path, index) => {
    const file = readOptionFile(path, "--auth-cert");
    const [x5t, x5tS256] = keysOfCertificateFile(file, "auth-certificate").keys[0]?.names ?? [];
    if (x5t === undefined || x5tS256 === undefined) return [];
    const place = places[index] ?? "another certificate";
    return [{ name: `${place} (${basename(path)})`, x5t, x5tS256, expires: expiryOf(file) }];
  });
}

/** Epoch milliseconds. */
function expiryOf(file: Uint8Array): number {
  return Date.parse(new X509Certificate(file).validTo);
}
