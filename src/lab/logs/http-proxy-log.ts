// Logging\HttpProxy: a row for each call that reaches the front end.
import { join } from "node:path";
import { type ExchangeCall, hasReachedBackEnd, protocolOf, servers } from "./exchange-call.ts";
import { type LogWriter, openLog } from "./log-file.ts";
import type { Log, LogSettings } from "./log-settings.ts";
import { cellsOf, csvLine, headerBlock, hourFile, logTime, members } from "./log-text.ts";
import { authenticatedUser, isOfBackEnd, oauthMembers } from "./oauth-members.ts";
import { namesIn } from "./printed-token.ts";

const columnsOf2013 = [
  ...["DateTime", "RequestId", "MajorVersion", "MinorVersion", "BuildVersion", "RevisionVersion", "ClientRequestId"],
  ...["Protocol", "UrlHost", "UrlStem", "ProtocolAction", "AuthenticationType", "IsAuthenticated", "AuthenticatedUser"],
  ...["Organization", "AnchorMailbox", "UserAgent", "ClientIpAddress", "ServerHostName", "HttpStatus", "BackEndStatus"],
  ...["ErrorCode", "Method", "ProxyAction", "TargetServer", "TargetServerVersion", "RoutingType", "RoutingHint"],
  ...["BackEndCookie", "ServerLocatorHost", "ServerLocatorLatency", "RequestBytes", "ResponseBytes"],
  ...["TargetOutstandingRequests", "AuthModulePerfContext", "HttpPipelineLatency", "CalculateTargetBackEndLatency"],
  ...["GlsLatencyBreakup", "TotalGlsLatency", "AccountForestLatencyBreakup", "TotalAccountForestLatency"],
  ...["ResourceForestLatencyBreakup", "TotalResourceForestLatency", "ADLatency", "ActivityContextLifeTime"],
  ...["ModuleToHandlerSwitchingLatency", "ClientReqStreamLatency", "BackendReqInitLatency", "BackendReqStreamLatency"],
  ...["BackendProcessingLatency", "BackendRespInitLatency", "BackendRespStreamLatency", "ClientRespStreamLatency"],
  ...[
    "KerberosAuthHeaderLatency",
    "HandlerCompletionLatency",
    "RequestHandlerLatency",
    "HandlerToModuleSwitchingLatency",
  ],
  ...["ProxyTime", "CoreLatency", "RoutingLatency", "HttpProxyOverhead", "TotalRequestTime", "RouteRefresherLatency"],
  ...["UrlQuery", "BackEndGenericInfo", "GenericInfo", "GenericErrors"],
] as const;

const laterColumns = [
  ...columnsOf2013,
  ...["EdgeTraceId", "DatabaseGuid", "UserADObjectGuid", "PartitionEndpointLookupLatency", "RoutingStatus"],
] as const;

/** The columns of a HttpProxy log. */
export function httpProxyColumns({ isOf2013 }: Pick<LogSettings, "isOf2013">): readonly string[] {
  return isOf2013 ? columnsOf2013 : laterColumns;
}

/** Writes the front end's rows, a folder for each protocol. */
export function openHttpProxyLogs(root: string, settings: LogSettings): Log<ExchangeCall> {
  const columns = httpProxyColumns(settings);
  const open = (protocol: string): LogWriter =>
    openLog({
      folder: join(root, "Logging", "HttpProxy", protocol),
      nameAt: (at) => hourFile("HttpProxy_", at),
      header: (at, isNew) =>
        headerBlock({ ...settings, logType: "HttpProxy Logs", columns, areNamesLast: !settings.isOf2013 }, at, isNew),
    });
  const logs = { Ews: open("Ews"), Autodiscover: open("Autodiscover") };
  return {
    add(call) {
      const protocol = protocolOf(call.path);
      if (protocol === null || isNotWritten(call)) return;
      logs[protocol].append(csvLine(cellsOf(columns, rowOf(call, protocol, settings))), call.endedAt);
    },
    close: async () => {
      await Promise.all(Object.values(logs).map((log) => log.close()));
    },
  };
}

/** A 401 without a user is written for Bearer only: the empty probe and refused tokens. */
function isNotWritten({ status, scheme, isAuthenticated }: ExchangeCall): boolean {
  return status === 401 && !isAuthenticated && scheme !== "Bearer";
}

function rowOf(call: ExchangeCall, protocol: string, settings: LogSettings): Readonly<Record<string, string>> {
  const [major = "", minor = "", build = "", revision = ""] = settings.version
    .split(".")
    .map((part) => String(Number(part)));
  const hasReached = hasReachedBackEnd(call);
  return {
    DateTime: logTime(call.endedAt),
    RequestId: call.requestId,
    ...{ MajorVersion: major, MinorVersion: minor, BuildVersion: build, RevisionVersion: revision },
    ClientRequestId: call.clientRequestId,
    Protocol: protocol,
    UrlHost: call.host,
    UrlStem: call.path,
    AuthenticationType: call.scheme ?? "",
    IsAuthenticated: String(isSignedIn(call)),
    AuthenticatedUser: userOf(call),
    ...(hasReached ? routing(call) : {}),
    UserAgent: call.userAgent,
    ClientIpAddress: call.client,
    ServerHostName: servers.frontEnd,
    HttpStatus: String(call.status),
    BackEndStatus: hasReached ? String(call.status) : "",
    Method: call.method,
    RequestBytes: String(call.requestBytes),
    ResponseBytes: String(call.responseBytes),
    TotalRequestTime: String(call.endedAt - call.startedAt),
    UrlQuery: call.query,
    GenericInfo: members([
      ["BeginRequest", logTime(call.startedAt)],
      ["CorrelationID", "<empty>"],
      ...oauthMembers(call, settings.oauthMembers, false),
    ]),
    GenericErrors: call.refusal !== null && isOfBackEnd(call.refusal) ? backEndRefused(call.status) : "",
  };
}

/** The front end lets a token pass whose user only the back end looks up. */
function isSignedIn({ isAuthenticated, refusal }: ExchangeCall): boolean {
  return isAuthenticated || (refusal !== null && isOfBackEnd(refusal));
}

function userOf(call: ExchangeCall): string {
  if (!isSignedIn(call)) return "";
  if (call.account !== null) return call.account;
  const names = call.token === null ? null : namesIn(call.token);
  return names === null ? "" : authenticatedUser(names);
}

function routing(call: ExchangeCall): Readonly<Record<string, string>> {
  const address = call.token === null ? undefined : namesIn(call.token)?.user?.find(([kind]) => kind === "smtp")?.[1];
  return {
    Organization: address === undefined ? "" : servers.domain,
    AnchorMailbox: address === undefined ? "" : `Smtp~${address}`,
    ProxyAction: "Proxy",
    TargetServer: `${servers.backEnd.toLowerCase()}.${servers.domain}`,
    RoutingType: address === undefined ? "ServerVersion" : "MailboxGuidWithDomain",
    RoutingHint: address ?? "",
  };
}

function backEndRefused(status: number): string {
  return members([
    ["WebExceptionStatus", "ProtocolError"],
    ["ResponseStatusCode", String(status)],
    ["WebException", `System.Net.WebException: The remote server returned an error: (${status}).`],
  ]);
}
