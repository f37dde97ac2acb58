// Builds the tokens of Entra ID by hand: the client assertion of an application and the app-only access tokens of both versions.
import { createHash, randomUUID } from "node:crypto";
import { type CompactJWSHeaderParameters, CompactSign } from "jose";
import type { SigningKey } from "./keys.ts";
import { applications, tenant } from "./names.ts";
import type { TokenTimes } from "./tokens.ts";

/** Which endpoint issued a token: its format follows. */
export type EntraVersion = "v1" | "v2";

export interface AppOnlyToken {
  readonly version: EntraVersion;
  readonly app: string;
  readonly audience: string;
  readonly roles: readonly string[];
  readonly times: TokenTimes;
  /**
   * Entra puts a `nonce` into the header of tokens for Microsoft Graph and signs the header with the SHA-256 digest of the nonce
   * in its place (github.com/justinlettau/azure-ad-verify-token/issues/5), so that only Graph can use the token.
   */
  readonly hasNonce: boolean;
}

/** The client assertion of RFC 7523 §3 with the thumbprints that Entra's documentation names: `x5t` and `x5t#S256`. */
export function clientAssertion(app: string, audience: string, key: SigningKey, times: TokenTimes): Promise<string> {
  return signHeader(
    { alg: "RS256", typ: "JWT", x5t: key.x5t, "x5t#S256": thumbprint256(key) },
    {
      aud: audience,
      iss: app,
      sub: app,
      jti: randomUUID(),
      nbf: times.notBefore,
      iat: times.notBefore,
      exp: times.expires,
    },
    key,
  );
}

/** The app-only access token: `appid` and `sts.windows.net` in v1, `azp` and `…/v2.0` in v2. */
export async function appOnlyToken(token: AppOnlyToken, key: SigningKey): Promise<string> {
  const claims = token.version === "v1" ? v1Claims(token) : v2Claims(token);
  const header = { typ: "JWT", alg: "RS256", ...(token.version === "v1" ? { x5t: key.x5t } : {}), kid: key.x5t };
  if (!token.hasNonce) return signHeader(header, claims, key);
  const nonce = randomUUID();
  const digest = createHash("sha256").update(nonce).digest("base64url");
  const [, payload = "", signature = ""] = (await signHeader({ ...header, nonce: digest }, claims, key)).split(".");
  return `${Buffer.from(JSON.stringify({ ...header, nonce })).toString("base64url")}.${payload}.${signature}`;
}

/** base64url SHA-256 thumbprint of a certificate. */
export function thumbprint256({ certificateDer }: SigningKey): string {
  return createHash("sha256").update(certificateDer).digest("base64url");
}

function v1Claims({ app, audience, roles, times }: AppOnlyToken): object {
  return {
    aud: audience,
    iss: `https://sts.windows.net/${tenant}/`,
    ...lifetime(times),
    appid: app,
    appidacr: "2",
    idp: `https://sts.windows.net/${tenant}/`,
    idtyp: "app",
    oid: servicePrincipal,
    roles,
    sub: servicePrincipal,
    tid: tenant,
    ver: "1.0",
  };
}

function v2Claims({ app, audience, roles, times }: AppOnlyToken): object {
  return {
    aud: audience,
    iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
    ...lifetime(times),
    azp: app,
    azpacr: "2",
    idtyp: "app",
    oid: servicePrincipal,
    roles,
    sub: servicePrincipal,
    tid: tenant,
    ver: "2.0",
  };
}

function lifetime({ notBefore, expires }: TokenTimes): object {
  return { iat: notBefore, nbf: notBefore, exp: expires };
}

/** The object id of the application's service principal in the tenant. Made up. */
const servicePrincipal = applications.dedicatedHybrid.replace(/^.{8}/, "3e0a7d18");

/** Signs the header exactly as given: jose adds nothing to it. */
function signHeader(header: CompactJWSHeaderParameters, claims: object, { privateKey }: SigningKey): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims))).setProtectedHeader(header).sign(privateKey);
}
