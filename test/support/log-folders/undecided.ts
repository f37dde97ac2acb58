// Log folders that decide nothing.

import { printedBase64 } from "../../../src/lab/logs/oauth-members.ts";
import { applications, tenant } from "../../../src/lab/names.ts";
import { accepted, acting, appOnly, byLog, type LogFolder, probe } from "./folder-parts.ts";
import { after, ewsFile, httpErrFile, httpProxyFile, iisFile, info, oauthOutboundFile, rowId } from "./log-rows.ts";
import { outboundText } from "./log-tokens.ts";

const { teamsScheduler, exchange } = applications;

export const undecidedFolders: readonly LogFolder[] = [
  {
    name: "acting-without-verification",
    rows: "As above, but the row does not say whether the user was verified.",
    files: [httpProxyFile("SE", [{ ...acting, GenericInfo: "" }])],
    expected: {
      exitCode: 3,
      verdict: "inconclusive",
      handshakes: [byLog(null, "inconclusive", null)],
      findings: ["LOG_CALLER_NOT_NAMED"],
      rows: { kept: 1, dropped: 0 },
    },
  },
  {
    name: "probe-only",
    rows: "The empty Bearer of a first call, and nothing after it.",
    files: [httpProxyFile("SE", [probe, { ...probe, DateTime: after(120) }])],
    expected: {
      exitCode: 3,
      verdict: "none",
      handshakes: [],
      findings: [],
      rows: { kept: 2, dropped: 0 },
    },
  },
  {
    name: "blocked-by-policy",
    rows: "A token is taken, and the EWS access policy of the back end then answers 403.",
    files: [
      httpProxyFile("2019", [
        {
          ...appOnly,
          ...{ HttpStatus: "403", BackEndStatus: "403" },
          GenericErrors: info(
            ["WebExceptionStatus", "ProtocolError"],
            ["ResponseStatusCode", "403"],
            ["WebException", "Le serveur distant a retourné une erreur : (403) Interdit."],
          ),
        },
      ]),
      ewsFile("2019", [
        {
          AuthenticationType: "Bearer",
          AuthenticatedUser: `S2S~${teamsScheduler}`,
          SoapAction: "GetFolder",
          HttpStatus: "403",
          AuthenticationErrors: "AccessDenied: User not allowed to access EWS",
        },
      ]),
    ],
    expected: {
      exitCode: 3,
      verdict: "inconclusive",
      handshakes: [byLog(teamsScheduler, "inconclusive", "AuthenticatedUser")],
      findings: ["EWS_BLOCKED_BY_POLICY"],
      rows: { kept: 2, dropped: 0 },
    },
  },
  {
    name: "failed-after-sign-in",
    rows: "A token is taken, and the back end then fails with 500.",
    files: [
      httpProxyFile("2019", [
        {
          ...appOnly,
          ...{ HttpStatus: "500", BackEndStatus: "500", ErrorCode: "ErrorInternalServerError" },
          GenericErrors: info(["WebExceptionStatus", "ProtocolError"], ["ResponseStatusCode", "500"]),
        },
      ]),
    ],
    expected: {
      exitCode: 3,
      verdict: "inconclusive",
      handshakes: [byLog(teamsScheduler, "inconclusive", "AuthenticatedUser")],
      findings: ["CALL_FAILED"],
      rows: { kept: 1, dropped: 0 },
    },
  },
  {
    name: "sign-in-given",
    rows: "Entra gave a cloud service a token; whether Exchange took it is not in its log.",
    files: [
      [
        "Entra/signIns.json",
        `${JSON.stringify({
          value: [
            {
              ...{ createdDateTime: "2026-11-30T08:15:00Z", appId: teamsScheduler, servicePrincipalName: "" },
              ...{ resourceId: exchange, status: { errorCode: 0, failureReason: "" } },
            },
          ],
        })}\n`,
      ],
    ],
    expected: { exitCode: 3, verdict: "none", handshakes: [], findings: [], rows: { kept: 1, dropped: 0 } },
  },
  {
    name: "person-with-outlook",
    rows: "Outlook of a person with modern authentication: a SID, no application.",
    files: [
      httpProxyFile("2019", [
        {
          ...accepted,
          AuthenticatedUser: "S-1-5-21-397955417-626881126-188441444-3154",
          UserAgent: "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)",
        },
      ]),
    ],
    expected: { exitCode: 3, verdict: "none", handshakes: [], findings: [], rows: { kept: 0, dropped: 1 } },
  },
  {
    name: "health-checks",
    rows: "Nothing but the probes of Exchange itself and the hop of the front end.",
    files: [
      httpProxyFile("2019", [
        {
          AuthenticationType: "Negotiate",
          IsAuthenticated: "true",
          AuthenticatedUser: "contoso.example\\HealthMailbox1f2a",
          UserAgent: "AMProbe/Local/ClientAccess",
          ClientIpAddress: "127.0.0.1",
          HttpStatus: "200",
        },
        {
          UserAgent: "AMProbe/Local/ClientAccess",
          ClientIpAddress: "127.0.0.1",
          UrlStem: "/ews/healthcheck.htm",
          Method: "GET",
          HttpStatus: "200",
        },
      ]),
      ewsFile("2019", [
        {
          AuthenticationType: "Negotiate",
          AuthenticatedUser: "CONTOSO\\EX01$",
          UserAgent: "Ews_AM_Probe",
          ClientIpAddress: "127.0.0.1",
          SoapAction: "GetFolder",
        },
      ]),
    ],
    expected: { exitCode: 3, verdict: "none", handshakes: [], findings: [], rows: { kept: 0, dropped: 3 } },
  },
  {
    name: "iis-only",
    rows: "Only the log of IIS: times and status, never the scheme.",
    files: [
      iisFile([
        `2026-11-30 08:15:00 10.0.0.5 POST /EWS/Exchange.asmx &CorrelationID=<empty>;&ClientId=&cafeReqId=${rowId(0)};&encoding=; 443 - 52.114.75.10 SkypeSpaces/1.0a$*+ - 401 0 0 12`,
        `2026-11-30 08:15:01 10.0.0.5 POST /EWS/Exchange.asmx &CorrelationID=<empty>;&ClientId=&cafeReqId=${rowId(1)};&encoding=; 443 - 52.114.75.10 SkypeSpaces/1.0a$*+ - 200 0 0 31`,
      ]),
    ],
    expected: {
      exitCode: 3,
      verdict: "none",
      handshakes: [],
      findings: ["LOG_WITHOUT_SIGN_IN_FIELD"],
      rows: { kept: 2, dropped: 0 },
    },
  },
  {
    name: "never-reached-iis",
    rows: "The log of http.sys: a call of the cloud that came and was never passed to Exchange.",
    files: [
      httpErrFile([
        "2026-11-30 08:15:00 52.114.75.10 50123 10.0.0.5 443 HTTP/1.1 POST /EWS/Exchange.asmx 503 1 AppOffline MSExchangeServicesFrontEndAppPool",
      ]),
    ],
    expected: { exitCode: 3, verdict: "none", handshakes: [], findings: [], rows: { kept: 1, dropped: 0 } },
  },
  {
    name: "own-token-issued",
    rows: "Exchange got a token to call the cloud; what the cloud answered is in no log.",
    files: [
      oauthOutboundFile("2013", [
        {
          ...{ operation: "GetNewACSToken", "result-code": "ok", "client-request-id": rowId(0), "tenant-info": tenant },
          target: "https://outlook.office365.com/EWS/Exchange.asmx",
          resource: `${exchange}/outlook.office365.com@${tenant}`,
          "token-result": printedBase64(outboundText),
        },
      ]),
    ],
    expected: {
      exitCode: 3,
      verdict: "inconclusive",
      handshakes: [
        byLog(exchange, "inconclusive", "token", {
          server: "outlook.office365.com",
          direction: "outbound",
          realm: tenant,
        }),
      ],
      findings: [],
      rows: { kept: 1, dropped: 0 },
    },
  },
];
