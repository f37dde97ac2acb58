// Checks a token before the first call: tenant, audience, issuer, time left, and permissions. The signature is not checked
// here; Graph does that.
import { decodeJwt } from "../../decoders/tokens/jwt.ts";
import type { Cloud } from "../model/clouds.ts";
import { type Reason, Stop } from "../model/stop.ts";

export interface TokenExpectation {
  readonly cloud: Cloud;
  readonly tenant: string;
  readonly now: number;
}

export interface CheckedToken {
  readonly token: string;
  /** A user name or an application id, for the transcript. */
  readonly actor: string;
  readonly expiresAt: number;
  /** Not fatal: the permission may still be enough for reading. */
  readonly warnings: readonly string[];
}

/** Microsoft Graph's own application id; some tokens carry it as audience instead of the address. */
const graphAppId = "00000003-0000-0000-c000-000000000000";
/** A token that expires within five minutes would expire in the middle of the run. */
const leastLifeMs = 300_000;

/** Checks a token's claims. Throws Stop `token-unfit` that names the claim, never the token. */
export function checkToken(token: string, { cloud, tenant, now }: TokenExpectation): CheckedToken {
  const decoded = decodeJwt(token.trim());
  if (!decoded.ok) {
    // Graph's tokens are opaque to clients by contract; an encrypted one can only be tried.
    if (/encrypted/.test(decoded.problem))
      return { token: token.trim(), actor: "unknown", expiresAt: now, warnings: [] };
    throw unfit(`it is not a token (${decoded.problem})`);
  }
  const { claims } = decoded.value;
  const claim = (name: string): string => (typeof claims[name] === "string" ? String(claims[name]) : "");
  const audience = claim("aud").replace(/\/$/, "");
  if (audience !== cloud.graph && audience !== graphAppId)
    throw unfit(`its audience is ${JSON.stringify(audience)}, not ${cloud.graph}`);
  if (claim("tid").toLowerCase() !== tenant)
    throw unfit(`it is for tenant ${JSON.stringify(claim("tid"))}, not ${tenant}`);
  refuseIssuer(claim("iss"), cloud);
  const expiresAt = Number(claims.exp) * 1000;
  if (!(expiresAt > now)) throw unfit("it has expired");
  if (expiresAt - now < leastLifeMs) throw unfit(`it expires in ${Math.round((expiresAt - now) / 1000)} seconds`);
  const permissions = [claim("scp"), ...(Array.isArray(claims.roles) ? claims.roles.map(String) : [])].join(" ");
  return {
    token: token.trim(),
    actor: claim("upn") || claim("preferred_username") || claim("app_displayname") || claim("appid") || claim("azp"),
    expiresAt,
    warnings: warningsOn(permissions),
  };
}

/** v1 tokens of every cloud except China's are issued by sts.windows.net; v2 tokens and those of custom clouds by their own login. */
function refuseIssuer(issuer: string, cloud: Cloud): void {
  if (issuer === "" || !URL.canParse(issuer)) throw unfit("it does not name its issuer");
  const { origin } = new URL(issuer);
  const v1 = cloud.name === "china" ? "https://sts.chinacloudapi.cn" : "https://sts.windows.net";
  const known = [cloud.login, ...(cloud.name === "custom" ? [] : [v1])];
  if (!known.includes(origin))
    throw unfit(`its issuer ${origin} does not belong to the cloud ${cloud.name} (${cloud.login})`);
}

function warningsOn(permissions: string): readonly string[] {
  if (/\b(?:Application|Directory)\.ReadWrite\.All\b|\bDirectory\.AccessAsUser\.All\b/.test(permissions)) return [];
  const shown = permissions.trim() === "" ? "no permission" : permissions.trim();
  return [`The token has ${shown}; changes need Application.ReadWrite.All.`];
}

function unfit(what: string): Stop {
  const reason: Reason = {
    code: "token-unfit",
    message: `The token for Microsoft Graph cannot be used: ${what}.`,
    hint: "Nothing was sent. Get a token for the right tenant and cloud (see --sign-in).",
  };
  return new Stop(reason);
}
