// Every place beside `Authorization` where a token may stand. A token is recognised by its outline; an opaque value is none.
import type { Applications } from "../../core/principals.ts";
import { readFormFields } from "../body-text.ts";
import type { TokenSighting } from "../facts.ts";
import { tokensInText } from "../token-in-text.ts";
import { looksLikeJwt } from "./jwt.ts";
import { decodeToken } from "./s2s-token.ts";

type Path = TokenSighting["path"];
type Side = TokenSighting["side"];

const maxSightings = 32;
const namedPaths: ReadonlyMap<string, Path> = new Map<string, Path>([
  ["assertion", "assertion"],
  ["client_assertion", "client_assertion"],
  ["access_token", "access_token"],
]);

/** Collects sightings of one transaction, in the order they were met. */
export interface Sightings {
  readonly found: TokenSighting[];
  readonly applications: Applications | undefined;
}

/** Fields of a form. An `assertion` is looked at even when it has no token's outline, so that a broken one is reported. */
export function sightFormTokens(sightings: Sightings, fields: ReadonlyMap<string, string>): void {
  const isJwtGrant = /jwt/i.test(fields.get("grant_type") ?? "");
  for (const [name, value] of fields) {
    const path = namedPaths.get(name) ?? "body";
    if (looksLikeJwt(value) || (path === "assertion" && isJwtGrant && value !== "")) {
      add(sightings, { path, side: "request" }, value);
    }
  }
}

/** Members of a token service's JSON answer. */
export function sightAnswerTokens(sightings: Sightings, members: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(members)) {
    if (typeof value !== "string" || !looksLikeJwt(value)) continue;
    add(sightings, { path: name === "access_token" ? name : "body", side: "response" }, value);
  }
}

/** The query of a request target. */
export function sightQueryTokens(sightings: Sightings, target: string): void {
  const start = target.indexOf("?");
  if (start === -1 || !/e[yw]/.test(target.slice(start))) return;
  const hash = target.indexOf("#", start);
  const query = target.slice(start + 1, hash === -1 ? undefined : hash);
  for (const value of readFormFields(query).values()) {
    if (looksLikeJwt(value)) add(sightings, { path: "query", side: "request" }, value);
  }
}

/** Tokens inside another header value: `MSAuth1.0 actortoken="Bearer …"`, a raw token without a scheme. */
export function sightHeaderTokens(sightings: Sightings, value: string): void {
  for (const token of tokensInText(value)) add(sightings, { path: "other", side: "request" }, token);
}

function add(sightings: Sightings, where: { readonly path: Path; readonly side: Side }, compact: string): void {
  if (sightings.found.length >= maxSightings) return;
  sightings.found.push({ ...where, token: decodeToken(compact, sightings.applications) });
}
