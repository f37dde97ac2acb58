import { microsoftHost, microsoftHostOfUrl } from "../../core/microsoft-hosts.ts";
import type { Principal } from "../../core/principals.ts";
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import type { BearerChallenge, ServiceEndpoint } from "../../decoders/facts.ts";
import { exchangeId } from "../catalogue/application-kind.ts";
import type { Finding, FindingOf } from "../catalogue/finding.ts";
import type { Rule } from "./rule.ts";

const exchangeEndpoints: ReadonlySet<ServiceEndpoint> = new Set([
  "ews",
  "ews-ws-security",
  "autodiscover",
  "activesync",
  "mapi",
  "rpc",
  "oab",
  "rest",
]);

/** A 401 that lacks a challenge, a Bearer offer, or required parts of its Bearer challenge. */
export const judgeChallenge: Rule = ({ transaction, facts, correlation, host }) => {
  if (transaction.response?.status !== 401 || !exchangeEndpoints.has(facts.endpoint)) return [];
  // `judgeDiscovery` judges the look-up, which needs no sign-in at all.
  if (correlation.role === "discovery") return [];
  // An administrator cannot change the challenges of Microsoft's own services, and no device answers in front of them.
  if (microsoftHost(host) !== null) return [];
  // Federation has its credentials in the SOAP envelope, so its 401 has no WWW-Authenticate.
  if (facts.challenges.length === 0)
    return correlation.role === "federation" ? [] : [{ code: "CHALLENGE_MISSING", host }];
  const { bearerChallenge } = facts;
  // Exchange SE offers Bearer to an empty Bearer only, so any other 401 without it proves nothing.
  if (bearerChallenge === null)
    return correlation.role === "probe" && correlation.handshake !== null ? [{ code: "BEARER_NOT_OFFERED", host }] : [];
  const findings = judgeBearerChallenge(bearerChallenge, host);
  return correlation.handshake === null ? findings.filter(({ code }) => !aboutServices.has(code)) : findings;
};

/** The rules of a Bearer challenge; also of a pasted one. */
export function judgeBearerChallenge(challenge: BearerChallenge, host: string): readonly Finding[] {
  const findings: Finding[] = [];
  const isIssuerKnown = challenge.trustedIssuers.some(mayIssue);
  const id = challenge.clientId.toLowerCase();
  // Every published or observed challenge of Exchange names Exchange in client_id.
  if (!isIssuerKnown && id !== exchangeId) {
    const name = wellKnownApplication(id)?.name;
    const application = name === undefined ? challenge.clientId : `${id} (${name})`;
    return [{ code: "CHALLENGE_OF_ANOTHER_APPLICATION", host, application }];
  }
  if (!isIssuerKnown) findings.push({ code: "TRUSTED_ISSUERS_UNKNOWN", host, signIn: signInOf(challenge) });
  if (challenge.authorizationUri === "" && challenge.error === "")
    findings.push({ code: "AUTHORIZATION_URI_MISSING", host });
  return findings;
}

const aboutServices: ReadonlySet<string> = new Set(["TRUSTED_ISSUERS_UNKNOWN", "CHALLENGE_OF_ANOTHER_APPLICATION"]);

/** Where the challenge sends a person to sign in. */
function signInOf({ authorizationUri, issuerKind }: BearerChallenge): FindingOf<"TRUSTED_ISSUERS_UNKNOWN">["signIn"] {
  const isAdfs = issuerKind.toLowerCase() === "adfs" || /^https?:\/\/[^/]{1,260}\/adfs\//i.test(authorizationUri);
  return isAdfs ? "adfs" : (microsoftHostOfUrl(authorizationUri)?.cloud ?? "unknown");
}

// A token service, or, where Exchange trusts a partner's own key (a published sample names 00000004@contoso.com alone), that
// partner. The id below appears only in samples of [MS-XOAUTH].
function mayIssue({ id }: Principal): boolean {
  if (id === "00000001-0001-0000-c000-000000000000") return true;
  const role = wellKnownApplication(id)?.role;
  return role === "sts" || role === "caller";
}
