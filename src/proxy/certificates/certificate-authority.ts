import { createPrivateKey, generateKeyPair, type KeyObject, randomBytes, X509Certificate } from "node:crypto";
import type { SecureContext } from "node:tls";
import { promisify } from "node:util";
import type { ShownCertificate } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import { parseHostPattern, readHostPattern } from "../connections/scope.ts";
import { readAuthorityFile, removeAuthorityFile, writeAuthorityFile } from "./authority-file.ts";
import { buildRoot, keyIdentifier } from "./certificate-builder.ts";
import { openKey, sealKey } from "./key-envelope.ts";
import { LeafCertificates } from "./leaf-certificates.ts";
import { nameConstraints, permits } from "./name-constraints.ts";

/** Whose certificate a leaf is: the kept CA's, or that of a CA that was made for this run. */
export type LeafIssuer = Exclude<ShownCertificate, "own">;

/** What signs the certificates that clients see: one CA, or two of which each signs for its own hosts. */
export interface LeafSigner {
  /**
   * Whether clients accept certificates for this host or pattern; a constraint for a name covers all names below it.
   */
  covers(hostOrPattern: string): boolean;
  /** Whose leaf a covered host gets. */
  issuerOf(host: string): LeafIssuer;
  /** Generates the key of the leaves before the first connection. */
  prepare(): Promise<void>;
  /** A TLS server context for one covered host, cached. Throws ToolError `host-outside-ca` for any other host. */
  leafContext(host: string, now?: number): SecureContext;
}

/** A CA that can sign only for its hosts. `privateKey` must be written nowhere but to the key file. */
export interface CertificateAuthority extends LeafSigner {
  readonly certificatePem: string;
  readonly commonName: string;
  /** The host patterns of its name constraints. */
  readonly hosts: readonly string[];
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SHA-256 of the certificate, as `AB:CD:…`. */
  readonly fingerprint: string;
  readonly privateKey: KeyObject;
}

export interface AuthorityOptions {
  readonly hosts: readonly string[];
  /** Default 30. */
  readonly days?: number;
  readonly now?: number;
}

/** The environment, of which `REALMSCOPE_CA_PASSPHRASE` is the pass-phrase of the key file. */
export type PassphraseSource = Readonly<Record<string, string | undefined>>;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const makeKeyPair = promisify(generateKeyPair);

/**
 * Creates a CA in memory, with critical name constraints and path length 0. Throws ToolError `ca-without-hosts` or
 * `ca-days`.
 */
export async function createAuthority(options: AuthorityOptions): Promise<CertificateAuthority> {
  const patterns = options.hosts.map(parseHostPattern);
  const [now, days] = [options.now ?? Date.now(), options.days ?? 30];
  if (patterns.length === 0) {
    throw new ToolError("ca-without-hosts", "An inspection CA needs at least one host that it may sign for.", {
      hint: "Name the hosts, for example --host mail.contoso.com --host '*.lync.com'.",
    });
  }
  if (!(days > 0 && days <= 90)) {
    throw new ToolError("ca-days", "An inspection CA can be valid for 1 to 90 days.", { hint: "Omit --days for 30." });
  }
  const { privateKey } = await makeKeyPair("rsa", { modulusLength: 2048 });
  const text = {
    commonName: authorityName(options.hosts[0] ?? "", now),
    notBefore: now - hourMs,
    notAfter: now + days * dayMs,
  };
  const certificatePem = buildRoot(text, privateKey, nameConstraints(patterns));
  return openAuthority({ certificatePem, privateKey, hosts: options.hosts, issuer: "run-ca" });
}

/** Writes a CA with its key to a folder, readable by this user only. Throws ToolError `ca-exists` when there is one. */
export function saveAuthority(authority: CertificateAuthority, folder: string, environment: PassphraseSource): void {
  const pem = authority.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const { hosts, certificatePem } = authority;
  writeAuthorityFile(folder, { version: 1, hosts, certificatePem, key: sealKey(pem, passphraseOf(environment)) });
}

/**
 * The CA of a folder, null when there is none. Throws ToolError when it is expired, damaged, locked, or accessible to
 * others.
 */
export function loadAuthority(
  folder: string,
  environment: PassphraseSource,
  now = Date.now(),
): CertificateAuthority | null {
  const stored = readAuthorityFile(folder);
  if (stored === null) return null;
  const pem = openKey(stored.key, passphraseOf(environment));
  if (pem === null) {
    throw new ToolError(
      "ca-locked",
      "The key of the inspection CA is encrypted, and the pass-phrase is missing or wrong.",
      {
        hint: "Set the environment variable REALMSCOPE_CA_PASSPHRASE to the pass-phrase.",
      },
    );
  }
  const authority = openStored({ ...stored, pem });
  if (now > authority.notAfter || now < authority.notBefore) throw outOfDate(authority, now);
  return authority;
}

/** Replaces the CA of a folder by one for the same hosts, lifetime and pass-phrase. Throws ToolError. */
export async function renewAuthority(
  folder: string,
  environment: PassphraseSource,
  now = Date.now(),
): Promise<CertificateAuthority> {
  const stored = readAuthorityFile(folder);
  if (stored === null) throw new Error("there is no authority to renew");
  const old = new X509Certificate(stored.certificatePem);
  const days = Math.round((Date.parse(old.validTo) - Date.parse(old.validFrom) - hourMs) / dayMs);
  const authority = await createAuthority({ hosts: stored.hosts, days: Math.min(90, Math.max(1, days)), now });
  removeAuthorityFile(folder);
  saveAuthority(authority, folder, environment);
  return { ...authority, issuerOf: () => "kept-ca" };
}

/** Deletes the CA of a folder with its key; false when there was none. */
export function removeAuthority(folder: string): boolean {
  return removeAuthorityFile(folder);
}

interface AuthorityParts {
  readonly certificatePem: string;
  readonly privateKey: KeyObject;
  readonly hosts: readonly string[];
  readonly issuer: LeafIssuer;
}

function openStored(stored: { hosts: readonly string[]; certificatePem: string; pem: string }): CertificateAuthority {
  try {
    const privateKey = createPrivateKey(stored.pem);
    if (!new X509Certificate(stored.certificatePem).checkPrivateKey(privateKey)) throw new Error("another key");
    return openAuthority({ ...stored, privateKey, issuer: "kept-ca" });
  } catch (cause) {
    throw new ToolError("ca-unreadable", "The file of the inspection CA is damaged.", {
      hint: "Remove it with realmscope ca remove and create a new one.",
      cause,
    });
  }
}

function openAuthority({ certificatePem, privateKey, hosts, issuer }: AuthorityParts): CertificateAuthority {
  const patterns = hosts.map(parseHostPattern);
  const certificate = new X509Certificate(certificatePem);
  const commonName = certificate.subject.replace(/^CN=/, "");
  const [notBefore, notAfter] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const signer = { commonName, key: privateKey, keyIdentifier: keyIdentifier(privateKey) };
  const leaves = new LeafCertificates(signer, notAfter);
  const coveredHost = (text: string): string | null => {
    const host = readHostPattern(text)?.host ?? null;
    return host !== null && permits(patterns, host) ? host : null;
  };
  return {
    certificatePem,
    commonName,
    hosts,
    notBefore,
    notAfter,
    fingerprint: certificate.fingerprint256,
    privateKey,
    covers: (text) => coveredHost(text) !== null,
    issuerOf: () => issuer,
    prepare: () => leaves.prepare(),
    leafContext(text, now = Date.now()) {
      const host = coveredHost(text);
      if (host !== null) return leaves.contextFor(host, now);
      throw new ToolError("host-outside-ca", "The inspection CA cannot sign for this host.", {
        hint: "Create a CA for it: realmscope ca create --host NAME.",
      });
    },
  };
}

function passphraseOf(environment: PassphraseSource): string | null {
  const passphrase = environment.REALMSCOPE_CA_PASSPHRASE;
  return passphrase === undefined || passphrase === "" ? null : passphrase;
}

function outOfDate(authority: CertificateAuthority, now: number): ToolError {
  const isExpired = now > authority.notAfter;
  const when = new Date(isExpired ? authority.notAfter : authority.notBefore).toISOString();
  return isExpired
    ? new ToolError("ca-expired", `The inspection CA expired at ${when}.`, {
        hint: "Renew it with realmscope ca create --force, and replace its certificate on the clients.",
      })
    : new ToolError("ca-not-yet-valid", `The inspection CA is valid from ${when}, which is later than this clock.`, {
        hint: "Check this machine's clock.",
      });
}

function authorityName(host: string, now: number): string {
  const date = new Date(now).toISOString().slice(0, 10);
  return `realmscope capture CA ${host.replace(/^\*\./, "").slice(0, 22)} ${date} ${randomBytes(3).toString("hex")}`;
}
