// Facts of the logs of Exchange, IIS and HTTP.sys that are lines: their headers, columns and values.
import { type ProtocolRow, section } from "./protocol-row.ts";

const headerTest = "server-logs/log-header";
const proxyTest = "server-logs/http-proxy";
const noiseTest = "server-logs/noise";
const backEndTest = "server-logs/back-end";
const outboundTest = "server-logs/outbound";
const w3cTest = "server-logs/w3c";
const header = "server-logs/log-header";
const rows = "server-logs/exchange-row";
const proxy = "server-logs/http-proxy-row";
const members = "server-logs/generic-info";
const noise = "server-logs/noise";
const w3c = "server-logs/w3c-row";
const user = "server-logs/signed-in";
const oauth = "server-logs/oauth-members";

/** Published rows of HttpProxy, Ews and Autodiscover of 15.00 to 15.02, and readers of them in public code. */
const writerRows = section("Logs of Exchange: the writer", [
  [
    "W",
    "The log is named by #Log-type: HttpProxy Logs, EWS Logs, Autodiscover Protocol Logs",
    headerTest,
    "http-proxy of 15.02.2562.017, bare line none",
    [header, '["httpproxy logs", "http-proxy"]', '["httpproxy log", "http-proxy"]'],
  ],
  [
    "W",
    "A bare line of column names comes before or after the comments",
    headerTest,
    "ews of 15.01.2375.007, bare line last",
    [header, 'return line.startsWith("#") || isColumnLine(line);', 'return line.startsWith("#");'],
  ],
  [
    "W",
    "Lists of columns differ by version, so a row is read by the names of its header",
    headerTest,
    "columns are bound by name: any order and other columns between them",
    ["server-logs/columns", "places.set(name, place)", "places.set(name, 0)"],
  ],
  [
    "W",
    "IsAuthenticated is True or true",
    headerTest,
    "names of columns and values of truth in any letter case",
    [rows, "/^true$/i.test(cell)", '(cell === "true")'],
  ],
  [
    "W",
    "A RequestId of 15.00 has no hyphens",
    headerTest,
    "ids without hyphens",
    ["server-logs/cell-values", 'parts.join("-")', 'parts.join("")'],
  ],
  [
    "W",
    "A file begins with a byte order mark",
    headerTest,
    "http-proxy of 15.02.2562.017, bare line none",
    ["server-logs/log-text", "const line = withoutMark(given);", "const line = given;"],
  ],
  [
    "D",
    "A restart appends a new header in mid-file",
    headerTest,
    "a header in mid-file with other columns holds for the rows below it",
    ["server-logs/log-text", "if (isHeaderLine(line)) {", "if (reader === null && isHeaderLine(line)) {"],
  ],
  [
    "D",
    '"" inside a quoted cell is one quote',
    "server-logs/csv-cells",
    '"aaa","b""bb","ccc"',
    ["server-logs/csv-cells", `.replaceAll('""', '"')`, ""],
  ],
  [
    "W",
    "A member of GenericInfo that holds a semicolon is in single quotes",
    proxyTest,
    "one in single quotes that holds a semicolon and an equals sign",
    [members, `const isQuoted = text[at] === "'";`, "const isQuoted = false;"],
  ],
  [
    "W",
    "Members of GenericInfo have typed prefixes (S:, I32:, Dbl:, F:, Dt:)",
    proxyTest,
    "the start is BeginRequest, else the end less the duration",
    [members, 'name.lastIndexOf(":")', "-1"],
  ],
]);

const proxyRows = section("Logs of Exchange: HttpProxy", [
  [
    "W",
    "AuthenticationType Bearer is OAuth",
    proxyTest,
    'AuthenticationType "Bearer", IsAuthenticated true is the sign-in bearer',
    [rows, 'case "bearer":', 'case "oauth":'],
  ],
  [
    "D",
    "A Bearer row that is not authenticated is the empty probe or a refused token: only an OAuth error tells them apart",
    proxyTest,
    "the empty Bearer of a first call is not a refusal",
    [oauth, 'if (isProbe || (rawCategory === ""', 'if (isProbe && (rawCategory === ""'],
  ],
  [
    "W",
    "Basic, NTLM and Negotiate are as they say",
    proxyTest,
    'AuthenticationType "NTLM", IsAuthenticated true is the sign-in ntlm',
    [rows, 'case "ntlm":\n      return "ntlm";', 'case "ntlm":\n      return "negotiate";'],
  ],
  [
    "W",
    "A bare SID is a verified user: a person's Outlook signs in with Bearer, too",
    proxyTest,
    "a bare SID is a person's, unless ActAsUserVerified shows that an application acts as one",
    [rows, '(account.kind === "sid" && actsAs === null)', '(account.kind === "sid" && actsAs !== null)'],
  ],
  [
    "P",
    "ActAsUserVerified is written for calls that act as a user",
    proxyTest,
    "a bare SID is a person's, unless ActAsUserVerified shows that an application acts as one",
    [rows, "if (isVerified === null && !", "if (!"],
  ],
  [
    "D",
    "S2S~, V1A~ and V1S~ name an application, and no realm",
    proxyTest,
    "entraApplication names its application",
    [user, "(S2S|V1A|V1S)~", "(S2S|V1S)~"],
  ],
  [
    "D",
    "OAuthExtraInfo names the application of an act-as call (AppId:S2S~<id>)",
    proxyTest,
    "an application that acts as a user: kinds of names, and the caller of OAuthExtraInfo",
    [oauth, "AppId:(?:", "ApplicationId:(?:"],
  ],
  [
    "D",
    "OAuthErrorCategory ends in -BE where the back end refused",
    proxyTest,
    "the category InvalidUser has the number 2000005, told by either end",
    [oauth, 'text.trim().replace(/-BE$/i, "")', "text.trim()"],
  ],
  [
    "D",
    "OAuthToken is base64 of the printed token",
    proxyTest,
    "a printed token names caller and realm, with its padding lost",
    ["server-logs/printed-token", "atob(whole)", "whole"],
  ],
  [
    "D",
    "DateTime is the end of a request",
    proxyTest,
    "the start is BeginRequest, else the end less the duration",
    [proxy, "endedAt - duration", "endedAt + duration"],
  ],
  [
    "W",
    "GenericErrors has ResponseStatusCode, and a text in the language of the server",
    proxyTest,
    "a call that failed after the sign-in: codes of GenericErrors, whatever the language",
    ["server-logs/failure", '"responsestatuscode"', '"statuscode"'],
  ],
  [
    "W",
    "EWS writes 'User not allowed to access EWS' where its access policy blocks a call",
    backEndTest,
    "an access policy of EWS shows in AuthenticationErrors: a failure after the sign-in, no refusal",
    ["server-logs/failure", 'cell("authenticationerrors")', 'cell("errorcode")'],
  ],
  [
    "D",
    "ClientIpAddress is the whole X-Forwarded-For value",
    proxyTest,
    "the client is the first address of X-Forwarded-For",
    ["server-logs/cell-values", "/[^\\s,;]+/.exec", "/.+/.exec"],
  ],
  [
    "W",
    "Exchange's own probes: AMProbe, Ews_AM_Probe and ActiveMonProbe with HealthMailbox accounts",
    noiseTest,
    "ActiveMonProbe",
    [noise, "|ActiveMonProbe|", "|"],
  ],
  [
    "W",
    "Negotiate or Logon with a machine account is the front end's own hop",
    noiseTest,
    "the machine account of the hop",
    [noise, 'return account.kind === "machine" &&', 'return account.kind === "callback" &&'],
  ],
  [
    "W",
    "SoapAction of Ews is the operation",
    backEndTest,
    "a row of Ews has the operation, and the ids of the front end's row",
    [proxy, 'cell("soapaction")', 'cell("operation")'],
  ],
  [
    "W",
    "Ews has rows without RequestId, which are not calls",
    noiseTest,
    "ews: the hop and rows without a request are dropped",
    [
      proxy,
      'cell("requestid") === "") return { kind: "dropped" }',
      'cell("requestid") === "-") return { kind: "dropped" }',
    ],
  ],
  [
    "D",
    "OAuthOutbound tells by result-code whether a token is held",
    outboundTest,
    "a token that was given, every member",
    ["server-logs/outbound-row", "/^ok$/i", "/^success$/i"],
  ],
]);

/** "W3C Logging" of IIS, "Error logging in HTTP Server API", and public rows with the ids that Exchange appends. */
const w3cRows = section("Logs of IIS and HTTP.sys", [
  [
    "P",
    "#Fields is repeated after a restart, perhaps with other fields",
    headerTest,
    "the header of IIS is repeated after a restart, with other fields",
    [header, 'case "fields":\n', 'case "fields":\n      if (header.columns.length > 0) return header;\n'],
  ],
  [
    "P",
    "Fields are separated by blanks, + is a blank in a field and - an empty one",
    w3cTest,
    "a row of the front end: blanks for plus signs",
    [w3c, 'return text === "-" ? "" : text;', "return text;"],
  ],
  [
    "W",
    "Exchange appends cafeReqId to the query: the RequestId of the HttpProxy row",
    w3cTest,
    "the id that Exchange appends counts, not one that the client sent",
    [w3c, ".at(-1)?.[1]", ".at(0)?.[1]"],
  ],
  [
    "W",
    "Custom fields for the client stand at the end: X-Forwarded-For, OriginalIP",
    w3cTest,
    "the client of the custom column OriginalIP",
    [w3c, '"x-forwarded-for", "originalip"', '"x-forwarded-for"'],
  ],
  [
    "W",
    "401 1 1326 is a wrong password, 401 1 2148074254 the first leg of a negotiation, 401 2 5 no credentials",
    w3cTest,
    'status 401, sub-status "1" and the number of Windows "1326"',
    [w3c, 'cell("sc-win32-status")', 'cell("sc-win32")'],
  ],
  [
    "P",
    "s-reason of HTTPERR tells why HTTP.sys ended a call (AppOffline, Connection_Dropped, BadRequest)",
    w3cTest,
    "HTTP.sys: reason AppOffline",
    [w3c, 'cell("s-reason")', 'cell("s-queuename")'],
  ],
]);

export const logRowRows: readonly ProtocolRow[] = [...writerRows, ...proxyRows, ...w3cRows];
