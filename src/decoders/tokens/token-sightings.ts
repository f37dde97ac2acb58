// Collects tokens from every place but `Authorization`. A token is recognised by its outline; opaque values are not collected.
import type { Applications } from "../../core/principals.ts";
import { readFormFields } from "../body-text.ts";
import type { S2sToken, TokenSighting, TransactionFacts } from "../facts.ts";
import { tokensInText } from "../token-in-text.ts";
import { decodeJwt, looksLikeJwt } from "./jwt.ts";
import { readableTokens } from "./readable-tokens.ts";
import { decodeToken } from "./s2s-token.ts";

type Path = TokenSighting["path"];
type Side = TokenSighting["side"];

const maxSightings = 32;
const namedPaths: ReadonlyMap<string, Path> = new Map<string, Path>([
  ["assertion", "assertion"],
  ["client_assertion", "client_assertion"],
  ["access_token", "access_token"],
]);

/** The tokens of one transaction, in the order in which they were found. */
export interface Sightings {
  readonly found: TokenSighting[];
  readonly applications: Applications | undefined;
}

/** The tokens that may be a service's: those of sessions (cookies, redirects, answers of other programs) are left out. */
export function tokensOfServices({
  authorization,
  tokens,
}: Pick<TransactionFacts, "authorization" | "tokens">): S2sToken[] {
  return tokens.flatMap(({ path, side, token }) => {
    if (!token.ok || (side === "response" && path === "other")) return [];
    const isUnknown = token.value.tokenKind === "unknown";
    const isElsewhere = side === "response" ? path === "body" : path === "other" && authorization.scheme !== "other";
    return isUnknown && isElsewhere ? [] : [token.value];
  });
}

/** Tokens in the fields of a form, and any `assertion` of a JWT grant, so that a broken one is reported. */
export function collectFormTokens(sightings: Sightings, fields: ReadonlyMap<string, string>): void {
  const isJwtGrant = /jwt/i.test(fields.get("grant_type") ?? "");
  for (const [name, value] of fields) {
    const path = namedPaths.get(name) ?? "body";
    if (looksLikeJwt(value) || (path === "assertion" && isJwtGrant && value !== "")) {
      add(sightings, { path, side: "request" }, value);
    }
  }
}

/** Tokens in the JSON answer of a token service. */
export function collectAnswerTokens(sightings: Sightings, members: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(members)) {
    if (typeof value !== "string" || !looksLikeJwt(value)) continue;
    add(sightings, { path: name === "access_token" ? name : "body", side: "response" }, value);
  }
}

/** Tokens in the query of a request target. */
export function collectQueryTokens(sightings: Sightings, target: string): void {
  const start = target.indexOf("?");
  if (start === -1 || !/e[yw]/.test(target.slice(start))) return;
  const hash = target.indexOf("#", start);
  const query = target.slice(start + 1, hash === -1 ? undefined : hash);
  for (const value of readFormFields(query).values()) {
    if (looksLikeJwt(value)) add(sightings, { path: "query", side: "request" }, value);
  }
}

/** Tokens that can be read inside a value of any content: cookies, lists of WebSocket protocols, fields of an answer. */
export function collectReadableTokens(sightings: Sightings, value: string, side: Side): void {
  for (const compact of readableTokens(value)) add(sightings, { path: "other", side }, compact);
}

/** Tokens in the members of a JSON answer that comes from no token service. */
export function collectMemberTokens(sightings: Sightings, members: Readonly<Record<string, unknown>>): void {
  for (const value of Object.values(members))
    if (typeof value === "string" && looksLikeJwt(value) && decodeJwt(value).ok)
      add(sightings, { path: "body", side: "response" }, value);
}

/** Tokens inside any other header value: `MSAuth1.0 actortoken="Bearer …"`, a raw token without a scheme. */
export function collectHeaderTokens(sightings: Sightings, value: string): void {
  for (const token of tokensInText(value)) add(sightings, { path: "other", side: "request" }, token);
}

function add(sightings: Sightings, where: { readonly path: Path; readonly side: Side }, compact: string): void {
  if (sightings.found.length >= maxSightings) return;
  sightings.found.push({ ...where, token: decodeToken(compact, sightings.applications) });
}
