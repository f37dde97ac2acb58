// Facts of what the servers said, of the handshake that an entry belongs to, and of the findings about it.

import type { DiagnosticsCause } from "../decoders/facts.ts";
import type { Verdict } from "../diagnosis/analysis.ts";
import { severities } from "../diagnosis/catalogue/finding-text.ts";
import type { Stage } from "../handshake/stages.ts";
import type { EndedFact, SeenFact } from "./fact.ts";

const causes: readonly DiagnosticsCause[] = [
  "invalid_signature",
  "invalid_token",
  "token_expired",
  "invalid_resource",
  "invalid_tenant",
  "invalid_user",
  "invalid_client",
  "internal_error",
  "invalid_grant",
  "invalid_certificate",
  "oauth_not_available",
  "unknown",
];
const stages: readonly Stage[] = [
  "idle",
  "probing",
  "challenged",
  "holding-token",
  "presenting",
  "trusted",
  "rejected",
];

export const verdicts: readonly Verdict[] = [
  "oauth-confirmed",
  "inconclusive",
  "other-auth",
  "oauth-rejected",
  "basic-fallback",
];
const checks = ["verified", "failed", "no-key", "unchecked"] as const;

export const answerFacts: readonly SeenFact[] = [
  {
    name: "challenge.scheme",
    type: "text",
    says: "schemes that WWW-Authenticate offers",
    read: ({ facts }) => facts.challenges.map(({ scheme }) => scheme),
  },
  {
    name: "challenge.client-id",
    type: "text",
    says: "client_id of the Bearer challenge",
    read: ({ facts }) => facts.bearerChallenge?.clientId ?? null,
  },
  {
    name: "challenge.realm",
    type: "text",
    says: "realm of the Bearer challenge",
    read: ({ facts }) => facts.bearerChallenge?.realm ?? null,
  },
  {
    name: "challenge.trusted-issuer",
    type: "text",
    says: "issuers that it trusts, each as seen",
    read: ({ facts }) => facts.bearerChallenge?.trustedIssuers.map(({ asSeen }) => asSeen) ?? null,
  },
  {
    name: "challenge.error",
    type: "text",
    says: "error of the Bearer challenge",
    read: ({ facts }) => facts.bearerChallenge?.error ?? null,
  },
  {
    name: "diagnostics.code",
    type: "text",
    says: "number of x-ms-diagnostics",
    read: ({ facts }) => facts.diagnostics?.code ?? null,
  },
  {
    name: "diagnostics.cause",
    type: "text",
    values: causes,
    says: "what x-ms-diagnostics means",
    read: ({ facts }) => facts.diagnostics?.cause ?? null,
  },
  {
    name: "token-request.grant",
    type: "text",
    says: "grant_type of a token request",
    read: ({ facts }) => facts.tokenRequest?.grantType ?? null,
  },
  {
    name: "token-request.resource",
    type: "text",
    says: "resource that a token is asked for",
    read: ({ facts }) => facts.tokenRequest?.resourceText ?? null,
  },
  {
    name: "token-request.realm",
    type: "text",
    says: "realm that a token is asked from",
    read: ({ facts }) => facts.tokenRequest?.realm ?? null,
  },
  {
    name: "token-request.password",
    type: "flag",
    says: "a password is sent for a token",
    read: ({ facts }) => facts.tokenRequest?.isPasswordGrant ?? null,
  },
  {
    name: "token-answer.issued",
    type: "flag",
    says: "the token service gave a token",
    read: ({ facts }) => facts.tokenAnswer?.isIssued ?? null,
  },
  {
    name: "token-answer.error",
    type: "text",
    says: "error of its refusal, and the code inside it",
    read: ({ facts }) => (facts.tokenAnswer === null ? null : [facts.tokenAnswer.error, facts.tokenAnswer.errorCode]),
  },
];

export const endedFacts: readonly EndedFact[] = [
  {
    name: "token.verified",
    type: "text",
    values: checks,
    says: "what checking the signatures of the token of Authorization said",
    readEnd: ({ verified }) => verified,
  },
  {
    name: "handshake.id",
    type: "text",
    says: "the handshake that the entry belongs to",
    readEnd: ({ handshake }) => handshake?.id ?? null,
  },
  {
    name: "handshake.verdict",
    type: "text",
    values: verdicts,
    says: "verdict of that handshake",
    readEnd: ({ handshake }) => handshake?.verdict ?? null,
  },
  {
    name: "handshake.stage",
    type: "text",
    values: stages,
    says: "how far it came",
    readEnd: ({ handshake }) => handshake?.stage ?? null,
  },
  {
    name: "handshake.principal",
    type: "text",
    says: "application id of its caller",
    readEnd: ({ handshake }) => handshake?.principal?.id ?? null,
  },
  {
    name: "handshake.principal.name",
    type: "text",
    says: "name of its caller",
    readEnd: ({ handshake }) => handshake?.principal?.name ?? null,
  },
  { name: "handshake.realm", type: "text", says: "its realm", readEnd: ({ handshake }) => handshake?.realm ?? null },
  { name: "handshake.server", type: "text", says: "its server", readEnd: ({ handshake }) => handshake?.server ?? null },
  {
    name: "handshake.signature",
    type: "text",
    values: checks,
    says: "what checking its signatures said",
    readEnd: ({ handshake }) => handshake?.signature ?? null,
  },
  {
    name: "finding.severity",
    type: "text",
    values: severities,
    says: "severities of the findings about the entry",
    readEnd: ({ findings }) => findings.map(({ severity }) => severity),
  },
];
