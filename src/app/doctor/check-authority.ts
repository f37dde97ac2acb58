import type { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { ToolError } from "../../core/tool-error.ts";
import { type CertificateAuthority, loadAuthority } from "../../proxy/certificates/certificate-authority.ts";
import { readCertificates } from "../../proxy/certificates/read-certificates.ts";
import { systemRoots } from "../../proxy/certificates/upstream-trust.ts";
import { authorityFolder } from "../data-folder.ts";
import { type Check, failed, ok, warning } from "./check.ts";

const dayMs = 86_400_000;
/** The default scope has the hosts of every cloud. */
const shownHosts = 8;
const nameOfThisProgram = /CN=realmscope capture CA /;

/**
 * Checks that the kept CA exists, is whole, private and valid, covers the hosts and is trusted here; and finds leftovers of earlier
 * ones. Without hosts no listener needs a CA.
 */
export function checkAuthority(scope: readonly string[]): readonly Check[] {
  const trusted = readTrusted();
  if (scope.length === 0) {
    return [ok("ca", "no listener shows a certificate of the inspection CA"), ...leftovers(trusted, null)];
  }
  try {
    const kept = loadAuthority(authorityFolder(), process.env);
    if (kept !== null) return [checkKept(kept, scope), checkTrust(kept, trusted), ...leftovers(trusted, kept)];
    return [
      warning(
        "ca",
        "there is no kept inspection CA",
        "watch makes one for its run; for clients that must trust it beforehand: ca create --host NAME",
      ),
      ...leftovers(trusted, null),
    ];
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return [failed("ca", error.message, error.hint), ...leftovers(trusted, null)];
  }
}

function checkKept(kept: CertificateAuthority, scope: readonly string[]): Check {
  const outside = scope.filter((pattern) => !kept.covers(pattern));
  if (outside.length > 0) {
    const remedy =
      "watch makes another CA for them at each start, whose file its clients must trust: ca create --force with a --host for each";
    const others = outside.length > shownHosts ? ` and ${outside.length - shownHosts} others` : "";
    return warning(
      "ca",
      `the inspection CA does not cover ${outside.slice(0, shownHosts).join(", ")}${others}`,
      remedy,
    );
  }
  const days = Math.floor((kept.notAfter - Date.now()) / dayMs);
  const message = `${kept.commonName} covers the hosts and expires in ${days} days`;
  return days < 7 ? warning("ca", message, "make a new one in time: ca create --force") : ok("ca", message);
}

function checkTrust(kept: CertificateAuthority, trusted: readonly X509Certificate[]): Check {
  if (trusted.some(({ fingerprint256 }) => fingerprint256 === kept.fingerprint)) {
    return ok("ca-trust", "this machine, or NODE_EXTRA_CA_CERTS, trusts the inspection CA");
  }
  return warning(
    "ca-trust",
    "this machine does not trust the inspection CA",
    "right when the clients run elsewhere or behind the server's own certificate; else: ca export --help",
  );
}

/** CAs of earlier runs that are still trusted here. */
function leftovers(trusted: readonly X509Certificate[], kept: CertificateAuthority | null): readonly Check[] {
  const old = trusted.filter(
    ({ subject, fingerprint256 }) => nameOfThisProgram.test(subject) && fingerprint256 !== kept?.fingerprint,
  );
  return old.map(({ subject, fingerprint, validTo }) =>
    warning(
      "ca-trust",
      `an earlier inspection CA is still trusted here: ${subject}, until ${validTo}`,
      `remove it: certutil -delstore Root ${fingerprint.replaceAll(":", "")} (Windows), or its file and update-ca-certificates --fresh (Linux)`,
    ),
  );
}

/** Certificates that this machine trusts, and those that NODE_EXTRA_CA_CERTS adds for Node.js programs. */
function readTrusted(): readonly X509Certificate[] {
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  const texts = [...systemRoots(), ...(extra !== undefined && existsSync(extra) ? [readFileSync(extra, "utf8")] : [])];
  return texts.flatMap(readCertificates);
}
