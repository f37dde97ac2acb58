// How Exchange Server checks a token, and the refusal that it sends for a bad one.
import { createPublicKey, type KeyObject } from "node:crypto";
import { compactVerify, decodeJwt, decodeProtectedHeader, type JWTPayload } from "jose";
import { applications, exchangeName, tenant } from "./names.ts";

export interface Trust {
  /** x5t → public key, as the STS publishes them now. */
  keys(): Promise<ReadonlyMap<string, KeyObject>>;
  readonly partners: () => ReadonlySet<string>;
  readonly isUserKnown: boolean;
}

/** A refusal as `x-ms-diagnostics` reports it. */
export interface Refusal {
  readonly code: string;
  readonly category: string;
  readonly reason: string;
}

export type Judgement = { readonly app: string; readonly isUser: boolean } | Refusal;

/** Checks a bearer token: a bare actor token, or an unsigned outer token with an actor token inside. */
export async function judgeToken(compact: string, trust: Trust): Promise<Judgement> {
  const outer = decode(compact);
  if (outer === null) return refuse("2000001", "invalid_token", "The token has an invalid format.");
  const inner = outer.claims.actortoken;
  if (inner === undefined) return judgeActor(compact, trust);
  if (typeof inner !== "string" || outer.isSigned)
    return refuse("2000001", "invalid_token", "The outer token must not be signed.");
  const actor = await judgeActor(inner, trust);
  if ("code" in actor) return actor;
  if (idOf(outer.claims.iss) !== actor.app) {
    return refuse(
      "2000001",
      "invalid_token",
      "The issuer of the token differs from the name identifier of its actor token.",
    );
  }
  const times = judgeTimes(outer.claims);
  if (times !== null) return times;
  if (!trust.isUserKnown)
    return refuse("2000005", "invalid_user", "The user specified by the user-context in the token does not exist.");
  return { app: actor.app, isUser: true };
}

async function judgeActor(compact: string, trust: Trust): Promise<Judgement> {
  const actor = decode(compact);
  if (actor === null || !actor.isSigned) return refuse("2000001", "invalid_token", "The actor token is not signed.");
  const times = judgeTimes(actor.claims);
  if (times !== null) return times;
  const audience = judgeAudience(String(actor.claims.aud ?? ""));
  if (audience !== null) return audience;
  const key = (await trust.keys()).get(actor.x5t);
  if (key === undefined || !(await isSignedBy(compact, key))) {
    return refuse("2000000", "invalid_signature", "The token has an invalid signature.");
  }
  if (actor.claims.iss !== `${applications.sts}@${tenant}`) {
    return refuse("2000001", "invalid_token", "The issuer of the token is unknown.");
  }
  const app = idOf(actor.claims.nameid);
  if (!trust.partners().has(app)) {
    return refuse("2000006", "invalid_client", `The caller '${app}' is not a known partner application.`);
  }
  return { app, isUser: false };
}

function judgeTimes(claims: JWTPayload): Refusal | null {
  const skewSeconds = 300;
  const now = Date.now() / 1000;
  if (Number(claims.exp) + skewSeconds < now) return refuse("2000002", "token_expired", "The token has expired.");
  if (Number(claims.nbf) - skewSeconds > now) return refuse("2000002", "token_expired", "The token is not valid yet.");
  return null;
}

function judgeAudience(audience: string): Refusal | null {
  const match = /^([^/@]+)\/([^@]+)@(.+)$/.exec(audience);
  if (match?.[1] === applications.exchange && match[2]?.toLowerCase() === exchangeName && match[3] === tenant)
    return null;
  const host = match?.[2] ?? "";
  return refuse(
    "2000003",
    "invalid_resource",
    `The hostname component of the audience claim value '${host}' is invalid; expected '${exchangeName}'.`,
  );
}

interface Seen {
  readonly claims: JWTPayload;
  readonly isSigned: boolean;
  readonly x5t: string;
}

function decode(compact: string): Seen | null {
  try {
    const header = decodeProtectedHeader(compact);
    return {
      claims: decodeJwt(compact),
      isSigned: header.alg === "RS256" && !compact.endsWith("."),
      x5t: String(header.x5t ?? ""),
    };
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

async function isSignedBy(compact: string, key: KeyObject): Promise<boolean> {
  try {
    await compactVerify(compact, key, { algorithms: ["RS256"] });
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

/** Reads the keys of a metadata document, by thumbprint. */
export function readKeys(document: unknown): ReadonlyMap<string, KeyObject> {
  const { keys } = document as { keys: { keyinfo: { x5t: string }; keyvalue: { value: string } }[] };
  return new Map(keys.map(({ keyinfo, keyvalue }) => [keyinfo.x5t, publicKeyOf(keyvalue.value)]));
}

function publicKeyOf(base64Der: string): KeyObject {
  const lines = base64Der.match(/.{1,64}/g) ?? [];
  return createPublicKey(`-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`);
}

function idOf(principal: unknown): string {
  return String(principal ?? "").split("@")[0] ?? "";
}

function refuse(code: string, category: string, reason: string): Refusal {
  return { code, category, reason };
}
