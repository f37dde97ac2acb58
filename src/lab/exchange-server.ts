// Exchange Server's front end: challenges, checks credentials, and answers Autodiscover and EWS.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { judgeToken, type Refusal, type Trust } from "./exchange-trust.ts";
import type { ExchangeCall } from "./logs/exchange-call.ts";
import { applications, exchangeName, serviceAccount, tenant } from "./names.ts";
import { authenticateMessage, challengeMessage, ntlmType } from "./ntlm-messages.ts";
import { readBody } from "./read-body.ts";
import { answerBody, operationOf } from "./soap.ts";

const bearer = [
  `Bearer client_id="${applications.exchange}"`,
  `trusted_issuers="${applications.sts}@${tenant},${applications.exchange}@${exchangeName.slice(exchangeName.indexOf(".") + 1)}"`,
  'token_types="app_asserted_user_v1 service_asserted_app_v1"',
  'authorization_uri="https://login.windows.net/common/oauth2/authorize"',
].join(", ");

const windowsAndBasic = ["Negotiate", "NTLM", `Basic realm="${exchangeName}"`];

export interface ExchangeOptions {
  readonly trust: Trust;
  /** Sent as `X-OWA-Version`; null sends none. */
  readonly build: string | null;
  /** Gets each call once it is answered. */
  readonly log?: ((call: ExchangeCall) => void) | undefined;
}

/** Answers one request. NTLM signs in the TCP connection, so `signedIn` remembers sockets, not requests. */
export function exchangeHandler({
  trust,
  build,
  log,
}: ExchangeOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const signedIn = new WeakSet<Socket>();
  return async (request, response) => {
    const startedAt = Date.now();
    const body = await readBody(request);
    const requestId = randomUUID();
    for (const [name, value] of commonHeaders(request, requestId)) response.setHeader(name, value);
    if (build !== null) response.setHeader("X-OWA-Version", build);
    const lookup = autodiscoverV2(request);
    const [scheme = "", value = ""] = (request.headers.authorization ?? "").split(/ +/, 2);
    const attempt = { scheme: scheme.toLowerCase(), value, socket: request.socket, signedIn };
    const outcome = lookup === null ? await judge(attempt, trust) : { lookup };
    respond(response, outcome, body);
    log?.({
      ...describeRequest(request, body),
      ...describeSignIn(attempt, outcome),
      startedAt,
      requestId,
      ...describeAnswer(response),
    });
  };
}

function describeRequest(
  request: IncomingMessage,
  body: string,
): Pick<
  ExchangeCall,
  "clientRequestId" | "method" | "host" | "path" | "query" | "userAgent" | "client" | "requestBytes" | "operation"
> {
  const { headers, method = "", url = "" } = request;
  const mark = url.indexOf("?");
  return {
    clientRequestId: String(headers["client-request-id"] ?? ""),
    method,
    host: (headers.host ?? "").replace(/:\d+$/, ""),
    path: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? "" : url.slice(mark),
    userAgent: headers["user-agent"] ?? "",
    client: request.socket.remoteAddress ?? "",
    requestBytes: Buffer.byteLength(body),
    operation: operationOf(body),
  };
}

const schemes: ReadonlyMap<string, "Bearer" | "Basic" | "NTLM"> = new Map([
  ["bearer", "Bearer"],
  ["basic", "Basic"],
  ["ntlm", "NTLM"],
]);

function describeSignIn(
  { scheme, value, socket, signedIn }: Attempt,
  outcome: Outcome,
): Pick<ExchangeCall, "scheme" | "isAuthenticated" | "token" | "account" | "refusal"> {
  const isWindows = signedIn.has(socket);
  const used = isWindows ? "NTLM" : (schemes.get(scheme) ?? null);
  const isAuthenticated = outcome === "accepted";
  const { domain, name } = serviceAccount;
  return {
    scheme: typeof outcome === "object" && "lookup" in outcome ? null : used,
    isAuthenticated,
    token: used === "Bearer" && value !== "" ? value : null,
    account: isAuthenticated && used !== "Bearer" ? `${domain}\\${name}` : null,
    refusal: typeof outcome === "object" && "code" in outcome ? outcome : null,
  };
}

function describeAnswer(response: ServerResponse): Pick<ExchangeCall, "status" | "responseBytes" | "endedAt"> {
  const length = Number(response.getHeader("Content-Length") ?? 0);
  return { status: response.statusCode, responseBytes: length, endedAt: Date.now() };
}

/** The protocol that an Autodiscover v2 request asks for; null for every other request. It needs no sign-in. */
function autodiscoverV2({ method, url = "" }: IncomingMessage): string | null {
  const [path = "", query = ""] = url.split("?");
  if (method !== "GET" || path.toLowerCase() !== "/autodiscover/autodiscover.json") return null;
  return new URLSearchParams(query).get("Protocol") ?? "";
}

function respond(response: ServerResponse, outcome: Outcome, body: string): void {
  if (outcome === "accepted") succeed(response, body);
  else if ("lookup" in outcome) answerLookup(response, outcome.lookup);
  else if ("schemes" in outcome) challenge(response, outcome.schemes);
  else refuse(response, outcome);
}

function answerLookup(response: ServerResponse, protocol: string): void {
  const isKnown = protocol.toLowerCase() === "ews";
  const answer = isKnown
    ? { Protocol: "EWS", Url: `https://${exchangeName}/EWS/Exchange.asmx` }
    : { ErrorCode: "InvalidProtocol", ErrorMessage: "The given protocol value is invalid. Supported values are 'EWS'" };
  const text = JSON.stringify(answer);
  response.writeHead(isKnown ? 200 : 400, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}

interface Attempt {
  readonly scheme: string;
  readonly value: string;
  readonly socket: Socket;
  readonly signedIn: WeakSet<Socket>;
}

/** `lookup`: an Autodiscover v2 request, with the protocol that it asks for. */
type Outcome = "accepted" | Refusal | { readonly schemes: readonly string[] } | { readonly lookup: string };

async function judge({ scheme, value, socket, signedIn }: Attempt, trust: Trust): Promise<Outcome> {
  const again = { schemes: windowsAndBasic };
  if (signedIn.has(socket)) return "accepted";
  switch (scheme) {
    case "bearer": {
      if (value === "") return { schemes: [bearer, ...windowsAndBasic] };
      const judged = await judgeToken(value, trust);
      return "code" in judged ? judged : "accepted";
    }
    case "basic":
      return isServiceAccount(value) ? "accepted" : again;
    case "ntlm":
      if (ntlmType(value) === 1) return { schemes: [`NTLM ${challengeMessage()}`] };
      if (value !== authenticateMessage(serviceAccount)) return again;
      signedIn.add(socket);
      return "accepted";
    default:
      return again;
  }
}

function commonHeaders(request: IncomingMessage, requestId: string): [string, string][] {
  const clientRequestId = request.headers["client-request-id"];
  return [
    ["Server", "Microsoft-IIS/10.0"],
    ["request-id", requestId],
    ...(typeof clientRequestId === "string" ? [["client-request-id", clientRequestId] satisfies [string, string]] : []),
    ["X-FEServer", "EX01"],
  ];
}

function challenge(response: ServerResponse, schemes: readonly string[]): void {
  response.setHeader("WWW-Authenticate", [...schemes]);
  response.writeHead(401, { "Content-Length": "0" });
  response.end();
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  response.setHeader("WWW-Authenticate", [`${bearer}, error="invalid_token"`, ...windowsAndBasic]);
  response.setHeader(
    "x-ms-diagnostics",
    `${refusal.code};reason="${refusal.reason}";error_category="${refusal.category}"`,
  );
  response.writeHead(401, { "Content-Length": "0" });
  response.end();
}

function succeed(response: ServerResponse, body: string): void {
  const text = answerBody(body);
  response.writeHead(200, {
    "Content-Type": "text/xml; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    "X-BEServer": "EX02",
  });
  response.end(text);
}

function isServiceAccount(value: string): boolean {
  const { domain, name, password } = serviceAccount;
  return Buffer.from(value, "base64").toString("utf8") === `${domain}\\${name}:${password}`;
}
