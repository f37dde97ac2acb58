// Calls of Exchange Server to Microsoft's cloud, and what answers them. Forms: access tokens of Entra v1 and v2 as the page
// "Access token claims reference" (learn.microsoft.com) lists their claims; the client assertion of "Microsoft identity platform
// application authentication certificate credentials"; the 403 of the EWS gate and the answers of Graph as Microsoft documents them.
import type { HttpTransaction } from "../../../src/core/http-transaction.ts";
import type { Analysis } from "../../../src/diagnosis/analysis.ts";
import type { QuestionId, ReadinessAnswer, ReadinessOptions } from "../../../src/diagnosis/readiness/answer.ts";
import { answerReadiness } from "../../../src/diagnosis/readiness/answer-all.ts";
import { startReadinessCollector } from "../../../src/diagnosis/readiness/collector.ts";
import {
  actorToken,
  assertion,
  type Exchanged,
  exchange,
  judge,
  jwt,
  newStory,
  tenant,
  tokenRequest,
} from "../story.ts";

export const dedicated = "5c3f1a7e-2b44-4f0e-9a61-0d6d7c1be001";
export const otherApp = "5c3f1a7e-2b44-4f0e-9a61-0d6d7c1be002";
const online = "outlook.office365.com";
const graph = "graph.microsoft.com";
export const server1 = "192.0.2.11";
export const server2 = "192.0.2.12";
/** After the list of the EWS gate began to count and before EWS ends. */
export const today = Date.UTC(2026, 10, 30, 9, 0, 0);
export const ewsRole = "full_access_as_app";
export const graphRoles = ["Calendars.Read", "MailboxSettings.Read", "MailTips.ReadBasic.All", "ProfilePhoto.Read.All"];
export const noOptions: ReadinessOptions = { hybridApp: null, applications: new Map(), certificates: [] };

const seconds = today / 1000;
const times = { iat: seconds - 300, nbf: seconds - 300, exp: seconds + 86_000 };

/** An access token of Entra v1 for an application. */
function entraToken(audience: string, roles: readonly string[], caller = dedicated): string {
  return jwt(
    { typ: "JWT", alg: "RS256", x5t: "XqrnFEfsS55_vMBpHvF0pTnqeaM", kid: "XqrnFEfsS55_vMBpHvF0pTnqeaM" },
    {
      ...{ aud: audience, iss: `https://sts.windows.net/${tenant}/`, ...times, appid: caller, appidacr: "2" },
      ...{
        idtyp: "app",
        oid: otherApp,
        ...(roles.length > 0 ? { roles } : {}),
        sub: otherApp,
        tid: tenant,
        ver: "1.0",
      },
    },
  );
}

interface CallOptions extends Exchanged {
  readonly caller?: string;
  readonly roles?: readonly string[];
  readonly operation?: string;
}

const outbound: Exchanged = { client: `${server1}:51000`, connection: "out1", agent: "" };

function soap(operation: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><soap:Body><m:${operation}/></soap:Body></soap:Envelope>`;
}

/** EWS of Exchange Online, called by the dedicated application. */
export function ewsCall({
  caller,
  roles = [ewsRole],
  operation = "GetUserAvailabilityRequest",
  ...rest
}: CallOptions = {}): Exchanged {
  return {
    ...outbound,
    ...{
      host: online,
      path: "/EWS/Exchange.asmx",
      body: soap(operation),
      headers: [["Content-Type", "text/xml; charset=utf-8"]],
    },
    authorization: `Bearer ${entraToken(`https://${online}`, roles, caller)}`,
    ...rest,
  };
}

/** The same as the shared service principal, with an actor token of ACS. */
export function sharedCall(rest: Exchanged = {}): Exchanged {
  return {
    ...ewsCall(),
    authorization: `Bearer ${actorToken({ caller: exchange, host: online })}`,
    ...rest,
  };
}

/** Free/busy by Microsoft Graph. */
export function graphCall({ caller, roles = graphRoles, ...rest }: CallOptions = {}): Exchanged {
  return {
    ...outbound,
    ...{ host: graph, path: "/v1.0/users/megan@contoso.com/calendar/getSchedule", connection: "out2" },
    headers: [["Content-Type", "application/json"]],
    answer: [["Content-Type", "application/json"]],
    authorization: `Bearer ${entraToken(`https://${graph}`, roles, caller)}`,
    ...rest,
  };
}

interface RequestOptions {
  readonly caller?: string;
  readonly x5t?: string;
  readonly x5tS256?: string;
  readonly resource?: string;
  /** AADSTS code of a refusal; a token is issued without it. */
  readonly error?: string;
  readonly roles?: readonly string[];
  readonly client?: string;
}

export const thumbprint = "Zm9ydHktb2N0ZXRzLW9mLXNoYTE";
export const nextThumbprint = "bmV4dC1jZXJ0aWZpY2F0ZS1zaGE";

/** A token request of the dedicated application at Entra v1. */
export function entraRequest(options: RequestOptions = {}): Exchanged {
  const { caller = dedicated, resource = `https://${online}`, error, roles = [ewsRole], client = server1 } = options;
  const header = {
    typ: "JWT",
    alg: "RS256",
    x5t: options.x5t ?? thumbprint,
    ...(options.x5tS256 === undefined ? {} : { "x5t#S256": options.x5tS256 }),
  };
  const endpoint = `https://login.microsoftonline.com/${tenant}/oauth2/token`;
  const form = new URLSearchParams({
    ...{ grant_type: "client_credentials", client_id: caller, resource },
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: jwt(header, {
      aud: endpoint,
      iss: caller,
      sub: caller,
      jti: otherApp,
      nbf: seconds - 10,
      exp: seconds + 600,
    }),
  });
  const answer =
    error === undefined
      ? { token_type: "Bearer", expires_in: "3599", resource, access_token: entraToken(resource, roles, caller) }
      : { error: "invalid_client", error_description: `${error}: Client assertion is not accepted.` };
  return {
    ...{ host: "login.microsoftonline.com", connection: "login1", client: `${client}:51001`, agent: "" },
    ...{ path: `/${tenant}/oauth2/token`, body: form.toString(), status: error === undefined ? 200 : 401 },
    headers: [["Content-Type", "application/x-www-form-urlencoded"]],
    answer: [["Content-Type", "application/json; charset=utf-8"]],
    answerBody: JSON.stringify(answer),
  };
}

/** The shared service principal asks ACS for a token for Exchange Online. */
export function sharedRequest(issued: boolean): Exchanged {
  const resource = `${exchange}/${online}@${tenant}`;
  const own = assertion({ caller: exchange });
  return {
    ...tokenRequest(
      issued
        ? { assertion: own, resource, issued: actorToken({ caller: exchange, host: online }) }
        : { assertion: own, resource, description: "ACS50012: Authentication failed." },
    ),
    client: `${server1}:51002`,
  };
}

/** The refusals of the EWS gate (learn.microsoft.com, "Control access to EWS in Exchange Online"). */
export const gateOff: Exchanged = {
  status: 403,
  answer: [["X-EWS-Policy-Reason", "EWS is disabled for this user or tenant."]],
};
export const gateNotAllowed: Exchanged = {
  status: 403,
  answer: [["X-EWS-Policy-Reason", "EWS is blocked by policy for this user or tenant."]],
};

/** The story of one capture as an analysis that collected what readiness asks for. */
export function seenIn(story: readonly Exchanged[], startAt = today, prefix = "t"): Analysis {
  const step = newStory(prefix);
  const transactions: HttpTransaction[] = story.map((one, index) => step({ at: startAt + index * 1_000, ...one }));
  return judge(transactions, { startReadiness: startReadinessCollector });
}

export function answersTo(analysis: Analysis, options: Partial<ReadinessOptions> = {}): readonly ReadinessAnswer[] {
  return answerReadiness(analysis, { ...noOptions, ...options });
}

export function answerTo(id: QuestionId, analysis: Analysis, options: Partial<ReadinessOptions> = {}): ReadinessAnswer {
  const found = answersTo(analysis, options).find((answer) => answer.id === id);
  if (found === undefined) throw new Error(`there is no answer to ${id}`);
  return found;
}
