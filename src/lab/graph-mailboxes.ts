// Microsoft Graph's calls for mailboxes in the cloud: free/busy, MailTips, mailbox settings and photos. It checks the token and
// its roles, and answers and refuses as Graph's documentation shows.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { callerOf } from "./entra-trust.ts";
import type { ClientRequest } from "./https-client.ts";
import type { SigningKey } from "./keys.ts";
import { applications, cloudUser, graphName } from "./names.ts";
import { readBody } from "./read-body.ts";

interface GraphCall {
  /** For the person who watches. */
  readonly label: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  /** The least application permission, as the documentation of the call names it. */
  readonly role: string;
  readonly request?: object;
  readonly answer: object | Buffer;
}

const mailbox = `/v1.0/users/${cloudUser.address}`;
const context = `https://${graphName}/v1.0/$metadata`;

/** The bytes of a JPEG image of one pixel begin like this; nobody draws it. */
const photo = Buffer.from("ffd8ffe000104a46494600010100000100010000ffd9", "hex");

/** Microsoft has not published which calls Exchange Server makes: these are Graph's calls for the features that it moved. */
export const graphCalls: readonly GraphCall[] = [
  {
    label: "free/busy",
    method: "POST",
    path: `${mailbox}/calendar/getSchedule`,
    role: "Calendars.Read",
    request: {
      schedules: [cloudUser.address],
      startTime: { dateTime: "2026-11-30T09:00:00", timeZone: "UTC" },
      endTime: { dateTime: "2026-11-30T18:00:00", timeZone: "UTC" },
      availabilityViewInterval: 60,
    },
    answer: {
      "@odata.context": `${context}#Collection(microsoft.graph.scheduleInformation)`,
      value: [{ scheduleId: cloudUser.address, availabilityView: "002000000", scheduleItems: [] }],
    },
  },
  {
    label: "mailbox settings",
    method: "GET",
    path: `${mailbox}/mailboxSettings`,
    role: "MailboxSettings.Read",
    answer: {
      "@odata.context": `${context}#users('${cloudUser.address}')/mailboxSettings`,
      automaticRepliesSetting: { status: "disabled", externalAudience: "all" },
      timeZone: "UTC",
    },
  },
  {
    label: "photo",
    method: "GET",
    path: `${mailbox}/photo/$value`,
    role: "ProfilePhoto.Read.All",
    answer: photo,
  },
  {
    label: "MailTips",
    method: "POST",
    path: `${mailbox}/getMailTips`,
    role: "MailTips.ReadBasic.All",
    request: { EmailAddresses: [cloudUser.address], MailTipsOptions: "automaticReplies" },
    answer: {
      "@odata.context": `${context}#Collection(microsoft.graph.mailTips)`,
      value: [{ emailAddress: { name: "", address: cloudUser.address }, automaticReplies: { message: "" } }],
    },
  },
];

/** The request of one call, with an access token. */
export function graphRequest({ method, path, request }: GraphCall, token: string): ClientRequest {
  return {
    method,
    path,
    headers: {
      Authorization: `Bearer ${token}`,
      "client-request-id": randomUUID(),
      ...(request === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(request === undefined ? {} : { body: JSON.stringify(request) }),
  };
}

const audiences = [`https://${graphName}`, applications.graph];

/** Handles the calls: 401 for a bad token, 403 for a missing role, 404 for anything else. */
export function graphMailboxHandler(
  key: SigningKey,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    await readBody(request);
    const id = randomUUID();
    response.setHeader("request-id", id);
    response.setHeader("client-request-id", request.headers["client-request-id"] ?? id);
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const caller = await callerOf(token, key, audiences);
    const call = graphCalls.find(({ method, path }) => method === request.method && path === request.url);
    if (caller === null) refuse(response, id, invalidToken(token));
    else if (call === undefined) refuse(response, id, notFound);
    else if (!caller.roles.includes(call.role)) refuse(response, id, accessDenied);
    else succeed(response, call.answer);
  };
}

interface GraphError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const notFound: GraphError = { status: 404, code: "ResourceNotFound", message: "Resource could not be discovered." };

const accessDenied: GraphError = {
  status: 403,
  code: "ErrorAccessDenied",
  message: "Access is denied. Check credentials and try again.",
};

function invalidToken(token: string): GraphError {
  const message = token === "" ? "Access token is empty." : "Access token validation failure.";
  return { status: 401, code: "InvalidAuthenticationToken", message };
}

function refuse(response: ServerResponse, id: string, { status, code, message }: GraphError): void {
  if (status === 401)
    response.setHeader(
      "WWW-Authenticate",
      `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="${applications.graph}"`,
    );
  const innerError = { date: new Date().toISOString().slice(0, 19), "request-id": id, "client-request-id": id };
  answer(response, status, JSON.stringify({ error: { code, message, innerError } }));
}

function succeed(response: ServerResponse, body: object | Buffer): void {
  answer(response, 200, Buffer.isBuffer(body) ? body : JSON.stringify(body));
}

function answer(response: ServerResponse, status: number, body: Buffer | string): void {
  response.writeHead(status, {
    "Cache-Control": "private",
    "Content-Type": Buffer.isBuffer(body) ? "image/jpeg" : "application/json",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}
