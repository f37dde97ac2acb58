// Judges one pasted value, by the rules that need no other request.
import { firstHeader } from "../core/headers.ts";
import type { Principal } from "../core/principals.ts";
import type { S2sToken } from "../decoders/facts.ts";
import type { GraphFacts } from "../decoders/graph-facts.ts";
import type { ConnectivityTest } from "../decoders/pasted/connectivity-test.ts";
import type { DecodedSubject } from "../decoders/pasted/decoded-value.ts";
import { serverName } from "../handshake/conversation.ts";
import type { Directions } from "./analysis.ts";
import { explain, type Finding, type FindingCode, type FindingReport } from "./catalogue/finding.ts";
import { refusalTexts } from "./catalogue/refusal.ts";
import type { MessageContext } from "./judge-message.ts";
import { judgeHeader } from "./rules/judge-algorithm.ts";
import { explainPolicy } from "./rules/judge-answer.ts";
import { judgeAudienceRealm, judgeOtherService } from "./rules/judge-audience.ts";
import { judgeBearerChallenge } from "./rules/judge-challenge.ts";
import { demandOf, explainRefusal } from "./rules/judge-diagnostics.ts";
import { judgeHybridAppToken, judgeRequestedId } from "./rules/judge-hybrid-app.ts";
import { judgeCaller, judgeSpelling } from "./rules/judge-issuer.ts";
import { judgeTokenLayers } from "./rules/judge-layers.ts";
import { judgeRequestOfSharedPrincipal, judgeTokenOfSharedPrincipal } from "./rules/judge-shared-principal.ts";
import { explainStsRefusal, requestPartiesOf } from "./rules/judge-sts.ts";
import { judgeTenants } from "./rules/judge-tenant-boundary.ts";
import { layersOf, signedToken } from "./rules/rule.ts";

export interface ValueContext extends MessageContext {
  /** The current time (epoch milliseconds), to report an expired token; without it expiry is not reported. */
  readonly at?: number;
}

/**
 * Judges a pasted value by its kind. Without a capture, `evidence` is empty. The rules of traffic are loaded only for a
 * message: most pasted values are a token or one header.
 */
export async function judgeValue(
  subject: DecodedSubject,
  context: ValueContext = {},
): Promise<readonly FindingReport[]> {
  const { transactions } = subject;
  const seen =
    transactions.length === 0 ? [] : (await import("./judge-message.ts")).judgeMessages(transactions, context).findings;
  const codes = new Set<FindingCode>(seen.map(({ code }) => code));
  const hasRefusal = seen.some(({ code }) => Object.hasOwn(refusalTexts, code));
  const hasSignIn = codes.has("BASIC_FALLBACK") || codes.has("BASIC_EXPECTED");
  const exchanges = subject.exchanges.length > 0 ? subject.exchanges : [subject];
  const parts = exchanges.flatMap((part) => [
    ...part.tokens.flatMap((token) => judgeTokenAlone(token, context)).filter(isJudgeableIn(part)),
    ...judgePrincipal(part.principal, context),
    ...(hasRefusal ? [] : judgeRefusal(part)),
    ...judgeOffer(part),
    ...(part.hasPassword && !hasSignIn ? [passwordUsed] : []),
    ...judgeTokenService(part, context),
    ...(seen.some(({ code }) => code.startsWith("EWS_")) ? [] : judgePolicy(part)),
  ]);
  if (subject.test !== null) parts.push(...(await judgeTest(subject.test, subject)));
  for (const { graph, ...part } of exchanges)
    if (graph !== null) parts.push(...(await judgeGraph(graph, { ...part, graph })));
  return distinct([...seen, ...parts.filter(({ code }) => !codes.has(code)).map(report)]);
}

/** The directions of pasted messages; null for any other value. */
export async function directionsOfValue(
  { transactions }: DecodedSubject,
  context: ValueContext = {},
): Promise<Directions | null> {
  if (transactions.length === 0) return null;
  return (await import("./judge-message.ts")).directionsOfMessages(transactions, context);
}

/** Judges a token without its transaction. Expiry is reported as information, and only when `at` is given. */
export function judgeToken(token: S2sToken, context: ValueContext = {}): readonly FindingReport[] {
  return distinct(judgeTokenAlone(token, context).map(report));
}

/** Findings about a missing claim; they do not apply when the pasted text may not list every claim. */
const needsEveryClaim: ReadonlySet<FindingCode> = new Set<FindingCode>([
  "USER_MISSING",
  "DELEGATION_MISSING",
  "TOKEN_WITHOUT_EXPIRY",
]);

function isOfMissingClaim(finding: Finding): boolean {
  return finding.code === "CALLER_NOT_PROVEN" && finding.doubt.endsWith("-missing");
}

function isJudgeableIn({ isPrinted }: DecodedSubject): (finding: Finding) => boolean {
  return (finding) => !isPrinted || !(needsEveryClaim.has(finding.code) || isOfMissingClaim(finding));
}

function judgeTokenAlone(token: S2sToken, context: ValueContext): readonly Finding[] {
  return [
    ...judgeTenants(token),
    ...judgeTokenLayers(token),
    ...judgeHeader(token),
    ...layersOf(token).flatMap((layer) => [...judgeAudienceRealm(layer.token), ...judgeOtherService(layer.token, "")]),
    ...judgeTokenOfSharedPrincipal(token, false),
    ...judgeHybridAppToken(token, { hybridApp: context.hybridApp ?? null, realm: context.realm ?? null }, true),
    ...judgeCaller(token, context.hybridApp ?? null),
    ...judgeKind(token),
    ...judgeAge(token, context.at),
    ...judgeRealm(token.caller?.realm || token.tenant, context.realm),
  ];
}

function judgeKind(token: S2sToken): readonly Finding[] {
  if (token.tokenKind !== "exchange-identity") return [];
  return [{ code: "EXCHANGE_IDENTITY_TOKEN", host: token.audienceText === "" ? "an add-in" : token.audienceText }];
}

function judgeAge(token: S2sToken, at: number | undefined): readonly Finding[] {
  const { expires } = signedToken(token);
  if (expires === null) return [{ code: "TOKEN_WITHOUT_EXPIRY", layer: "token" }];
  return at !== undefined && at >= expires ? [{ code: "TOKEN_OUT_OF_DATE", expiredAt: expires, at }] : [];
}

function judgeRealm(seen: string, realm: string | undefined): readonly Finding[] {
  if (realm === undefined || seen === "" || seen === "*" || seen.toLowerCase() === realm.toLowerCase()) return [];
  return [{ code: "REALM_MISMATCH", expected: realm, seen }];
}

function judgePrincipal(principal: Principal | null, context: ValueContext): readonly Finding[] {
  return principal === null ? [] : [...judgeSpelling(principal), ...judgeRealm(principal.realm, context.realm)];
}

/** A diagnostics header or the error of a challenge shows that a token was refused; the host may be unknown. */
function judgeRefusal({ diagnostics, bearerChallenge, transaction, tokens }: DecodedSubject): readonly Finding[] {
  const demanded = bearerChallenge === null ? null : demandOf(bearerChallenge);
  const error = bearerChallenge?.error ?? "";
  // RFC 6750 3.1: an error without more says that a token was presented and refused.
  if (diagnostics === null && demanded === null && error === "") return [];
  const host = (transaction === null ? "" : serverName(transaction)) || "the server";
  const token = tokens[0] ?? null;
  const answered = { status: transaction?.response?.status ?? 0, diagnostics, demanded, error, host };
  return [explainRefusal(answered, token?.caller?.asSeen ?? "the caller", token)];
}

/** The policy that a 403 names, also when its request, or its status line, was not pasted. */
function judgePolicy({ transaction, tokens }: DecodedSubject): readonly Finding[] {
  const { response = null } = transaction ?? {};
  if (transaction === null || response === null || (response.status !== 403 && response.status !== 0)) return [];
  const reason = firstHeader(response.headers, "x-ews-policy-reason") ?? "";
  return reason === "" ? [] : [explainPolicy(reason, serverName(transaction), tokens[0]?.caller?.id ?? "", false)];
}

/** What the output of one of Microsoft's tests shows beside its values. */
async function judgeTest(test: ConnectivityTest, subject: DecodedSubject): Promise<readonly Finding[]> {
  const { judgeConnectivityTest } = await import("./judge-connectivity-test.ts");
  const { diagnostics, tokenAnswer, bearerChallenge } = subject;
  const hasCause = diagnostics !== null || tokenAnswer?.isIssued === false;
  return judgeConnectivityTest(test, { hasCause, hasChallenge: bearerChallenge !== null });
}

/** An answer of Graph whose host is not known. */
async function judgeGraph(graph: GraphFacts, { transaction, tokens }: DecodedSubject): Promise<readonly Finding[]> {
  const { judgeGraphAnswer } = await import("./rules/judge-graph.ts");
  const status = transaction?.response?.status ?? 0;
  return judgeGraphAnswer(graph, { host: "Microsoft Graph", status, token: tokens[0] ?? null });
}

const passwordUsed: Finding = {
  ...({ code: "BASIC_USED", host: "the server", endpoint: "unknown" } as const),
  ...({ answer: "undecided", afterBearer: false } as const),
};

function judgeOffer({ schemes, bearerChallenge }: DecodedSubject): readonly Finding[] {
  const host = "the server";
  const findings: Finding[] = bearerChallenge === null ? [] : [...judgeBearerChallenge(bearerChallenge, host)];
  if (schemes.some(({ scheme }) => scheme.toLowerCase() === "basic")) findings.push({ code: "BASIC_OFFERED", host });
  return findings;
}

function judgeTokenService(
  { tokenRequest, tokenAnswer, tokens }: DecodedSubject,
  { hybridApp }: ValueContext,
): readonly Finding[] {
  const host = "the token service";
  const findings: Finding[] = [];
  if (tokenRequest?.isPasswordGrant === true) findings.push({ code: "PASSWORD_GRANT", host });
  const assertion = tokens.find(({ tokenKind }) => tokenKind === "self-issued") ?? null;
  const asked = requestPartiesOf(tokenRequest, assertion);
  if (tokenAnswer?.isIssued === false)
    findings.push(explainStsRefusal(tokenAnswer, asked, { host, unnamed: "no code" }));
  findings.push(...judgeRequestOfSharedPrincipal(tokenRequest, assertion, false));
  findings.push(...judgeRequestedId(tokenRequest, assertion, hybridApp ?? null));
  return findings;
}

function report(finding: Finding): FindingReport {
  const explained = explain(finding);
  return { ...explained, message: explained.message.replace(/^the /, "The "), evidence: [], count: 1 };
}

function distinct(reports: readonly FindingReport[]): readonly FindingReport[] {
  return [...new Map(reports.map((finding) => [`${finding.code} ${finding.message}`, finding])).values()];
}
