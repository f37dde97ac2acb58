// Log folders that confirm OAuth.

import { printedBase64 } from "../../../src/lab/logs/oauth-members.ts";
import { applications, tenant } from "../../../src/lab/names.ts";
import { acting, appOnly, byLog, common, extraInfo, type LogFolder, probe } from "./folder-parts.ts";
import { after, ewsFile, httpProxyFile, info, rowId } from "./log-rows.ts";
import { actAsText } from "./log-tokens.ts";

const { teamsScheduler, skypeForBusiness } = applications;

export const confirmingFolders: readonly LogFolder[] = [
  {
    name: "application-accepted",
    rows: "A probe, then the Teams scheduler for itself; the back end's row of the same call adds the operation.",
    files: [
      httpProxyFile("2019", [probe, { ...appOnly, ClientRequestId: rowId(90) }]),
      ewsFile("2019", [
        {
          DateTime: after(1),
          RequestId: rowId(1),
          AuthenticationType: "Bearer",
          AuthenticatedUser: `S2S~${teamsScheduler}`,
          SoapAction: "GetFolder",
          ClientRequestId: rowId(90),
        },
      ]),
    ],
    expected: {
      exitCode: 0,
      verdict: "oauth-confirmed",
      handshakes: [byLog(teamsScheduler, "oauth-confirmed", "AuthenticatedUser")],
      findings: ["LOG_EVIDENCE_ONLY"],
      rows: { kept: 3, dropped: 0 },
    },
  },
  {
    name: "acting-named-by-extra-info",
    rows: "The Teams scheduler acts as a user; OAuthExtraInfo names the application.",
    files: [
      httpProxyFile("2013", [
        {
          ...acting,
          GenericInfo: info(["ActAsUserVerified", "False"], common("OAuthExtraInfo", extraInfo(teamsScheduler))),
        },
      ]),
    ],
    expected: {
      exitCode: 0,
      verdict: "oauth-confirmed",
      handshakes: [byLog(teamsScheduler, "oauth-confirmed", "OAuthExtraInfo")],
      findings: ["LOG_EVIDENCE_ONLY"],
      rows: { kept: 1, dropped: 0 },
    },
  },
  {
    name: "acting-named-by-token",
    rows: "Skype for Business Online acts as a user; the row holds the printed token, and with it the realm.",
    files: [
      httpProxyFile("2013", [
        {
          ...acting,
          GenericInfo: info(
            ["ActAsUserVerified", "False"],
            common("OAuthToken", printedBase64(actAsText).replaceAll("=", " ")),
          ),
        },
      ]),
    ],
    expected: {
      exitCode: 0,
      verdict: "oauth-confirmed",
      handshakes: [byLog(skypeForBusiness, "oauth-confirmed", "token", { realm: tenant })],
      findings: ["LOG_EVIDENCE_ONLY"],
      rows: { kept: 1, dropped: 0 },
    },
  },
  {
    name: "acting-not-named",
    rows: "An application acts as a user, and no member names it; the agent is that of a Microsoft cloud service.",
    files: [httpProxyFile("SE", [acting])],
    expected: {
      exitCode: 0,
      verdict: "oauth-confirmed",
      handshakes: [byLog(null, "oauth-confirmed", null)],
      findings: ["LOG_EVIDENCE_ONLY", "LOG_CALLER_NOT_NAMED"],
      rows: { kept: 1, dropped: 0 },
    },
  },
];
