import { statfs } from "node:fs/promises";
import type { LogKind } from "../../core/log-row.ts";
import { type LogSpan, type LogSurvey, type SurveyedLog, surveyLogs } from "../../sources/logs/survey/survey-logs.ts";
import { type Check, failed, ok, warning } from "./check.ts";
import { checkTracing } from "./check-tracing.ts";

const hourMs = 3_600_000;
const shown = 5;
/** Below this Exchange Server itself slows down, and old logs are deleted early. */
const leastFree = 1024 ** 3;

/** Each log and the question that it answers. */
const logs: Readonly<Record<LogKind, { readonly name: string; readonly answers: string }>> = {
  "http-proxy": { name: "HttpProxy", answers: "who called, how it signed in, and whether Exchange accepted it" },
  ews: { name: "Ews", answers: "which operation of EWS was called" },
  autodiscover: { name: "Autodiscover", answers: "which operation of Autodiscover was called" },
  "oauth-outbound": { name: "OAuthOutbound", answers: "whether Exchange got its own tokens, and why not" },
  iis: { name: "IIS", answers: "which calls came, with status and sub-status; not how they signed in" },
  "http-err": { name: "HTTPERR", answers: "which calls never reached IIS, and why" },
  "windows-event": { name: "Windows events", answers: "which tokens Exchange refused, and why" },
  "entra-sign-in": { name: "Entra sign-ins", answers: "which tokens Entra gave or refused; not what Exchange did" },
};

/** Checks which logs are below the folders, how old their newest row is, what is missing in them, and what each can answer. */
export async function checkLogs(folders: readonly string[], now: number): Promise<readonly Check[]> {
  const survey = await surveyLogs(folders);
  return [
    ...survey.logs.flatMap((log) => [checkLog(log, now), ...checkColumns(log)]),
    ...checkMissing(survey),
    checkTraces(survey),
    ...(await checkTracing(folders, process.env)),
    ...checkRights(survey),
    ...(await checkDisks(folders)),
  ];
}

function checkLog({ log, folder, files, newestAt, span }: SurveyedLog, now: number): Check {
  const { name, answers } = logs[log];
  const place = `${name} in ${JSON.stringify(folder)}: ${files === 1 ? "1 file" : `${files} files`}`;
  if (newestAt === null) {
    return warning("log", `${place}, the newest without a row`, "make one call and run this again");
  }
  const age = `newest row ${ageText(now - newestAt)} old (${new Date(newestAt).toISOString()})`;
  const message = `${place}, ${age}${span === null ? "" : `, ${spanText(span)}`}; answers ${answers}`;
  if (now - newestAt > hourMs) {
    const remedy = "make one call and run this again: no call came since, or the log was moved or switched off";
    return warning("log", message, remedy);
  }
  if (span !== null && span.missing.length > 0) {
    return warning("log", message, "nothing can be said of the missing time from this log");
  }
  return ok("log", message);
}

function spanText({ from, until, unitMs, missing }: LogSpan): string {
  const unit = unitMs === hourMs ? "hour" : "day";
  const text = (at: number): string => new Date(at).toISOString().slice(0, unitMs === hourMs ? 13 : 10);
  const count = Math.round((until - from) / unitMs) - missing.length;
  const [first, last] = [text(from), text(until - unitMs)];
  const covered =
    first === last
      ? `1 ${unit} (${first} UTC)`
      : `${count} ${unit}${count === 1 ? "" : "s"} from ${first} to ${last} UTC`;
  if (missing.length === 0) return covered;
  const listed = missing.slice(0, shown).map(text).join(", ");
  const more = missing.length > shown ? ` and ${missing.length - shown} more` : "";
  return `${covered}, ${missing.length} ${unit}${missing.length === 1 ? "" : "s"} missing (${listed}${more})`;
}

function checkColumns({ log, folder, columns, missingColumns }: SurveyedLog): readonly Check[] {
  const place = `${logs[log].name} in ${JSON.stringify(folder)}`;
  const found = log === "iis" ? [ok("log-columns", `${place} has the fields ${iisText(columns)}`)] : [];
  if (missingColumns.length > 0) {
    const remedy =
      log === "iis"
        ? "choose them in IIS Manager: the site, Logging, Select Fields"
        : "rows are read without them, and say less";
    return [warning("log-columns", `${place} lacks ${missingColumns.join(", ")}`, remedy), ...found];
  }
  return log === "iis" ? found : [ok("log-columns", `${place} has all columns that are judged, of ${columns.length}`)];
}

/** Fields of W3C logs that IIS offers by itself; all others are custom. */
const iisFields = new Set(
  "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version cs(user-agent) cs(cookie) cs(referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken".split(
    " ",
  ),
);

function iisText(columns: readonly string[]): string {
  const custom = columns.filter((name) => !iisFields.has(name));
  const own = columns.filter((name) => iisFields.has(name)).join(" ");
  return custom.length === 0 ? `${own}; no custom fields` : `${own}; custom fields: ${custom.join(" ")}`;
}

/** What the folders lack of the logs that give a verdict. */
function checkMissing({ logs: found, foreign, isCut }: LogSurvey): readonly Check[] {
  const has = (log: LogKind): boolean => found.some((one) => one.log === log);
  const others = foreign.length === 0 ? "" : `; logs of other kinds are there: ${foreign.slice(0, shown).join(", ")}`;
  const cut = isCut ? [warning("log", "only the first 2,000 folders were looked at", "name a folder below it")] : [];
  if (found.length === 0) {
    const remedy =
      "name the folder Logging of Exchange Server: C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Logging, or \\\\SERVER\\c$\\… from a workstation";
    return [failed("log", `there is no log of Exchange Server or IIS below the folders${others}`, remedy), ...cut];
  }
  const missing: Check[] = [];
  if (!has("http-proxy")) {
    const what = "HttpProxy is not below the folders: nothing shows how a caller signed in";
    missing.push(warning("log", what, "name the folder Logging\\HttpProxy, too"));
  }
  if (!has("oauth-outbound")) {
    const what =
      "OAuthOutbound is not below the folders: nothing shows whether Exchange got its own tokens; that builds after Exchange 2013 write this log is not proven";
    missing.push(warning("log", what, "look for the folder Logging\\OAuthOutbound on the server"));
  }
  return [...missing, ...cut];
}

function checkTraces({ traces }: LogSurvey): Check {
  const count = traces.reduce((sum, { files }) => sum + files, 0);
  const answers = "they hold both headers of a failed request: the token, and why it was refused";
  if (count > 0) {
    const places = traces.slice(0, shown).map(({ folder }) => JSON.stringify(folder));
    return ok(
      "failed-requests",
      `${count} ${count === 1 ? "trace" : "traces"} of failed requests in ${places.join(", ")}; ${answers}`,
    );
  }
  const remedy = "for a refusal without a cause, switch them on for status 401 in IIS Manager: Failed Request Tracing";
  return warning("failed-requests", `there are no traces of failed requests below the folders; ${answers}`, remedy);
}

function checkRights({ unreadable }: LogSurvey): readonly Check[] {
  const remedy = "run this as an account that may read the folder";
  const checks = unreadable
    .slice(0, shown)
    .map(({ path, code }) => failed("log-rights", `${JSON.stringify(path)} cannot be read (${code})`, remedy));
  if (unreadable.length > shown) {
    const what = `${unreadable.length - shown} more files or folders cannot be read`;
    return [...checks, failed("log-rights", what, remedy)];
  }
  return checks.length > 0 ? checks : [ok("log-rights", "all logs below the folders can be read")];
}

async function checkDisks(folders: readonly string[]): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const folder of folders) {
    const place = `the disk of ${JSON.stringify(folder)}`;
    try {
      const { bavail, bsize } = await statfs(folder);
      const free = bavail * bsize;
      const message = `${place} has ${sizeText(free)} free`;
      checks.push(
        free < leastFree
          ? warning("disk", message, "make room: traces of failed requests need some, and old logs are deleted early")
          : ok("disk", message),
      );
    } catch {
      checks.push(warning("disk", `${place} does not say how much is free`, "look on the server itself"));
    }
  }
  return checks;
}

function sizeText(bytes: number): string {
  return bytes >= 10 * 1024 ** 3 ? `${Math.floor(bytes / 1024 ** 3)} GB` : `${Math.floor(bytes / 1024 ** 2)} MB`;
}

/** `12 s`, `5 min`, `3 h`, `2 days`; a clock that is ahead gives `0 s`. */
function ageText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
