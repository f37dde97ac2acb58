// The verdict at the right edge of a claim: a finding of the diagnosis about it, else the comparison with a value of the
// request or of the handshake.
import { microsoftHost } from "../../core/microsoft-hosts.ts";
import type { Principal } from "../../core/principals.ts";
import { safe } from "../../core/safe-text.ts";
import type { S2sToken } from "../../decoders/facts.ts";
import { tokenServiceOf } from "../../decoders/tokens/token-service.ts";
import type { Analysis, HandshakeReport } from "../../diagnosis/analysis.ts";
import type { FindingReport } from "../../diagnosis/catalogue/finding.ts";
import type { Meaning, ScreenLine } from "../lines/screen-line.ts";

export interface ClaimContext {
  /** Of the request that carried the token. */
  readonly transactionId: string;
  readonly host: string;
  /** Start of that request, epoch milliseconds; lifetimes are compared with it. */
  readonly at: number;
  readonly handshake: HandshakeReport | null;
  readonly findings: readonly FindingReport[];
  /** The token is the inner (actor) token. */
  readonly isActor: boolean;
}

/** The findings and the handshake of one request. */
export function claimContextOf(
  analysis: Analysis | null,
  { id, handshakeId }: { readonly id: string; readonly handshakeId: string | null },
): Pick<ClaimContext, "handshake" | "findings"> {
  return {
    handshake: analysis?.handshakes.find((one) => one.id === handshakeId) ?? null,
    findings: analysis?.findings.filter(({ evidence }) => evidence.includes(id)) ?? [],
  };
}

const codesOf: Readonly<Record<string, readonly string[]>> = {
  exp: ["TOKEN_EXPIRED", "TOKEN_WITHOUT_EXPIRY", "TOKEN_OUT_OF_DATE", "REFUSED_EXPIRED"],
  nbf: ["TOKEN_NOT_YET_VALID"],
  aud: [
    "AUDIENCE_HOST_MISMATCH",
    "AUDIENCE_REALM_MISMATCH",
    "AUDIENCE_WITHOUT_REALM",
    "REFUSED_AUDIENCE",
    "TLS_OFFLOADED",
  ],
  iss: [
    "ISSUER_IS_NOT_ACTOR",
    "ISSUER_SPELLED_OTHERWISE",
    "ISSUER_NOT_IN_CHALLENGE",
    "REFUSED_ISSUER",
    "REALM_MISMATCH",
    "CHALLENGE_REALM_MISMATCH",
    "CROSS_TENANT_ACTOR",
  ],
  caller: ["PARTNER_APPLICATION_UNKNOWN", "CALLER_UNKNOWN", "PRINCIPAL_MIXED_CASE"],
  nameid: ["USER_NOT_FOUND", "USER_AMBIGUOUS", "USER_MISSING", "REFUSED_USER", "USER_OF_OTHER_TENANT"],
  trustedfordelegation: ["DELEGATION_MISSING"],
  alg: ["ALG_UNEXPECTED", "ACTOR_UNSIGNED", "UNSIGNED_TOKEN", "UNSIGNED_TOKEN_ACCEPTED", "OUTER_SIGNED"],
  x5t: ["SIGNATURE_FAILED", "REFUSED_SIGNATURE", "KEY_FROM_TOKEN"],
  skew: ["CLOCK_SKEW"],
};

/** The verdict from a finding about the claim, else from a comparison; empty without either. */
export function claimVerdict(name: string, token: S2sToken, context: ClaimContext): ScreenLine {
  const claim = name === "kid" || name === "x5t#S256" ? "x5t" : name;
  const isCaller = claim === callerClaim(token.tokenKind);
  const found = (isCaller ? findingVerdict("caller", context) : null) ?? findingVerdict(claim, context);
  return found ?? seenVerdict(claim, token, context) ?? [];
}

/** The claim that names the calling application: [MS-XOAUTH] 4 for actor tokens, "Access tokens" of Entra for its own. */
function callerClaim(kind: S2sToken["tokenKind"]): string {
  if (kind === "actor") return "nameid";
  if (kind === "entra-v1") return "appid";
  return kind === "entra-v2" ? "azp" : "iss";
}

/** The verdict from the first finding about that claim that is worse than `info`; null without one. */
export function findingVerdict(claim: string, { findings }: Pick<ClaimContext, "findings">): ScreenLine | null {
  const codes = codesOf[claim] ?? [];
  const found = findings.find(({ code, severity }) => severity !== "info" && codes.includes(code));
  if (found === undefined) return null;
  const isBad = found.severity === "alarm" || found.severity === "error";
  return verdict(isBad ? "[XX]" : "[!!]", found.code, isBad ? "bad" : "warning");
}

function seenVerdict(claim: string, token: S2sToken, context: ClaimContext): ScreenLine | null {
  switch (claim) {
    case "iss":
      return isEntra(token) ? entraIssuerVerdict(token) : principalVerdict(token.issuer ?? token.caller, context);
    case "appid":
    case "azp":
      return principalVerdict(token.caller ?? token.issuer, context);
    case "aud":
      return audienceVerdict(token, context);
    case "nameid":
      return token.caller !== null && context.isActor ? principalVerdict(token.caller, context) : null;
    case "exp":
      return token.expires === null ? null : timeVerdict(context.at < token.expires, "expired");
    case "nbf":
      return token.notBefore === null ? null : timeVerdict(context.at >= token.notBefore - 300_000, "too early");
    case "alg":
      return algorithmVerdict(token, context);
    case "x5t":
      return signatureVerdict(token, context);
    default:
      return null;
  }
}

function isEntra({ tokenKind }: S2sToken): boolean {
  return tokenKind === "entra-v1" || tokenKind === "entra-v2";
}

/** The issuer of an Entra token is a URL, so it has no application id to compare. */
function entraIssuerVerdict(token: S2sToken): ScreenLine {
  const service = tokenServiceOf(token);
  return service === null ? verdict("[??]", "unknown issuer", "warning") : verdict("[OK]", "Entra", "good");
}

function principalVerdict(principal: Principal | null, { handshake }: ClaimContext): ScreenLine | null {
  if (principal === null) return null;
  const name = shortName(principal.name) ?? "unknown application";
  const isOtherRealm =
    handshake !== null && handshake.realm !== "" && principal.realm !== "" && !hasRealm(principal, handshake);
  if (isOtherRealm) return verdict("[!!]", `${name}, other realm`, "warning");
  if (principal.name !== null) return verdict("[OK]", name, "good");
  // The handshake has a name for an application of the tenant that no table knows.
  const isTenants = handshake?.principal?.id === principal.id && handshake.principal.name !== null;
  return isTenants ? verdict("[--]", "application of this tenant", "plain") : verdict("[??]", name, "warning");
}

/** `Microsoft token service (ACS)` becomes `ACS`. */
function shortName(name: string | null): string | null {
  return /\(([A-Z]{2,5})\)$/.exec(name ?? "")?.[1] ?? name;
}

function hasRealm({ realm }: Principal, handshake: HandshakeReport): boolean {
  return realm.toLowerCase() === handshake.realm.toLowerCase() || realm === "*";
}

function audienceVerdict({ audience }: S2sToken, { host }: ClaimContext): ScreenLine | null {
  if (audience === null) return null;
  if (audience.host === null) return audience.name === null ? null : verdict("[OK]", audience.name, "good");
  const isHost = withoutPort(audience.host) === withoutPort(host.toLowerCase());
  const called = microsoftHost(host);
  const meant = microsoftHost(audience.host);
  // One service of Microsoft's answers under several names.
  if (!isHost && called !== null && meant?.service === called.service && meant.cloud === called.cloud)
    return verdict("[OK]", "same service", "good");
  return isHost ? verdict("[OK]", "host", "good") : verdict("[!!]", "other host", "warning");
}

function withoutPort(host: string): string {
  return host.replace(/:\d{1,5}$/, "");
}

function timeVerdict(isGood: boolean, problem: string): ScreenLine {
  return isGood ? verdict("[OK]", "", "good") : verdict("[XX]", problem, "bad");
}

function algorithmVerdict({ alg, actor }: S2sToken, { isActor }: ClaimContext): ScreenLine | null {
  if (alg.toLowerCase() !== "none") return alg === "" ? null : verdict("[OK]", "signed", "good");
  // [MS-XOAUTH] 2.2: the outer token of an application that acts as a user is not signed; the actor token inside is.
  return actor !== null && !isActor ? verdict("[OK]", "expected here", "good") : verdict("[XX]", "not signed", "bad");
}

function signatureVerdict(token: S2sToken, { handshake, isActor }: ClaimContext): ScreenLine | null {
  const isSigned = isActor || token.actor === null;
  if (handshake === null || !isSigned) return null;
  switch (handshake.signature) {
    case "verified":
      return verdict("[OK]", "signature", "good");
    case "failed":
      return verdict("[XX]", "signature", "bad");
    case "no-key":
      return verdict("[??]", "no key known", "warning");
    case "unchecked":
      return verdict("[..]", "not checked", "dim");
  }
}

function verdict(mark: string, words: string, meaning: Meaning): ScreenLine {
  return [[words === "" ? mark : `${mark} ${safe(words)}`, meaning]];
}
