// Skype for Business Online: the server that Exchange calls with a token of its own, and the client that calls Exchange.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Client, ClientRequest } from "./https-client.ts";
import type { LabKeys } from "./keys.ts";
import { applications, exchangeName, serviceAccount, sfbOnlineName, stsName, tenant, tokenPath } from "./names.ts";
import { authenticateMessage, negotiateMessage } from "./ntlm-messages.ts";
import { readBody } from "./read-body.ts";
import type { Deviations } from "./scenarios.ts";
import { soapRequests } from "./soap.ts";
import { actAsUserToken, selfIssuedToken } from "./tokens.ts";

const autodiscover = "/autodiscover/autodiscover.svc";
export const ewsPath = "/EWS/Exchange.asmx";
export const exchangeAudience = `${applications.exchange}/${exchangeName}@${tenant}`;
export const sfbOnlineAudience = `${applications.skypeForBusiness}/${sfbOnlineName}@${tenant}`;

/** Handles calls of Exchange: a challenge without a token, 200 with one. */
export function sfbOnlineHandler(): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    await readBody(request);
    const hasToken = /^Bearer +\S/i.test(request.headers.authorization ?? "");
    if (!hasToken) {
      response.setHeader("WWW-Authenticate", [
        `Bearer trusted_issuers="${applications.sts}@${tenant}", client_id="${applications.skypeForBusiness}"`,
        'MsRtcOAuth href="https://webdir.online.lync.com/WebTicket/oauthtoken",grant_type="urn:microsoft.rtc:windows,urn:microsoft.rtc:anonmeeting,password"',
      ]);
    }
    const body = hasToken ? '{"_links":{"self":{"href":"/ucwa/oauth/v1/applications"}}}' : "";
    response.writeHead(hasToken ? 200 : 401, {
      "Content-Type": "application/json",
      Server: "Microsoft-IIS/10.0",
      "Content-Length": String(body.length),
    });
    response.end(body);
  };
}

export interface CloudClient {
  readonly keys: LabKeys;
  readonly deviations: Deviations;
  /** To Exchange, through the reverse listener. */
  readonly exchange: Client;
  /** To the STS. */
  readonly sts: Client;
  readonly step: (label: string) => Promise<void>;
}

/** Plays one caller's calls of the scenario to Exchange. */
export async function callExchange(app: string, cloud: CloudClient): Promise<void> {
  const { deviations, exchange, step } = cloud;
  const send = async (label: string, path: string, authorization: string | null, body: string) => {
    await step(label);
    return exchange.send(soap(path, authorization, body));
  };
  if (deviations.signIn === "ntlm") return signInWithNtlm(cloud);
  if (deviations.isCached !== true) await send("probe", autodiscover, "Bearer", "");
  const actor = await fetchToken(app, cloud);
  let isRefused = actor === null;
  if (actor !== null) {
    const alone = await send("application only", autodiscover, `Bearer ${actor}`, soapRequests.autodiscover);
    isRefused = alone.status === 401;
    if (!isRefused) {
      const now = Math.floor(Date.now() / 1000);
      const acting = actAsUserToken(app, exchangeAudience, actor, { notBefore: now, expires: now + 28_800 });
      for (const [label, body] of Object.entries(userCalls)) await send(label, ewsPath, `Bearer ${acting}`, body);
    }
  }
  if (isRefused && deviations.signIn === "basic") {
    const { domain, name, password } = serviceAccount;
    const credentials = Buffer.from(`${domain}\\${name}:${password}`).toString("base64");
    await send("Basic", ewsPath, `Basic ${credentials}`, soapRequests.conversationHistory);
  }
}

const userCalls = {
  "conversation history": soapRequests.conversationHistory,
  "archived message": soapRequests.archivedMessage,
  "out of office": soapRequests.outOfOffice,
} as const;

async function signInWithNtlm({ exchange, step }: CloudClient): Promise<void> {
  for (const [label, authorization] of [
    ["anonymous", null],
    ["NTLM negotiate", `NTLM ${negotiateMessage()}`],
    ["NTLM authenticate", `NTLM ${authenticateMessage(serviceAccount)}`],
  ] as const) {
    await step(label);
    await exchange.send(soap(ewsPath, authorization, soapRequests.conversationHistory));
  }
}

/** Requests an actor token for Exchange from the STS; null when it is refused. */
export async function fetchToken(app: string, { keys, sts, step }: CloudClient): Promise<string | null> {
  const now = Math.floor(Date.now() / 1000);
  const audience = `${applications.sts}/${stsName}@${tenant}`;
  const assertion = await selfIssuedToken(app, audience, keys.cloudApp, { notBefore: now, expires: now + 3600 });
  await step("token request");
  const answer = await sts.send(tokenRequest(assertion, exchangeAudience));
  return answer.status === 200 ? accessToken(answer.body) : null;
}

/** The form an application sends to the STS. */
export function tokenRequest(assertion: string, resource: string): ClientRequest {
  const form = new URLSearchParams({
    grant_type: "http://oauth.net/grant_type/jwt/1.0/bearer",
    assertion,
    resource,
    realm: tenant,
  });
  return {
    method: "POST",
    path: tokenPath,
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      "client-request-id": randomUUID(),
      "return-client-request-id": "True",
    },
    body: form.toString(),
  };
}

export function accessToken(body: string): string {
  const { access_token: token } = JSON.parse(body) as { access_token: string };
  return token;
}

/** A SOAP call of a cloud service to Exchange; without a header field when `authorization` is null. */
export function soap(path: string, authorization: string | null, body: string): ClientRequest {
  return {
    method: "POST",
    path,
    headers: {
      "User-Agent": "SkypeSpaces/1.0a$*+",
      "Content-Type": "text/xml; charset=utf-8",
      "client-request-id": randomUUID(),
      ...(authorization === null ? {} : { Authorization: authorization }),
    },
    body,
  };
}
