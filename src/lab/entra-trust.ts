// How Microsoft's services check an app-only token of Entra ID: signature, issuer, tenant, audience and times.
import { createHash, createPublicKey } from "node:crypto";
import { compactVerify, decodeJwt, decodeProtectedHeader, type JWTPayload } from "jose";
import type { SigningKey } from "./keys.ts";
import { tenant } from "./names.ts";

export interface AppOnlyCaller {
  readonly app: string;
  readonly roles: readonly string[];
}

const issuers: readonly unknown[] = [
  `https://sts.windows.net/${tenant}/`,
  `https://login.microsoftonline.com/${tenant}/v2.0`,
];

/** The caller that a token proves; null when anything is wrong with it. `audiences` are all names of the resource. */
export async function callerOf(
  compact: string,
  key: SigningKey,
  audiences: readonly string[],
): Promise<AppOnlyCaller | null> {
  const claims = await verifiedClaims(compact, key);
  if (claims === null) return null;
  const now = Date.now() / 1000;
  const isCurrent = Number(claims.nbf) - 300 <= now && now < Number(claims.exp) + 300;
  const isForUs = typeof claims.aud === "string" && audiences.includes(claims.aud.replace(/\/$/, ""));
  const isOurs = issuers.includes(claims.iss) && claims.tid === tenant && claims.idtyp === "app";
  const app = claims.ver === "2.0" ? claims.azp : claims.appid;
  if (!isCurrent || !isForUs || !isOurs || typeof app !== "string") return null;
  const roles: readonly unknown[] = Array.isArray(claims.roles) ? claims.roles : [];
  return { app, roles: roles.filter((role) => typeof role === "string") };
}

async function verifiedClaims(compact: string, key: SigningKey): Promise<JWTPayload | null> {
  try {
    const signed = asSigned(compact);
    await compactVerify(signed, createPublicKey(key.privateKey), { algorithms: ["RS256"] });
    return decodeJwt(signed);
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

/** The token as it was signed: with the digest of its nonce, where its header has one. */
function asSigned(compact: string): string {
  const { nonce } = decodeProtectedHeader(compact) as { nonce?: unknown };
  if (typeof nonce !== "string") return compact;
  const [header = "", ...rest] = compact.split(".");
  const digest = createHash("sha256").update(nonce).digest("base64url");
  const text = Buffer.from(header, "base64url").toString("utf8").replace(JSON.stringify(nonce), JSON.stringify(digest));
  return [Buffer.from(text).toString("base64url"), ...rest].join(".");
}
