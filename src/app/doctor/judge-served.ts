// What clients will find wrong with the certificate of a reverse listener, by the rules that browsers, .NET and OpenSSL share.
import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { partsOf, readExtensions, signatureAlgorithm } from "../../proxy/certificates/certificate-extensions.ts";
import { isIssuedBy, type KnownIssuers } from "../../proxy/certificates/known-issuers.ts";
import type { ServedChain } from "../../proxy/certificates/own-certificate.ts";
import { readHostPattern } from "../../proxy/connections/scope.ts";

/** `failed`: clients refuse the certificate. `warning`: some do, or soon will. `ok`: worth knowing. */
export interface ServedProblem {
  readonly status: "failed" | "warning" | "ok";
  readonly message: string;
  /** Empty for `ok`. */
  readonly remedy: string;
}

export interface Served {
  readonly chain: ServedChain;
  /** The hosts that clients may connect to: it is enough that the certificate is for one. Patterns of `--host` and targets. */
  readonly names: readonly string[];
  readonly issuers: KnownIssuers;
  readonly now: number;
}

const dayMs = 86_400_000;
const warnBeforeMs = 14 * dayMs;

/** All problems of the certificate, the worst of a kind once. Empty when every client of the name accepts it. */
export function judgeServed(served: Served): readonly ServedProblem[] {
  const { leaf } = served.chain;
  const path = pathOf(served);
  return [
    ...judgeName(served),
    ...judgeDates("the certificate", leaf, served.now),
    ...path.certificates.slice(1).flatMap((issuer) => judgeDates("an intermediate certificate", issuer, served.now)),
    ...judgeChain(served, path),
    ...judgeUse(leaf),
    ...path.certificates.flatMap(judgeStrength),
  ];
}

const renew = "renew the certificate, and give watch the new file";

function judgeName({ chain: { leaf }, names }: Served): readonly ServedProblem[] {
  const own = namesOf(leaf);
  if (own.length === 0) {
    const message =
      "the certificate has no name in subjectAltName, and browsers and many other clients do not read the common name";
    return [{ status: "failed", message, remedy: "get a certificate with the public name in subjectAltName" }];
  }
  // The address of a target is not the name that clients use.
  const wanted = names.filter((name) => isIP(readHostPattern(name)?.host ?? name) === 0);
  if (wanted.some((name) => isFor(leaf, name))) return [];
  if (wanted.length === 0) {
    const message = `the certificate is for ${own.join(", ")}: clients must use one of these names`;
    return [{ status: "ok", message, remedy: "" }];
  }
  const message = `the certificate is for ${own.join(", ")} and not for ${wanted.slice(0, 6).join(", ")}: clients of that name refuse it`;
  const remedy =
    "give the certificate of the public name; where clients use another name than the target's, add it with --host";
  return [{ status: "failed", message, remedy }];
}

function namesOf(leaf: X509Certificate): readonly string[] {
  const entries = (leaf.subjectAltName ?? "").split(", ");
  return entries.flatMap((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1] ?? []).slice(0, 20);
}

function isFor(leaf: X509Certificate, text: string): boolean {
  const pattern = readHostPattern(text);
  if (pattern === null) return false;
  const host = pattern.kind === "subdomains" ? `any.${pattern.host}` : pattern.host;
  return leaf.checkHost(host, { subject: "never", partialWildcards: false }) !== undefined;
}

function judgeDates(what: string, certificate: X509Certificate, now: number): readonly ServedProblem[] {
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  if (to < now)
    return [{ status: "failed", message: `${what} expired on ${day(to)}: clients refuse it`, remedy: renew }];
  if (from > now) {
    const remedy = "compare the clock of this machine, or wait";
    return [
      { status: "failed", message: `${what} is valid from ${day(from)} on: clients refuse it until then`, remedy },
    ];
  }
  if (to - now > warnBeforeMs) return [];
  const days = Math.floor((to - now) / dayMs);
  return [{ status: "warning", message: `${what} expires in ${days} days, on ${day(to)}`, remedy: renew }];
}

interface Path {
  /** From the leaf on, as far as certificates were given; a root at the end is left out. */
  readonly certificates: readonly X509Certificate[];
  readonly end: "root-given" | "root-known" | "self-signed" | "missing-intermediate" | "unknown-issuer";
}

function pathOf({ chain: { leaf, others }, issuers }: Served): Path {
  const certificates = [leaf];
  for (let last = leaf; ; ) {
    if (isIssuedBy(last, last)) {
      return last === leaf
        ? { certificates, end: "self-signed" }
        : {
            certificates: certificates.slice(0, -1),
            end: issuers.issuerOf(last) === undefined ? "root-given" : "root-known",
          };
    }
    const next = others.find((candidate) => !certificates.includes(candidate) && isIssuedBy(last, candidate));
    if (next === undefined) return { certificates, end: endOf(last, issuers) };
    certificates.push(next);
    last = next;
  }
}

function endOf(last: X509Certificate, issuers: KnownIssuers): Path["end"] {
  const issuer = issuers.issuerOf(last);
  if (issuer !== undefined && isIssuedBy(issuer, issuer)) return "root-known";
  // A trusted intermediate of this machine is not one that clients have.
  return issuer !== undefined || issuers.lacksIntermediate(last) ? "missing-intermediate" : "unknown-issuer";
}

const addIntermediate =
  "append the intermediate certificates of its CA to the file of --cert, or export the PFX file with all certificates of the path";

function judgeChain({ chain }: Served, { certificates, end }: Path): readonly ServedProblem[] {
  if (end === "missing-intermediate") {
    const message =
      "the intermediate certificate is missing: clients that do not download it themselves refuse the certificate";
    return [{ status: "failed", message, remedy: addIntermediate }];
  }
  if (end === "self-signed") {
    const message =
      "the certificate is self-signed: only clients that trust it accept it, and Microsoft's cloud does not";
    return [{ status: "ok", message, remedy: "" }];
  }
  if (end === "unknown-issuer" && certificates.length === 1) {
    const message = "the file has no certificate but the server's, and the CA that issued it is not known here";
    return [{ status: "warning", message, remedy: `where that CA is an intermediate, ${addIntermediate}` }];
  }
  return [...judgeOrder(chain, certificates), ...judgePrivate(end)];
}

/** RFC 5246 7.4.2: each certificate certifies the one before. RFC 8446 lets clients accept any order. */
function judgeOrder(
  { others, isOrdered }: ServedChain,
  certificates: readonly X509Certificate[],
): readonly ServedProblem[] {
  const path = certificates.slice(1);
  if (!isOrdered || path.every((certificate, index) => others[index] === certificate)) return [];
  const message = "the certificates of the file are not in order: some clients refuse that";
  return [
    { status: "warning", message, remedy: "put the server's certificate first, then each issuer after what it issued" },
  ];
}

function judgePrivate(end: Path["end"]): readonly ServedProblem[] {
  if (end === "root-known") return [];
  const message = "the certificate comes from a CA that is not known here: only clients that trust that CA accept it";
  return [{ status: "ok", message, remedy: "" }];
}

const serverAuth = "1.3.6.1.5.5.7.3.1";
const anyUse = "2.5.29.37.0";
const [keyUsage, basicBits] = ["2.5.29.15", { signature: 0x80, encipherment: 0x20, agreement: 0x08 }] as const;

function judgeUse(leaf: X509Certificate): readonly ServedProblem[] {
  const problems: ServedProblem[] = [];
  const remedy = "get a certificate for a web server";
  // Node names the extended key usage so.
  const uses: readonly string[] | undefined = leaf.keyUsage;
  if (uses !== undefined && !uses.includes(serverAuth) && !uses.includes(anyUse)) {
    problems.push({
      status: "failed",
      message: "the certificate is not for servers (no serverAuth in its extended key usage)",
      remedy,
    });
  }
  const bits = keyUsageBits(leaf);
  if (bits !== null && (bits & basicBits.signature) === 0) {
    const isUseless =
      (bits & (basicBits.encipherment | basicBits.agreement)) === 0 || leaf.publicKey.asymmetricKeyType !== "rsa";
    const message = "the key usage of the certificate lacks digitalSignature, which TLS 1.3 needs";
    problems.push({ status: isUseless ? "failed" : "warning", message, remedy });
  }
  if (leaf.ca && !leaf.checkIssued(leaf)) {
    problems.push({
      status: "warning",
      message: "the certificate is one of a CA: some clients refuse it for a server",
      remedy,
    });
  }
  return problems;
}

function keyUsageBits(leaf: X509Certificate): number | null {
  const value = readExtensions(leaf).get(keyUsage);
  if (value === undefined || partsOf(value).length > 0 || typeof value.value !== "string") return null;
  // The first byte counts the unused bits of the last.
  return value.value.charCodeAt(1) | 0;
}

/** MD2, MD5 and SHA-1 with RSA, DSA and ECDSA, and the two identifiers of SHA-1 with RSA outside of PKCS #1. */
const weakSignatures = new Set([
  ...["1.2.840.113549.1.1.2", "1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5"],
  ...["1.2.840.10040.4.3", "1.2.840.10045.4.1", "1.3.14.3.2.29", "1.3.14.3.2.27"],
]);
const leastRsaBits = 2048;
const usualCurves = new Set(["prime256v1", "secp384r1", "secp521r1"]);

function judgeStrength(certificate: X509Certificate, index: number): readonly ServedProblem[] {
  const what = index === 0 ? "the certificate" : "an intermediate certificate";
  const problems: ServedProblem[] = [];
  const remedy =
    index === 0 ? "get a new certificate, with an RSA key of 2048 bits or more and SHA-256" : addIntermediate;
  if (weakSignatures.has(signatureAlgorithm(certificate))) {
    problems.push({ status: "failed", message: `${what} is signed with SHA-1 or MD5: clients refuse it`, remedy });
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: key } = certificate.publicKey;
  if (type?.startsWith("rsa") === true) {
    const bits = key?.modulusLength ?? leastRsaBits;
    const message = `the RSA key of ${what} has ${bits} bits: clients refuse less than ${leastRsaBits}`;
    if (bits < leastRsaBits) problems.push({ status: "failed", message, remedy });
  } else if (type !== "ec" || !usualCurves.has(key?.namedCurve ?? "")) {
    problems.push({
      status: "warning",
      message: `the kind of key of ${what} is one that many clients do not know`,
      remedy,
    });
  }
  return problems;
}
