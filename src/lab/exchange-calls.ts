// Exchange Server's own calls to the cloud: to Skype for Business Online as it was in 2019, to Exchange Online as the shared
// service principal as it was until 2025, and as the dedicated hybrid application to Microsoft Graph and to Exchange Online.
import { randomUUID } from "node:crypto";
import { clientAssertion, type EntraVersion } from "./entra-tokens.ts";
import { exchangeOnlineAudience, stsAudience } from "./exchange-online.ts";
import { graphCalls, graphRequest } from "./graph-mailboxes.ts";
import type { Answer, Client, ClientRequest } from "./https-client.ts";
import type { LabKeys } from "./keys.ts";
import type { OutboundTokenRequest } from "./logs/exchange-call.ts";
import { applications, entraName, entraPaths, exchangeOnlineName, graphName, sfbOnlineName, tenant } from "./names.ts";
import type { OutboundCalls } from "./scenarios.ts";
import { accessToken, ewsPath, sfbOnlineAudience, tokenRequest } from "./sfb-online.ts";
import { soapRequests } from "./soap.ts";
import { actAsUserToken, selfIssuedToken } from "./tokens.ts";

export interface ExchangeClients {
  readonly keys: LabKeys;
  /** The connections of Exchange Server, opened when they are first needed. */
  readonly to: (server: "sts" | "sfbOnline" | "entra" | "graph" | "exchangeOnline") => Promise<Client>;
  readonly step: (label: string) => Promise<void>;
  /** Gets each token request once it is answered. */
  readonly log?: ((request: OutboundTokenRequest) => void) | undefined;
}

/** Plays the calls, in order. */
export async function callCloud(all: readonly OutboundCalls[], exchange: ExchangeClients): Promise<void> {
  if (all.some((calls) => calls !== "skype-online" && calls !== "ews-as-shared-principal"))
    await readEntraKeys(exchange);
  for (const calls of all) await callOne(calls, exchange);
}

function callOne(calls: OutboundCalls, exchange: ExchangeClients): Promise<void> {
  switch (calls) {
    case "skype-online":
      return callSkypeOnline(exchange);
    case "graph-v1":
    case "graph-v2":
      return callGraph(calls === "graph-v1" ? "v1" : "v2", exchange);
    case "ews":
      return callExchangeOnline(exchange);
    case "ews-as-shared-principal":
      return callAsSharedPrincipal(exchange);
  }
}

/** A probe, a token for its own assertion, a call with it. */
async function callSkypeOnline(exchange: ExchangeClients): Promise<void> {
  const cloud = await exchange.to("sfbOnline");
  const path = "/ucwa/oauth/v1/applications";
  await exchange.step("Exchange probes Skype for Business Online");
  await cloud.send({ method: "GET", path, headers: { Authorization: "Bearer" } });
  const token = await sharedToken(sfbOnlineAudience, `https://${sfbOnlineName}${path}`, exchange);
  await exchange.step("Exchange calls Skype for Business Online");
  await cloud.send({ method: "GET", path, headers: { Authorization: `Bearer ${token}` } });
}

/** Free/busy of a user in the cloud, as the shared service principal that acts for its own user. */
async function callAsSharedPrincipal(exchange: ExchangeClients): Promise<void> {
  const cloud = await exchange.to("exchangeOnline");
  await exchange.step("Exchange probes Exchange Online");
  await cloud.send(ewsRequest("Bearer", ""));
  const target = `https://${exchangeOnlineName}${ewsPath}`;
  const actor = await sharedToken(exchangeOnlineAudience, target, exchange);
  const now = Math.floor(Date.now() / 1000);
  const times = { notBefore: now, expires: now + 28_800 };
  const acting = actAsUserToken(applications.exchange, exchangeOnlineAudience, actor, times);
  await exchange.step("Exchange calls Exchange Online as the shared service principal");
  await cloud.send(ewsRequest(`Bearer ${acting}`, soapRequests.availability));
}

/** A token of the older token service for Exchange Server as the shared first-party principal, to call `target`. */
async function sharedToken(resource: string, target: string, exchange: ExchangeClients): Promise<string> {
  const sts = await exchange.to("sts");
  const assertion = await selfIssuedToken(
    applications.exchange,
    stsAudience,
    exchange.keys.exchangeAuth,
    fromNow(3600),
  );
  await exchange.step("Exchange asks for a token");
  const request = tokenRequest(assertion, resource);
  return accessToken((await sendLogged(sts, request, { target, resource }, exchange)).body);
}

/** Sends a token request and reports it to the log. */
async function sendLogged(
  to: Client,
  request: ClientRequest,
  wanted: Pick<OutboundTokenRequest, "target" | "resource">,
  { log }: ExchangeClients,
): Promise<Answer> {
  const startedAt = Date.now();
  const answer = await to.send(request);
  const { access_token: token, error, error_description: description = "" } = JSON.parse(answer.body) as TokenAnswer;
  log?.({
    ...{ startedAt, endedAt: Date.now(), clientRequestId: request.headers["client-request-id"] ?? "", realm: tenant },
    ...wanted,
    token: token ?? null,
    error: error === undefined ? null : { code: error, description },
  });
  return answer;
}

interface TokenAnswer {
  readonly access_token?: string;
  readonly error?: string;
  readonly error_description?: string;
}

async function callGraph(version: EntraVersion, exchange: ExchangeClients): Promise<void> {
  const token = await dedicatedToken(version, `https://${graphName}`, exchange);
  const graph = await exchange.to("graph");
  for (const call of graphCalls) {
    await exchange.step(`Exchange calls Graph: ${call.label}`);
    await graph.send(graphRequest(call, token));
  }
}

async function callExchangeOnline(exchange: ExchangeClients): Promise<void> {
  const cloud = await exchange.to("exchangeOnline");
  await exchange.step("Exchange probes Exchange Online");
  await cloud.send(ewsRequest("Bearer", ""));
  const token = await dedicatedToken("v1", `https://${exchangeOnlineName}`, exchange);
  await exchange.step("Exchange calls EWS in Exchange Online");
  await cloud.send(ewsRequest(`Bearer ${token}`, soapRequests.mailTips));
}

async function readEntraKeys({ to, step }: ExchangeClients): Promise<void> {
  const entra = await to("entra");
  await step("Exchange reads Entra's signing keys");
  const { body } = await entra.send({ method: "GET", path: entraPaths.configuration, headers: {} });
  const { jwks_uri: address } = JSON.parse(body) as { jwks_uri: string };
  await entra.send({ method: "GET", path: new URL(address).pathname, headers: {} });
}

/** A token of Entra for the dedicated hybrid application, which proves itself with the auth certificate of Exchange. */
async function dedicatedToken(version: EntraVersion, resource: string, exchange: ExchangeClients): Promise<string> {
  const { keys, step } = exchange;
  const entra = await exchange.to("entra");
  const path = version === "v1" ? entraPaths.tokenV1 : entraPaths.tokenV2;
  const app = applications.dedicatedHybrid;
  const assertion = await clientAssertion(app, `https://${entraName}${path}`, keys.exchangeAuth, fromNow(600));
  await step(`Exchange asks Entra for a token for ${resource}`);
  const request = entraRequest(path, assertion, resource);
  return accessToken((await sendLogged(entra, request, { target: resource, resource }, exchange)).body);
}

/** The form of the client credentials grant: `resource` at the v1 endpoint, `scope` at the v2 endpoint. */
export function entraRequest(path: string, assertion: string, resource: string): ClientRequest {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: applications.dedicatedHybrid,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    ...(path === entraPaths.tokenV1 ? { resource } : { scope: `${resource}/.default` }),
  });
  return {
    method: "POST",
    path,
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      "client-request-id": randomUUID(),
      "return-client-request-id": "true",
    },
    body: form.toString(),
  };
}

function ewsRequest(authorization: string, body: string): ClientRequest {
  return {
    method: "POST",
    path: ewsPath,
    headers: {
      "Content-Type": "text/xml; charset=utf-8",
      "client-request-id": randomUUID(),
      Authorization: authorization,
    },
    body,
  };
}

function fromNow(seconds: number): { readonly notBefore: number; readonly expires: number } {
  const now = Math.floor(Date.now() / 1000);
  return { notBefore: now, expires: now + seconds };
}
