// Why a certificate could not be traced to a trusted CA: the CA is unknown, or the server omits an intermediate certificate.
import type { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { isIssuerItsOwnIssuer, leadingIdentifiers, readExtensions } from "./certificate-extensions.ts";
import { readCertificates } from "./read-certificates.ts";
import { systemRoots } from "./upstream-trust.ts";

export interface KnownIssuers {
  /**
   * Whether the evidence says that the issuer of this certificate is an intermediate that is missing, and not a root that
   * is unknown. `top` is the last certificate of the chain that was sent; its issuer was not found.
   */
  lacksIntermediate(top: X509Certificate): boolean;
  /** The trusted certificate that issued this one. */
  issuerOf(certificate: X509Certificate): X509Certificate | undefined;
}

/**
 * The CAs that targets are verified against; `given` are PEM texts. They are parsed at the first question, which only a
 * failure asks.
 */
export function createKnownIssuers(given: readonly string[]): KnownIssuers {
  let parsed: Parsed | null = null;
  const known = (): Parsed => {
    parsed ??= parse(given);
    return parsed;
  };
  return {
    lacksIntermediate: (top) => lacksIntermediate(top, known()),
    issuerOf: (certificate) => known().all.find((issuer) => isIssuedBy(certificate, issuer)),
  };
}

/** Whether the name, the key identifiers and the signature agree. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

interface Parsed {
  readonly all: readonly X509Certificate[];
  readonly given: readonly X509Certificate[];
}

function parse(given: readonly string[]): Parsed {
  const own = given.flatMap(readCertificates);
  return { given: own, all: [...own, ...[...rootCertificates, ...systemRoots()].flatMap(readCertificates)] };
}

const certificatePolicies = "2.5.29.32";
const timestampList = "1.3.6.1.4.1.11129.2.4.2";
/** Policies of the CA/Browser Forum for server certificates: 2.23.140.1.1 and 2.23.140.1.2.x. */
const publicPolicies = /^2\.23\.140\.1\.(?:1|2\.\d)$/;

function lacksIntermediate(top: X509Certificate, { all, given }: Parsed): boolean {
  if (top.checkIssued(top)) return false;
  const isRoot = isIssuerItsOwnIssuer(top);
  if (isRoot !== null) return !isRoot;
  // A CA that is not the leaf's own issuer is a root as often as not.
  if (top.ca) return false;
  const extensions = readExtensions(top);
  const policies = leadingIdentifiers(extensions.get(certificatePolicies));
  // Public CAs issue from intermediates only (CA/Browser Forum, Baseline Requirements 6.1.7).
  if (extensions.has(timestampList) || policies.some((policy) => publicPolicies.test(policy))) return true;
  if (/CA Issuers - URI:https?:/i.test(top.infoAccess ?? "")) return true;
  const issuer = readName(top.issuer);
  if (/\broot\b/i.test(issuer.commonName)) return false;
  if (/\b(?:intermediate|issuing|sub|subordinate)\b/i.test(issuer.commonName)) return true;
  return all.some(({ subject }) => isOfOneOrganisation(issuer, readName(subject))) || given.some(sharesWord(issuer));
}

interface Name {
  readonly commonName: string;
  readonly organisation: string;
  /** `DC=contoso,DC=com`, as Active Directory names its CAs. */
  readonly domain: string;
}

/** Reads a name as Node prints it, one attribute a line. */
function readName(text: string): Name {
  const valuesOf = (type: string): readonly string[] =>
    text.split("\n").flatMap((line) => (line.startsWith(`${type}=`) ? [line.slice(type.length + 1)] : []));
  return {
    commonName: valuesOf("CN").join(" "),
    organisation: valuesOf("O").join(" ").toLowerCase(),
    domain: valuesOf("DC").join(".").toLowerCase(),
  };
}

function isOfOneOrganisation(one: Name, other: Name): boolean {
  return (
    (one.organisation !== "" && one.organisation === other.organisation) ||
    (one.domain !== "" && one.domain === other.domain)
  );
}

/** Words that the names of all CAs have. */
const commonWords =
  /^(?:ca|root|authority|certification|certificate|server|tls|ssl|rsa|ecc|ec|and|for|the|of|\d+|[a-z]\d+)$/;

function sharesWord({ commonName }: Name): (ca: X509Certificate) => boolean {
  const wordsOf = (text: string): readonly string[] =>
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word !== "" && !commonWords.test(word));
  const words = new Set(wordsOf(commonName));
  return ({ subject }) => wordsOf(readName(subject).commonName).some((word) => words.has(word));
}
