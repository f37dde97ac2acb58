import type { Endpoint } from "../../decoders/facts.ts";
import type { Finding } from "../finding.ts";
import type { Rule } from "../rule.ts";

const exchangeEndpoints: ReadonlySet<Endpoint> = new Set([
  "ews",
  "ews-ws-security",
  "autodiscover",
  "activesync",
  "mapi",
  "rpc",
  "oab",
  "rest",
]);

/** A 401 that lacks what it should say. */
export const judgeChallenge: Rule = ({ transaction, facts, correlation, host }) => {
  if (transaction.response?.status !== 401 || !exchangeEndpoints.has(facts.endpoint)) return [];
  if (facts.challenges.length === 0) return [{ code: "CHALLENGE_MISSING", host }];
  const { bearerChallenge } = facts;
  // Exchange SE offers Bearer to an empty Bearer only, so any other 401 without it proves nothing.
  if (bearerChallenge === null)
    return correlation.role === "probe" && correlation.handshake !== null ? [{ code: "BEARER_NOT_OFFERED", host }] : [];
  const findings: Finding[] = [];
  if (correlation.handshake !== null && !bearerChallenge.trustedIssuers.some(({ id }) => tokenServices.has(id)))
    findings.push({ code: "TRUSTED_ISSUERS_UNKNOWN", host });
  if (bearerChallenge.authorizationUri === "" && bearerChallenge.error === "")
    findings.push({ code: "AUTHORIZATION_URI_MISSING", host });
  return findings;
};

// The second id stands in [MS-XOAUTH] samples only.
const tokenServices: ReadonlySet<string> = new Set([
  "00000001-0000-0000-c000-000000000000",
  "00000001-0001-0000-c000-000000000000",
]);
