// A token is looked at before the first call: for the right tenant, the right Graph, long enough, and with a permission
// that can do the work. Decoding is not trusting; Graph checks the signature.
import { decodeJwt } from "../../decoders/tokens/jwt.ts";
import type { Cloud } from "../model/clouds.ts";
import { type Reason, Stop } from "../model/stop.ts";

export interface TokenWishes {
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
/** A token that ends within five minutes would end in the middle of the run. */
const leastLifeMs = 300_000;

/** Checks a token's claims. Throws Stop `token-unfit` saying which claim, never the token. */
export function checkToken(token: string, { cloud, tenant, now }: TokenWishes): CheckedToken {
  const decoded = decodeJwt(token.trim());
  if (!decoded.ok) {
    // Graph says that its tokens are opaque to clients; one that cannot be read can only be tried.
    if (/encrypted/.test(decoded.problem))
      return { token: token.trim(), actor: "unknown", expiresAt: now, warnings: [] };
    throw unfit(`it is no token (${decoded.problem})`);
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
  if (expiresAt - now < leastLifeMs) throw unfit(`it ends in ${Math.round((expiresAt - now) / 1000)} seconds`);
  const permissions = [claim("scp"), ...(Array.isArray(claims.roles) ? claims.roles.map(String) : [])].join(" ");
  return {
    token: token.trim(),
    actor: claim("upn") || claim("preferred_username") || claim("app_displayname") || claim("appid") || claim("azp"),
    expiresAt,
    warnings: warningsOn(permissions),
  };
}

/** v1 tokens of every cloud but China's come from sts.windows.net; v2 tokens and custom clouds from their own login. */
function refuseIssuer(issuer: string, cloud: Cloud): void {
  if (issuer === "" || !URL.canParse(issuer)) throw unfit("it does not say who issued it");
  const { origin } = new URL(issuer);
  const v1 = cloud.name === "china" ? "https://sts.chinacloudapi.cn" : "https://sts.windows.net";
  const known = [cloud.login, ...(cloud.name === "custom" ? [] : [v1])];
  if (!known.includes(origin))
    throw unfit(`its issuer ${origin} does not belong to the cloud ${cloud.name} (${cloud.login})`);
}

function warningsOn(permissions: string): readonly string[] {
  if (/\b(?:Application|Directory)\.ReadWrite\.All\b|\bDirectory\.AccessAsUser\.All\b/.test(permissions)) return [];
  const shown = permissions.trim() === "" ? "no permission" : permissions.trim();
  return [`The token has ${shown}; writing needs Application.ReadWrite.All.`];
}

function unfit(what: string): Stop {
  const reason: Reason = {
    code: "token-unfit",
    message: `The token for Microsoft Graph cannot be used: ${what}.`,
    hint: "Get one for the right tenant and cloud (see --sign-in); nothing was sent.",
  };
  return new Stop(reason);
}
