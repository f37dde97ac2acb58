// Logging\Ews and Logging\Autodiscover: a row for each call that the front end passes to the back end.
import { join } from "node:path";
import { type ExchangeCall, hasReachedBackEnd, protocolOf, servers } from "./exchange-call.ts";
import { type LogWriter, openLog } from "./log-file.ts";
import type { Log, LogSettings } from "./log-settings.ts";
import { cellsOf, csvLine, headerBlock, hourFile, logTime, members } from "./log-text.ts";
import { authenticatedUser, exceptionText, oauthMembers } from "./oauth-members.ts";
import { namesIn } from "./printed-token.ts";

const versionColumns = ["MajorVersion", "MinorVersion", "BuildVersion", "RevisionVersion"] as const;
const signInColumns = ["AuthenticationType", "IsAuthenticated", "AuthenticatedUser", "Organization"] as const;
const clientColumns = ["UserAgent", "VersionInfo", "ClientIpAddress", "ServerHostName", "FrontEndServer"] as const;

/** The columns of an Ews log. */
export function ewsColumns({ isOf2013 }: Pick<LogSettings, "isOf2013">): readonly string[] {
  return [
    ...["DateTime", "RequestId", ...versionColumns, ...(isOf2013 ? [] : ["Ring"]), "ClientRequestId", ...signInColumns],
    ...[...clientColumns, "SoapAction", "HttpStatus", "RequestSize", "ResponseSize", "ErrorCode", "ImpersonatedUser"],
    ...["ProxyAsUser", "ActAsUser", "Cookie", "CorrelationGuid", "PrimaryOrProxyServer", "TaskType"],
    ...(isOf2013 ? [] : ["StartTime", "ProcessId", "BeginBudgetConnections", "EndBudgetConnections"]),
    ...["TotalRequestTime", "GenericInfo", "AuthenticationErrors", "GenericErrors", "Puid"],
  ];
}

function autodiscoverColumns(): readonly string[] {
  return [
    ...["DateTime", "RequestId", ...versionColumns, "ClientRequestId", ...signInColumns, ...clientColumns],
    ...["SoapAction", "HttpStatus", "ErrorCode", "EmailAddress", "RedirectType", "TotalRequestTime"],
    ...["GenericInfo", "AuthenticationErrors", "GenericErrors"],
  ];
}

interface BackEndLog {
  readonly writer: LogWriter;
  readonly columns: readonly string[];
}

/** Writes the back end's rows. */
export function openBackEndLogs(root: string, settings: LogSettings): Log<ExchangeCall> {
  const open = (folder: string, prefix: string, logType: string, columns: readonly string[]): BackEndLog => ({
    columns,
    writer: openLog({
      folder: join(root, "Logging", folder),
      nameAt: (at) => hourFile(prefix, at),
      header: (at, isNew) => headerBlock({ ...settings, logType, columns, areNamesLast: false }, at, isNew),
    }),
  });
  const logs = {
    Ews: open("Ews", "Ews_", "EWS Logs", ewsColumns(settings)),
    Autodiscover: open("Autodiscover", "Autod_", "Autodiscover Protocol Logs", autodiscoverColumns()),
  };
  return {
    add(call) {
      const protocol = protocolOf(call.path);
      if (protocol === null || !hasReachedBackEnd(call)) return;
      const { writer, columns } = logs[protocol];
      writer.append(csvLine(cellsOf(columns, rowOf(call, settings))), call.endedAt);
    },
    close: async () => {
      await Promise.all(Object.values(logs).map(({ writer }) => writer.close()));
    },
  };
}

function rowOf(call: ExchangeCall, settings: LogSettings): Readonly<Record<string, string>> {
  const [major = "", minor = "", build = "", revision = ""] = settings.version
    .split(".")
    .map((part) => String(Number(part)));
  const names = call.token === null ? null : namesIn(call.token);
  return {
    DateTime: logTime(call.endedAt),
    StartTime: logTime(call.startedAt),
    RequestId: call.requestId,
    ...{ MajorVersion: major, MinorVersion: minor, BuildVersion: build, RevisionVersion: revision },
    ClientRequestId: call.clientRequestId,
    AuthenticationType: schemeWord(call),
    IsAuthenticated: String(call.isAuthenticated),
    AuthenticatedUser: call.account ?? (call.isAuthenticated && names !== null ? authenticatedUser(names) : ""),
    UserAgent: call.userAgent,
    ClientIpAddress: call.client,
    ServerHostName: servers.backEnd,
    FrontEndServer: `${servers.frontEnd}.${servers.domain}`,
    SoapAction: call.operation,
    HttpStatus: String(call.status),
    RequestSize: String(call.requestBytes),
    ResponseSize: String(call.responseBytes),
    ActAsUser: names?.user?.find(([kind]) => kind === "smtp")?.[1] ?? "",
    TotalRequestTime: String(call.endedAt - call.startedAt),
    GenericInfo: members(oauthMembers(call, settings.oauthMembers, true)),
    AuthenticationErrors: call.refusal === null || settings.oauthMembers === "none" ? "" : exceptionText(call.refusal),
  };
}

/** A caller with an account reaches the back end over the front end's own Negotiate. */
function schemeWord({ scheme }: ExchangeCall): string {
  if (scheme === null) return "";
  return scheme === "Bearer" ? "Bearer" : "Negotiate";
}
