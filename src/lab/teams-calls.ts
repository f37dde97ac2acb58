// The Teams services' calls to Exchange Server: the address of EWS without sign-in, then EWS with a token, and the check of a
// delegate. "Resolve interaction issues between Teams and Exchange Server" (Microsoft Learn) names the requests and their agents.

import { user } from "./names.ts";
import { type CloudClient, ewsPath, exchangeAudience, fetchToken, soap } from "./sfb-online.ts";
import { soapRequests } from "./soap.ts";
import { actAsUserToken } from "./tokens.ts";

/** Plays the calls of one application. */
export async function callAsTeams(app: string, cloud: CloudClient): Promise<void> {
  const { exchange, step } = cloud;
  await step("Teams looks for EWS");
  const found = await exchange.send({
    method: "GET",
    path: `/autodiscover/autodiscover.json?Email=${user.address}&Protocol=EWS`,
    headers: { "User-Agent": "Teams", Accept: "application/json" },
  });
  const path = found.status === 200 ? pathOf(found.body) : ewsPath;
  await step("probe");
  await exchange.send(soap(path, "Bearer", ""));
  const actor = await fetchToken(app, cloud);
  if (actor === null) return;
  const now = Math.floor(Date.now() / 1000);
  const acting = actAsUserToken(app, exchangeAudience, actor, { notBefore: now, expires: now + 28_800 });
  await step("calendar");
  await exchange.send(soap(path, `Bearer ${acting}`, soapRequests.calendar));
  await step("delegate");
  const check = soap(path, `Bearer ${acting}`, soapRequests.delegate);
  await exchange.send({ ...check, headers: { ...check.headers, "User-Agent": "SchedulingService" } });
}

/** The path of the address in an answer of Autodiscover v2. */
function pathOf(body: string): string {
  const { Url: url } = JSON.parse(body) as { Url: string };
  return new URL(url).pathname;
}
