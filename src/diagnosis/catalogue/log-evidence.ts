// Findings about what rows of server logs show, and what they cannot show.
import { isoTime } from "../../core/printable-text.ts";
import type { Contradiction } from "../../handshake/rows/row-keys.ts";
import { listAuthServers, listPartners, probeDirectly } from "./commands.ts";
import type { FindingTexts } from "./finding-text.ts";

interface OnServer {
  /** The server that wrote the log, or the host that was called; empty where no row names it. */
  readonly host: string;
}

/** An error of OAuthOutbound that has no other finding. */
export type OutboundError =
  | "MissingRealmInAuthServer"
  | "EmptyClientId"
  | "EmptyNameIdClaim"
  | "NoMatchedTokenIssuer"
  | "InvalidChallenge"
  | "unknown";

export interface LogEvidenceDetails {
  LOG_EVIDENCE_ONLY: OnServer;
  LOG_CALLER_NOT_NAMED: OnServer;
  LOG_WITHOUT_SIGN_IN_FIELD: OnServer & { readonly rows: number };
  /** `rows`: all readable rows. `logs`: their names, separated by commas. `hasFrontEnd`: HttpProxy is one of them. */
  LOG_NO_SIGN_IN: { readonly rows: number; readonly logs: string; readonly hasFrontEnd: boolean };
  /** `log`: fixed words. `hours` are missing ones, the first at `from`; 0 for the other kinds. */
  LOG_GAP: OnServer & {
    readonly log: string;
    readonly how: "hours" | "columns" | "lines";
    readonly hours: number;
    readonly from: number;
    /** Names of columns, separated by commas. */
    readonly columns: string;
    readonly lines: number;
  };
  /** Epoch milliseconds: the newest row of the log, and of the log of IIS. */
  LOG_STALE: OnServer & { readonly log: string; readonly newest: number; readonly until: number };
  LOG_CONTRADICTS_TRAFFIC: OnServer & { readonly what: Contradiction };
  /** `isRaw`: a token with its signature, which can be used. */
  LOG_HOLDS_TOKENS: OnServer & { readonly log: string; readonly isRaw: boolean };
  LOG_PROBE_UNFOLLOWED: OnServer;
  CALL_NOT_REACHED: OnServer & { readonly reason: string };
  OUTBOUND_TOKEN_FAILED: OnServer & { readonly error: OutboundError };
  SERVER_EVENT: OnServer & { readonly event: number };
  /** `host`: the other organisation's; `status` is 0 where the event names none. */
  PROXY_REQUEST_FAILED: OnServer & { readonly server: string; readonly status: number };
}

// Without backslashes: what is shown is searched for accounts (`DOMAIN\\user`), this text as well.
const folders = "Ews and Autodiscover below Logging/HttpProxy of $env:ExchangeInstallPath";
const traceRequests =
  "realmscope doctor --logs prints the commands that switch failed request tracing for 401 on, and the one that switches it off again: such a trace holds the token and the answer to it, and needs no proxy.";

const serverOf = ({ host }: OnServer): string => (host === "" ? "the server" : host);

const differences: Readonly<Record<Contradiction, string>> = {
  answer: "one shows that the token was accepted and the other that it was refused",
  caller: "they name different applications",
  "sign-in": "one shows a token and the other a user name and password",
};

const unknownError = [
  "its log names no cause that is known here",
  "Test-OAuthConnectivity -Service EWS -TargetUri https://<host>/ews/exchange.asmx -Mailbox <mailbox> | Format-List on the server that asked shows the whole error.",
] as const;

const outboundErrors: ReadonlyMap<string, readonly [words: string, remedy: string]> = new Map([
  [
    "MissingRealmInAuthServer",
    [
      "the authorization server that it would ask has no realm",
      `${listAuthServers}: the one of Type MicrosoftACS or AzureAD must have the tenant's id as its Realm; Set-AuthServer <name> -RefreshAuthMetadata reads it anew.`,
    ],
  ],
  [
    "EmptyClientId",
    ["the challenge of the other side names no client_id", `Look at the challenge of that host. ${probeDirectly}`],
  ],
  [
    "EmptyNameIdClaim",
    [
      "the token would name no user, as the user has no address that counts",
      "Get-Mailbox <mailbox> | Format-List UserPrincipalName,PrimarySmtpAddress,WindowsEmailAddress on Exchange Server; try another mailbox.",
    ],
  ],
  [
    "NoMatchedTokenIssuer",
    [
      "none of the issuers that the other side trusts is an authorization server of this organisation",
      `${listAuthServers} must show one that the challenge of that host names in trusted_issuers, switched on: step 1 of the procedure makes a missing one (realmscope provision plan explains it).`,
    ],
  ],
  [
    "InvalidChallenge",
    [
      "the other side answered without a challenge that it understands",
      `A device in front of that host likely answered. ${probeDirectly}`,
    ],
  ],
]);

const events: ReadonlyMap<number, readonly [words: string, remedy: string]> = new Map([
  [
    2002,
    [
      "a partner application has no certificates, so its tokens cannot be checked",
      `${listPartners},AuthMetadataUrl: Set-PartnerApplication <name> -RefreshAuthMetadata reads the certificates of one with an AuthMetadataUrl anew.`,
    ],
  ],
  [
    2008,
    [
      "new certificates were read from a metadata document",
      "Nothing to do: Exchange follows the keys of its partners.",
    ],
  ],
  [
    2009,
    [
      "more than one authorization server has an authorization endpoint",
      `${listAuthServers},IsDefaultAuthorizationEndpoint,AuthorizationEndpoint: one alone may be the default for people's sign-ins.`,
    ],
  ],
]);

export const logEvidenceTexts: FindingTexts<LogEvidenceDetails> = {
  LOG_EVIDENCE_ONLY: {
    severity: "info",
    summary: "The verdict rests on a server's log: what it says of the caller and of the answer, without the token.",
    onTheWire: "Rows of HttpProxy, Ews, Autodiscover or OAuthOutbound, or events, and no captured request beside them.",
    remedy: `Enough to know whether the trust works. A capture adds the token's claims, its signature, the realm and the challenge: realmscope watch --reverse, or ${traceRequests}`,
    step: "none",
    sentence: (server) => `What is known of the sign-in at ${serverOf(server)} rests on rows of its log.`,
  },
  LOG_CALLER_NOT_NAMED: {
    severity: "info",
    summary: "Calls that act as a user were accepted, and no row names the application.",
    onTheWire:
      "AuthenticationType Bearer with a SID or actas in AuthenticatedUser, and no OAuthExtraInfo and no OAuthToken in GenericInfo.",
    remedy: `The front end logs the user and not the application. ${traceRequests}`,
    step: "none",
    sentence: (server) =>
      `${serverOf(server)} accepted calls of an application that acts as a user, and its log does not name the application.`,
  },
  LOG_WITHOUT_SIGN_IN_FIELD: {
    severity: "info",
    summary: "Only logs were read that never say how a caller signed in.",
    onTheWire: "Rows of IIS or HTTPERR, and none of HttpProxy.",
    remedy: `Add the folders ${folders} of the same server and time: realmscope replay FOLDER FOLDER reads all of them as one.`,
    step: "none",
    sentence: ({ rows, ...server }) =>
      `${rows === 1 ? "1 row" : `${rows} rows`} of ${serverOf(server)} show calls of services, and no log was read that says how they signed in.`,
  },
  LOG_NO_SIGN_IN: {
    severity: "info",
    summary: "Rows of logs were read, and none of them is a service's sign-in: only probes, health checks or persons.",
    onTheWire: "Rows of Exchange's own probes, of persons, and of the empty Bearer that opens a sign-in.",
    remedy: `Make the service call (change a voicemail greeting, open the Teams calendar) and read the folders ${folders} of every server behind that name for that hour; with --since and --until the window must hold it.`,
    step: "verify-success",
    sentence: ({ rows, logs, hasFrontEnd }) =>
      `${rows === 1 ? "1 row was" : `${rows} rows were`} read (${logs}), and none is a service's sign-in${hasFrontEnd ? "" : "; rows of HttpProxy are missing"}.`,
  },
  LOG_GAP: {
    severity: "warning",
    summary: "Part of a log is missing or cannot be read, so the absence of rows proves nothing.",
    onTheWire: "An hour without rows between two with rows, a column that is switched off, a torn or unreadable line.",
    remedy:
      "Copy the whole folder again, as old files are deleted by age and size: realmscope doctor --logs shows the hours and the columns that a folder has.",
    step: "none",
    sentence: ({ log, how, hours, from, columns, lines, ...server }) => {
      const of = `the ${log} log of ${serverOf(server)}`;
      if (how === "columns") return `Columns are missing in ${of}: ${columns}.`;
      if (how === "lines") return `${lines === 1 ? "1 line" : `${lines} lines`} of ${of} could not be read.`;
      return `${hours === 1 ? "1 hour is" : `${hours} hours are`} missing in ${of}, the first at ${isoTime(from)}.`;
    },
  },
  LOG_STALE: {
    severity: "warning",
    summary:
      "The newest row of a log is more than an hour older than that of IIS on the same server: it is off or moved.",
    onTheWire: "Rows of IIS that go on, and none of HttpProxy in that hour.",
    remedy:
      "realmscope doctor --logs shows the newest row of each folder. Where the folder was moved (LogFolderPath in the web.config of that application), add the new one.",
    step: "none",
    sentence: ({ log, newest, until, ...server }) =>
      `The ${log} log of ${serverOf(server)} ends at ${isoTime(newest)}, but its IIS log continues until ${isoTime(until)}.`,
  },
  LOG_CONTRADICTS_TRAFFIC: {
    severity: "error",
    summary: "A row of a log and the captured request with the same client-request-id disagree; the traffic decides.",
    onTheWire: "One client-request-id, accepted in one and refused in the other, or with another caller or sign-in.",
    remedy:
      "Compare the row with the request of that id, in the screen of realmscope replay: another server answered in between, a device repeats ids, or the capture is of another hop than the log.",
    step: "none",
    sentence: ({ what, ...server }) =>
      `The log of ${serverOf(server)} and the captured request of the same client-request-id disagree: ${differences[what]}.`,
  },
  LOG_HOLDS_TOKENS: {
    severity: "info",
    summary: "A log file holds tokens: with their signature they can be used until they expire.",
    onTheWire: "Event 2006 of MSExchange OAuth, OAuthToken in GenericInfo, token-result in OAuthOutbound.",
    remedy:
      "Do not send that log as it is: realmscope export FILE --to ndjson -o copy.ndjson makes a safe copy, and keeps what is needed for the verdict.",
    step: "none",
    severityFor: ({ isRaw }) => (isRaw ? "alarm" : undefined),
    sentence: ({ log, isRaw, ...server }) =>
      `The ${log} log of ${serverOf(server)} holds tokens${isRaw ? " whole, which can be used until they expire" : " without their signatures"}.`,
  },
  LOG_PROBE_UNFOLLOWED: {
    severity: "info",
    summary: "A service sent an empty Bearer and did not come back within 60 seconds, as far as these logs show.",
    onTheWire: "Bearer, 401, no user and no error in HttpProxy, and no other row of that program at that host.",
    remedy:
      "Read the logs of all servers behind that name, as the call may have reached another one. If it stays, the service got no token: its sign-ins at Entra (Monitoring, Sign-in logs, Service principal sign-ins) show why.",
    step: "none",
    sentence: (server) => `A service probed ${serverOf(server)} and did not come back within 60 seconds.`,
  },
  CALL_NOT_REACHED: {
    severity: "warning",
    summary: "HTTP.sys answered a call itself: it never reached IIS or Exchange.",
    onTheWire:
      "A row of HTTPERR for EWS or Autodiscover with a reason such as AppOffline, Connection_Dropped or BadRequest.",
    remedy:
      "AppOffline and QueueFull: Test-ServiceHealth on that server, and its application pools MSExchangeServicesAppPool and MSExchangeAutodiscoverAppPool must be started. Others: look at the device in front of the server.",
    step: "none",
    sentence: ({ reason, ...server }) =>
      `A call to ${serverOf(server)} never reached IIS: HTTP.sys answered it${reason === "" ? "" : ` (${reason})`}.`,
  },
  OUTBOUND_TOKEN_FAILED: {
    severity: "error",
    summary: "Exchange Server could not get a token for a call to the cloud, before or beside the token service.",
    onTheWire:
      "result-code fail in the log OAuthOutbound with an error such as MissingRealmInAuthServer or EmptyClientId.",
    remedy: unknownError[1],
    step: "oauth-exchange",
    sentence: ({ error, host }) =>
      `Exchange Server got no token${host === "" ? "" : ` for ${host}`}: ${(outboundErrors.get(error) ?? unknownError)[0]}.`,
    remedyFor: ({ error }) => outboundErrors.get(error)?.[1],
    examples: (["MissingRealmInAuthServer", "EmptyClientId", "EmptyNameIdClaim", "NoMatchedTokenIssuer"] as const).map(
      (error) => [`the error is ${error}`, { error }] as const,
    ),
  },
  PROXY_REQUEST_FAILED: {
    severity: "warning",
    summary: "A free/busy request of Exchange Server to another organisation failed.",
    onTheWire: "Event 4002 of MSExchange Availability with the target URL and the HTTP status.",
    remedy:
      "Test-OAuthConnectivity -Service EWS -TargetUri https://<host>/ews/exchange.asmx -Mailbox <mailbox> | Format-List on that server shows whether the token or the call is at fault; 401 and 403 are of the token, 404 and 5xx are not.",
    step: "none",
    sentence: ({ server, status, ...target }) =>
      `${server === "" ? "Exchange Server" : server} asked ${serverOf(target)} for free/busy and ${status === 0 ? "got no answer that it could use" : `was answered ${status}`}.`,
  },
  SERVER_EVENT: {
    severity: "warning",
    summary: "The application log of a server has an event of MSExchange OAuth about its partners.",
    onTheWire: "Event 2002, 2008 or 2009 of MSExchange OAuth.",
    remedy: `${listAuthServers}, and ${listPartners} must answer on that server.`,
    step: "oauth-exchange",
    severityFor: ({ event }) => (event === 2008 ? "info" : undefined),
    sentence: ({ event, ...server }) =>
      `${serverOf(server)} has event ${event} of MSExchange OAuth: ${events.get(event)?.[0] ?? "its text says why"}.`,
    remedyFor: ({ event }) => events.get(event)?.[1],
    examples: [
      ["the event is 2002", { event: 2002 }],
      ["the event is 2009", { event: 2009 }],
    ],
  },
};
