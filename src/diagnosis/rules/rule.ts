// A rule: one transaction with everything that is known about it → findings. Pure; one rule a file.
import type { HttpTransaction } from "../../core/http-transaction.ts";
import { microsoftHost } from "../../core/microsoft-hosts.ts";
import { isPersonsName } from "../../core/principals.ts";
import type { S2sToken, TransactionFacts } from "../../decoders/facts.ts";
import { isTokenServiceIssuer } from "../../decoders/tokens/token-kind.ts";
import type { Correlation } from "../../handshake/correlation.ts";
import { isApplicationToken } from "../../handshake/role.ts";
import { applicationKind, type CloudResource, cloudResource } from "../catalogue/application-kind.ts";
import type { Finding } from "../catalogue/finding.ts";

export interface RuleInput {
  readonly transaction: HttpTransaction;
  readonly facts: TransactionFacts;
  /** The readable tokens that the request presented, in Authorization and as assertions. */
  readonly tokens: readonly S2sToken[];
  readonly correlation: Correlation;
  /** Host and port that the client named, without a default port. */
  readonly host: string;
  /** Time at which tokens are judged: that of the request, or the `clock` option; never the current time. */
  readonly at: number;
  /** `--realm`; null when it was not given. */
  readonly realm: string | null;
  /** `--hybrid-app`: its id in lower case; null when it was not given. */
  readonly hybridApp: string | null;
}

export type Rule = (input: RuleInput) => readonly Finding[];

/** The parts of one token: an outer token and the actor token inside it, or the token alone. */
export interface TokenLayer {
  readonly token: S2sToken;
  /** Name for a sentence: `token`, `outer token`, `actor token`, `self-issued token`. */
  readonly layer: string;
}

/** The layers of a token, outermost first. */
export function layersOf(token: S2sToken): readonly TokenLayer[] {
  const actor = token.actor?.ok === true ? token.actor.value : null;
  if (actor === null) return [{ token, layer: layerName(token) }];
  return [
    { token, layer: "outer token" },
    { token: actor, layer: "actor token" },
  ];
}

function layerName(token: S2sToken): string {
  switch (token.tokenKind) {
    case "actor":
      return "actor token";
    case "self-issued":
      return "self-issued token";
    default:
      return "token";
  }
}

/** The tokens of `RuleInput`. */
export function presentedTokens(facts: TransactionFacts): readonly S2sToken[] {
  if (facts.tokens.length === 0) return noTokens;
  const tokens: S2sToken[] = [];
  for (const { side, path, token } of facts.tokens)
    if (side === "request" && token.ok && path !== "body" && path !== "other") tokens.push(token.value);
  return tokens;
}

const noTokens: readonly S2sToken[] = [];

/** The findings of `judge` for each token, in order. Nearly every request presents one token or none. */
export function findInTokens(
  tokens: readonly S2sToken[],
  judge: (token: S2sToken) => readonly Finding[],
): readonly Finding[] {
  const [first] = tokens;
  if (first === undefined) return noFindings;
  return tokens.length === 1 ? judge(first) : tokens.flatMap(judge);
}

export const noFindings: readonly Finding[] = [];

/** The caller's name as the token spells it, for a sentence; "the caller" when it is missing or a person's. */
export function callerText(token: S2sToken | null): string {
  if (token === null) return "the caller";
  const named = token.caller ?? token.issuer;
  return named === null || named.asSeen === "" || isPersonsName(named) ? "the caller" : named.asSeen;
}

/** The token that carries the signature: the actor token inside an outer one, else the token itself. */
export function signedToken(token: S2sToken): S2sToken {
  return token.actor?.ok === true ? token.actor.value : token;
}

/**
 * The id of the tenant's own application that calls the cloud with this token, as the dedicated hybrid application does: an Entra
 * token of an application alone for Exchange Online or Microsoft Graph, or an assertion for Entra. Empty for any other token.
 * `host`: where it was presented; a wrong audience does not change who calls.
 */
export function tenantApplication(token: S2sToken, host = ""): string {
  const id = token.caller?.id ?? "";
  if (applicationKind(id) !== "own") return "";
  switch (token.tokenKind) {
    case "entra-v1":
    case "entra-v2": {
      const isForCloud = cloudResource(token.audience) !== null || cloudServiceOf(host) !== null;
      return isForCloud && isApplicationToken(token) && isTokenServiceIssuer(token.issuerText) ? id : "";
    }
    case "self-issued":
      // [MS-XOAUTH] assertions have a realm; a client assertion is issued by the bare application id (RFC 7523 3).
      return token.caller?.realm === "" && token.audience?.host !== null ? id : "";
    default:
      return "";
  }
}

/** The service of the cloud that Exchange Server calls under this host; null for every other host. */
export function cloudServiceOf(host: string): CloudResource["service"] | null {
  const service = microsoftHost(host)?.service;
  return service === "exchange-online" || service === "graph" ? service : null;
}
