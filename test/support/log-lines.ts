// Texts of server logs as Exchange, IIS and HTTP.sys write them, from the published lists of columns: by hand, without any code of the
// program, so that a reader is not tested by its own writer. All names and ids are made up.

/** Cells by the name of their column; a missing one is empty. */
export type LogCells = Readonly<Record<string, string>>;

const split = (names: string): readonly string[] => names.trim().split(/[\s,]+/);

const proxyStart =
  split(`DateTime RequestId MajorVersion MinorVersion BuildVersion RevisionVersion ClientRequestId Protocol UrlHost UrlStem
ProtocolAction AuthenticationType IsAuthenticated AuthenticatedUser Organization AnchorMailbox UserAgent ClientIpAddress
ServerHostName HttpStatus BackEndStatus ErrorCode Method ProxyAction TargetServer TargetServerVersion RoutingType RoutingHint
BackEndCookie ServerLocatorHost ServerLocatorLatency RequestBytes ResponseBytes TargetOutstandingRequests AuthModulePerfContext
HttpPipelineLatency CalculateTargetBackEndLatency GlsLatencyBreakup TotalGlsLatency AccountForestLatencyBreakup
TotalAccountForestLatency ResourceForestLatencyBreakup TotalResourceForestLatency ADLatency ActivityContextLifeTime
ModuleToHandlerSwitchingLatency ClientReqStreamLatency BackendReqInitLatency BackendReqStreamLatency BackendProcessingLatency
BackendRespInitLatency BackendRespStreamLatency ClientRespStreamLatency KerberosAuthHeaderLatency HandlerCompletionLatency
RequestHandlerLatency HandlerToModuleSwitchingLatency ProxyTime CoreLatency RoutingLatency HttpProxyOverhead TotalRequestTime
RouteRefresherLatency UrlQuery BackEndGenericInfo GenericInfo GenericErrors`);

const ewsStart = split(`DateTime RequestId MajorVersion MinorVersion BuildVersion RevisionVersion`);
const ewsEnd =
  split(`ClientRequestId AuthenticationType IsAuthenticated AuthenticatedUser Organization UserAgent VersionInfo
ClientIpAddress ServerHostName FrontEndServer SoapAction HttpStatus RequestSize ResponseSize ErrorCode ImpersonatedUser ProxyAsUser
ActAsUser Cookie CorrelationGuid PrimaryOrProxyServer TaskType GenericInfo AuthenticationErrors GenericErrors Puid`);

/** Columns by log and by the first two numbers of the version. */
const logColumns = {
  "http-proxy": {
    "15.00": proxyStart,
    // 15.00.0516: a column without a name, none for UrlHost
    "15.00.0516": proxyStart
      .map((name) => (name === "AuthModulePerfContext" ? "" : name))
      .filter((name) => name !== "UrlHost"),
    "15.01": [
      ...proxyStart,
      ...split("EdgeTraceId DatabaseGuid UserADObjectGuid PartitionEndpointLookupLatency RoutingStatus"),
    ],
    "15.02": [
      ...proxyStart,
      ...split("EdgeTraceId DatabaseGuid UserADObjectGuid PartitionEndpointLookupLatency RoutingStatus"),
    ],
  },
  ews: {
    "15.00": [...ewsStart, ...ewsEnd],
    "15.01": [...ewsStart, "Ring", ...ewsEnd, "StartTime", "ProcessId"],
    "15.02": [...ewsStart, "Ring", ...ewsEnd, "StartTime", "ProcessId"],
  },
  autodiscover: {
    "15.00": [...ewsStart, ...ewsEnd.slice(0, -1), "RedirectType"],
    "15.01": [...ewsStart, ...ewsEnd.slice(0, -1), "RedirectType"],
    "15.02": [...ewsStart, ...ewsEnd.slice(0, -1), "RedirectType"],
  },
  "oauth-outbound": {
    "15.00":
      split(`date-time seq-number process-id build-number operation result-code processing-time user-agent client-request-id
target tenant-info resource process-name error-string error-detail dev-metrics remaining-lifetime token-result`),
  },
} as const;

const logTypes = {
  "http-proxy": "HttpProxy Logs",
  ews: "EWS Logs",
  autodiscover: "Autodiscover Protocol Logs",
  "oauth-outbound": "OAuth Outbound Logs",
} as const;

export type ExchangeLog = keyof typeof logTypes;

export interface LogTextOptions {
  /** Of the writer; `15.01.2375.007` unless given. */
  readonly version?: string;
  /** The bare line of column names before or after the comments, no bare line, or no `#Fields`. `first` unless given. */
  readonly bareLine?: "first" | "last" | "none" | "alone";
  readonly hasMark?: boolean;
  readonly lineEnd?: "\r\n" | "\n";
  readonly columns?: readonly string[];
}

/** The columns of a log in a version of its writer. */
export function columnsOf(log: ExchangeLog, version: string): readonly string[] {
  const byVersion: Readonly<Record<string, readonly string[]>> = logColumns[log];
  return byVersion[version.slice(0, 10)] ?? byVersion[version.slice(0, 5)] ?? byVersion["15.00"] ?? [];
}

/** One line of CSV: cells with commas, quotes or line breaks are quoted. */
export function csvLine(columns: readonly string[], cells: LogCells): string {
  return columns.map((name) => csvCell(cells[name] ?? "")).join(",");
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The header block of a log of Exchange, without a mark, lines joined by the line end. */
export function headerLines(log: ExchangeLog, options: LogTextOptions = {}): readonly string[] {
  const version = options.version ?? "15.01.2375.007";
  const columns = (options.columns ?? columnsOf(log, version)).join(",");
  if (options.bareLine === "alone") return [columns];
  const comments = [
    "#Software: Microsoft Exchange Server",
    `#Version: ${version}`,
    `#Log-type: ${logTypes[log]}`,
    "#Date: 2026-11-30T08:00:00.000Z",
    `#Fields: ${columns}`,
  ];
  if (options.bareLine === "none") return comments;
  return options.bareLine === "last" ? [...comments, columns] : [columns, ...comments];
}

/** A whole log of Exchange: byte order mark, header, rows, each line ended. */
export function exchangeLog(log: ExchangeLog, rows: readonly LogCells[], options: LogTextOptions = {}): string {
  const end = options.lineEnd ?? "\r\n";
  const columns = options.columns ?? columnsOf(log, options.version ?? "15.01.2375.007");
  const lines = [...headerLines(log, options), ...rows.map((cells) => csvLine(columns, cells))];
  return `${options.hasMark === false ? "" : "\uFEFF"}${lines.map((line) => `${line}${end}`).join("")}`;
}

/** The application of Teams, the application of Exchange Online, and a tenant. */
export const teamsId = "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe";
export const skypeId = "00000004-0000-0ff1-ce00-000000000000";
export const exchangeOnlineId = "00000002-0000-0ff1-ce00-000000000000";
export const tenantId = "5bf5f8c4-52ae-4c4f-8d0b-3f1c6c7f3a11";

/** User agents of cloud services, of a person's Outlook, and of Exchange's own probe. */
export const agents = {
  teams: "MicrosoftNinja/1.0 Teams/1.0 (ExchangeServicesClient/1.0.0.0) SkypeSpaces/1.0a$*+",
  freeBusy: "ASAutoDiscover/CrossForest/EmailDomain",
  freeBusyProxy: "ASProxy/CrossForest/EmailDomain",
  outlook: "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)",
  probe: "AMProbe/Local/ClientAccess",
} as const;

/** A row of HttpProxy: EWS on mail.contoso.com, Teams accepted as itself. Other cells by their names. */
export function httpProxyRow(cells: LogCells = {}): LogCells {
  return {
    DateTime: "2026-11-30T08:00:01.250Z",
    RequestId: "0f7d1c3e-9a4b-4c5d-8e6f-102030405060",
    MajorVersion: "15",
    MinorVersion: "1",
    BuildVersion: "2375",
    RevisionVersion: "7",
    ClientRequestId: "7a1b2c3d-0000-4000-8000-00000000c001",
    Protocol: "Ews",
    UrlHost: "mail.contoso.com",
    UrlStem: "/EWS/Exchange.asmx",
    AuthenticationType: "Bearer",
    IsAuthenticated: "true",
    AuthenticatedUser: `S2S~${skypeId}`,
    UserAgent: agents.teams,
    ClientIpAddress: "52.112.0.20",
    ServerHostName: "EX01",
    HttpStatus: "200",
    BackEndStatus: "200",
    Method: "POST",
    ProxyAction: "Proxy",
    TotalRequestTime: "250",
    GenericInfo:
      "BeginRequest=2026-11-30T08:00:01.000Z;CorrelationID=<empty>;ProxyState-Run=None;FEAuth=BEVersion-1942062522;",
    ...cells,
  };
}

/** The cells of GenericInfo with the members of OAuth, under the prefix of the builds that are known to write them. */
export function oauthInfo(members: LogCells): string {
  const written = Object.entries(members).map(
    ([name, value]) => `S:ServiceCommonMetadata.${name}=${value.replace(/[;=]/g, " ").replace(/[,\r\n]/g, "")};`,
  );
  return `BeginRequest=2026-11-30T08:00:01.000Z;${written.join("")}`;
}

/** Cells of rows of HttpProxy, one a shape that is known; each overrides those of `httpProxyRow`. */
export const proxyShapes = {
  appOnly: {},
  actAsNamed: {
    AuthenticatedUser: "<unverified>actas1(smtp:anna@contoso.com|sip:anna@contoso.com|upn:anna@contoso.com)",
    GenericInfo: `${oauthInfo({ OAuthExtraInfo: `Category:S2SAppActAs|AppId:S2S~${skypeId}|smtp:anna@contoso.com|` })}ActAsUserVerified=True;`,
  },
  actAsUnnamed: {
    AuthenticatedUser: "<unverified>actas1(smtp:anna@contoso.com|sip:anna@contoso.com)",
    GenericInfo: "BeginRequest=2026-11-30T08:00:01.000Z;ActAsUserVerified=True;",
  },
  actAsSid: {
    AuthenticatedUser: "S-1-5-21-1004336348-1177238915-682003330-1105",
    GenericInfo: "BeginRequest=2026-11-30T08:00:01.000Z;ActAsUserVerified=True;",
  },
  probe: { IsAuthenticated: "false", AuthenticatedUser: "", HttpStatus: "401", BackEndStatus: "" },
  refused: {
    IsAuthenticated: "false",
    AuthenticatedUser: "",
    HttpStatus: "401",
    BackEndStatus: "",
    GenericInfo: oauthInfo({
      OAuthErrorCategory: "InvalidToken",
      OAuthError: "Microsoft.Exchange.Security.OAuth.InvalidOAuthTokenException: The issuer of the token is unknown.",
      OAuthExtraInfo: `Category:S2SAppActAs|AppId:S2S~${skypeId}|smtp:anna@contoso.com|ErrorCode:UnknownIssuer`,
    }),
  },
  blockedByPolicy: {
    HttpStatus: "403",
    BackEndStatus: "403",
    GenericErrors:
      "WebExceptionStatus=ProtocolError;ResponseStatusCode=403;WebException=Le serveur distant a retourné une erreur : (403) Interdit.;",
  },
  basic: { AuthenticationType: "Basic", AuthenticatedUser: "CONTOSO\\anna" },
  ntlm: { AuthenticationType: "NTLM", AuthenticatedUser: "CONTOSO\\anna" },
  machineHop: {
    AuthenticationType: "Negotiate",
    AuthenticatedUser: "CONTOSO\\EX02$",
    UserAgent: "",
    ClientIpAddress: "10.0.0.12",
  },
  healthMailbox: {
    AuthenticationType: "NTLM",
    AuthenticatedUser: "CONTOSO\\HealthMailbox6f2b1c0",
    UserAgent: agents.probe,
    ClientIpAddress: "127.0.0.1",
  },
  personsOutlook: {
    Protocol: "Mapi",
    UrlStem: "/mapi/emsmdb/",
    AuthenticatedUser: "S-1-5-21-1004336348-1177238915-682003330-1105",
    UserAgent: agents.outlook,
  },
} as const satisfies Readonly<Record<string, LogCells>>;

/** A token as Exchange prints it, in base64: header and claims of the application's token, those of the user's token before it. */
export function printedToken(user?: Readonly<Record<string, string>>, caller = skypeId): string {
  const actor = {
    aud: `${exchangeOnlineId}/mail.contoso.com@${tenantId}`,
    iss: `00000001-0000-0000-c000-000000000000@${tenantId}`,
    nameid: `${caller}@${tenantId}`,
    identityprovider: `00000001-0000-0000-c000-000000000000@${tenantId}`,
  };
  const signed = `{"typ":"JWT","alg":"RS256","x5t":"kriMPdmBvx68skT8-mPAB3BseeA"}.${JSON.stringify(actor)}`;
  if (user === undefined) return base64(signed);
  const outer = { aud: actor.aud, iss: `${caller}@${tenantId}`, ...user };
  return base64(`{"typ":"JWT","alg":"none"}.${JSON.stringify(outer)}; actor: ${signed}`);
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

/** More shapes of rows of HttpProxy: rare callers, and refusals by the place that told their cause. */
export const rareProxyShapes = {
  entraApplication: { AuthenticatedUser: `V1A~${teamsId}` },
  selfIssued: { AuthenticatedUser: `V1S~${exchangeOnlineId}` },
  callback: { AuthenticatedUser: "CLB~52f1a2", UserAgent: "" },
  actAsFound: {
    AuthenticatedUser: "<verified>actas2(dn:CN=Anna Lind\\,OU=Users\\,DC=contoso\\,DC=com)",
    GenericInfo: "BeginRequest=2026-11-30T08:00:01.000Z;ActAsUserVerified=False;",
  },
  namedByToken: {
    AuthenticatedUser: "<unverified>actas1(smtp:anna@contoso.com)",
    GenericInfo: oauthInfo({ OAuthToken: printedToken({ smtp: "anna@contoso.com" }) }),
  },
  probeNamed: {
    IsAuthenticated: "false",
    AuthenticatedUser: "",
    HttpStatus: "401",
    BackEndStatus: "",
    GenericInfo: oauthInfo({ OAuthErrorCategory: "Probe" }),
  },
  refusedByBackEnd: {
    HttpStatus: "401",
    BackEndStatus: "401",
    GenericInfo: oauthInfo({ OAuthErrorCategory: "InvalidUser-BE" }),
  },
  forms: {
    Protocol: "Owa",
    UrlStem: "/owa/",
    AuthenticationType: "FBA",
    AuthenticatedUser: "CONTOSO\\anna",
    UserAgent: "Mozilla/5.0",
  },
} as const satisfies Readonly<Record<string, LogCells>>;

/** A row of Ews or Autodiscover behind `httpProxyRow`. */
export function backEndRow(cells: LogCells = {}): LogCells {
  return {
    DateTime: "2026-11-30T08:00:01.240Z",
    RequestId: "0f7d1c3e-9a4b-4c5d-8e6f-102030405060",
    MajorVersion: "15",
    MinorVersion: "1",
    BuildVersion: "2375",
    RevisionVersion: "7",
    ClientRequestId: "7a1b2c3d-0000-4000-8000-00000000c001",
    AuthenticationType: "Bearer",
    IsAuthenticated: "true",
    AuthenticatedUser: `S2S~${skypeId}`,
    UserAgent: agents.teams,
    ClientIpAddress: "52.112.0.20",
    ServerHostName: "EX01",
    FrontEndServer: "EX01.CONTOSO.COM",
    SoapAction: "GetFolder",
    HttpStatus: "200",
    GenericInfo: "'S:AS.ReqStats=ADS.C 1;ADS.AL 2.3';BeginRequest=2026-11-30T08:00:01.010Z;",
    ...cells,
  };
}

/** A row of OAuthOutbound: Exchange gets a token for Exchange Online. */
export function outboundRow(cells: LogCells = {}): LogCells {
  return {
    "date-time": "2026-11-30T08:00:02.000Z",
    "seq-number": "1",
    "process-id": "4712",
    "build-number": "15.00.1497.036",
    operation: "GetNewACSToken",
    "result-code": "ok",
    "processing-time": "120",
    "user-agent": "ASProxy/CrossForest/EmailDomain//15.00.1497.036",
    "client-request-id": "7a1b2c3d-0000-4000-8000-00000000c002",
    target: "https://outlook.office365.com/EWS/Exchange.asmx",
    "tenant-info": tenantId,
    resource: `${exchangeOnlineId}/outlook.office365.com@${tenantId}`,
    "process-name": "w3wp#MSExchangeServicesAppPool",
    "remaining-lifetime": "28799",
    "token-result": printedToken(undefined, exchangeOnlineId),
    ...cells,
  };
}

const iisFields =
  split(`date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status
sc-substatus sc-win32-status time-taken`);
const httpErrFields = split(
  "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename",
);

/** A row of the front end's IIS log for the call of `httpProxyRow`. */
export function iisRow(cells: LogCells = {}): LogCells {
  return {
    date: "2026-11-30",
    time: "08:00:01",
    "s-ip": "10.0.0.11",
    "cs-method": "POST",
    "cs-uri-stem": "/EWS/Exchange.asmx",
    "cs-uri-query":
      "&CorrelationID=<empty>;&ClientId=ABCDEF&cafeReqId=0f7d1c3e-9a4b-4c5d-8e6f-102030405060;&encoding=;",
    "s-port": "443",
    "c-ip": "52.112.0.20",
    "cs(User-Agent)": agents.teams,
    "sc-status": "200",
    "sc-substatus": "0",
    "sc-win32-status": "0",
    "time-taken": "250",
    ...cells,
  };
}

/** A row of HTTPERR: a call that never reached IIS. */
export function httpErrRow(cells: LogCells = {}): LogCells {
  return {
    date: "2026-11-30",
    time: "08:00:03",
    "c-ip": "52.112.0.20",
    "c-port": "50112",
    "s-ip": "10.0.0.11",
    "s-port": "443",
    "cs-version": "HTTP/1.1",
    "cs-method": "POST",
    "cs-uri": "/EWS/Exchange.asmx",
    "sc-status": "503",
    "s-siteid": "1",
    "s-reason": "AppOffline",
    "s-queuename": "MSExchangeServicesAppPool",
    ...cells,
  };
}

/** The header of a W3C log with custom columns at the end. */
export function w3cHeader(log: "iis" | "http-err", custom: readonly string[] = []): readonly string[] {
  const software = log === "iis" ? "Microsoft Internet Information Services 10.0" : "Microsoft HTTP API 2.0";
  const fields = [...(log === "iis" ? iisFields : httpErrFields), ...custom];
  return [`#Software: ${software}`, "#Version: 1.0", "#Date: 2026-11-30 08:00:00", `#Fields: ${fields.join(" ")}`];
}

/** One line of a W3C log: `-` for an empty cell, `+` for a blank. */
export function w3cLine(log: "iis" | "http-err", cells: LogCells, custom: readonly string[] = []): string {
  const fields = [...(log === "iis" ? iisFields : httpErrFields), ...custom];
  return fields.map((name) => (cells[name] ?? "").replaceAll(" ", "+") || "-").join(" ");
}

/** A whole W3C log, lines ended by CRLF. */
export function w3cLog(log: "iis" | "http-err", rows: readonly LogCells[], custom: readonly string[] = []): string {
  return [...w3cHeader(log, custom), ...rows.map((cells) => w3cLine(log, cells, custom))]
    .map((line) => `${line}\r\n`)
    .join("");
}
