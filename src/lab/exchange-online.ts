// Exchange Online's EWS as Exchange Server meets it: the token first, then the gate through which EWS is let.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { callerOf } from "./entra-trust.ts";
import type { LabKeys } from "./keys.ts";
import { applications, exchangeOnlineName, stsName, tenant } from "./names.ts";
import { readBody } from "./read-body.ts";
import { answerBody } from "./soap.ts";

/** `EwsEnabled` and `EwsAllowedAppIDs` of the tenant: open to the dedicated application, to other applications only, or off. */
export type EwsGate = "open" | "other-applications-only" | "off";

/** The two texts that Exchange Online sends with a 403 when the gate is closed. */
const policyReasons = {
  "other-applications-only": "EWS is blocked by policy for this user or tenant",
  off: "EWS is disabled for this user or tenant",
} as const;

const audiences = [`https://${exchangeOnlineName}`, applications.exchange];

const bearer = [
  `Bearer client_id="${applications.exchange}"`,
  'trusted_issuers="00000001-0000-0000-c000-000000000000@*"',
  'token_types="app_asserted_user_v1 service_asserted_app_v1"',
  'authorization_uri="https://login.windows.net/common/oauth2/authorize"',
].join(", ");

/**
 * Handles EWS calls. A token of Entra needs the role `full_access_as_app`. Every call as the shared service principal, which
 * comes with a token of the older token service, is refused with a plain 401: the form of the real refusal is not published.
 */
export function exchangeOnlineHandler(
  keys: LabKeys,
  gate: EwsGate,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const body = await readBody(request);
    response.setHeader("request-id", randomUUID());
    response.setHeader("X-FEServer", "AM0PR04CA0101");
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const caller = token === "" ? null : await callerOf(token, keys.entra, audiences);
    if (!/^\/ews\/exchange\.asmx$/i.test(request.url ?? "")) end(response, 404);
    else if (caller === null) challenge(response, null);
    else if (!caller.roles.includes("full_access_as_app")) challenge(response, noPermission);
    else if (gate !== "open") {
      response.setHeader("X-EWS-Policy-Reason", policyReasons[gate]);
      end(response, 403);
    } else succeed(response, body);
  };
}

/** The audience of a token of the older token service for Exchange Online. */
export const exchangeOnlineAudience = `${applications.exchange}/${exchangeOnlineName}@${tenant}`;

/** The audience of the assertion that requests such a token. */
export const stsAudience = `${applications.sts}/${stsName}@${tenant}`;

const noPermission =
  '2000008;reason="The token contains no permissions, or permissions cannot be understood.";error_category="invalid_grant"';

function challenge(response: ServerResponse, diagnostics: string | null): void {
  response.setHeader("WWW-Authenticate", bearer);
  if (diagnostics !== null) response.setHeader("x-ms-diagnostics", diagnostics);
  end(response, 401);
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { "Content-Length": "0" });
  response.end();
}

function succeed(response: ServerResponse, request: string): void {
  const text = answerBody(request);
  response.writeHead(200, { "Content-Type": "text/xml; charset=utf-8", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}
