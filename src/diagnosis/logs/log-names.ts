import type { LogFileReport } from "../../core/log-row.ts";

export type AnyLog = LogFileReport["log"];

/** The usual names of the logs. */
export const logNames: Readonly<Record<AnyLog, string>> = {
  "http-proxy": "HttpProxy",
  ews: "Ews",
  autodiscover: "Autodiscover",
  "oauth-outbound": "OAuthOutbound",
  iis: "IIS",
  "http-err": "HTTPERR",
  "windows-event": "application",
  "entra-sign-in": "sign-in",
  "failed-request": "failed-request",
};
