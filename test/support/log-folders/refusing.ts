// Log folders of refusals and of other sign-ins.

import { applications, tenant } from "../../../src/lab/names.ts";
import { failedRequestFile } from "./failed-request-text.ts";
import { accepted, byLog, type LogFolder, probe, refusedRow } from "./folder-parts.ts";
import { httpProxyFile, oauthOutboundFile, rowId } from "./log-rows.ts";
import { appOnlyText } from "./log-tokens.ts";

const { teamsScheduler, exchange } = applications;

export const refusingFolders: readonly LogFolder[] = [
  {
    name: "refused-by-category",
    rows: "A probe, then a token that Exchange refuses; OAuthErrorCategory has the cause, OAuthExtraInfo the application.",
    files: [
      httpProxyFile("2013", [probe, refusedRow("InvalidClient", "The caller is not a known partner application.")]),
    ],
    expected: {
      exitCode: 1,
      verdict: "oauth-rejected",
      handshakes: [byLog(teamsScheduler, "oauth-rejected", "OAuthExtraInfo")],
      findings: ["PARTNER_APPLICATION_UNKNOWN"],
      rows: { kept: 2, dropped: 0 },
    },
  },
  {
    name: "refused-by-event",
    rows: "The row of the front end looks like a probe; event 2006 of MSExchange OAuth has the token and the cause.",
    files: [
      httpProxyFile("SE", [{ ...probe, ClientRequestId: rowId(90) }]),
      [
        "Events/Application.xml",
        `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='MSExchange OAuth'/><EventID Qualifiers='32772'>2006</EventID><Level>3</Level><TimeCreated SystemTime='2026-11-30T08:14:59.9900000Z'/><EventRecordID>1</EventRecordID><Channel>Application</Channel><Computer>EX01.contoso.example</Computer></System><EventData><Data>${appOnlyText}</Data><Data>${rowId(90)}</Data><Data>Microsoft.Exchange.Security.OAuth.InvalidOAuthTokenException: The token has an invalid signature.</Data></EventData></Event>\r\n`,
      ],
    ],
    expected: {
      exitCode: 1,
      verdict: "oauth-rejected",
      handshakes: [byLog(teamsScheduler, "oauth-rejected", "event", { realm: tenant })],
      findings: ["LOG_HOLDS_TOKENS"],
      rows: { kept: 2, dropped: 0 },
    },
  },
  {
    name: "refused-by-trace",
    rows: "A failed-request trace of IIS: the heads of request and answer, judged as traffic is.",
    files: [failedRequestFile(appOnlyText)],
    expected: {
      exitCode: 1,
      verdict: "oauth-rejected",
      handshakes: [{ ...byLog(teamsScheduler, "oauth-rejected", null, { realm: tenant }), basis: "traffic" }],
      findings: ["PARTNER_APPLICATION_UNKNOWN"],
      rows: { kept: 0, dropped: 0 },
    },
  },
  {
    name: "own-token-refused",
    rows: "The token service gave Exchange no token to call the cloud.",
    files: [
      oauthOutboundFile("2013", [
        {
          ...{
            operation: "GetNewACSToken",
            "result-code": "fail",
            "client-request-id": rowId(0),
            "tenant-info": tenant,
          },
          target: "https://outlook.office365.com/EWS/Exchange.asmx",
          resource: `${exchange}/outlook.office365.com@${tenant}`,
          "error-string": "UnableToGetTokenFromACS",
          "error-detail": "Error code 'invalid_client'. Description 'ACS50012: Authentication failed.'",
        },
      ]),
    ],
    expected: {
      exitCode: 1,
      verdict: "oauth-rejected",
      handshakes: [
        byLog(null, "oauth-rejected", null, { server: "outlook.office365.com", direction: "outbound", realm: tenant }),
      ],
      findings: ["STS_REFUSED_CERTIFICATE"],
      rows: { kept: 1, dropped: 0 },
    },
  },
  {
    name: "basic-fallback",
    rows: "A token is refused, and the same client signs in with Basic and is let in.",
    files: [
      httpProxyFile("2013", [
        refusedRow("InvalidClient", "The caller is not a known partner application."),
        { ...accepted, AuthenticationType: "Basic", AuthenticatedUser: "CONTOSO\\svc-sfb" },
      ]),
    ],
    expected: {
      exitCode: 1,
      verdict: "basic-fallback",
      handshakes: [byLog(teamsScheduler, "basic-fallback", "OAuthExtraInfo")],
      findings: ["BASIC_FALLBACK"],
      rows: { kept: 2, dropped: 0 },
    },
  },
  {
    name: "ntlm-instead",
    rows: "A service of the cloud signs in with NTLM.",
    files: [
      httpProxyFile("2019", [{ ...accepted, AuthenticationType: "NTLM", AuthenticatedUser: "CONTOSO\\svc-sfb" }]),
    ],
    expected: {
      exitCode: 1,
      verdict: "other-auth",
      handshakes: [byLog(null, "other-auth", null)],
      findings: [],
      rows: { kept: 1, dropped: 0 },
    },
  },
];
