// Tokens whose signature is a placeholder, as they stand in logs: printed, or raw in an event.
import { applications, exchangeName, tenant, user } from "../../../src/lab/names.ts";
import { startAt } from "./log-rows.ts";

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const signature = Buffer.from("not a signature: made for captures/logs").toString("base64url");
const now = startAt / 1000;

function actor(application: string, audience: string): string {
  const issuer = `${applications.sts}@${tenant}`;
  const claims = { aud: audience, iss: issuer, nbf: now, exp: now + 86_700, nameid: `${application}@${tenant}` };
  return `${part({ typ: "JWT", alg: "RS256", x5t: "made-for-captures-logs-00" })}.${part(claims)}.${signature}`;
}

const exchangeAudience = `${applications.exchange}/${exchangeName}@${tenant}`;

/** The Teams scheduler's token for itself. */
export const appOnlyText = actor(applications.teamsScheduler, exchangeAudience);

/** Skype for Business Online acts as a user. */
export const actAsText = `${part({ typ: "JWT", alg: "none" })}.${part({
  aud: exchangeAudience,
  iss: `${applications.skypeForBusiness}@${tenant}`,
  nbf: String(now),
  exp: String(now + 28_800),
  nameid: user.puid,
  nii: "urn:federation:MicrosoftOnline",
  smtp: user.address,
  actortoken: actor(applications.skypeForBusiness, exchangeAudience),
})}.`;

/** Exchange's own token for Exchange Online. */
export const outboundText = actor(applications.exchange, `${applications.exchange}/outlook.office365.com@${tenant}`);
