// Facts of sources that are not lines: traces of failed requests, events of Windows, sign-ins of Entra.
import { type ProtocolRow, section } from "./protocol-row.ts";

const traces = "sources/logs/failed-request";
const traceFacts = "server-logs/records/trace-facts";
const events = "server-logs/records/windows-event";
const signIns = "server-logs/records/sign-in";
const texts = "server-logs/records/cutters";
const tracing = "app/doctor/request-tracing";

/** "Troubleshooting failed requests using tracing in IIS" and the elements <traceFailedRequests>, <traceFailedRequestsLogging>. */
const traceRows = section("Traces of failed requests (IIS)", [
  [
    "P",
    "Headers of GENERAL_REQUEST_HEADERS is the whole head of the request, with the token as it was sent",
    traces,
    "its signature is verified with the key of its signer",
    [traceFacts, 'case "GENERAL_REQUEST_HEADERS"', 'case "GENERAL_REQUEST_HEADER"'],
  ],
  [
    "P",
    "GENERAL_RESPONSE_HEADERS has the head of the answer, one field a line, fields of one name in several lines",
    traces,
    "a 401 with its heads, without bodies",
    [traceFacts, 'case "GENERAL_RESPONSE_HEADERS"', 'case "GENERAL_RESPONSE_HEADER"'],
  ],
  [
    "P",
    "statusCode of the root may have a sub-status (401.1)",
    traces,
    "a 401 with its heads, without bodies",
    [traceFacts, "(?:\\.\\d{1,4})?\\s*$/.exec(root.get", "\\s*$/.exec(root.get"],
  ],
  [
    "P",
    "timeTaken is in milliseconds",
    traces,
    "a 401 with its heads, without bodies",
    [
      traces,
      "durationMs: Number.isNaN(taken) ? null : taken,",
      "durationMs: Number.isNaN(taken) ? null : taken * 1000,",
    ],
  ],
  [
    "W",
    "bodies come in GENERAL_REQUEST_ENTITY and GENERAL_RESPONSE_ENTITY_BUFFER, in several events",
    traces,
    "bodies in several buffers are joined",
    [traceFacts, "return text.length > longestTraceBody ? text : text + more;", 'return text === "" ? more : text;'],
  ],
  [
    "P",
    "tracing is off unless traceFailedRequestsLogging is enabled, with 50 files by default",
    tracing,
    "off by default, with the documented folder and number of files",
    ["app/doctor/request-tracing", "const defaultFiles = 50;", "const defaultFiles = 100;"],
  ],
  [
    "P",
    "a rule of a site holds for its applications; the site's own setting of the log comes before siteDefaults",
    tracing,
    "a rule of the site",
    ["app/doctor/request-tracing", 'location === "" || isBelow(', 'location === "" && isBelow('],
  ],
  [
    "P",
    "statusCodes lists statuses, ranges and sub-statuses, with commas",
    tracing,
    "a sub-status only",
    ["app/doctor/request-tracing", 'if (sub === undefined || to !== undefined) return "all";', 'return "all";'],
  ],
]);

/** [MS-EVEN6], "wevtutil" and "Get-WinEvent" of Microsoft Learn; 2004 of MSExchange OAuth as published, 4002 of "Resolve free/busy errors". */
const eventRows = section("Events of Windows", [
  [
    "P",
    "an event has its source in Provider Name, its number in EventID and its values in EventData",
    events,
    "wevtutil without a root > a refused token, German",
    ["server-logs/records/windows-event", 'childOf(event, "EventData")', 'childOf(event, "EventDate")'],
  ],
  [
    "P",
    "Windows PowerShell writes a date as /Date(milliseconds)/",
    texts,
    "the time /Date(",
    ["server-logs/records/record-time", "const microsoft = /^\\/Date\\(", "const microsoft = /^\\/Dato\\("],
  ],
  [
    "P",
    "Export-Csv of Windows PowerShell begins with #TYPE",
    events,
    "Export-Csv of Windows PowerShell > a refused token, English",
    ["server-logs/records/record-log", 'return /^"?#TYPE\\b/i.test(line);', "return false;"],
  ],
  [
    "P",
    "Export-Csv -UseCulture separates with the list separator of the culture",
    events,
    "Export-Csv -UseCulture on a German server > a refused token, English",
    ["server-logs/records/csv-cutter", 'return [",", ";", "\\t"].reduce', 'return [",", "\\t"].reduce'],
  ],
  [
    "W",
    "event 2004 of MSExchange OAuth names the thumbprint of the certificate that was not found",
    events,
    "wevtutil without a root > a refused token, English",
    ["server-logs/records/event-row", "[0-9a-f]{40}(?![0-9a-f])/i", "[0-9a-f]{41}(?![0-9a-f])/i"],
  ],
  [
    "D",
    "event 2006 of MSExchange OAuth holds the refused token as it was sent",
    events,
    "wevtutil without a root > a refused token, Japanese",
    ["server-logs/records/event-row", "const refusedToken = 2006;", "const refusedToken = 2007;"],
  ],
  [
    "P",
    "event 4002 of MSExchange Availability names the target and the HTTP status of a failed request",
    events,
    "an event of an HTTP status in another language names target and status",
    ["server-logs/records/event-row", "event.number === 4002", "event.number === 4003"],
  ],
]);

/** Resource type signIn of Microsoft Graph, the table AADServicePrincipalSignInLogs, the schema of sign-in logs in Azure Monitor. */
const signInRows = section("Sign-ins of Entra", [
  [
    "P",
    "status.errorCode 0 is a token that was given, any other number the one of AADSTS",
    signIns,
    "an answer of Microsoft Graph > a token that was given, and one that was refused",
    [
      "server-logs/records/sign-in-row",
      "errorCode === null ? null : errorCode === 0",
      "errorCode === null ? null : errorCode !== 0",
    ],
  ],
  [
    "P",
    "signInEventTypes tells service principals from persons and managed identities",
    signIns,
    "persons and managed identities are dropped",
    ["server-logs/records/sign-in", "/managedIdentity|", "/managedIdentities|"],
  ],
  [
    "P",
    "TenantId of Log Analytics is the workspace, not the tenant",
    signIns,
    "rows of Log Analytics > a token that was given, and one that was refused",
    ["server-logs/records/sign-in", '    id(properties, "ResourceTenantId") ??', '    id(record, "TenantId") ??'],
  ],
  [
    "P",
    "Azure Monitor has the members of Microsoft Graph in properties, and the tenant beside them",
    signIns,
    "records of Azure Monitor, one a line > a token that was given, and one that was refused",
    [
      "server-logs/records/sign-in",
      'const inner = memberOf(record, ["Properties"]);',
      'const inner = memberOf(record, ["Property"]);',
    ],
  ],
  [
    "P",
    "servicePrincipalCredentialThumbprint is the certificate that the caller proved itself with",
    signIns,
    "the portal's CSV > a token that was given, and one that was refused",
    [
      "server-logs/records/sign-in",
      'certificate: ["serviceprincipalcredentialthumbprint",',
      'certificate: ["serviceprincipalcredentialkeyid",',
    ],
  ],
]);

export const logEventsRows: readonly ProtocolRow[] = [...traceRows, ...eventRows, ...signInRows];
