// A failed-request trace as IIS writes it: the attributes of the request, then an event for each head.
import type { LogText } from "./log-rows.ts";

const provider = '<Provider Name="WWW Server" Guid="{3A2A4E84-4C21-4981-AE10-3FDA0D9B0F83}"/>';

function event(opcode: string, seconds: string, data: Readonly<Record<string, string>>): string {
  const items = Object.entries(data).map(([name, value]) => `<Data Name="${name}">${escapeXml(value)}</Data>`);
  return `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>${provider}<EventID>0</EventID><TimeCreated SystemTime="2026-11-30T08:15:${seconds}Z"/></System><EventData>${items.join("")}</EventData><RenderingInfo Culture="en-US"><Opcode>${opcode}</Opcode></RenderingInfo></Event>`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** A 401 to a call with this token, refused because the caller is not a partner application. */
export function failedRequestFile(token: string): LogText {
  const url = "https://mail.contoso.example:443/EWS/Exchange.asmx";
  const head = [
    "Content-Type: text/xml; charset=utf-8",
    `Authorization: Bearer ${token}`,
    "Host: mail.contoso.example",
  ];
  const answer = [
    "Server: Microsoft-IIS/10.0",
    'WWW-Authenticate: Bearer client_id="00000002-0000-0ff1-ce00-000000000000", token_types="app_asserted_user_v1 service_asserted_app_v1", error="invalid_token"',
    'x-ms-diagnostics: 2000006;reason="The caller is not a known partner application.";error_category="invalid_client"',
  ];
  const lines = (fields: readonly string[]): string => fields.map((field) => `${field}\r\n`).join("");
  const text = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<failedRequest url="${url}" siteId="1" appPoolId="MSExchangeServicesFrontEndAppPool" processId="4711" verb="POST" remoteUserName="" userName="" authenticationType="NOT_AVAILABLE" activityId="{5C0F3A52-0000-4000-8000-000000000001}" failureReason="STATUS_CODE" statusCode="401" triggerStatusCode="401" timeTaken="12" xmlns:freb="http://schemas.microsoft.com/win/2006/06/iis/freb">`,
    event("GENERAL_REQUEST_START", "00.000", { SiteId: "1", RequestURL: url, RequestVerb: "POST" }),
    event("GENERAL_REQUEST_HEADERS", "00.000", { Headers: lines(head) }),
    event("GENERAL_RESPONSE_HEADERS", "00.012", { Headers: lines(answer) }),
    event("GENERAL_REQUEST_END", "00.012", {
      BytesSent: "0",
      BytesReceived: "0",
      HttpStatus: "401",
      HttpSubStatus: "0",
    }),
    "</failedRequest>",
  ];
  return ["inetpub/logs/FailedReqLogFiles/W3SVC1/fr000001.xml", text.map((line) => `${line}\r\n`).join("")];
}
