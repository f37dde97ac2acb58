// All credentials of a request. Of several `Authorization` fields a server uses one, and it is not known which, so all of them are
// read.
import type { Applications } from "../../core/principals.ts";
import type { Authorization, OtherCredentials } from "../facts.ts";
import { decodeAuthorization, splitCredentials } from "../tokens/authorization.ts";
import { collectHeaderTokens, collectReadableTokens, type Sightings } from "../tokens/token-sightings.ts";
import type { RequestFields } from "./header-facts.ts";

/** Decoded credentials of earlier transactions by their text: a service sends one token for hours. The caller bounds its size. */
export interface AuthorizationMemory {
  get(value: string): Authorization | undefined;
  set(value: string, authorization: Authorization): unknown;
}

export interface Credentials {
  readonly authorization: Authorization;
  readonly others: readonly OtherCredentials[];
}

interface Reading {
  readonly request: RequestFields;
  readonly applications: Applications | undefined;
  readonly authorizations: AuthorizationMemory | undefined;
  readonly sightings: Sightings;
  readonly problems: string[];
}

const noOthers: readonly OtherCredentials[] = [];
const maxCredentials = 8;

/** Reads the credentials; adds their tokens to the sightings and unreadable parts to the problems. */
export function readCredentials(reading: Reading): Credentials {
  const { request, sightings, problems } = reading;
  const [first, ...more] = request.authorizations.flatMap(splitCredentials).slice(0, maxCredentials);
  const others = more.map((value) => ({ value, authorization: authorizationOf(reading, value) }));
  let counted = { value: first ?? "", authorization: authorizationOf(reading, first ?? "") };
  // The first one with a token counts, else the first one.
  const token =
    counted.authorization.scheme === "bearer"
      ? -1
      : others.findIndex(({ authorization }) => authorization.scheme === "bearer");
  const replaced = others[token];
  if (replaced !== undefined) {
    others[token] = counted;
    counted = replaced;
  }
  noteCounted(reading, counted);
  for (const { value, authorization } of others)
    if (authorization.scheme === "bearer" || authorization.scheme === "other") collectHeaderTokens(sightings, value);
  for (const value of request.proxyAuthorizations) collectReadableTokens(sightings, value, "request");
  for (const value of request.tokenLike) collectHeaderTokens(sightings, value);
  for (const value of request.searched) collectReadableTokens(sightings, value, "request");
  if (others.some(({ authorization }) => authorization.scheme === "basic" && !authorization.isDecodable))
    problems.push("Authorization: the Basic credentials cannot be decoded");
  return { authorization: counted.authorization, others: othersOf(reading, others) };
}

function othersOf(
  { request }: Reading,
  own: readonly { readonly authorization: Authorization }[],
): readonly OtherCredentials[] {
  if (own.length === 0 && request.proxyAuthorizations.length === 0 && !request.isCookieRemoved) return noOthers;
  const proxies = request.proxyAuthorizations.flatMap(splitCredentials).slice(0, maxCredentials);
  const cookie: OtherCredentials = { field: "cookie", scheme: "removed", isPassword: false };
  return [
    ...own.map(({ authorization }) => otherCredentials("authorization", authorization)),
    ...proxies.map((value) => otherCredentials("proxy-authorization", decodeAuthorization(value))),
    ...(request.isCookieRemoved ? [cookie] : []),
  ];
}

function otherCredentials(field: OtherCredentials["field"], authorization: Authorization): OtherCredentials {
  const isPassword = authorization.scheme === "basic" && authorization.isDecodable;
  return { field, scheme: authorization.scheme, isPassword };
}

function authorizationOf({ applications, authorizations }: Reading, value: string): Authorization {
  const known = authorizations?.get(value);
  if (known !== undefined) return known;
  const authorization = decodeAuthorization(value, applications);
  authorizations?.set(value, authorization);
  return authorization;
}

function noteCounted({ sightings, problems }: Reading, counted: { value: string; authorization: Authorization }): void {
  const { authorization, value } = counted;
  if (authorization.scheme === "bearer") {
    const { token } = authorization;
    sightings.found.push({ path: "authorization", side: "request", token });
    if (!token.ok) problems.push(`Authorization: ${token.problem}`);
    else if (token.value.actor?.ok === false) problems.push(`actor token: ${token.value.actor.problem}`);
  } else if (authorization.scheme === "other") {
    collectHeaderTokens(sightings, value);
  } else if (authorization.scheme === "ntlm" || authorization.scheme === "negotiate") {
    if (!authorization.message.ok) problems.push(`Authorization: ${authorization.message.problem}`);
  } else if (authorization.scheme === "basic" && !authorization.isDecodable) {
    problems.push("Authorization: the Basic credentials cannot be decoded");
  }
}
