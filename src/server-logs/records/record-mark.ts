// The marks of a log whose records may span lines, in its first characters. Imports nothing: every file that is opened is looked at.

export interface RecordMark {
  readonly log: "windows-event" | "entra-sign-in";
  /** `table`: an answer of Log Analytics, whose names of columns are apart from its rows. */
  readonly form: "xml" | "json" | "table" | "csv";
}

/** Characters in which a mark is found: an event may begin with a message that holds a token. */
export const recordMarkLength = 64 * 1024;

/** What the text is by its first characters, without a byte order mark; null for any other text. */
export function recordMark(text: string): RecordMark | null {
  const start = text.slice(0, recordMarkLength);
  const first = /^\s{0,4096}(\S)/.exec(start)?.[1] ?? "";
  if (first === "<") return isEventXml(start) ? { log: "windows-event", form: "xml" } : null;
  if (first === "{" && isTable(start)) return { log: "entra-sign-in", form: "table" };
  const isJson = first === "{" || first === "[";
  const log = isJson ? logOfJson(start) : logOfCsv(start);
  return log === null ? null : { log, form: isJson ? "json" : "csv" };
}

/** True for a failed-request trace, behind declarations and comments. */
export function isFailedRequest(start: string): boolean {
  return /^(?:\s|<\?[^>]{0,400}\?>|<!--[^>]{0,400}-->){0,200}<failedRequest[\s>]/.test(
    start.slice(0, recordMarkLength),
  );
}

const eventXml =
  /<Event\s[^>]{0,200}\bxmlns\s?=\s?["']http:\/\/schemas\.microsoft\.com\/win\/2004\/08\/events\/event["']/;

/** A failed-request trace holds events, too. */
function isEventXml(start: string): boolean {
  return eventXml.test(start) && !/<failedRequest[\s>]/.test(start);
}

function logOfJson(start: string): RecordMark["log"] | null {
  // A HAR holds the bodies of anything.
  if (/^\s{0,4096}\{\s{0,4096}"(?:log|k)"\s{0,8}:/.test(start)) return null;
  const has = (name: string): boolean => new RegExp(`"${name}"\\s{0,8}:`, "i").test(start);
  const isEvent = (has("ProviderName") && has("Id")) || (has("Source") && (has("EventID") || has("InstanceId")));
  if (isEvent && (has("TimeCreated") || has("TimeGenerated"))) return "windows-event";
  const isSignIn = has("AppId") && (has("CreatedDateTime") || has("TimeGenerated") || has("time"));
  const isOfPrincipal =
    /ServicePrincipalSignInLogs/i.test(start) ||
    has("ServicePrincipalName") ||
    has("ServicePrincipalId") ||
    has("SignInEventTypes");
  return isSignIn && isOfPrincipal ? "entra-sign-in" : null;
}

function isTable(start: string): boolean {
  return (
    /^\s{0,4096}\{\s{0,4096}"tables"\s{0,8}:/i.test(start) &&
    /"AppId"/.test(start) &&
    /"ServicePrincipal(?:Id|Name)"/.test(start)
  );
}

/** A source of Exchange and the number of an event, in two neighbouring cells. */
const eventCells = /(?:^|[,;\t])"?MSExchange ?[A-Za-z ]{2,40}"?([,;\t])"?\d{1,5}"?(?:\1|\r?$)/m;

/** CSV is known by the names of its columns; Windows PowerShell writes the name of the type above them. */
function logOfCsv(start: string): RecordMark["log"] | null {
  const header = start
    .split("\n", 8)
    .find((line) => line.trim() !== "" && !/^"?#TYPE\b/i.test(line))
    ?.slice(0, 8192);
  const names = new Set((header ?? "").split(/[,;\t]/).map(columnName));
  const has = (...wanted: readonly string[]): boolean => wanted.some((name) => names.has(name));
  const isEvent =
    has("id", "eventid", "eventcode", "event", "instanceid") && has("providername", "source", "sourcename");
  if (isEvent && has("message", "description", "leveldisplayname", "entrytype", "taskcategory")) return "windows-event";
  // The Event Viewer names its columns in the language of Windows: there the cells tell.
  if (!/^(?:#|"?date-?time"?,)/i.test(start) && eventCells.test(start)) return "windows-event";
  const isSignIn = has("appid", "applicationid") && has("signinerrorcode", "resulttype", "status", "errorcode");
  return isSignIn && has("serviceprincipalid", "serviceprincipalname", "serviceprincipalcredentialthumbprint")
    ? "entra-sign-in"
    : null;
}

/** The name of a column as letters and digits in lower case: `Date (UTC)` is `dateutc`. */
export function columnName(written: string): string {
  return written.toLowerCase().replace(/[^a-z0-9]/g, "");
}
