// Logging\OAuthOutbound: Exchange's own token requests. What the cloud answers to the calls that follow is not in it.
import { join } from "node:path";
import type { OutboundTokenRequest } from "./exchange-call.ts";
import { openLog } from "./log-file.ts";
import type { Log, LogSettings } from "./log-settings.ts";
import { cellsOf, csvLine, headerBlock, hourFile, logTime } from "./log-text.ts";
import { printedBase64 } from "./oauth-members.ts";

/** The columns of an OAuthOutbound log. */
export const oauthOutboundColumns = [
  ...["date-time", "seq-number", "process-id", "build-number", "operation", "result-code", "processing-time"],
  ...["user-agent", "client-request-id", "target", "tenant-info", "resource", "process-name", "error-string"],
  ...["error-detail", "dev-metrics", "remaining-lifetime", "token-result"],
] as const;

/** Writes the rows of one process of Exchange. */
export function openOAuthOutboundLog(root: string, settings: LogSettings): Log<OutboundTokenRequest> {
  const log = openLog({
    folder: join(root, "Logging", "OAuthOutbound"),
    nameAt: (at) => hourFile("w3wp_MSExchangeServicesAppPool_", at),
    header: (at, isNew) =>
      headerBlock(
        { ...settings, logType: "OAuth Outbound Logs", columns: oauthOutboundColumns, areNamesLast: false },
        at,
        isNew,
      ),
  });
  let number = 0;
  return {
    add(request) {
      const row = cellsOf(oauthOutboundColumns, rowOf(request, settings, number));
      number += 1;
      log.append(csvLine(row), request.endedAt);
    },
    close: () => log.close(),
  };
}

function rowOf(
  request: OutboundTokenRequest,
  { version }: LogSettings,
  number: number,
): Readonly<Record<string, string>> {
  const { token, error } = request;
  return {
    "date-time": logTime(request.endedAt),
    "seq-number": String(number),
    "process-id": "4711",
    "build-number": version,
    operation: "GetNewACSToken",
    "result-code": token === null ? "fail" : "ok",
    "processing-time": String(request.endedAt - request.startedAt),
    "client-request-id": request.clientRequestId,
    target: request.target,
    "tenant-info": request.realm,
    resource: request.resource,
    "process-name": "w3wp",
    "error-string": error === null ? "" : "UnableToGetTokenFromACS",
    "error-detail": error === null ? "" : `Error code '${error.code}'. Description '${error.description}'`,
    "token-result": token === null ? "" : printedBase64(token),
  };
}
