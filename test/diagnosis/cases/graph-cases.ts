// Answers of Microsoft Graph. Shapes: "Microsoft Graph error responses and resource types", "Resolve Microsoft Graph authorization
// errors", "Combine multiple HTTP requests using JSON batching", freeBusyError (learn.microsoft.com/graph); texts as published in
// issues of microsoftgraph/microsoft-graph-docs (10745, 11225, 16208, 20785). Permissions: ConfigureExchangeHybridApplication.ps1.
import { type Exchanged, jwt, otherTenant, startSeconds, tenant } from "../story.ts";
import type { FindingCase } from "./finding-case.ts";

const graphHost = "graph.microsoft.com";
const requestId = "49fef2a7-61c7-4529-9ee8-539a352c2f59";
const person = "users/87d349ed-44d7-43e1-9a83-5f2406dee5bd";
const allRoles = ["Calendars.Read", "MailboxSettings.Read", "MailTips.ReadBasic.All", "ProfilePhoto.Read.All"];

/** An application token of Entra v2 for Graph. */
export function graphToken(roles: readonly string[] | null = allRoles, claims: object = {}): string {
  return `Bearer ${jwt(
    { typ: "JWT", alg: "RS256", kid: "nOo3ZDrODXEK1jKWhXslHR_KXEg" },
    {
      aud: "00000003-0000-0000-c000-000000000000",
      iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
      iat: startSeconds - 600,
      nbf: startSeconds - 600,
      exp: startSeconds + 3_300,
      azp: otherTenant,
      azpacr: "2",
      idtyp: "app",
      oid: "0c3f2f5e-6a1c-4d53-9d3c-5f6a0d1b7c11",
      sub: "0c3f2f5e-6a1c-4d53-9d3c-5f6a0d1b7c11",
      tid: tenant,
      ver: "2.0",
      ...(roles === null ? {} : { roles }),
      ...claims,
    },
  )}`;
}

/** The same for a v1 token, which Graph gets in practice. */
export function graphTokenV1(roles: readonly string[]): string {
  const v1 = { iss: `https://sts.windows.net/${tenant}/`, aud: "https://graph.microsoft.com", ver: "1.0" };
  return graphToken(roles, { ...v1, appid: otherTenant, appidacr: "2", azp: undefined, azpacr: undefined });
}

export function graphErrorBody(code: string, message: string, inner: object = {}): string {
  const ids = { date: "2026-11-17T16:05:41", "request-id": requestId, "client-request-id": requestId };
  return JSON.stringify({ error: { code, message, innerError: { ...inner, ...ids } } });
}

/** A call of Exchange Server to Graph; it has no Server field. */
export function graphCall(one: Exchanged): Exchanged {
  return {
    host: graphHost,
    client: "10.0.0.5:50000",
    connection: "graph",
    agent: "ASProxy/CrossForest/EmailDomain/1.0",
    authorization: graphToken(),
    path: `/v1.0/${person}/calendar/getSchedule`,
    answer: [
      ["Server", "x"],
      ["Content-Type", "application/json; odata.metadata=minimal; charset=utf-8"],
      ["request-id", requestId],
    ],
    ...one,
  };
}

function withoutToken(one: Exchanged): Exchanged {
  const { authorization: _, ...rest } = graphCall(one);
  return rest;
}

const refused = (code: string, message: string, more: Exchanged = {}): Exchanged =>
  graphCall({ status: 401, answerBody: graphErrorBody(code, message), ...more });
const denied = (more: Exchanged = {}, code = "ErrorAccessDenied"): Exchanged =>
  graphCall({ status: 403, answerBody: graphErrorBody(code, "Access is denied."), ...more });
const wrongOnes = [
  ...(["DEVICE_IN_FRONT", "CHALLENGE_MISSING", "EWS_APP_NOT_ALLOWED", "EWS_BLOCKED_BY_POLICY"] as const),
  ...(["REFUSED_WITHOUT_REASON", "FORBIDDEN_WITHOUT_REASON", "CALLER_NOT_PROVEN"] as const),
];
const withBatch = (responses: readonly object[]): Exchanged =>
  graphCall({
    path: "/v1.0/$batch",
    headers: [["Content-Type", "application/json"]],
    body: JSON.stringify({
      requests: [
        { id: "1", method: "GET", url: "/users/anna@contoso.com/photo/$value" },
        { id: "2", method: "POST", url: "/users/anna@contoso.com/calendar/getSchedule", body: { schedules: ["x"] } },
      ],
    }),
    answerBody: JSON.stringify({ responses }),
  });
const inBatch = (id: string, status: number, code: string): object => ({
  id,
  status,
  headers: { "Content-Type": "application/json" },
  body: JSON.parse(graphErrorBody(code, "Insufficient privileges to complete the operation.")),
});

export const graphCases: readonly FindingCase[] = [
  {
    name: "a refused token whose audience is wrong",
    story: [refused("InvalidAuthenticationToken", "Access token validation failure. Invalid audience.")],
    shows: ["GRAPH_TOKEN_REFUSED"],
    never: wrongOnes,
    says: "another audience",
  },
  {
    name: "a refused token that has expired",
    story: [refused("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")],
    shows: ["GRAPH_TOKEN_REFUSED"],
    never: wrongOnes,
    says: "w32tm",
  },
  {
    name: "a refused token without a published text",
    story: [refused("InvalidAuthenticationToken", "Access token validation failure.")],
    shows: ["GRAPH_TOKEN_REFUSED"],
    never: wrongOnes,
    says: "it does not say why",
  },
  {
    name: "a signing key that Graph does not accept",
    story: [refused("InvalidAuthenticationToken", "Signing key is invalid.")],
    shows: ["GRAPH_TOKEN_REFUSED"],
    says: "signature or signing key",
  },
  {
    name: "a Bearer value that Graph cannot read",
    story: [
      refused("InvalidAuthenticationToken", "IDX14100: JWT is not well formed, there are no dots (.)."),
      refused("InvalidAuthenticationToken", "CompactToken parsing failed with error code: 80049217"),
    ],
    shows: ["GRAPH_TOKEN_REFUSED"],
    says: "it cannot read the token",
  },
  {
    name: "a token that continuous access evaluation revoked",
    story: [
      refused(
        "InvalidAuthenticationToken",
        "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp",
      ),
    ],
    shows: ["GRAPH_TOKEN_REFUSED"],
    says: "was revoked",
  },
  {
    name: "an application that the tenant does not know",
    story: [
      refused("Authorization_IdentityNotFound", "The identity of the calling application could not be established."),
    ],
    shows: ["GRAPH_TOKEN_REFUSED"],
    says: "the tenant does not know the application",
  },
  {
    name: "a claims challenge of Graph",
    story: [
      refused("InvalidAuthenticationToken", "Continuous access evaluation resulted in challenge.", {
        answer: [
          [
            "WWW-Authenticate",
            `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwgInZhbHVlIjoiMTYwNDEwNjY1MSJ9fX0="`,
          ],
        ],
      }),
    ],
    shows: ["CLAIMS_CHALLENGE"],
    never: ["GRAPH_TOKEN_REFUSED", ...wrongOnes],
  },
  {
    name: "a 401 of Graph whose body was not captured",
    story: [graphCall({ status: 401 })],
    shows: ["REFUSED_WITHOUT_REASON"],
    never: ["DEVICE_IN_FRONT", "GRAPH_TOKEN_REFUSED"],
    says: "body of the answer",
  },
  {
    name: "getSchedule without Calendars.Read",
    story: [denied({ authorization: graphToken(["MailboxSettings.Read"]) })],
    shows: ["GRAPH_PERMISSION_REFUSED"],
    never: ["DEDICATED_APP_REFUSED", ...wrongOnes],
    says: "lack Calendars.Read, so users lose free/busy",
  },
  {
    name: "getMailTips with a v1 token without its role",
    story: [denied({ authorization: graphTokenV1(["Calendars.Read"]), path: `/beta/${person}/getMailTips` })],
    shows: ["GRAPH_PERMISSION_REFUSED"],
    never: wrongOnes,
    says: "users lose MailTips (automatic replies)",
  },
  {
    name: "mailboxSettings with a token without roles",
    story: [denied({ authorization: graphToken(null), method: "GET", path: `/v1.0/${person}/mailboxSettings` })],
    shows: ["GRAPH_PERMISSION_REFUSED"],
    never: wrongOnes,
    says: "application permission MailboxSettings.Read on Microsoft Graph",
  },
  {
    name: "a photo although the role is there",
    story: [denied({ method: "GET", path: `/v1.0/${person}/photo/$value` }, "Authorization_RequestDenied")],
    shows: ["GRAPH_PERMISSION_REFUSED"],
    never: wrongOnes,
    says: "although the roles of the token have its permission: users lose photos",
  },
  {
    name: "an unknown call that is denied",
    story: [denied({ method: "GET", path: "/v1.0/groups" }, "Forbidden")],
    shows: ["GRAPH_PERMISSION_REFUSED"],
    never: wrongOnes,
    says: "the application may not do this",
  },
  {
    name: "a policy that limits the application",
    story: [denied({ answerBody: graphErrorBody("ErrorAccessDenied", "Access to OData is disabled.") })],
    shows: ["GRAPH_PERMISSION_REFUSED"],
    never: wrongOnes,
    says: "Test-ApplicationAccessPolicy",
  },
  {
    name: "a 403 of Graph whose body was not captured",
    story: [graphCall({ status: 403 })],
    shows: ["FORBIDDEN_WITHOUT_REASON"],
    never: ["DEVICE_IN_FRONT", "GRAPH_PERMISSION_REFUSED"],
    says: "body of the answer",
  },
  {
    name: "a denied family, and another one that works: nothing is recovered",
    story: [
      denied({ authorization: graphToken(["ProfilePhoto.Read.All"]) }),
      graphCall({ authorization: graphToken(["ProfilePhoto.Read.All"]), method: "GET", path: "/v1.0/me/photo/$value" }),
    ],
    shows: ["GRAPH_PERMISSION_REFUSED"],
    severity: "error",
  },
  {
    name: "a denied family that works later",
    story: [denied({ authorization: graphToken(["User.Read.All"]) }), graphCall({})],
    shows: ["GRAPH_PERMISSION_REFUSED"],
    severity: "warning",
  },
  {
    name: "a mailbox that is on premises",
    story: [
      graphCall({
        status: 404,
        answerBody: graphErrorBody(
          "MailboxNotEnabledForRESTAPI",
          "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        ),
      }),
    ],
    shows: ["GRAPH_MAILBOX_NOT_ONLINE"],
    never: ["GRAPH_CALL_FAILED", "REST_NOT_FOUND", ...wrongOnes],
    says: "Get-EXORecipient",
  },
  {
    name: "a user whom Graph does not know",
    story: [
      graphCall({
        status: 404,
        answerBody: graphErrorBody("ErrorInvalidUser", "The requested user 'anna@contoso.com' is invalid."),
      }),
    ],
    shows: ["GRAPH_USER_UNKNOWN"],
    never: wrongOnes,
  },
  {
    name: "no photo, which is ordinary",
    story: [
      graphCall({
        status: 404,
        method: "GET",
        path: `/v1.0/${person}/photo/$value`,
        answerBody: graphErrorBody("ImageNotFound", "Exception of type 'ImageNotFoundException' was thrown."),
      }),
    ],
    never: ["GRAPH_CALL_FAILED", "GRAPH_MAILBOX_NOT_ONLINE", "GRAPH_USER_UNKNOWN", ...wrongOnes],
  },
  {
    name: "a schedule with an error inside a success",
    story: [
      graphCall({
        answerBody: JSON.stringify({
          "@odata.context":
            "https://graph.microsoft.com/v1.0/$metadata#Collection(microsoft.graph.scheduleInformation)",
          value: [
            { scheduleId: "bert@contoso.com", availabilityView: "0220", scheduleItems: [] },
            {
              scheduleId: "anna@contoso.com",
              error: {
                message: "Unable to resolve e-mail address anna@contoso.com to an Active Directory object.",
                responseCode: "5009",
              },
            },
          ],
        }),
      }),
    ],
    shows: ["GRAPH_ITEM_FAILED"],
    never: wrongOnes,
    says: "with the error 5009 for a mailbox",
  },
  {
    name: "a batch in which one call is denied and one works",
    story: [withBatch([{ id: "1", status: 200, body: "/9j/4AAQ" }, inBatch("2", 403, "Authorization_RequestDenied")])],
    shows: ["GRAPH_PERMISSION_REFUSED"],
    never: wrongOnes,
    says: "refused getSchedule (403 Authorization_RequestDenied), although",
  },
  {
    name: "a batch in which every call is refused",
    story: [
      withBatch([inBatch("1", 401, "InvalidAuthenticationToken"), inBatch("2", 401, "InvalidAuthenticationToken")]),
    ],
    shows: ["GRAPH_TOKEN_REFUSED"],
    never: wrongOnes,
  },
  {
    name: "throttling",
    story: [
      graphCall({
        status: 429,
        answerBody: graphErrorBody("ApplicationThrottled", "Application is over its MailboxConcurrency limit."),
      }),
    ],
    shows: ["GRAPH_CALL_FAILED"],
    severity: "info",
    never: wrongOnes,
  },
  {
    name: "a failure of Graph",
    story: [graphCall({ status: 503, answerBody: graphErrorBody("serviceNotAvailable", "Try again.") })],
    shows: ["GRAPH_CALL_FAILED"],
    severity: "warning",
    never: wrongOnes,
    says: "says nothing about the token",
  },
  {
    name: "a sign-in page in place of Graph",
    story: [graphCall({ answer: [["Content-Type", "text/html"]], answerBody: "<html>" })],
    shows: ["WEB_PAGE_ANSWERED"],
    never: ["GRAPH_CALL_FAILED"],
    says: "InternetWebProxy",
  },
  {
    name: "the token of a person that Graph refuses",
    story: [
      refused("InvalidAuthenticationToken", "Access token has expired or is not yet valid.", {
        authorization: graphToken(null, { scp: "Calendars.Read", idtyp: "user" }),
        agent: "Mozilla/5.0",
      }),
    ],
    shows: ["USER_TOKEN_REFUSED"],
    never: ["GRAPH_TOKEN_REFUSED"],
    says: "GRAPH_TOKEN_REFUSED",
  },
  {
    name: "a refusal by Graph of a token that the exporter removed",
    story: [
      refused("InvalidAuthenticationToken", "Access token validation failure. Invalid audience.", {
        authorization: "REDACTED",
      }),
    ],
    shows: ["UNSEEN_TOKEN_REFUSED"],
    never: ["GRAPH_TOKEN_REFUSED"],
    says: "GRAPH_TOKEN_REFUSED",
  },
  {
    name: "a Graph call without Authorization that works: the exporter removed it",
    story: [withoutToken({ method: "GET", path: "/v1.0/me/photo/$value" })],
    shows: ["CREDENTIALS_REMOVED"],
  },
  {
    name: "the schema of Graph, which anybody may read",
    story: [withoutToken({ method: "GET", path: "/v1.0/$metadata" })],
    never: ["CREDENTIALS_REMOVED"],
  },
];
