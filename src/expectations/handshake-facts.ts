// Facts of server answers, of the handshake of an entry, and of the findings about it.

import type { DiagnosticsCause } from "../decoders/facts.ts";
import type { Basis, Verdict } from "../diagnosis/analysis.ts";
import { severities } from "../diagnosis/catalogue/finding-text.ts";
import { tokenServices } from "../diagnosis/directions.ts";
import { type Direction, routes } from "../handshake/direction.ts";
import type { Stage } from "../handshake/stages.ts";
import type { InputFact, OutcomeFact } from "./fact.ts";

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
/** The evidence of a verdict. */
export const bases: readonly Basis[] = ["traffic", "log", "both"];
const directions: readonly Direction[] = ["inbound", "outbound"];
const checks = ["verified", "failed", "no-key", "unchecked"] as const;

export const answerFacts: readonly InputFact[] = [
  {
    name: "challenge.scheme",
    type: "text",
    description: "schemes that WWW-Authenticate offers",
    read: ({ facts }) => facts.challenges.map(({ scheme }) => scheme),
  },
  {
    name: "challenge.client-id",
    type: "text",
    description: "client_id of the Bearer challenge",
    read: ({ facts }) => facts.bearerChallenge?.clientId ?? null,
  },
  {
    name: "challenge.realm",
    type: "text",
    description: "realm of the Bearer challenge",
    read: ({ facts }) => facts.bearerChallenge?.realm ?? null,
  },
  {
    name: "challenge.trusted-issuer",
    type: "text",
    description: "issuers that it trusts, each as captured",
    read: ({ facts }) => facts.bearerChallenge?.trustedIssuers.map(({ asSeen }) => asSeen) ?? null,
  },
  {
    name: "challenge.error",
    type: "text",
    description: "error of the Bearer challenge",
    read: ({ facts }) => facts.bearerChallenge?.error ?? null,
  },
  {
    name: "diagnostics.code",
    type: "text",
    description: "number of x-ms-diagnostics",
    read: ({ facts }) => facts.diagnostics?.code ?? null,
  },
  {
    name: "diagnostics.cause",
    type: "text",
    values: causes,
    description: "cause that x-ms-diagnostics names",
    read: ({ facts }) => facts.diagnostics?.cause ?? null,
  },
  {
    name: "token-request.grant",
    type: "text",
    description: "grant_type of a token request",
    read: ({ facts }) => facts.tokenRequest?.grantType ?? null,
  },
  {
    name: "token-request.resource",
    type: "text",
    description: "resource that a token is requested for",
    read: ({ facts }) => facts.tokenRequest?.resourceText ?? null,
  },
  {
    name: "token-request.realm",
    type: "text",
    description: "realm that a token is requested from",
    read: ({ facts }) => facts.tokenRequest?.realm ?? null,
  },
  {
    name: "token-request.password",
    type: "flag",
    description: "a password is sent for a token",
    read: ({ facts }) => facts.tokenRequest?.isPasswordGrant ?? null,
  },
  {
    name: "token-answer.issued",
    type: "flag",
    description: "the token service issued a token",
    read: ({ facts }) => facts.tokenAnswer?.isIssued ?? null,
  },
  {
    name: "token-answer.error",
    type: "text",
    description: "error of its refusal, and the code inside it",
    read: ({ facts }) => (facts.tokenAnswer === null ? null : [facts.tokenAnswer.error, facts.tokenAnswer.errorCode]),
  },
];

export const outcomeFacts: readonly OutcomeFact[] = [
  {
    name: "token.verified",
    type: "text",
    values: checks,
    description: "result of the signature checks of the token of Authorization",
    readOutcome: ({ verified }) => verified,
  },
  {
    name: "handshake.id",
    type: "text",
    description: "the handshake that the entry belongs to",
    readOutcome: ({ handshake }) => handshake?.id ?? null,
  },
  {
    name: "handshake.verdict",
    type: "text",
    values: verdicts,
    description: "verdict of that handshake",
    readOutcome: ({ handshake }) => handshake?.verdict ?? null,
  },
  {
    name: "handshake.basis",
    type: "text",
    values: bases,
    description: "evidence of that verdict: captured traffic, rows of a server's log, or both",
    readOutcome: ({ handshake }) => handshake?.basis ?? null,
  },
  {
    name: "handshake.stage",
    type: "text",
    values: stages,
    description: "stage that it reached",
    readOutcome: ({ handshake }) => handshake?.stage ?? null,
  },
  {
    name: "handshake.direction",
    type: "text",
    values: directions,
    description: "inbound: a service calls Exchange Server; outbound: Exchange Server calls",
    readOutcome: ({ handshake }) => handshake?.direction ?? null,
  },
  {
    name: "handshake.route",
    type: "text",
    values: routes,
    description: "interface that it calls",
    readOutcome: ({ handshake }) => handshake?.route ?? null,
  },
  {
    name: "handshake.token-service",
    type: "text",
    values: tokenServices,
    description: "issuer of its token; own-key: the caller signed it with its own certificate",
    readOutcome: ({ handshake }) => handshake?.tokenService ?? null,
  },
  {
    name: "handshake.principal",
    type: "text",
    description: "application id of its caller",
    readOutcome: ({ handshake }) => handshake?.principal?.id ?? null,
  },
  {
    name: "handshake.principal.name",
    type: "text",
    description: "name of its caller",
    readOutcome: ({ handshake }) => handshake?.principal?.name ?? null,
  },
  {
    name: "handshake.realm",
    type: "text",
    description: "its realm",
    readOutcome: ({ handshake }) => handshake?.realm ?? null,
  },
  {
    name: "handshake.server",
    type: "text",
    description: "its server",
    readOutcome: ({ handshake }) => handshake?.server ?? null,
  },
  {
    name: "handshake.signature",
    type: "text",
    values: checks,
    description: "result of its signature checks",
    readOutcome: ({ handshake }) => handshake?.signature ?? null,
  },
  {
    name: "finding.severity",
    type: "text",
    values: severities,
    description: "severities of the findings about the entry",
    readOutcome: ({ findings }) => findings.map(({ severity }) => severity),
  },
];
