import { microsoftHost } from "../../core/microsoft-hosts.ts";
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import { wellKnownClient } from "../../core/well-known-clients.ts";
import type {
  BearerChallenge,
  DemandedClaims,
  Diagnostics,
  DiagnosticsCause,
  DiagnosticsDetail,
  S2sToken,
  TransactionFacts,
} from "../../decoders/facts.ts";
import type { GraphCause, GraphFacts } from "../../decoders/graph-facts.ts";
import { isUserClient, presentedToken } from "../../handshake/role.ts";
import { isTokenRefusal } from "../../handshake/signals.ts";
import { applicationKind } from "../catalogue/application-kind.ts";
import type { Finding, FindingCode } from "../catalogue/finding.ts";
import { isTokenRefused } from "./credential-record.ts";
import { callerText, noFindings, type Rule, type RuleInput } from "./rule.ts";

type RefusalCode = Extract<
  FindingCode,
  | `REFUSED_${string}`
  | `USER_${"NOT_FOUND" | "AMBIGUOUS"}`
  | `OAUTH_${string}`
  | "TLS_OFFLOADED"
  | "EXCHANGE_INTERNAL_ERROR"
  | "AUTH_CERTIFICATE_NOT_FOUND"
  | "PARTNER_ACCOUNT_BAD"
  | "CLIENT_CERTIFICATE_REQUIRED"
  | "TENANT_RESTRICTED"
>;

/** A refusal by another server that an answer tells of: the cloud was refused by Exchange Server. */
export const judgeReported: Rule = ({ facts, host }) => {
  const { reported } = facts;
  if (reported === undefined) return noFindings;
  const answered: RefusalAnswer = { status: 0, diagnostics: reported, demanded: null, error: "", host: "" };
  const { code } = explainRefusal(answered, "", null);
  return [{ code: "REFUSAL_REPORTED", host, answer: answerText(answered), see: code }];
};

/** The server's refusal of a token: explained by number and category, then by its text for the finer cause. */
export const judgeDiagnostics: Rule = (input) => {
  const { transaction, facts, correlation, host } = input;
  const status = transaction.response?.status ?? 0;
  if (correlation.role === "user-call") return judgeUserCall(input);
  if (correlation.outcome !== "refused") return correlation.role === "probe" ? judgeProbe(input) : judgeUnseen(input);
  const token = presentedToken(facts);
  const answered: RefusalAnswer = {
    status,
    diagnostics: facts.diagnostics,
    demanded: demandedOf(facts),
    error: errorOf(facts),
    host,
  };
  const isOwn = token !== null && isOwnApplication(token, input.hybridApp);
  const ofOwn: Finding = { code: "DEDICATED_APP_REFUSED", ...refusalOf(answered, callerText(token)) };
  // judge-graph.ts explains a refusal with an error of Graph.
  if (facts.graph !== null && isExplained(facts.graph) && answered.demanded === null)
    return isOwn && ofNewApplicationInGraph.has(facts.graph.error?.cause ?? "unknown") ? [ofOwn] : noFindings;
  const finding = explainRefusal(answered, callerText(token), token);
  return isOwn && ofNewApplication.has(finding.code) ? [finding, ofOwn] : [finding];
};

function isExplained({ error, batch }: GraphFacts): boolean {
  return error !== null || batch.some((one) => one.error !== null);
}

/** True for an Entra token of the tenant's own application; only for the one of `--hybrid-app` when it is given. */
function isOwnApplication(token: S2sToken, hybridApp: string | null): boolean {
  const id = token.caller?.id ?? "";
  return isEntra(token) && applicationKind(id) === "own" && (hybridApp === null || hybridApp === id);
}

function isEntra({ tokenKind }: S2sToken): boolean {
  return tokenKind === "entra-v1" || tokenKind === "entra-v2";
}

// Refusals by servers that do not know a new dedicated application yet. A wrong clock, user or audience has other causes.
const ofNewApplication: ReadonlySet<FindingCode> = new Set<FindingCode>([
  "REFUSED_TOKEN",
  "REFUSED_ISSUER",
  "REFUSED_UNKNOWN",
  "REFUSED_WITHOUT_REASON",
  "REFUSED_PERMISSIONS",
  "PARTNER_APPLICATION_UNKNOWN",
  "PARTNER_ACCOUNT_BAD",
  "LINKED_ACCOUNT_MISSING",
  "TOKEN_KIND_NOT_APPLICABLE",
]);

// A permission that the roles lack does not come by waiting: GRAPH_PERMISSION_REFUSED says what to do.
const ofNewApplicationInGraph: ReadonlySet<GraphCause> = new Set<GraphCause>(["token", "application-unknown"]);

/** The claims that the challenge of a refusal demands of the next token; null when it demands none. */
function demandedOf({ bearerChallenge }: TransactionFacts): DemandedClaims | null {
  return bearerChallenge === null ? null : demandOf(bearerChallenge);
}

/** The claims that one challenge demands; also of a pasted one. */
export function demandOf({ error, demanded }: BearerChallenge): DemandedClaims | null {
  if (error.toLowerCase() !== "insufficient_claims") return null;
  return demanded ?? { names: [], notBefore: null };
}

// Observed: a probe that names a user (X-User-Identity) is answered with 4000000 where OAuth is not switched on for the domain.
function judgeProbe({ transaction, facts, host }: RuleInput): readonly Finding[] {
  if (isUserClient(facts) || facts.diagnostics?.cause !== "oauth_not_available") return [];
  const answered = {
    status: transaction.response?.status ?? 0,
    diagnostics: facts.diagnostics,
    demanded: null,
    error: "",
    host,
  };
  return [{ code: "OAUTH_NOT_AVAILABLE", ...refusalOf(answered, "a Bearer probe") }];
}

/** A person's token that was refused: it says nothing about the trust between services, so it has a finding of its own. */
function judgeUserCall({ transaction, facts, host }: RuleInput): readonly Finding[] {
  const status = transaction.response?.status ?? 0;
  if (!isTokenRefusal(status, facts)) return [];
  const answered: RefusalAnswer = {
    status,
    diagnostics: facts.diagnostics,
    demanded: demandedOf(facts),
    error: errorOf(facts),
    host,
  };
  const code = codeOfGraph(facts.graph) ?? explainRefusal(answered, "", presentedToken(facts)).code;
  return [{ code: "USER_TOKEN_REFUSED", host, program: programOf(facts), answer: answerText(answered), see: code }];
}

/** The finding that explains an error of Graph; null without one. */
function codeOfGraph(graph: GraphFacts | null): FindingCode | null {
  const cause = graph?.error?.cause;
  if (cause === undefined) return null;
  return cause === "permission" || cause === "policy" ? "GRAPH_PERMISSION_REFUSED" : "GRAPH_TOKEN_REFUSED";
}

function programOf(facts: TransactionFacts): string {
  const caller = presentedToken(facts)?.caller ?? null;
  if (caller === null || caller.id === "") return "a user's program";
  const name = wellKnownClient(caller.id) ?? caller.name;
  return `a user's program (${name === null ? "" : `${name}, `}application ${caller.id})`;
}

/** A refusal of a token that the capture does not show: the exporter removed it, or it was sent in another place. */
function judgeUnseen({ transaction, facts, correlation, host }: RuleInput): readonly Finding[] {
  const isUnseen = facts.authorization.scheme === "removed" || correlation.role === "anonymous";
  if (!isUnseen || !isTokenRefused({ transaction, facts })) return [];
  const status = transaction.response?.status ?? 0;
  const answered: RefusalAnswer = {
    status,
    diagnostics: facts.diagnostics,
    demanded: demandedOf(facts),
    error: errorOf(facts),
    host,
  };
  const code = codeOfGraph(facts.graph) ?? explainRefusal(answered, "", presentedToken(facts)).code;
  return [{ code: "UNSEEN_TOKEN_REFUSED", host, answer: answerText(answered), see: code }];
}

function errorOf({ bearerChallenge }: TransactionFacts): string {
  return bearerChallenge?.error ?? "";
}

/** An answer that refuses a token, from a transaction or pasted (then status 0 and "the server" as the host). */
export interface RefusalAnswer {
  readonly status: number;
  readonly diagnostics: Diagnostics | null;
  readonly demanded: DemandedClaims | null;
  /** `error` of the Bearer challenge; empty when there is none. */
  readonly error: string;
  readonly host: string;
}

function refusalOf(answered: RefusalAnswer, caller: string) {
  const { diagnostics, host } = answered;
  return { host, caller, answer: answerText(answered), detail: diagnostics?.detail ?? null, source: "" };
}

/** The finding for a refusal. `token` is the refused token; null when it is not known. */
export function explainRefusal(answered: RefusalAnswer, caller: string, token: S2sToken | null): Finding {
  const { diagnostics, demanded, host } = answered;
  const refusal = refusalOf(answered, caller);
  const callerId = token?.caller?.id ?? "";
  if (asksForClaims(answered))
    return {
      code: "CLAIMS_CHALLENGE",
      ...refusal,
      claims: demanded?.names.join(", ") ?? "",
      issuedAfter: demanded?.notBefore ?? null,
    };
  // Observed of Exchange Server.
  if (microsoftHost(host) === null && isInvalidToken(diagnostics)) {
    if (answered.status === 403) return { code: "PARTNER_ACCOUNT_BAD", ...refusal };
    if (answered.status === 500) return { code: "OAUTH_CONFIGURATION_NOT_LOADED", ...refusal };
  }
  if (diagnostics === null) return { code: "REFUSED_WITHOUT_REASON", ...refusal };
  if (diagnostics.cause === "invalid_client") return { code: "PARTNER_APPLICATION_UNKNOWN", ...refusal, callerId };
  if (diagnostics.cause === "invalid_grant") return explainGrant(answered, caller, token);
  const profile = notApplicable.exec(diagnostics.reason)?.[1];
  if (profile !== undefined) return { code: "TOKEN_KIND_NOT_APPLICABLE", ...refusal, profile };
  const finer = finerCauses.find(
    ([causes, detail]) => causes.includes(diagnostics.cause) && detail === diagnostics.detail,
  );
  return { code: finer?.[2] ?? codes[diagnostics.cause], ...refusal };
}

/** True for a claims challenge, unless number or text show that tenant restrictions of a network caused it. */
function asksForClaims({ diagnostics, demanded }: RefusalAnswer): boolean {
  if (diagnostics?.code === "2000020" || diagnostics?.detail === "tenant-restricted") return false;
  return demanded !== null || diagnostics?.cause === "insufficient_claims";
}

/** `invalid_grant`: an Entra token carries its permissions; any other caller has those of its partner application's account. */
function explainGrant(answered: RefusalAnswer, caller: string, token: S2sToken | null): Finding {
  const refusal = refusalOf(answered, caller);
  const hasRoles = (token !== null && isEntra(token)) || microsoftHost(answered.host) !== null;
  const isPermission =
    refusal.detail === "permissions-missing" || (hasRoles && refusal.detail !== "linked-account-missing");
  if (isPermission) return { code: "REFUSED_PERMISSIONS", ...refusal };
  const named = applicationIn(answered.diagnostics?.reason ?? "");
  const callerId = named || token?.caller?.id || "";
  const application = wellKnownApplication(callerId)?.name ?? "";
  return { code: "LINKED_ACCOUNT_MISSING", ...refusal, callerId, application };
}

/** The application that a reason names ("… associated with partner application '<id>'", published); empty when it names none. */
function applicationIn(reason: string): string {
  const named = /application\W{1,4}([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f-])/i.exec(
    reason.slice(0, 2048),
  );
  return named?.[1]?.toLowerCase() ?? "";
}

// A specific cause outweighs the status; without one, or with `invalid_token`, the observed statuses decide.
function isInvalidToken(diagnostics: Diagnostics | null): boolean {
  return diagnostics === null || diagnostics.cause === "invalid_token" || diagnostics.cause === "unknown";
}

const notApplicable = /['"]?([A-Za-z0-9]{1,32})['"]? is not applicable/;

// Reasons are reworded and localised by version, so a text only refines what number and category have said.
const finerCauses: readonly (readonly [readonly DiagnosticsCause[], DiagnosticsDetail, RefusalCode])[] = [
  [["invalid_resource"], "scheme-mismatch", "TLS_OFFLOADED"],
  [["invalid_token", "invalid_resource", "invalid_tenant"], "realm-differs", "REFUSED_REALM"],
  [["invalid_token"], "issuer-unknown", "REFUSED_ISSUER"],
  [["invalid_user"], "user-ambiguous", "USER_AMBIGUOUS"],
  [["invalid_user"], "user-unknown", "USER_NOT_FOUND"],
];

const codes: Readonly<Record<Exclude<DiagnosticsCause, "invalid_client" | "invalid_grant">, RefusalCode>> = {
  invalid_signature: "REFUSED_SIGNATURE",
  invalid_token: "REFUSED_TOKEN",
  token_expired: "REFUSED_EXPIRED",
  invalid_resource: "REFUSED_AUDIENCE",
  invalid_tenant: "REFUSED_TENANT",
  invalid_user: "REFUSED_USER",
  internal_error: "EXCHANGE_INTERNAL_ERROR",
  invalid_certificate: "AUTH_CERTIFICATE_NOT_FOUND",
  oauth_not_available: "OAUTH_NOT_AVAILABLE",
  insufficient_auth_strength: "CLIENT_CERTIFICATE_REQUIRED",
  insufficient_claims: "TENANT_RESTRICTED",
  unknown: "REFUSED_UNKNOWN",
};

/** `401, 2000006 invalid_client`: digits and fixed words, no captured text. */
function answerText({ status, diagnostics, error }: RefusalAnswer): string {
  const before = status === 0 ? "" : `${status}, `;
  if (diagnostics === null) {
    const named = /^[a-z_]{3,40}$/.test(error) ? `error ${error}` : "";
    if (named !== "") return `${before}${named}`;
    return status === 0 ? "no number" : String(status);
  }
  const code = /^\d{1,10}$/.test(diagnostics.code) ? `${diagnostics.code} ` : "";
  return `${before}${code}${diagnostics.cause}`;
}
